"""TL0471: one reason has one forward (seed 004 section 10.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.check.forwards import calls_of, ddi_of, forwards_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0471"
SEVERITY: Severity = "error"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every forward for a reason and for calls that an earlier one is for."""
    for path, forwards in forwards_of(client.declared):
        known: dict[tuple[str, str | None], set[str]] = {}
        for position, forward in enumerate(forwards):
            earlier = known.setdefault((forward.when, ddi_of(forward)), set())
            if earlier & calls_of(forward):
                message = f"another forward of this object is for {forward.when} already"
                yield Finding(client.file, (*path, position), message, "leave one of them")
            earlier |= calls_of(forward)
