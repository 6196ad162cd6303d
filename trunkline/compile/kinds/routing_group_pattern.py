"""Rows of the patterns of routing groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.patterns import GROUP, groups_of, pattern_id
from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext, PlatformContext

TABLE = Table(
    name="routing_group_pattern",
    label="pattern of routing group",
    columns=(
        Column("id"),
        Column("scope_id"),
        Column("group_id", references="routing_group"),
        Column("pattern_id", references="routing_pattern"),
        Column("generated"),
    ),
    title="group_id",
    part="pattern_id",
    scope="scope_id",
    generated="generated",
)


def rows(context: BrandContext | PlatformContext) -> Iterator[Row]:
    """Yield a row for every pattern of the groups of one level."""
    for group in groups_of(context):
        identity = context.id_of(GROUP, group.name)
        for name in sorted(group.patterns):
            yield (
                context.id_of(GROUP, group.name, name),
                context.id,
                identity,
                pattern_id(context, name),
                group.generated,
            )
