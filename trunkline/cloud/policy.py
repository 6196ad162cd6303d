"""What must hold for every stack, as pure functions over what the program asks Pulumi for.

Each takes the declared resources and returns one sentence per violation; the tests run them over every inventory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.model import ports

FIREWALL, SERVER = "hcloud:index/firewall:Firewall", "hcloud:index/server:Server"
_WORLD = {"0.0.0.0/0", "::/0"}


@dataclass(frozen=True)
class Declared:
    """A resource as the program declares it.

    Attributes:
        type: Pulumi's type token.
        name: Name in the program.
        inputs: As sent to the engine, in its spelling (camelCase).
    """

    type: str
    name: str
    inputs: Mapping[str, Any]


def world_open_control_ports(resources: Iterable[Declared]) -> list[str]:
    """No port that can change or read something is open to the world."""
    control = [
        (flow.protocol, span) for shared in (True, False) for flow in ports.flows(shared_address=shared)
        if flow.control and flow.target != "phones" for span in flow.ports
    ]  # fmt: skip
    found = []
    for resource in (resource for resource in resources if resource.type == FIREWALL):
        for rule in resource.inputs.get("rules") or []:
            if rule["direction"] != "in" or not _WORLD & set(rule.get("sourceIps") or []):
                continue
            first, _, last = str(rule.get("port") or "1-65535").replace("any", "1-65535").partition("-")
            opened = range(int(first), int(last or first) + 1)
            hit = [str(span) for protocol, span in control if protocol == rule["protocol"] and span.first in opened]
            if hit:
                found.append(f"{resource.name}: {rule['protocol']} {', '.join(sorted(set(hit)))} is open to the world")
    return found


def machines_without_firewall(resources: Iterable[Declared]) -> list[str]:
    """No machine without its firewall."""
    servers = [resource for resource in resources if resource.type == SERVER]
    return [f"{server.name} has no firewall" for server in servers if not server.inputs.get("firewallIds")]


def public_addresses_without_need(resources: Iterable[Declared], internal_only: Iterable[str]) -> list[str]:
    """No public address for a host whose groups need none."""
    kept = set(internal_only)
    return [
        f"{server.name} has a public address"
        for server in resources
        if server.type == SERVER
        and server.name in kept
        and any(net.get("ipv4Enabled", True) or net.get("ipv6Enabled", True) for net in server.inputs["publicNets"])
    ]
