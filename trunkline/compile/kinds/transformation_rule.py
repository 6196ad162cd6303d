"""Rows of the rules of numeric transformation sets."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from trunkline.compile.context import PlatformContext
from trunkline.compile.identity import Ids
from trunkline.compile.table import Column, Row, Table
from trunkline.numbering import SetRule, generated_sets, limits, rules_declared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trunkline.compile.context import BrandContext

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
        Column("begins"),
        Column("shortest"),
        Column("longest"),
        Column("generated"),
    ),
    title="set_id",
    scope="scope_id",
    generated="generated",
)


def rows(context: PlatformContext | BrandContext) -> Iterator[Row]:
    """Yield a row for every rule of the sets of one level."""
    declared = context.declared.transformation_sets
    own = ("platform",) if isinstance(context, PlatformContext) else ("brand", context.brand.name)
    for name, each in sorted(declared.items()):
        yield from _rows(Ids(*own), context.id, name, rules_declared(name, each))
    if isinstance(context, PlatformContext):
        for name, found in _generated(context.id):
            if name not in declared:
                yield from found


@functools.cache
def _generated(platform: str) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """Return the rows of the sets that no file declares, by name of the set."""
    ids, found = Ids("platform"), []
    for name, (_, lists) in generated_sets().items():
        rules = {key: [SetRule(rule, own=False) for rule in every] for key, every in lists.items()}
        found.append((name, tuple(_rows(ids, platform, name, rules))))
    return tuple(found)


def _rows(ids: Ids, scope: str, name: str, lists: Mapping[str, Sequence[SetRule]]) -> Iterator[Row]:
    identity = ids.of("transformation_set", name)
    for key, rules in lists.items():
        for rule, own in rules:
            own_id = ids.of("transformation_set", name, key, str(rule.metric))
            needed = limits(rule.pattern)
            yield (
                *(own_id, scope, identity, key, rule.metric, rule.pattern, rule.replacement),
                *(needed.begins, needed.shortest, needed.longest, not own),
            )
