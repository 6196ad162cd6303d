"""TL0475: a limit that no call ever meets (seed 004 sections 12.4.1 and 12.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0475"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every limit of calls from elsewhere without an address filter, and every one above that of the client."""
    declared = client.declared
    if declared.address_filter is None:
        for name, user in declared.users.items():
            if user.calls_from_elsewhere:
                message = "no call comes from elsewhere: the client has no address filter"
                yield Finding(client.file, ("users", name, "calls_from_elsewhere"), message, "take it out")
    for name, device in declared.devices.items():  # which have calls with the outside only
        if declared.max_calls and device.call_waiting >= declared.max_calls:
            message = f"the device never has {device.call_waiting} calls: the client has {declared.max_calls} at most"
            path = ("devices", name, "call_waiting")
            yield Finding(client.file, path, message, "lower it, or raise max_calls of the client")
