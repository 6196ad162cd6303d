"""What may reach a host from outside, at the provider's edge.

The lab has no edge: its hosts filter for themselves, by nftables rules from the same port table, as hosts in a cloud
do too. Hetzner's firewalls do not see the internal network, so what groups may send to each other is not here.
"""

from __future__ import annotations

import pulumi
import pulumi_hcloud as hcloud

from trunkline.cloud.labels import labels
from trunkline.model.deployment import Rule
from trunkline.model.hosts import Host, Platform, flows_of
from trunkline.model.ports import CONTROLLER, WORLD

WORLD_RANGES = ("0.0.0.0/0", "::/0")


def edge_rules(host: Host, platform: Platform) -> list[Rule]:
    """Return what may come in from the internet: flows of the world and of the controllers."""
    controllers = tuple(str(network) for network in platform.controllers)
    rules = []
    for flow in flows_of(host):
        if WORLD in flow.sources:
            sources: tuple[str, ...] = WORLD_RANGES
        elif CONTROLLER in flow.sources:
            sources = controllers
        else:
            continue
        rules.append(Rule(flow.name, flow.protocol, tuple(str(port) for port in flow.ports), sources))
    return rules


class Firewall(pulumi.ComponentResource):
    """The edge firewall of one host.

    Attributes:
        cloud_id: The cloud's number of the firewall; None in the lab.
    """

    def __init__(self, name: str, host: Host, platform: Platform, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("trunkline:cloud:Firewall", name, None, opts)
        self.cloud_id: pulumi.Output[int] | None = None
        if platform.provider == "hcloud":
            made = hcloud.Firewall(
                name,
                name=f"{platform.stack}-{name}",
                labels=labels(platform, host),
                rules=[
                    hcloud.FirewallRuleArgs(
                        direction="in", protocol=rule.protocol, port=port, source_ips=list(rule.sources),
                        description=rule.name,
                    )
                    for rule in edge_rules(host, platform)
                    for port in rule.ports
                ],
                opts=pulumi.ResourceOptions(parent=self),
            )  # fmt: skip
            self.cloud_id = made.id.apply(int)
        self.register_outputs({})
