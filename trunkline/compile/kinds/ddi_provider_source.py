"""Rows of the addresses that calls of DDI providers come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext

TABLE = Table(
    name="ddi_provider_source",
    label="source of DDI provider",
    columns=(
        Column("id"),
        Column("brand_id"),
        Column("ddi_provider_id", "provider", references="ddi_provider"),
        Column("network", read="abbrev(network)"),
        Column("description", "description"),
    ),
    title="network",
    scope="brand_id",
)


def rows(context: BrandContext) -> Iterator[Row]:
    """Yield a row for every address or range."""
    for name, provider in sorted(context.declared.ddi_providers.items()):
        identity = context.id_of("ddi_provider", name)
        for network, source in sorted(provider.sources.items()):
            yield (
                context.id_of("ddi_provider", name, "source", network),
                context.id,
                identity,
                network,
                source.description,
            )
