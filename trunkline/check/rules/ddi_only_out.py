"""TL0466: calls to a DDI that is only presented are refused (seed 004 section 10.1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0466"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every DDI for calls out that leads somewhere all the same."""
    for number, ddi in client.declared.ddis.items():
        for name in ddi.destinations() if ddi.direction == "out" else ():
            message = f"no call comes in by {number}, so it never gets to this {name}"
            yield Finding(client.file, ("ddis", number, name), message, "take this or direction: out away")
