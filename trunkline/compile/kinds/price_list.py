"""Rows of price lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table
from trunkline.model.locale import locale_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext

TABLE = Table(
    name="price_list",
    label="price list",
    columns=(
        Column("id"),
        Column("brand_id"),
        Column("name"),
        Column("description", "description"),
        Column("currency", "currency"),
    ),
    title="name",
    scope="brand_id",
)


def rows(context: BrandContext) -> Iterator[Row]:
    """Yield a row for every price list."""
    currency = locale_of(context.platform.declared, context.declared).currency
    for name, price_list in sorted(context.declared.price_lists.items()):
        yield (
            context.id_of("price_list", name),
            context.id,
            name,
            price_list.description,
            price_list.currency or currency,
        )
