"""Rows of corporations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext

TABLE = Table(
    name="corporation",
    label="corporation",
    columns=(Column("id"), Column("brand_id"), Column("name"), Column("description", "description")),
    title="name",
    scope="brand_id",
)


def rows(context: BrandContext) -> Iterator[Row]:
    """Yield a row for every corporation."""
    for name, corporation in sorted(context.declared.corporations.items()):
        yield context.id_of("corporation", name), context.id, name, corporation.description
