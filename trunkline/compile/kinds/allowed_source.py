"""Rows of what a client's address filter lets through: addresses, ranges and countries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="allowed_source",
    label="allowed source",
    columns=(
        Column("id"),
        Column("client_id"),
        Column("name"),
        Column("network", read="abbrev(network)"),
        Column("country"),
    ),
    title="name",
    scope="client_id",
    reload=frozenset({"identities", "clients"}),
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every address, range and country; none for a client without a filter."""
    allowed = context.declared.address_filter
    if allowed is None:
        return
    for network in sorted(set(allowed.sources)):
        yield context.id_of("allowed_source", network), context.id, network, network, None
    for country in sorted(set(allowed.countries)):
        yield context.id_of("allowed_source", country), context.id, country, None, country
