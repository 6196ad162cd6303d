"""Rows of the match lists of those who may call a boss directly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="direct_caller",
    label="direct caller",
    columns=(
        Column("id"),
        Column("client_id"),
        Column("user_id", "user", references="user"),
        Column("match_list", "match list"),
    ),
    title="match_list",
    scope="client_id",
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every match list of every boss."""
    for name, user in sorted(context.declared.users.items()):
        for match_list in sorted(set(user.boss.direct)) if user.boss else ():
            identity = context.id_of("user", name, "direct_caller", match_list)
            yield identity, context.id, context.id_of("user", name), match_list
