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
        Column("brand_id"),
        Column("target_client", "client"),
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
        yield (
            *peer_values(context, "friend", name, friend, authenticates=friend.client is None),
            friend.priority,
            object_id("brand", context.brand.name),
            friend.client,
            friend.from_user,
            words(friend.codecs),
            friend.called_number,
            friend.always_transform,
        )
