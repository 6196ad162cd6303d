"""Rows of the carriers that outgoing routes lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext

TABLE = Table(
    name="outgoing_route_carrier",
    label="carrier of outgoing route",
    columns=(
        Column("id"),
        Column("brand_id"),
        Column("route_id", references="outgoing_route"),
        Column("carrier_id", references="carrier"),
    ),
    title="route_id",
    part="carrier_id",
    scope="brand_id",
)


def rows(context: BrandContext) -> Iterator[Row]:
    """Yield a row for every carrier of every route."""
    for name, route in sorted(context.declared.outgoing_routes.items()):
        identity = context.id_of("outgoing_route", name)
        for carrier in sorted(route.carriers()):
            yield (
                context.id_of("outgoing_route", name, "carrier", carrier),
                context.id,
                identity,
                context.id_of("carrier", carrier),
            )
