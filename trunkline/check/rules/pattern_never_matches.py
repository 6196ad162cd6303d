"""TL0420: patterns of match lists meet numbers with plus and country code (seed 004 section 10.1.6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0420"
SEVERITY: Severity = "warning"
LEVEL: Level = "every"

# A number starts with its plus: nothing begins with a digit, and nothing but the beginning is a plus.
_HELD_BY_DIGIT = re.compile(r"\^(?:[0-9]|\\d|\[[0-9-]+\])(?![*?]|\{0)")


def check(named: NamedClient | NamedBrand | NamedPlatform, *above: NamedBrand | NamedPlatform) -> Iterator[Finding]:
    """Yield every pattern that says how a number begins, and has it begin with a digit."""
    for name, match_list in named.declared.match_lists.items():
        for position, pattern in enumerate(match_list.patterns):
            if _HELD_BY_DIGIT.match(pattern) and "|" not in pattern:
                message = f"no number begins as {pattern} says: numbers have their plus here"
                path = ("match_lists", name, "patterns", position)
                yield Finding(named.file, path, message, rf"write ^\+{pattern[1:]}")
