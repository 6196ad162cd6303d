"""TL0479: an address that stands for a password stands for one account (seed 004 section 10.2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0479"
SEVERITY: Severity = "error"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every trusted address and port that another account has."""
    for owner, *others in facts.shared("trusted-address"):
        for other in others:
            message = f"{other.key} stands for {owner.value} already ({owner.file})"
            yield Finding(other.file, other.path, message, "take trusted: yes out at one of them")
