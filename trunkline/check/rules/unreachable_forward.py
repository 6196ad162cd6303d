"""TL0472: a forward that an unconditional one keeps from being asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.check.forwards import calls_of, ddi_of, forwards_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0472"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every conditional forward of calls that an unconditional one of the same object takes all."""
    for path, forwards in forwards_of(client.declared):
        taken: set[str] = set()
        for forward in forwards:
            if forward.when == "unconditional" and ddi_of(forward) is None:
                taken |= calls_of(forward)
        for position, forward in enumerate(forwards):
            if forward.when != "unconditional" and calls_of(forward) <= taken:
                message = "this forward is never asked: the unconditional one takes all of its calls"
                yield Finding(client.file, (*path, position), message, "leave one of them")
