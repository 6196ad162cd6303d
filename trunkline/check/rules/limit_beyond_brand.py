"""TL0417: a limit that can never be reached (seed 004 section 12.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0417"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every limit of calls that the brand's stops before it is reached."""
    most, own = brand.declared.max_calls, client.declared.max_calls
    if most and own > most:
        message = f"the client can never have {own} calls at once: all clients of brand {brand.name} have {most}"
        remedy = f"lower max_calls, or raise it in {brand.file}"
        yield Finding(client.file, ("max_calls",), message, remedy)
