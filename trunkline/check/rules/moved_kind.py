"""TL0502: only what is declared by name can have been renamed."""

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

CODE = "TL0502"
SEVERITY: Severity = "error"
LEVEL: Level = "every"


def check(named: NamedClient | NamedBrand | NamedPlatform, *above: NamedBrand | NamedPlatform) -> Iterator[Finding]:
    """Yield every key of `moved` that is not the key of named objects of this file, or of what stands below it."""
    below = ("brands", "clients", "")[len(above)]
    known = sorted(key for key in (below, *collections(named.declared)) if key)
    for key in named.declared.moved:
        if key not in known:
            message, remedy = unknown("kind of object", key, known)
            yield Finding(named.file, ("moved", key), message, remedy, key=True)
