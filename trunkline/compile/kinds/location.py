"""Rows of locations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="location",
    label="location",
    columns=(Column("id"), Column("client_id"), Column("name"), Column("description", "description")),
    title="name",
    scope="client_id",
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every location."""
    for name, location in sorted(context.declared.locations.items()):
        yield context.id_of("location", name), context.id, name, location.description
