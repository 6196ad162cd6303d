"""TL0450: a key that this type of client does not have (seed 004 section 9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.marks import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0450"
SEVERITY: Severity = "error"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every key in use that is only for other types of clients."""
    own = client.declared.type
    for use in client.declared.marked:
        types = use.marks.get(TYPES)
        if types and own not in types:
            message = f"{own} clients have no {use.name}"
            yield Finding(
                client.file, use.path, message, f"take it out; it is for {', '.join(types)} clients", key=True
            )
