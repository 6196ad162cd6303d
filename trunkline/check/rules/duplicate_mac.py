"""TL0464: a hardware address is one device (seed 004 section 8.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0464"
SEVERITY: Severity = "error"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every terminal whose hardware address another one has."""
    for owner, *others in facts.shared("mac"):
        for other in others:
            message = f"the hardware address {other.key} is that of {owner.value} already ({owner.file})"
            yield Finding(other.file, other.path, message, "write the address that the device shows")
