"""TL0400: what the language accepts and calls do not honour yet is said, not ignored in silence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.marks import Marked
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0400"
SEVERITY: Severity = "warning"
LEVEL: Level = "every"


def check(named: NamedClient | NamedBrand | NamedPlatform, *above: NamedBrand | NamedPlatform) -> Iterator[Finding]:
    """Yield every field that a file uses and calls do not honour yet: once, where it stands first."""
    first: dict[tuple[str, str], Marked] = {}
    count: Counter[tuple[str, str]] = Counter()
    said = None
    for use in named.declared.marked:
        if use.honoured or (said is not None and use.path[: len(said)] == said):
            continue
        said = use.path
        key = (use.owner.__name__, use.name)
        first.setdefault(key, use)
        count[key] += 1
    for key, use in first.items():
        more = f" (here and in {count[key] - 1} more places of this file)" if count[key] > 1 else ""
        message = f"{use.shown} is accepted, but calls do not honour it yet{more}"
        yield Finding(named.file, use.path, message, "expect nothing of it before a release says so", key=True)
