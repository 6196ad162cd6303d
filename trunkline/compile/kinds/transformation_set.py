"""Rows of numeric transformation sets, of the platform and of brands."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from trunkline.compile.context import PlatformContext
from trunkline.compile.identity import object_id
from trunkline.compile.table import Column, Row, Table
from trunkline.numbering import generated_sets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext

TABLE = Table(
    name="transformation_set",
    label="transformation set",
    columns=(
        Column("id"),
        Column("scope_id"),
        Column("brand_id"),
        Column("name"),
        Column("description", "description"),
        Column("generated"),
    ),
    title="name",
    scope="scope_id",
    generated="generated",
)


def rows(context: PlatformContext | BrandContext) -> Iterator[Row]:
    """Yield a row for every set of one level; the platform has one for every country besides."""
    brand = None if isinstance(context, PlatformContext) else context.id
    declared = context.declared.transformation_sets
    for name, each in sorted(declared.items()):
        yield context.id_of(TABLE.name, name), context.id, brand, name, each.description, False
    if brand is None:
        yield from (row for name, row in _generated(context.id) if name not in declared)


@functools.cache
def _generated(platform: str) -> tuple[tuple[str, Row], ...]:
    """Return the rows of the sets that no file declares, by name."""
    return tuple(
        (name, (object_id("platform", TABLE.name, name), platform, None, name, description, True))
        for name, (description, _) in generated_sets().items()
    )
