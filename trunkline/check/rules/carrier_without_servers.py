"""TL0605: a carrier has servers to send calls to (seed 004 section 9.2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0605"
SEVERITY: Severity = "error"
LEVEL: Level = "brand"


def check(brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every carrier without servers."""
    for name, carrier in brand.declared.carriers.items():
        if not carrier.servers:
            remedy = "add servers: with the address of one, or take the carrier out"
            yield Finding(brand.file, ("carriers", name), f"carrier {name} has no server", remedy, key=True)
