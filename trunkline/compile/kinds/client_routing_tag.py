"""Rows of the routing tags that clients may dial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.identity import object_id
from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="client_routing_tag",
    label="routing tag of client",
    columns=(
        Column("id"),
        Column("client_id"),
        Column("brand_id"),
        Column("tag_id", references="routing_tag"),
    ),
    title="tag_id",
    scope="client_id",
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every routing tag."""
    brand = object_id("brand", context.brand.name)
    for name in sorted(context.declared.routing_tags):
        tag = object_id("brand", context.brand.name, "routing_tag", name)
        yield context.id_of("routing_tag", name), context.id, brand, tag
