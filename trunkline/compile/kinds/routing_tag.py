"""Rows of routing tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext

TABLE = Table(
    name="routing_tag",
    label="routing tag",
    columns=(
        Column("id"),
        Column("brand_id"),
        Column("name"),
        Column("description", "description"),
        Column("tag", "tag"),
    ),
    title="name",
    scope="brand_id",
)


def rows(context: BrandContext) -> Iterator[Row]:
    """Yield a row for every routing tag."""
    for name, tag in sorted(context.declared.routing_tags.items()):
        yield context.id_of("routing_tag", name), context.id, name, tag.description, tag.tag
