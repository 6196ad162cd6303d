"""The rules of a set that a file declares: those of its country, and its own between them or in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trunkline.model.locale import countries
from trunkline.model.transformation_set import NONE
from trunkline.numbering._plan import made_plan
from trunkline.numbering._rules import LISTS, Rule, rules_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trunkline.model.transformation_set import TransformationRule, TransformationSet
    from trunkline.numbering._plan import Plan

_CODE_LENGTH = 2


class SetRule(NamedTuple):
    """A rule of a declared set.

    Args:
        rule: What it says.
        own: The file says it, not the country.
    """

    rule: Rule
    own: bool


def country_named(name: str) -> str | None:
    """Return the country whose set has a name; None when no country's set has it.

    Args:
        name: Of a set.
    """
    code = name.upper()
    return code if len(name) == _CODE_LENGTH and code in countries() else None


def plan_declared(name: str, declared: TransformationSet) -> Plan | None:
    """Return the plan that a declared set starts from; None when it starts from nothing.

    Args:
        name: Of the set.
        declared: What the file says.
    """
    country = declared.country or country_named(name)
    if country is None and declared.country_code is None:
        return None
    trunk = declared.trunk_prefix
    return made_plan(
        country=country,
        country_code=declared.country_code,
        international=declared.international_prefix,
        trunk="" if trunk == NONE else trunk,
        area=declared.area_code,
        lengths=declared.lengths(),
    )


def rules_declared(name: str, declared: TransformationSet) -> dict[str, tuple[SetRule, ...]]:
    """Return the rules of a declared set by list, each sorted by metric.

    Args:
        name: Of the set.
        declared: What the file says.
    """
    plan = plan_declared(name, declared)
    generated = rules_of(plan) if plan is not None else dict.fromkeys(LISTS, ())
    return {each: _merged(generated[each], getattr(declared, each)) for each in LISTS}


def _merged(generated: tuple[Rule, ...], own: Mapping[str, TransformationRule]) -> tuple[SetRule, ...]:
    found = {rule.metric: SetRule(rule, own=False) for rule in generated}
    for metric, rule in own.items():
        if rule.pattern is None:
            found.pop(int(metric), None)
        else:
            found[int(metric)] = SetRule(Rule(int(metric), rule.pattern, rule.replacement), own=True)
    return tuple(found[metric] for metric in sorted(found))
