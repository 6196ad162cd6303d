"""Rows of outgoing DDI rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="outgoing_ddi_rule",
    label="outgoing DDI rule",
    columns=(
        Column("id"),
        Column("client_id"),
        Column("name"),
        Column("description", "description"),
        Column("ddi_id", "DDI", references="ddi"),
    ),
    title="name",
    scope="client_id",
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every rule."""
    for name, rule in sorted(context.declared.outgoing_ddi_rules.items()):
        yield (
            context.id_of("outgoing_ddi_rule", name),
            context.id,
            name,
            rule.description,
            context.id_or_none("ddi", rule.ddi),
        )
