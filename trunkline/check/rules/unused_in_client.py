"""TL0477: objects of a client that exist to be named by others, and that nobody names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.marks import REFERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0477"
SEVERITY: Severity = "warning"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every location and match list of the client that nothing refers to."""
    used = {
        (use.marks[REFERS], name) for use in client.declared.marked if REFERS in use.marks for _, name in use.references
    }
    for section, what in (("locations", "location"), ("match_lists", "match list")):
        for name in client.declared.names_of(section):
            if (section, name) not in used:
                remedy = "name it where it is needed, or take the entry out"
                yield Finding(client.file, (section, name), f"nothing refers to {what} {name}", remedy, key=True)
