"""Rows of routing groups, of the platform and of brands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.patterns import GROUP, groups_of
from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext, PlatformContext

TABLE = Table(
    name="routing_group",
    label="routing group",
    columns=(
        Column("id"),
        Column("scope_id"),
        Column("name"),
        Column("description", "description"),
        Column("generated"),
    ),
    title="name",
    scope="scope_id",
    generated="generated",
)


def rows(context: BrandContext | PlatformContext) -> Iterator[Row]:
    """Yield a row for every group of one level; the platform has one for every continent besides."""
    for group in groups_of(context):
        yield context.id_of(GROUP, group.name), context.id, group.name, group.description, group.generated
