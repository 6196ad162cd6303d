"""TL0504: a client or brand that was renamed goes on under its new name, and the old one is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.problems import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0504"
SEVERITY: Severity = "error"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every renamed client or brand whose old name is still there or whose new one is not."""
    for fact in facts.of("moved-from"):
        for still in facts.find("tenant", fact.key):
            remedy = "rename that file or folder, or take this line out if nothing was renamed"
            yield Finding(
                fact.file, fact.path, f"{fact.key} was moved, but is still there: {still.file}", remedy, key=True
            )
    for fact in facts.unmatched("moved-to", "tenant"):
        brand, slash, _ = fact.key.rpartition("/")
        names = [each.key for each in facts.of("tenant") if each.key.rpartition("/")[:2] == (brand, slash)]
        message, remedy = unknown("client" if slash else "brand", fact.key, names)
        yield Finding(fact.file, fact.path, message, remedy)
