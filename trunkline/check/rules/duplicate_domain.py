"""TL0302: a SIP domain leads to one client (seed 004 section 8.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.model.tenants import NamedClient, Tenants
    from trunkline.source import Severity

CODE = "TL0302"
SEVERITY: Severity = "error"


def check(tenants: Tenants) -> Iterator[Finding]:
    """Yield every client whose domain an earlier one has."""
    owners: dict[str, NamedClient] = {}
    for client in tenants.clients():
        domain = client.declared.domain
        owner = owners.setdefault(domain, client)
        if owner is not client:
            message = (
                f"the domain {domain} belongs to client {owner.name} of brand {owner.brand} already ({owner.file})"
            )
            yield Finding(client.file, ("domain",), message, "give every client a domain of its own")
