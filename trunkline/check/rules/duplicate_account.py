"""TL0462: devices and accounts of a brand share its domain (seed 004 sections 10.2.1 and 10.3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0462"
SEVERITY: Severity = "error"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every residential device and retail account whose name another of the brand has."""
    for owner, *others in facts.shared("account"):
        for other in others:
            name = other.key.partition("/")[2]
            message = f"{name} is {owner.value} already ({owner.file})"
            yield Finding(other.file, other.path, message, "number devices and accounts through the brand", key=True)
