"""TL0305: a terminal belongs to one user; several phones of one user register with the same terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0305"
SEVERITY: Severity = "error"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every user whose terminal is an earlier user's, named or by default."""
    owners: dict[str, str] = {}
    for name, user in client.declared.users.items():
        terminal = client.declared.terminal_of(name)
        owner = owners.setdefault(terminal, name)
        if owner != name:
            path = ("users", name) if user.terminal is None else ("users", name, "terminal")
            message = f"terminal {terminal} is user {owner}'s already"
            yield Finding(client.file, path, message, "give every user a terminal", key=user.terminal is None)
