"""TL0309: a client without users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0309"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every client that nobody can call from."""
    if not client.declared.users:
        yield Finding(client.file, (), f"client {client.name} has no users", "add users, or take the file out")
