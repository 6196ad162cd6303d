"""TL0468: an extension hides the number outside that is dialled the same way (seed 004 section 10.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.locale import locale_of
from trunkline.numbering.emergency import country_code, is_emergency

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0468"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every extension that somebody in need may dial."""
    country = locale_of(platform.declared, brand.declared, client.declared).country
    declared = {**platform.declared.special_numbers, **brand.declared.special_numbers}
    outside = {number for number, each in declared.items() if each.emergency}
    for number in client.declared.all_extensions():
        if is_emergency(number, country) or (outside and country and f"+{country_code(country)}{number}" in outside):
            message = f"extension {number} hides the emergency number {number}: nobody of the client can call it"
            yield Finding(client.file, client.declared.place_of_extension(number), message, "take another number")
