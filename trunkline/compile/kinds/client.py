"""Rows of clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.identity import object_id
from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="client",
    label="client",
    columns=(
        Column("id"),
        Column("brand_id"),
        Column("name"),
        Column("type", "type"),
        Column("domain", "domain"),
        Column("language", "language"),
    ),
    title="name",
    scope="id",
    reload=frozenset({"identities", "clients"}),
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield the one row of a client."""
    declared = context.declared
    yield (
        context.id,
        object_id("brand", context.brand.name),
        context.client.name,
        declared.type,
        declared.domain,
        declared.language or context.brand.declared.language,
    )
