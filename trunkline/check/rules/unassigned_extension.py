"""TL0308: an extension without a destination: calls to it are hung up (seed 004 section 10.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.model.tenants import Tenants
    from trunkline.source import Severity

CODE = "TL0308"
SEVERITY: Severity = "warning"


def check(tenants: Tenants) -> Iterator[Finding]:
    """Yield every extension that leads nowhere."""
    for client in tenants.clients():
        for number, extension in client.declared.extensions.items():
            if extension.user is None:
                message = f"extension {number} leads nowhere, calls to it are hung up"
                yield Finding(client.file, ("extensions", number), message, "add the line user: ...", key=True)
