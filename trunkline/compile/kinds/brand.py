"""Rows of brands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext

TABLE = Table(
    name="brand",
    label="brand",
    columns=(Column("id"), Column("name")),
    title="name",
    scope="id",
    reload=frozenset({"identities"}),
)


def rows(context: BrandContext) -> Iterator[Row]:
    """Yield the one row of a brand."""
    yield context.id, context.brand.name
