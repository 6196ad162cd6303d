"""Rows of the servers of carriers. Only the hash of a password goes on from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.credentials import digest
from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext

TABLE = Table(
    name="carrier_server",
    label="server of carrier",
    columns=(
        Column("id"),
        Column("brand_id"),
        Column("carrier_id", references="carrier"),
        Column("name"),
        Column("host", "address"),
        Column("port", "port"),
        Column("transport", "transport", usual="udp"),
        Column("outbound_proxy", "outbound proxy"),
        Column("auth_user", "user"),
        Column("auth_realm", "realm"),
        Column("auth_ha1", "password", secret=True),
        Column("from_user", "user of From"),
        Column("from_domain", "domain of From"),
        Column("identity", "identity", usual="pai"),
        Column("health", "health", usual="true"),
    ),
    title="carrier_id",
    part="name",
    scope="brand_id",
)


def rows(context: BrandContext) -> Iterator[Row]:
    """Yield a row for every server.

    Raises:
        KeyError: A password is missing.
    """
    for name, carrier in sorted(context.declared.carriers.items()):
        for server_name, server in sorted(carrier.servers.items()):
            yield (
                context.id_of("carrier", name, "server", server_name),
                context.id,
                context.id_of("carrier", name),
                server_name,
                server.address,
                server.port,
                server.transport,
                server.outbound_proxy,
                *digest(context, server.credentials, "carrier", name, server_name),
                server.from_user,
                server.from_domain,
                "pai rpid" if server.identity == "both" else server.identity,
                server.health,
            )
