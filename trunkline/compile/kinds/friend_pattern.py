"""Rows of the patterns of friends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="friend_pattern",
    label="pattern",
    columns=(Column("id"), Column("client_id"), Column("friend_id", "friend", references="friend"), Column("pattern")),
    title="pattern",
    scope="client_id",
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every pattern of every friend."""
    for name, friend in sorted(context.declared.friends.items()):
        for pattern in sorted(set(friend.patterns)):
            friend_id = context.id_of("friend", name)
            yield context.id_of("friend", name, "pattern", pattern), context.id, friend_id, pattern
