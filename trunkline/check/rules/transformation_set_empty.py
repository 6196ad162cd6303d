"""TL0526: a transformation set has rules, or a place that gives it some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.tenants import NamedBrand, NamedPlatform
from trunkline.numbering import plan_declared, rules_declared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedClient
    from trunkline.source import Severity

CODE = "TL0526"
SEVERITY: Severity = "error"
LEVEL: Level = "every"

# What says something about a place, and means nothing without one.
_OF_A_PLACE = ("international_prefix", "trunk_prefix", "area_code", "national_length")


def check(named: NamedClient | NamedBrand | NamedPlatform, *above: NamedBrand | NamedPlatform) -> Iterator[Finding]:
    """Yield every set without a rule, and everything that waits for a country."""
    if not isinstance(named, NamedBrand | NamedPlatform):
        return
    remedy = "add country, country_code, or rules"
    for name, each in named.declared.transformation_sets.items():
        path = ("transformation_sets", name)
        lost = [key for key in _OF_A_PLACE if getattr(each, key) is not None]
        if plan_declared(name, each) is None and lost:
            message = f"{lost[0]} says nothing where no country is given"
            yield Finding(named.file, (*path, lost[0]), message, remedy)
        elif not any(rules_declared(name, each).values()):
            yield Finding(named.file, path, f"the transformation set {name} rewrites no number", remedy, key=True)
