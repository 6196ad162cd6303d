"""Rows of brands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.identity import object_id
from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.model.tenants import NamedBrand

TABLE = Table(
    name="brand",
    label="brand",
    columns=(Column("id"), Column("name")),
    title="name",
    scope="id",
    reload=frozenset({"identities"}),
)


def rows(brand: NamedBrand) -> Iterator[Row]:
    """Yield the one row of a brand."""
    yield object_id("brand", brand.name), brand.name
