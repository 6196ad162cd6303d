"""TL0620: no brand uses the trunk address of another one (seed 004 section 8.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0620"
SEVERITY: Severity = "error"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every socket of a carrier or DDI provider that is among the ``sockets`` of other brands only."""
    for fact in facts.of("used-socket"):
        owners = sorted({each.value for each in facts.find("own-socket", fact.key)})
        if owners and fact.value not in owners:
            message = f"{fact.key} is an address of {', '.join(owners)}"
            remedy = f"add {fact.key} to the sockets of brand {fact.value}, or name another one"
            yield Finding(fact.file, fact.path, message, remedy)
