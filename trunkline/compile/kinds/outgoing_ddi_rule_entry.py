"""Rows of the cases of outgoing DDI rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="outgoing_ddi_rule_entry",
    label="case of outgoing DDI rule",
    columns=(
        Column("id"),
        Column("client_id"),
        Column("rule_id", references="outgoing_ddi_rule"),
        Column("position"),
        Column("match_list", "match list"),
        Column("prefix", "prefix"),
        Column("ddi_id", "DDI", references="ddi"),
    ),
    title="rule_id",
    part="position",
    scope="client_id",
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every case."""
    for name, rule in sorted(context.declared.outgoing_ddi_rules.items()):
        identity = context.id_of("outgoing_ddi_rule", name)
        for position, case in enumerate(rule.cases):
            yield (
                context.id_of("outgoing_ddi_rule", name, "case", str(position)),
                context.id,
                identity,
                position,
                case.match_list,
                case.prefix,
                context.id_or_none("ddi", case.ddi),
            )
