"""Rows of routing patterns, of the platform and of brands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.patterns import PATTERN, patterns_of
from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext, PlatformContext

TABLE = Table(
    name="routing_pattern",
    label="routing pattern",
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
    """Yield a row for every pattern of one level; the platform has one for every country besides."""
    for pattern in patterns_of(context):
        yield context.id_of(PATTERN, pattern.name), context.id, pattern.name, pattern.description, pattern.generated
