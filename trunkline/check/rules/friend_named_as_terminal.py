"""TL0461: terminals and friends of a client share its domain (seed 004 section 10.1.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0461"
SEVERITY: Severity = "error"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every friend with the SIP user name of a terminal."""
    if not client.declared.friends:
        return
    terminals = client.declared.all_terminals()
    for name in client.declared.friends:
        if name in terminals:
            message = f"{name} is the SIP user name of a terminal already"
            yield Finding(client.file, ("friends", name), message, "give the friend another name", key=True)
