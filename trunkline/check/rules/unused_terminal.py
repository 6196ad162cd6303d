"""TL0307: a terminal without a user registers, but never rings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0307"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every terminal with an entry that no user has."""
    used = {client.declared.terminal_of(name) for name in client.declared.users}
    for name in client.declared.terminals:
        if name not in used:
            remedy = f"add terminal: {name} to a user, or take the entry out"
            yield Finding(client.file, ("terminals", name), f"terminal {name} has no user", remedy, key=True)
