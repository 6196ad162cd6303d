"""A network of a platform, from whichever provider the platform is."""

from __future__ import annotations

import pulumi
import pulumi_hcloud as hcloud

from trunkline.cloud.lab_resources import LabNetwork
from trunkline.cloud.labels import labels
from trunkline.model.hosts import NetworkName, Platform


class Network(pulumi.ComponentResource):
    """The public or the internal network.

    A cloud's public network is the internet: there is nothing to make, and ``cidr`` is empty.

    Attributes:
        cidr: Its range.
        gateway: The lab's address in it; empty in a cloud.
        cloud_id: The cloud's number of the network; None where none was made.
    """

    def __init__(self, name: NetworkName, platform: Platform, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("trunkline:cloud:Network", name, None, opts)
        self.cidr: pulumi.Output[str] = pulumi.Output.from_input("")
        self.gateway: pulumi.Output[str] = pulumi.Output.from_input("")
        self.cloud_id: pulumi.Output[int] | None = None
        inside = pulumi.ResourceOptions(parent=self)
        if platform.provider == "lab":
            wanted = getattr(platform.networks, name)
            made = LabNetwork(name, platform.stack, str(wanted or ""), inside)
            self.cidr, self.gateway = made.cidr, made.gateway
        elif name == "internal" and platform.hcloud is not None:
            wanted = str(platform.networks.internal)
            outer = hcloud.Network(
                name, name=f"{platform.stack}-{name}", ip_range=wanted, labels=labels(platform), opts=inside
            )
            self.cloud_id = outer.id.apply(int)
            subnet = hcloud.NetworkSubnet(
                name, network_id=self.cloud_id, type="cloud", network_zone=platform.hcloud.network_zone,
                ip_range=wanted, opts=inside,
            )  # fmt: skip
            self.cidr = subnet.ip_range
        self.register_outputs({"cidr": self.cidr, "gateway": self.gateway})
