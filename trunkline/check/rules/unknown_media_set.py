"""TL0613: a set of media relays that somebody names has a relay that takes calls (seed 004 section 8.14.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.problems import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0613"
SEVERITY: Severity = "error"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every name of a set of media relays that does not exist, or none of whose relays takes calls."""
    if not facts.find("hosts", ""):
        return
    relays = [(each.key, each.value) for each in facts.of("relay-set")]
    known, active = {name for name, _ in relays}, {name for name, state in relays if state == "active"}
    for fact in facts.of("media-set"):
        if fact.key not in known:
            yield Finding(fact.file, fact.path, *unknown("set of media relays", fact.key, sorted(active)))
        elif fact.key not in active:
            message = f"no relay of the set {fact.key} takes calls: each is drained, or has the weight 0"
            others = f", or name another set: {', '.join(sorted(active))}" if active else ""
            yield Finding(fact.file, fact.path, message, f"make a relay active in platform.yml{others}")
