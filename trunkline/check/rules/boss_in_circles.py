"""TL0478: calls for a boss go to the assistant, who must not hand them back (seed 004 section 10.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0478"
SEVERITY: Severity = "error"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every boss whose assistants lead back to the boss."""
    users = client.declared.users
    bosses = {name: user.boss.assistant for name, user in users.items() if user.boss is not None}
    for name, first in bosses.items():
        seen, assistant = {name}, first
        while assistant in bosses and assistant not in seen:
            seen.add(assistant)
            assistant = bosses[assistant]
        if assistant == name:
            message = f"calls for {name} go to the assistant, and from there back to {name}"
            yield Finding(client.file, ("users", name, "boss", "assistant"), message, "name somebody who is no boss")
