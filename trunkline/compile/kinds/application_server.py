"""Rows of application servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.identity import object_id
from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import PlatformContext

TABLE = Table(
    name="application_server",
    label="application server",
    columns=(
        Column("id"),
        Column("name"),
        Column("address", "address", read="host(address)"),
        Column("port", "port"),
    ),
    title="name",
    reload=frozenset({"application_servers", "identities"}),
)


def rows(context: PlatformContext) -> Iterator[Row]:
    """Yield a row for every application server."""
    for server in sorted(context.infrastructure.application_servers):
        yield object_id("application_server", server.name), server.name, server.address, server.port
