"""Rows of the rules of numeric transformation sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.context import PlatformContext
from trunkline.compile.table import Column, Row, Table
from trunkline.numbering import SetRule, generated_sets, rules_declared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trunkline.compile.context import BrandContext

# Lists in a plan: "in of callers 200".
TABLE = Table(
    name="transformation_rule",
    label="transformation rule",
    columns=(
        Column("id"),
        Column("scope_id"),
        Column("set_id", references="transformation_set"),
        Column("list", "list"),
        Column("metric", "metric"),
        Column("pattern", "pattern"),
        Column("replacement", "replacement"),
        Column("generated"),
    ),
    title="set_id",
    scope="scope_id",
    generated="generated",
)


def rows(context: PlatformContext | BrandContext) -> Iterator[Row]:
    """Yield a row for every rule of the sets of one level."""
    declared = context.declared.transformation_sets
    for name, each in sorted(declared.items()):
        yield from _rows(context, name, rules_declared(name, each))
    if isinstance(context, PlatformContext):
        for name, (_, lists) in generated_sets().items():
            if name not in declared:
                rules = {key: [SetRule(rule, own=False) for rule in found] for key, found in lists.items()}
                yield from _rows(context, name, rules)


def _rows(context: PlatformContext | BrandContext, name: str, lists: Mapping[str, Sequence[SetRule]]) -> Iterator[Row]:
    identity = context.id_of("transformation_set", name)
    for key, rules in lists.items():
        for rule, own in rules:
            own_id = context.id_of("transformation_set", name, key, str(rule.metric))
            yield own_id, context.id, identity, key, rule.metric, rule.pattern, rule.replacement, not own
