"""What must hold for every stack, as pure functions over what the program asks Pulumi for.

Each takes the declared resources and returns one sentence per violation; the tests run them over every inventory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.cloud.labels import GROUP_LABEL
from trunkline.model import ports
from trunkline.model.ports import PortRange

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


def _control_ports(labels: Mapping[str, str] | None) -> list[tuple[str, PortRange]]:
    """Return protocol and ports of the control flows of a host's groups; of every group when its labels name none."""
    groups = {
        label.removeprefix(GROUP_LABEL).replace("-", "_") for label in labels or {} if label.startswith(GROUP_LABEL)
    }
    return [
        (flow.protocol, span)
        for flow in ports.flows(shared_address=False)
        if flow.control and (not groups or not flow.target or flow.target in groups)
        for span in flow.ports
    ]


def world_open_control_ports(resources: Iterable[Declared]) -> list[str]:
    """No port that can change or read something is open to the world."""
    found = []
    for resource in (resource for resource in resources if resource.type == FIREWALL):
        control = _control_ports(resource.inputs.get("labels"))
        for rule in resource.inputs.get("rules") or []:
            if rule["direction"] != "in" or not _WORLD & set(rule.get("sourceIps") or []):
                continue
            first, _, last = str(rule.get("port") or "any").replace("any", "1-65535").partition("-")
            opened = PortRange(int(first), int(last or first))
            hit = {str(span) for protocol, span in control if protocol == rule["protocol"] and span.meets(opened)}
            if hit:
                found.append(f"{resource.name}: {rule['protocol']} {', '.join(sorted(hit))} is open to the world")
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
