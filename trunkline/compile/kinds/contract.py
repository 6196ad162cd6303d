"""Rows of contracts, of brands and of the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext, PlatformContext

TABLE = Table(
    name="contract",
    label="contract",
    columns=(
        Column("id"),
        Column("scope_id"),
        Column("name"),
        Column("type", "type"),
        Column("contact", "contact"),
        Column("description", "description"),
        Column("external_id", "external id"),
    ),
    title="name",
    scope="scope_id",
)


def rows(context: BrandContext | PlatformContext) -> Iterator[Row]:
    """Yield a row for every contract of one level."""
    for name, contract in sorted(context.declared.contracts.items()):
        yield (
            context.id_of("contract", name),
            context.id,
            name,
            contract.type,
            contract.contact,
            contract.description,
            contract.external_id,
        )
