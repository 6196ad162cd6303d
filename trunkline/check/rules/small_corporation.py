"""TL0419: a corporation of one client connects nobody."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0419"
SEVERITY: Severity = "warning"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every client that is alone in its corporation."""
    members = Counter(fact.value for fact in facts.of("corporation-member"))
    for fact in facts.of("corporation-member"):
        if members[fact.value] == 1:
            name = fact.value.partition("/")[2]
            message = f"no other client belongs to corporation {name}"
            yield Finding(fact.file, fact.path, message, "add the line to the others, or take it out here")
