"""TL0418: friends lead to vPBX clients of the same corporation (seed 004 section 10.1.5, internal friends)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.problems import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0418"
SEVERITY: Severity = "error"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every friend whose client is not another member of the corporation."""
    members: dict[str, list[str]] = {}
    for member in facts.of("corporation-member"):
        members.setdefault(member.value, []).append(member.key.partition("/")[2])
    for fact in facts.of("friend-client"):
        corporation, _, own = fact.value.rpartition(" ")
        name = fact.key.partition("/")[2]
        if not corporation:
            message = f"client {own} belongs to no corporation, so no friend leads to another client"
            yield Finding(fact.file, fact.path, message, "add corporation: ... to both clients")
        elif name == own or name not in members.get(corporation, ()):
            others = sorted(each for each in members.get(corporation, ()) if each != own)
            what = f"other client in corporation {corporation.partition('/')[2]} called"
            yield Finding(fact.file, fact.path, *unknown(what, name, others))
