"""One machine of a platform, from whichever provider the platform is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_hcloud as hcloud

from trunkline.cloud.firewall import Firewall
from trunkline.cloud.lab_resources import LabHost
from trunkline.cloud.labels import labels
from trunkline.cloud.network import Network
from trunkline.model.hosts import Host as HostModel
from trunkline.model.hosts import Platform


def way_out(platform: Platform) -> str:
    """Return the cloud-init data of a machine without a public address: its default route, set at every boot.

    The cloud's router has the first address of the internal range; it hands on to the jump host (`Platform._way_out`).
    """
    assert platform.networks.internal is not None  # noqa: S101 - the model of hosts guarantees it for clouds
    router = platform.networks.internal.network_address + 1
    return f"#cloud-config\nbootcmd:\n  - [ip, route, replace, default, via, {router}]\n"


@dataclass(frozen=True)
class Surroundings:
    """What a host is put into.

    Attributes:
        networks: All networks of the platform by name.
        firewall: The host's own edge firewall.
        package_proxy: URL of the lab's package cache; empty in a cloud.
        ssh_key: The cloud's id of the key that opens the host; None in the lab.
    """

    networks: Mapping[str, Network]
    firewall: Firewall
    package_proxy: pulumi.Input[str] = ""
    ssh_key: pulumi.Input[str] | None = None


class Host(pulumi.ComponentResource):
    """A machine.

    Attributes:
        addresses: ``public``, ``internal``, ``floating``, ``trunk`` -> address; only those it has.
        extra: Further public addresses by their names.
    """

    def __init__(
        self,
        name: str,
        model: HostModel,
        platform: Platform,
        around: Surroundings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trunkline:cloud:Host", name, None, opts)
        self.addresses: dict[str, pulumi.Output[str]]
        self.extra: dict[str, pulumi.Output[str]] = {}
        if platform.provider == "lab":
            self.addresses = self._lab(name, model, platform, around)
        else:
            self.addresses = self._hcloud(name, model, platform, around)
        self.register_outputs({"addresses": self.addresses})

    def _lab(
        self, name: str, model: HostModel, platform: Platform, around: Surroundings
    ) -> dict[str, pulumi.Output[str]]:
        ranges: dict[str, pulumi.Input[str]] = {network: around.networks[network].cidr for network in model.networks}
        opts = pulumi.ResourceOptions(parent=self)
        own = ["trunk"] if model.trunk_address == "own" else []
        made = LabHost(name, platform.stack, ranges, around.package_proxy, opts, extra=[*model.extra_addresses, *own])
        addresses: dict[str, pulumi.Output[str]] = {network: made.addresses[network] for network in model.networks}
        if own:
            addresses["trunk"] = made.addresses["extra.trunk"]
        self.extra = {one: made.addresses[f"extra.{one}"] for one in model.extra_addresses}
        return addresses

    def _hcloud(
        self, name: str, model: HostModel, platform: Platform, around: Surroundings
    ) -> dict[str, pulumi.Output[str]]:
        settings = platform.hcloud
        firewall, internal = around.firewall.cloud_id, around.networks["internal"]
        assert settings is not None  # noqa: S101 - the model of hosts guarantees these three
        assert firewall is not None  # noqa: S101
        assert internal.cloud_id is not None  # noqa: S101
        inside = pulumi.ResourceOptions(parent=self)
        public, location = "public" in model.networks, model.location or settings.location
        joined = hcloud.ServerNetworkArgs(network_id=internal.cloud_id, ip=str(model.internal_address))
        server = hcloud.Server(
            name,
            name=f"{platform.stack}-{name}",
            server_type=model.machine_type or settings.machine_type,
            image=settings.image,
            location=location,
            ssh_keys=[around.ssh_key] if around.ssh_key is not None else [],
            firewall_ids=[firewall],
            public_nets=[hcloud.ServerPublicNetArgs(ipv4_enabled=public, ipv6_enabled=False)],
            networks=[joined] if "internal" in model.networks else [],
            user_data=None if public else way_out(platform),
            labels=labels(platform, model),
            # a machine can only join a network that has its subnet; a new image does not rebuild running machines
            opts=pulumi.ResourceOptions(parent=self, depends_on=[internal], ignore_changes=["image", "sshKeys"]),
        )
        addresses: dict[str, pulumi.Output[str]] = {}
        if public:
            addresses["public"] = server.ipv4_address
        if "internal" in model.networks:
            addresses["internal"] = pulumi.Output.from_input(str(model.internal_address))
        kinds = {"floating": model.floating_address, "trunk": model.trunk_address == "own"}
        for kind in (*(kind for kind, wanted in kinds.items() if wanted), *model.extra_addresses):
            floating = hcloud.FloatingIp(
                f"{name}-{kind}",
                name=f"{platform.stack}-{name}-{kind}",
                type="ipv4",
                home_location=location,
                labels=labels(platform, model),
                opts=inside,
            )
            hcloud.FloatingIpAssignment(
                f"{name}-{kind}",
                floating_ip_id=floating.id.apply(int),
                server_id=server.id.apply(int),
                opts=inside,
            )
            (self.extra if kind in model.extra_addresses else addresses)[kind] = floating.ip_address
        return addresses
