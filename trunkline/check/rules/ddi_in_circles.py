"""TL0611: a DDI that goes on to a number outside never comes back to itself (seed 004 section 10.1.4)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0611"
SEVERITY: Severity = "error"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every DDI whose way outside leads back to it, over other DDIs or at once."""
    for kind, which in (("ddi-goes-to", ""), ("ddi-may-go-to", " that are forwarded")):
        for fact in facts.of(kind):
            way = _back(facts, fact.key, fact.value)
            if way:
                message = f"calls to {fact.key}{which} come back to it: {' -> '.join([fact.key, *way])}"
                yield Finding(fact.file, fact.path, message, "let one of them lead elsewhere")


def _back(facts: Facts, ddi: str, number: str) -> list[str]:
    """Return the shortest way from a number to a DDI that calls take without anybody's doing; nothing without one."""
    before: dict[str, str] = {number: ""}
    reached = deque([number])
    while reached and ddi not in before:
        here = reached.popleft()
        for fact in facts.find("ddi-goes-to", here):
            if fact.value not in before:
                before[fact.value] = here
                reached.append(fact.value)
    way, here = [], ddi if ddi in before else ""
    while here:
        way.append(here)
        here = before[here]
    return way[::-1]
