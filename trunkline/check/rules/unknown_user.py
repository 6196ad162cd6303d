"""TL0303: an extension leads to a user of the same client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.problems import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0303"
SEVERITY: Severity = "error"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every extension whose user does not exist."""
    users = client.declared.users
    for number, extension in client.declared.extensions.items():
        if extension.user is not None and extension.user not in users:
            yield Finding(client.file, ("extensions", number, "user"), *unknown("user", extension.user, sorted(users)))
