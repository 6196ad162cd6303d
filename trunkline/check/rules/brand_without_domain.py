"""TL0414: residential and retail clients use the SIP domain of their brand (seed 004 section 8.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0414"
SEVERITY: Severity = "error"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every client whose devices or accounts have no domain to register with."""
    if client.declared.type in {"residential", "retail"} and brand.known and brand.declared.domain is None:
        message = f"brand {brand.name} has no domain, and {client.declared.type} clients use that of their brand"
        yield Finding(client.file, ("type",), message, f"add the line domain: ... to {brand.file}")
