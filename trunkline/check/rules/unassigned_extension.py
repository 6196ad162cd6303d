"""TL0308: an extension without a destination: calls to it are hung up (seed 004 section 10.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0308"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every extension that leads nowhere."""
    for number, extension in client.declared.extensions.items():
        if not extension.model_fields_set & set(extension.DESTINATIONS):
            message = f"extension {number} leads nowhere, calls to it are hung up"
            yield Finding(client.file, ("extensions", number), message, "add the line user: ...", key=True)
