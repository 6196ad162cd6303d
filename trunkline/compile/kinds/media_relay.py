"""Rows of media relays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.identity import object_id
from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import PlatformContext

TABLE = Table(
    name="media_relay",
    label="media relay",
    columns=(
        Column("id"),
        Column("name"),
        Column("media_set", "set"),
        Column("address", "address", read="host(address)"),
        Column("port", "port"),
        Column("weight", "weight"),
        Column("state", "state"),
    ),
    title="name",
    reload=frozenset({"relays"}),
)


def rows(context: PlatformContext) -> Iterator[Row]:
    """Yield a row for every media relay."""
    for relay in sorted(context.infrastructure.media_relays):
        identity = object_id("media_relay", relay.name)
        yield identity, relay.name, relay.media_set, relay.address, relay.port, relay.weight, relay.state
