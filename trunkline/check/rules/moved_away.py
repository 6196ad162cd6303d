"""TL0503: what was renamed goes on under its new name, and the old one is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.moved import collections
from trunkline.model.problems import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0503"
SEVERITY: Severity = "error"
LEVEL: Level = "every"


def check(named: NamedClient | NamedBrand | NamedPlatform, *above: NamedBrand | NamedPlatform) -> Iterator[Finding]:
    """Yield every rename of an object of this file whose old name is still there or whose new one is not."""
    there = collections(named.declared)
    for key, names in named.declared.moved.items():
        for old, new in names.items():
            path = ("moved", key, old)
            if old in there.get(key, ()):
                remedy = f"take {key}.{old} out, or this line if nothing was renamed"
                yield Finding(named.file, path, f"{old} was moved to {new}, but is still among {key}", remedy, key=True)
            elif key in there and new not in there[key]:
                message, remedy = unknown(f"name among {key}", new, sorted(there[key]))
                yield Finding(named.file, path, message, remedy)
