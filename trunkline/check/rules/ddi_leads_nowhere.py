"""TL0465: a DDI without a destination: calls to it are refused (seed 004 section 10.1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0465"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every DDI for calls in that leads nowhere."""
    for number, ddi in client.declared.ddis.items():
        if ddi.direction == "both" and not ddi.destinations():
            remedy = "say where it leads, or write direction: out"
            yield Finding(client.file, ("ddis", number), f"calls to {number} lead nowhere", remedy, key=True)
