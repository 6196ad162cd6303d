"""Rows of outgoing routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.patterns import group_id, pattern_id
from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext

TABLE = Table(
    name="outgoing_route",
    label="outgoing route",
    columns=(
        Column("id"),
        Column("brand_id"),
        Column("name"),
        Column("description", "description"),
        Column("client_id", "client", references="client"),
        Column("tag_id", "tag", references="routing_tag"),
        Column("pattern_id", "pattern", references="routing_pattern"),
        Column("group_id", "group", references="routing_group"),
        Column("fax", "fax"),
        Column("type", "type"),
        Column("priority", "priority"),
        Column("weight", "weight", usual="1"),
        Column("stopper", "stopper"),
    ),
    title="name",
    scope="brand_id",
)


def rows(context: BrandContext) -> Iterator[Row]:
    """Yield a row for every outgoing route."""
    for name, route in sorted(context.declared.outgoing_routes.items()):
        yield (
            context.id_of("outgoing_route", name),
            context.id,
            name,
            route.description,
            None if route.client is None else context.id_of("client", route.client),
            None if route.tag is None else context.id_of("routing_tag", route.tag),
            None if route.pattern is None else pattern_id(context, route.pattern),
            None if route.group is None else group_id(context, route.group),
            route.fax,
            route.type,
            route.priority,
            route.weight,
            route.stopper,
        )
