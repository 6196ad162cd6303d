"""Rows of friends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.identity import object_id
from trunkline.compile.peer import PEER_COLUMNS, peer_values
from trunkline.compile.table import Column, Row, Table, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="friend",
    label="friend",
    columns=(
        *PEER_COLUMNS,
        Column("priority", "priority"),
        Column("target_client_id", "client", references="client"),
        Column("from_user", "user of From"),
        Column("codecs", "codecs"),
        Column("called_number", "called number"),
        Column("always_transform", "always transform"),
    ),
    title="name",
    scope="client_id",
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every friend; those inside of the platform have no password."""
    for name, friend in sorted(context.declared.friends.items()):
        target = friend.client
        yield (
            *peer_values(context, "friend", name, friend, authenticates=target is None),
            friend.priority,
            None if target is None else object_id("brand", context.brand.name, "client", target),
            friend.from_user,
            words(friend.codecs),
            friend.called_number,
            friend.always_transform,
        )
