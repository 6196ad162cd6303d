"""TL0479: an address that stands for two passwords: only From tells the accounts apart (seed 002 section 5.5.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0479"
SEVERITY: Severity = "warning"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every trusted address and port that another account has."""
    for owner, *others in facts.shared("trusted-address"):
        for other in others:
            message = f"{other.key} stands for {owner.value} too ({owner.file}): only From tells whose a call is"
            remedy = "have each call with its own name in From, or give one of them another port"
            yield Finding(other.file, other.path, message, remedy)
