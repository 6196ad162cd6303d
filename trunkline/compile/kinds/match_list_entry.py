"""Rows of the numbers and patterns of match lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import Context

TABLE = Table(
    name="match_list_entry",
    label="entry of match list",
    columns=(
        Column("id"),
        Column("scope_id"),
        Column("match_list_id", references="match_list"),
        Column("number", "number"),
        Column("pattern", "pattern"),
    ),
    title="match_list_id",
    scope="scope_id",
)


def rows(context: Context) -> Iterator[Row]:
    """Yield a row for every number and every pattern of the match lists of one level."""
    for name, match_list in sorted(context.declared.match_lists.items()):
        identity = context.id_of("match_list", name)
        for number in match_list.numbers:
            yield context.id_of("match_list", name, "number", number), context.id, identity, number, None
        for pattern in match_list.patterns:
            yield context.id_of("match_list", name, "pattern", pattern), context.id, identity, None, pattern
