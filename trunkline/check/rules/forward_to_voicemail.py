"""TL0530: a forward to what is not built yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.check.forwards import forwards_of
from trunkline.model.forward import DeviceForward, UserForward

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0530"
SEVERITY: Severity = "error"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every forward to the voicemail: nobody would answer there, and the caller would hear nothing of it."""
    for path, forwards in forwards_of(client.declared):
        for position, forward in enumerate(forwards):
            if isinstance(forward, UserForward | DeviceForward) and forward.voicemail:
                message = "there is no voicemail yet: a call that goes there would be lost"
                remedy = "forward to a number or an extension, or take the forward out"
                yield Finding(client.file, (*path, position, "voicemail"), message, remedy)
