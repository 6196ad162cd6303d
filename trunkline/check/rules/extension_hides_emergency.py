"""TL0468: an extension hides the number outside that is dialled the same way (seed 004 section 10.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.locale import locale_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0468"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"

# Emergency numbers everywhere (3GPP TS 22.101 section 10.1), and what countries have beside them.
_EVERYWHERE = ("112", "911")
_COUNTRIES = {
    "AR": ("100", "101", "107"),
    "AU": ("000",),
    "BR": ("190", "192", "193"),
    "CL": ("131", "132", "133"),
    "CN": ("110", "119", "120"),
    "CO": ("123",),
    "DE": ("110",),
    "ES": ("061", "062", "080", "085", "091", "092"),
    "FR": ("15", "17", "18"),
    "GB": ("999",),
    "IE": ("999",),
    "IN": ("100", "101", "102", "108"),
    "IT": ("113", "115", "118"),
    "JP": ("110", "119"),
    "PE": ("105", "106", "116"),
}


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every extension that somebody in need may dial."""
    country = locale_of(platform.declared, brand.declared, client.declared).country
    hidden = {*_EVERYWHERE, *_COUNTRIES.get(country or "", ())}
    for number in hidden & client.declared.all_extensions().keys():
        message = f"extension {number} hides the emergency number {number}: nobody of the client can call it"
        yield Finding(client.file, client.declared.place_of_extension(number), message, "take another number")
