"""TL0309: a client that nobody can call from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.client import CALLERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0309"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every client without users, devices, accounts or sources, whatever its type has."""
    section = CALLERS[client.declared.type]
    if not client.declared.names_of(section):
        message = f"client {client.name} has no {section}"
        yield Finding(client.file, (), message, f"add {section}, or take the file out")
