"""Rows of terminal models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import PlatformContext

TABLE = Table(
    name="terminal_model",
    label="terminal model",
    columns=(
        Column("id"),
        Column("name"),
        Column("manufacturer", "manufacturer"),
        Column("display_name", "name"),
        Column("description", "description"),
        Column("generic_file", "generic file"),
        Column("specific_file", "specific file"),
    ),
    title="name",
)


def rows(context: PlatformContext) -> Iterator[Row]:
    """Yield a row for every terminal model."""
    for name, model in sorted(context.declared.terminal_models.items()):
        yield (
            context.id_of("terminal_model", name),
            name,
            model.manufacturer,
            model.name,
            model.description,
            model.generic_file,
            model.specific_file,
        )
