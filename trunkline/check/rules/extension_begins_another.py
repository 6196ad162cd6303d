"""TL0470: a telephone that dials as soon as a number is complete never gets to a longer one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0470"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every extension that another one of the client begins with."""
    shorter = ""
    for number in client.declared.all_extensions():  # sorted: what a number begins with stands before it
        if shorter and number.startswith(shorter):
            message = f"extension {number} begins with extension {shorter}: telephones with a dial plan call that one"
            yield Finding(client.file, client.declared.place_of_extension(number), message, "take another number")
        else:
            shorter = number
