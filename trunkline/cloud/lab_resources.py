"""The lab provider's resources as Pulumi programs see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi


class LabNetwork(pulumi.CustomResource):
    """A network on this machine: bridge, gateway, way out."""

    cidr: pulumi.Output[str]
    gateway: pulumi.Output[str]
    bridge: pulumi.Output[str]

    def __init__(self, name: str, stack: str, cidr: str, opts: pulumi.ResourceOptions) -> None:
        outputs = {"bridge": None, "gateway": None, "health": None}
        super().__init__("trunkline:lab:Network", name, {"stack": stack, "name": name, "cidr": cidr, **outputs}, opts)


class LabHost(pulumi.CustomResource):
    """A Debian host on this machine."""

    addresses: pulumi.Output[dict[str, str]]

    def __init__(
        self,
        name: str,
        stack: str,
        networks: Mapping[str, pulumi.Input[str]],
        package_proxy: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
        *,
        extra: Sequence[str] = (),
    ) -> None:
        inputs: dict[str, Any] = {"stack": stack, "name": name, "networks": networks, "package_proxy": package_proxy}
        if extra:
            inputs["extra"] = list(extra)
        super().__init__("trunkline:lab:Host", name, {**inputs, "addresses": None, "health": None}, opts)


class LabPackageCache(pulumi.CustomResource):
    """The stack's use of the machine's package cache."""

    url: pulumi.Output[str]

    def __init__(self, name: str, stack: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("trunkline:lab:PackageCache", name, {"stack": stack, "url": None, "health": None}, opts)
