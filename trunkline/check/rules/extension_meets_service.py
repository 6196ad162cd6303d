"""TL0469: what is dialled is an extension or a service, not both (seed 004 section 8.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.services import WITH_NUMBER, codes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0469"
SEVERITY: Severity = "error"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every extension that is the code of a service, or can be what is dialled for one."""
    if client.declared.type != "vpbx":
        return
    levels = (platform.declared.services, brand.declared.services, client.declared.services)
    # Most codes begin with a star, which no extension does.
    codes = {service: code for service, code in codes_of(levels).items() if code.isdigit()}
    for service, code in codes.items():
        for number in client.declared.all_extensions():
            if number == code or (service in WITH_NUMBER and number.startswith(code)):
                message = f"extension {number} cannot be told from {code}, which is dialled for {service}"
                remedy = f"take another number, or give {service} a code with a star"
                yield Finding(client.file, client.declared.place_of_extension(number), message, remedy)
