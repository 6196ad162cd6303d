"""Rows of the prefixes of routing patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.patterns import PATTERN, patterns_of
from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext, PlatformContext

TABLE = Table(
    name="routing_pattern_prefix",
    label="prefix of routing pattern",
    columns=(
        Column("id"),
        Column("scope_id"),
        Column("pattern_id", references="routing_pattern"),
        Column("prefix"),
        Column("generated"),
    ),
    title="pattern_id",
    part="prefix",
    scope="scope_id",
    generated="generated",
)


def rows(context: BrandContext | PlatformContext) -> Iterator[Row]:
    """Yield a row for every prefix of the patterns of one level."""
    for pattern in patterns_of(context):
        identity = context.id_of(PATTERN, pattern.name)
        for prefix in sorted(pattern.prefixes):
            yield context.id_of(PATTERN, pattern.name, prefix), context.id, identity, prefix, pattern.generated
