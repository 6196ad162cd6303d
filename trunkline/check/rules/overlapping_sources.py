"""TL0463: an address that calls come from stands for one wholesale client (seed 004 section 9.1.4)."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0463"
SEVERITY: Severity = "error"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every source that holds, or is held by, one that stands before it."""
    networks = sorted(
        ((ip_network(fact.key), fact) for fact in facts.of("source")),
        key=lambda item: (item[0].version, int(item[0].network_address), item[0].prefixlen, item[1].file),
    )
    end, owner = (0, 0), None
    for network, fact in networks:
        # Two ranges either have nothing in common or one holds the other, and the wider one comes first.
        if owner is None or (network.version, int(network.network_address)) > end:
            end, owner = (network.version, int(network.broadcast_address)), fact
            continue
        message = f"{fact.key} is in {owner.key} of {owner.value} already ({owner.file})"
        yield Finding(fact.file, fact.path, message, "give every address to one client, once", key=True)
