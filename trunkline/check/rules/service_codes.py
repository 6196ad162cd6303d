"""TL0413: what is dialled for a service leads to one service (seed 004 section 8.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.services import WITH_NUMBER, codes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0413"
SEVERITY: Severity = "error"
LEVEL: Level = "every"


def check(named: NamedClient | NamedBrand | NamedPlatform, *above: NamedBrand | NamedPlatform) -> Iterator[Finding]:
    """Yield every code of a file's own that is another service's too, or meets one behind which a number is dialled."""
    levels = (*reversed(above), named)
    codes = codes_of(level.declared.services for level in levels)
    said: set[str] = set()
    for service in named.declared.services:
        code = codes.get(service, "")
        for other, its in codes.items():
            if not code or other == service or other in said or not _meet((service, code), (other, its)):
                continue
            said.add(service)
            message = f"{code} for {service} cannot be told from {its} for {other}"
            remedy = f"give {service} another code, or write {other}: off"
            yield Finding(named.file, ("services", service), message, remedy)


def _meet(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Say whether something can be dialled that means both of two services."""
    (service, code), (its_service, its_code) = one, other
    return (
        code == its_code
        or (service in WITH_NUMBER and its_code.startswith(code))
        or (its_service in WITH_NUMBER and code.startswith(its_code))
    )
