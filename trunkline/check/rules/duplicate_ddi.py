"""TL0460: a number outside leads to one place, on the whole platform (seed 004 section 10.1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0460"
SEVERITY: Severity = "error"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every DDI that stands somewhere else already."""
    for owner, *others in facts.shared("ddi"):
        for other in others:
            where = "this client" if other.file == owner.file else f"{owner.value} ({owner.file})"
            message = f"the DDI {other.key} is given to {where} already"
            yield Finding(other.file, other.path, message, "leave it in one place", key=other.path[0] == "ddis")
