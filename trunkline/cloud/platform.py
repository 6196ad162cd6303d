"""A whole platform: its networks, machines with their firewalls, and names."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_hcloud as hcloud

from trunkline.cloud.dns import Names
from trunkline.cloud.firewall import Firewall
from trunkline.cloud.host import Host, Surroundings
from trunkline.cloud.lab_resources import LabPackageCache
from trunkline.cloud.labels import labels
from trunkline.cloud.network import Network
from trunkline.model.hosts import Platform as PlatformModel


class Platform(pulumi.ComponentResource):
    """Everything an inventory's ``platform.yml`` declares.

    Attributes:
        outputs: What :class:`trunkline.model.deployment.Deployment` reads.
    """

    def __init__(self, model: PlatformModel, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("trunkline:cloud:Platform", model.stack, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        networks = {
            "public": Network("public", model, inside),
            "internal": Network("internal", model, inside),
        }
        proxy: pulumi.Output[str] = pulumi.Output.from_input("")
        ssh_key: pulumi.Output[str] | None = None
        if model.hcloud is not None:
            ssh_key = hcloud.SshKey(
                "deploy", name=f"{model.stack}-deploy", public_key=model.hcloud.ssh_public_key, labels=labels(model),
                opts=inside,
            ).id  # fmt: skip
        else:
            proxy = LabPackageCache("package-cache", model.stack, inside).url
        self.hosts = {}
        for name, host in model.hosts.items():
            firewall = Firewall(name, host, model, inside)
            around = Surroundings(networks, firewall, proxy, ssh_key)
            self.hosts[name] = Host(name, host, model, around, inside)
        if model.hcloud is not None:
            Names("names", model, self.hosts, inside)
            self._way_out(model, networks["internal"])
        gateways = [network.gateway.apply(lambda address: f"{address}/32") for network in networks.values()]
        declared = [str(network) for network in model.controllers]
        self.outputs: dict[str, Any] = {
            "stack": model.stack,
            "provider": model.provider,
            "networks": {name: network.cidr for name, network in networks.items()},
            "hosts": {
                name: {**host.addresses, **({"extra": host.extra} if host.extra else {})}
                for name, host in self.hosts.items()
            },
            "controllers": gateways if model.provider == "lab" else declared,
            "package_proxy": proxy,
            "jump_host": model.jump_host,
        }
        self.register_outputs(self.outputs)

    def _way_out(self, model: PlatformModel, internal: Network) -> None:
        """Send what internal hosts send to the internet over the jump host, which masquerades it."""
        jump = model.hosts.get(model.jump_host)
        if jump is not None and internal.cloud_id is not None:
            hcloud.NetworkRoute(
                "way-out", network_id=internal.cloud_id, destination="0.0.0.0/0", gateway=str(jump.internal_address),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[internal]),
            )  # fmt: skip


def declare(model: PlatformModel) -> None:
    """Declare a platform in the running Pulumi program and export its outputs."""
    for name, value in Platform(model).outputs.items():
        pulumi.export(name, value)
