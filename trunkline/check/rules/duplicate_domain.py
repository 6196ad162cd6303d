"""TL0302: a SIP domain leads to one client (seed 004 section 8.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0302"
SEVERITY: Severity = "error"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every client whose domain an earlier one has."""
    for owner, *others in facts.shared("domain"):
        for other in others:
            message = f"the domain {other.key} belongs to {owner.value} already ({owner.file})"
            yield Finding(other.file, other.path, message, "give every client a domain of its own")
