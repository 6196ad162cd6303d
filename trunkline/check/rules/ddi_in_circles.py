"""TL0611: a DDI that goes on to a number outside never comes back to itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Fact, Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0611"
SEVERITY: Severity = "error"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every DDI whose way outside leads back to it, over other DDIs or at once."""
    for fact in facts.of("ddi-goes-to"):
        way = [fact.key, fact.value]
        while way[-1] != fact.key and way[-1] not in way[:-1]:
            following = _next(facts, way[-1])
            if following is None:
                break
            way.append(following.value)
        if way[-1] == fact.key:
            message = f"calls to {fact.key} come back to it: {' -> '.join(way)}"
            yield Finding(fact.file, fact.path, message, "let one of them lead elsewhere")


def _next(facts: Facts, number: str) -> Fact | None:
    found = facts.find("ddi-goes-to", number)
    return found[0] if found else None
