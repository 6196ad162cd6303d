"""TL0474: a number that the friends are asked for is one that some friend takes (seed 004 section 10.1.5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trunkline.check.finding import Level
    from trunkline.model.ddi import Ddi
    from trunkline.model.extension import Extension
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Path, Severity

CODE = "TL0474"
SEVERITY: Severity = "error"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every extension and DDI that leads to friends, none of which takes the number."""
    declared = client.declared
    routes = [*_routes("extensions", declared.extensions), *_routes("ddis", declared.ddis)]
    # What friends inside of the platform take stands in the files of other clients.
    if not routes or any(friend.client for friend in declared.friends.values()):
        return
    patterns = [re.compile(pattern) for friend in declared.friends.values() for pattern in friend.patterns]
    for path, number in routes:
        if not any(pattern.fullmatch(number) for pattern in patterns):
            message = f"no friend takes {number}"
            yield Finding(client.file, path, message, "write a number that a pattern of a friend matches")


def _routes(section: str, objects: Mapping[str, Extension | Ddi]) -> Iterator[tuple[Path, str]]:
    """Yield the numbers that friends are asked for, each with its path."""
    for name, each in objects.items():
        if each.friends is not None:
            yield (section, name, "friends"), each.friends
