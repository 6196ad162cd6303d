"""TL0476: calls to the outside are refused for whoever presents no DDI (seed 004 section 7.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trunkline.check.finding import Level
    from trunkline.model.account import Account
    from trunkline.model.device import Device
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.model.user import User
    from trunkline.source import Severity

CODE = "TL0476"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every user, device and account that has no DDI to present, in clients that have DDIs."""
    declared = client.declared
    if declared.outgoing_ddi is not None or not declared.all_ddis():
        return
    owners: tuple[tuple[str, Mapping[str, User | Device | Account]], ...] = (
        ("users", declared.users),
        ("devices", declared.devices),
        ("accounts", declared.accounts),
    )
    for section, objects in owners:
        for name, each in objects.items():
            if each.ddi is None and each.outgoing_ddi is None:
                message = f"{name} has no DDI to present, so calls to the outside are refused"
                remedy = "add the line outgoing_ddi: ..., here or at the top for the whole client"
                yield Finding(client.file, (section, name), message, remedy, key=True)
