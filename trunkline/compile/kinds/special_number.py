"""Rows of special numbers, of the platform and of brands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext, PlatformContext

TABLE = Table(
    name="special_number",
    label="special number",
    columns=(
        Column("id"),
        Column("scope_id"),
        Column("number"),
        Column("description", "description"),
        Column("emergency", "emergency"),
        Column("call_record", "call record"),
        Column("rating", "rating"),
        Column("recording", "recording"),
    ),
    title="number",
    scope="scope_id",
)


def rows(context: PlatformContext | BrandContext) -> Iterator[Row]:
    """Yield a row for every special number of one level."""
    for number, each in sorted(context.declared.special_numbers.items()):
        own_id = context.id_of(TABLE.name, number)
        flags = (each.emergency, each.call_record, each.rating, each.recording)
        yield own_id, context.id, number, each.description, *flags
