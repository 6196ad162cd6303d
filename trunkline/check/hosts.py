"""What the host model exports for rules about names of machines' things (`trunkline.check.facts`).

Tenants may be checked without a platform; then there is nothing to export, and no such name is wrong.

| kind | key | value |
|---|---|---|
| hosts | | |
| trunks-proxy | name of a host with a trunks proxy | |
| trunk-address | name of an extra address of a trunks proxy | name of its host |
| relay-set | name of a set of media relays | `active` for a relay that gets calls, else `drained` |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.facts import Fact
from trunkline.errors import ConfigurationError
from trunkline.model.hosts import load
from trunkline.model.walk import HOSTS_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def facts_of_hosts(inventory: Path) -> Iterator[Fact]:
    """Yield what the hosts of an inventory export; nothing where ``platform.yml`` is missing or wrong.

    Args:
        inventory: Folder of the inventory.
    """
    if not (inventory / HOSTS_FILE).is_file():
        return
    try:
        platform = load(inventory)
    except ConfigurationError:  # whatever needs hosts says it
        return
    yield Fact("hosts", "", HOSTS_FILE, ())
    for name, host in platform.hosts.items():
        path = ("hosts", name)
        if "proxy_trunks" in host.groups:
            yield Fact("trunks-proxy", name, HOSTS_FILE, path)
            for address in host.extra_addresses:
                yield Fact("trunk-address", address, HOSTS_FILE, path, name)
        relay = host.media_relay
        if relay is not None:
            state = "active" if relay.state == "active" and relay.weight else "drained"
            yield Fact("relay-set", relay.set, HOSTS_FILE, path, state)
