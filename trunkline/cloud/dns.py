"""Names of a platform's hosts and services, where the provider also serves DNS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_hcloud as hcloud

from trunkline.cloud.host import Host
from trunkline.cloud.labels import labels
from trunkline.model import ports
from trunkline.model.hosts import Platform

TTL_SECONDS = 300
# service -> port of the users proxy (RFC 3263 section 4)
_SERVICES = {"_sip._udp": ports.USERS_SIP, "_sip._tcp": ports.USERS_SIP, "_sips._tcp": ports.USERS_SIPS}


class Names(pulumi.ComponentResource):
    """The zone of a platform: ``<host>``, ``sip`` (users), ``trunks``, and SRV records of the users proxies."""

    def __init__(
        self, name: str, platform: Platform, hosts: Mapping[str, Host], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("trunkline:cloud:Names", name, None, opts)
        assert platform.hcloud is not None  # noqa: S101 - made for clouds only
        domain = platform.hcloud.domain
        zone = hcloud.Zone(
            name, name=domain, mode="primary", ttl=TTL_SECONDS, labels=labels(platform),
            opts=pulumi.ResourceOptions(parent=self),
        )  # fmt: skip

        def record(label: str, kind: str, values: Sequence[pulumi.Input[str]]) -> None:
            hcloud.ZoneRrset(
                f"{label}-{kind.lower()}", zone=zone.name, name=label, type=kind, ttl=TTL_SECONDS,
                records=[hcloud.ZoneRrsetRecordArgs(value=value) for value in values],
                opts=pulumi.ResourceOptions(parent=self),
            )  # fmt: skip

        def address(host: str, *kinds: str) -> pulumi.Output[str]:
            return next(hosts[host].addresses[kind] for kind in kinds if kind in hosts[host].addresses)

        for host, model in platform.hosts.items():
            if "public" in model.networks:
                record(host, "A", [address(host, "floating", "public")])
        users, trunks = platform.members("proxy_users"), platform.members("proxy_trunks")
        if users:
            record("sip", "A", [address(host, "floating", "public") for host in users])
            for service, port in _SERVICES.items():
                record(service, "SRV", [f"10 10 {port} {host}.{domain}." for host in users])
        if trunks:
            record("trunks", "A", [address(host, "trunk", "floating", "public") for host in trunks])
        self.register_outputs({"domain": domain})
