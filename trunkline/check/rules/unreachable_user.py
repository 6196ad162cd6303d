"""TL0306: a user whom no extension rings can call, but nobody can call back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0306"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every user without an extension of any kind."""
    reached = {extension.user for extension in client.declared.extensions.values()}
    for name, user in client.declared.users.items():
        if user.extension is None and name not in reached:
            message = f"no extension rings user {name}"
            yield Finding(client.file, ("users", name), message, "add the line extension: ...", key=True)
