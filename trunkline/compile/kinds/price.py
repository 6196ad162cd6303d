"""Rows of prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.identity import Ids
from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext

TABLE = Table(
    name="price",
    label="price",
    columns=(
        Column("id"),
        Column("brand_id"),
        Column("price_list_id", references="price_list"),
        Column("prefix"),
        Column("name", "name"),
        Column("connection_fee", "connection fee", read="trim_scale(connection_fee)", usual="0"),
        Column("rate", "rate", read="trim_scale(rate)"),
        Column("interval_s", "interval", usual="60"),
    ),
    title="price_list_id",
    part="prefix",
    scope="brand_id",
)


def rows(context: BrandContext) -> Iterator[Row]:
    """Yield a row for every price."""
    for name, price_list in sorted(context.declared.price_lists.items()):
        identity = context.id_of("price_list", name)
        ids = Ids("brand", context.brand.name, "price_list", name, "price")
        for prefix, price in price_list.prices.items():
            yield (
                ids.of(prefix),
                context.id,
                identity,
                prefix,
                price.name,
                price.connection_fee,
                price.rate,
                price.interval,
            )
