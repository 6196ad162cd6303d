"""TL0301: a number is one extension of a client (seed 004 section 10.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0301"
SEVERITY: Severity = "error"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every user whose own number is somebody else's, or has an entry under `extensions`."""
    owners: dict[str, str] = {}
    for name, user in client.declared.users.items():
        number = user.extension
        if number is None:
            continue
        path = ("users", name, "extension")
        owner = owners.setdefault(number, name)
        if owner != name:
            yield Finding(client.file, path, f"extension {number} is user {owner}'s already", "take a free number")
        elif number in client.declared.extensions:
            message = f"extension {number} has an entry under extensions as well"
            yield Finding(client.file, path, message, f"take out either this or extensions.{number}")
