"""TL0304: a user's terminal is an entry of the same client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.problems import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0304"
SEVERITY: Severity = "error"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every user who names a terminal without an entry."""
    terminals = client.declared.terminals
    for name, user in client.declared.users.items():
        if user.terminal is not None and user.terminal not in terminals:
            yield Finding(
                client.file,
                ("users", name, "terminal"),
                *unknown("terminal", user.terminal, sorted(terminals)),
            )
