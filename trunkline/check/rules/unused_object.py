"""TL0416: objects that exist to be named by others, and that nobody names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0416"
SEVERITY: Severity = "warning"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every object of platform and brands that no file refers to."""
    for fact in facts.unmatched("named", "name"):
        remedy = "name it where it is needed, or take the entry out"
        yield Finding(fact.file, fact.path, f"nothing refers to {fact.value}", remedy, key=True)
