"""Rows of carriers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table
from trunkline.compile.transformation import set_that_counts
from trunkline.model.locale import locale_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext

TABLE = Table(
    name="carrier",
    label="carrier",
    columns=(
        Column("id"),
        Column("brand_id"),
        Column("name"),
        Column("description", "description"),
        Column("contract", "contract"),
        Column("transformation_set_id", "transformation set", references="transformation_set"),
        Column("media_set", "media set"),
        Column("socket", "socket"),
        Column("max_calls", "max calls"),
        Column("externally_rated", "externally rated"),
        Column("price_list_id", "prices", references="price_list"),
    ),
    title="name",
    scope="brand_id",
)


def rows(context: BrandContext) -> Iterator[Row]:
    """Yield a row for every carrier."""
    locale = locale_of(context.platform.declared, context.declared)
    for name, carrier in sorted(context.declared.carriers.items()):
        yield (
            context.id_of("carrier", name),
            context.id,
            name,
            carrier.description,
            carrier.contract,
            set_that_counts(context, carrier.transformation_set, locale),
            carrier.media_set,
            context.declared.socket_of(carrier),
            carrier.max_calls,
            carrier.externally_rated,
            None if carrier.prices is None else context.id_of("price_list", carrier.prices),
        )
