"""Rows of match lists, of every level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import Context

TABLE = Table(
    name="match_list",
    label="match list",
    columns=(Column("id"), Column("scope_id"), Column("name"), Column("description", "description")),
    title="name",
    scope="scope_id",
)


def rows(context: Context) -> Iterator[Row]:
    """Yield a row for every match list of one level."""
    for name, match_list in sorted(context.declared.match_lists.items()):
        yield context.id_of("match_list", name), context.id, name, match_list.description
