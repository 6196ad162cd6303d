"""What exists: the outputs of a stack, written by ``trunkline stack up`` and read by everything else.

For example ``{"stack": "lab", "provider": "lab", "networks": {"public": "10.77.56.0/24", "internal": "10.77.57.0/24"},
"hosts": {"px1": {"public": "10.77.56.121", "internal": "10.77.57.121"}}, "controllers": ["10.77.56.1/32",
"10.77.57.1/32"], "package_proxy": "http://10.64.0.1:3143", "jump_host": ""}``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trunkline.errors import PlatformError
from trunkline.model import ports
from trunkline.model.hosts import Host, Platform, flows_of
from trunkline.paths import outputs_file


@dataclass(frozen=True)
class Rule:
    """One line of a firewall.

    Attributes:
        name: Name of the flow.
        protocol: ``udp`` or ``tcp``.
        ports: Numbers and ranges as text: ``5060``, ``13000-19000``.
        sources: Ranges that may send; ``0.0.0.0/0`` for the world.
    """

    name: str
    protocol: str
    ports: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Addresses:
    """Addresses of one host.

    Attributes:
        public: Its address in the public network, or None.
        internal: Its address in the internal network, or None.
        floating: Public address that can move to another machine, when it has one.
        trunk: Public address of the trunks proxy when that has one of its own.
        extra: Further public addresses by their names.
    """

    public: str | None = None
    internal: str | None = None
    floating: str | None = None
    trunk: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def inside(self) -> str:
        """Address at which other hosts and the controller reach it.

        Raises:
            PlatformError: It has no address yet.
        """
        address = self.internal or self.public
        if address is None:
            raise PlatformError("a host of the stack has no address", remedy="run `trunkline stack up`")
        return address


@dataclass(frozen=True)
class Deployment:
    """Outputs of a stack."""

    stack: str
    provider: str
    networks: dict[str, str]
    hosts: dict[str, Addresses]
    controllers: tuple[str, ...]
    package_proxy: str = ""
    jump_host: str = ""

    @classmethod
    def parse(cls, outputs: dict[str, Any]) -> Deployment:
        """Return the deployment that a stack's outputs describe."""
        hosts = {name: Addresses(**addresses) for name, addresses in outputs["hosts"].items()}
        return cls(**{**outputs, "hosts": hosts, "controllers": tuple(outputs["controllers"])})

    @classmethod
    def load(cls, stack: str) -> Deployment | None:
        """Return what the last ``up`` of a stack left, or None when it is not up."""
        try:
            return cls.parse(json.loads(outputs_file(stack).read_text()))
        except FileNotFoundError:
            return None

    def address_of(self, name: str) -> str:
        """Return the address at which the controller logs in to a host."""
        addresses = self.hosts[name]
        return (addresses.public if self.jump_host else None) or addresses.inside


def firewall_rules(host: Host, platform: Platform, deployment: Deployment) -> list[Rule]:
    """Return what may reach a host: only the ports of the table, only from the groups that need them.

    Args:
        host: The host.
        platform: All hosts; those without an address yet are no source.
        deployment: Their addresses.
    """
    rules = []
    for flow in flows_of(host):
        sources: set[str] = set()
        for source in flow.sources:
            if source == ports.WORLD:
                sources = {"0.0.0.0/0"}
                break
            if source == ports.CONTROLLER:
                sources |= set(deployment.controllers)
            else:
                members = [deployment.hosts.get(name) for name in platform.members(source)]
                sources |= {f"{member.inside}/32" for member in members if member}
        if sources:
            rules.append(
                Rule(flow.name, flow.protocol, tuple(str(port) for port in flow.ports), tuple(sorted(sources)))
            )
    return rules
