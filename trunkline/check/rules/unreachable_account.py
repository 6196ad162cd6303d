"""TL0467: a device or an account gets calls by its DDIs only (seed 004 sections 10.2.1 and 10.3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0467"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every residential device and retail account that no DDI leads to."""
    declared = client.declared
    for section, route in (("devices", "device"), ("accounts", "account")):
        objects = declared.names_of(section)
        if not objects:
            continue
        reached = {getattr(ddi, route) for ddi in declared.all_ddis().values() if ddi.direction == "both"}
        reached |= {forward.account for account in declared.accounts.values() for forward in account.forwards}
        for name in objects:
            if name not in reached:
                message = f"no call gets to {route} {name}: no DDI leads there"
                yield Finding(client.file, (section, name), message, "add the line ddi: ...", key=True)
