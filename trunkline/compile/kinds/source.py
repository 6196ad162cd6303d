"""Rows of the addresses that calls of wholesale clients come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="source",
    label="source",
    columns=(
        Column("id"),
        Column("client_id"),
        Column("network", read="abbrev(network)"),
        Column("description", "description"),
    ),
    title="network",
    scope="client_id",
    reload=frozenset({"identities", "clients"}),
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every address or range."""
    for network, source in sorted(context.declared.sources.items()):
        yield context.id_of("source", network), context.id, network, source.description
