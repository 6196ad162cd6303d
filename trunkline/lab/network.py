"""The two networks of a lab: a bridge each, this machine as gateway, the way out by masquerading.

Traffic between two networks, of one lab or of two, is dropped by this machine: who wants from *public* to *internal*
needs a host that stands in both.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from trunkline.errors import PlatformError
from trunkline.lab._system import ip_json, run, succeeds
from trunkline.lab.names import BRIDGE_PREFIX, Network

_SYSCTLS = {
    "net/ipv4/ip_forward": "1",
    "net/bridge/bridge-nf-call-iptables": "0",  # else bridged traffic passes the machine's own rules
    "net/bridge/bridge-nf-call-ip6tables": "0",
    "net/bridge/bridge-nf-call-arptables": "0",
}


def check_free(network: Network) -> None:
    """Check that nothing else on this machine has the network's bridge name or a part of its range.

    Raises:
        PlatformError: Something has; says what, and what to do. Nothing was changed.
    """
    remedy = "choose another name for the stack, or set `networks:` in platform.yml to ranges that are free here"
    for link in ip_json("-details", "link", "show", "dev", network.bridge):
        if link.get("linkinfo", {}).get("info_kind") != "bridge" or link.get("ifalias", network.mark) != network.mark:
            raise PlatformError(f"the interface {network.bridge} exists and is not ours", remedy=remedy)
    for link in ip_json("-4", "address", "show"):
        for address in link["addr_info"]:
            place = IPv4Network((address["local"], address["prefixlen"]), strict=False)
            if link["ifname"] != network.bridge and place.overlaps(network.cidr):
                raise PlatformError(
                    f"{network.cidr} ({network.name} of {network.stack}) is in use: {link['ifname']} has {place}",
                    remedy=remedy,
                )
    for route in ip_json("-4", "route", "show", "table", "main"):
        if route["dst"] == "default" or route.get("dev") == network.bridge:
            continue
        if IPv4Network(route["dst"]).overlaps(network.cidr):
            raise PlatformError(
                f"{network.cidr} ({network.name} of {network.stack}) is in use: a route to {route['dst']} exists",
                remedy=remedy,
            )


def ensure(network: Network) -> None:
    """Create the network, or whatever of it is missing.

    Raises:
        PlatformError: Its bridge name or range is in use by something else.
    """
    check_free(network)
    for name, value in _SYSCTLS.items():
        file = Path("/proc/sys") / name
        if file.exists() and file.read_text().strip() != value:
            file.write_text(value)
    if not _link(network):
        run("ip", "link", "add", network.bridge, "type", "bridge", "forward_delay", "0")
    run("ip", "link", "set", network.bridge, "alias", network.mark, "up")
    run("ip", "address", "replace", f"{network.gateway}/{network.cidr.prefixlen}", "dev", network.bridge)
    run("nft", "-f", "-", text=_rules(network))


def problems(network: Network) -> list[str] | None:
    """Return what is wrong with the network, an empty list when all is well, None when nothing of it exists."""
    link, table = _link(network), succeeds("nft", "list", "table", "ip", network.table)
    if not link and not table:
        return None
    found = []
    addresses = {address["local"] for row in link for address in row["addr_info"]}
    if not link:
        found.append("the bridge is missing")
    elif str(network.gateway) not in addresses or "UP" not in link[0]["flags"]:
        found.append("the bridge is down or has lost its address")
    if not table:
        found.append("its nftables table is missing")
    return found


def delete(network: Network) -> None:
    """Remove the network; what is not there is no error."""
    if succeeds("nft", "list", "table", "ip", network.table):
        run("nft", "delete", "table", "ip", network.table)
    if _link(network):
        run("ip", "link", "delete", network.bridge)


def _link(network: Network) -> list[dict[str, Any]]:
    return [row for row in ip_json("address", "show", "dev", network.bridge) if row]


def _rules(network: Network) -> str:
    return f"""
table ip {network.table}
delete table ip {network.table}
table ip {network.table} {{
  chain forward {{
    type filter hook forward priority filter; policy accept;
    iifname "{network.bridge}" oifname "{BRIDGE_PREFIX}*" drop
  }}
  chain postrouting {{
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr {network.cidr} oifname != "{network.bridge}" masquerade
  }}
}}
"""
