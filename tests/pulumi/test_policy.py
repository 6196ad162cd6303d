"""The policies: what every stack keeps to, and that each of them notices a violation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.pulumi.conftest import ROOT, Recorder
from trunkline.cloud import policy
from trunkline.cloud.policy import FIREWALL, SERVER, Declared
from trunkline.model.hosts import load

INVENTORIES = sorted(path.parent.name for path in ROOT.glob("inventories/*/platform.yml"))
ALL_IN_ONE = """\
platform: small
provider: hcloud
controllers: [203.0.113.10/32]
networks: {internal: 10.20.0.0/24}
hcloud: {location: fsn1, machine_type: cx33, domain: voice.example.net, ssh_public_key: ssh-ed25519 AAAA x}
hosts:
  all1:
    groups: [data, proxy_users, proxy_trunks, application_servers, media_relays, monitoring, portals]
    internal_address: 10.20.0.11
  ua1: {groups: [phones]}
"""


def violations(made: Recorder, inventory: Path) -> list[str]:
    internal = [name for name, host in load(inventory).hosts.items() if host.networks == ("internal",)]
    return [
        *policy.world_open_control_ports(made.declared),
        *policy.machines_without_firewall(made.declared),
        *policy.public_addresses_without_need(made.declared, internal),
    ]


@pytest.mark.parametrize("inventory", INVENTORIES)
def test_every_inventory_keeps_to_the_policies(run: Callable[..., Recorder], inventory: str) -> None:
    assert violations(run(inventory), ROOT / "inventories" / inventory) == []


def test_all_functions_on_one_machine_keep_to_the_policies(run: Callable[..., Recorder], tmp_path: Path) -> None:
    (tmp_path / "platform.yml").write_text(ALL_IN_ONE)
    assert violations(run(tmp_path), tmp_path) == []


def firewall(protocol: str, port: str | None, *sources: str, direction: str = "in", group: str = "") -> Declared:
    rule = {"direction": direction, "protocol": protocol, "port": port, "sourceIps": list(sources)}
    return Declared(FIREWALL, "fw", {"rules": [rule], "labels": {f"trunkline-group-{group}": "yes"} if group else {}})


@pytest.mark.parametrize(
    ("resource", "noticed"),
    [
        (firewall("tcp", "22", "0.0.0.0/0"), True),
        (firewall("tcp", "22", "::/0"), True),
        (firewall("tcp", "22", "203.0.113.0/24"), False),
        (firewall("tcp", "20-25", "0.0.0.0/0"), True),
        (firewall("tcp", "any", "0.0.0.0/0"), True),
        (firewall("tcp", None, "0.0.0.0/0"), True),
        (firewall("udp", "22", "0.0.0.0/0"), False),
        (firewall("udp", "2223", "198.51.100.0/24", "0.0.0.0/0"), True),
        (firewall("udp", "6060", "0.0.0.0/0"), True),
        (firewall("tcp", "5432", "0.0.0.0/0"), True),
        (firewall("udp", "5060", "0.0.0.0/0"), False),
        (firewall("tcp", "22", "0.0.0.0/0", direction="out"), False),
        (firewall("tcp", "5432", "0.0.0.0/0", group="media-relays"), False),
        (firewall("tcp", "5432", "0.0.0.0/0", group="data"), True),
        (firewall("tcp", "22", "0.0.0.0/0", group="media-relays"), True),
    ],
)
def test_an_open_control_port_is_noticed(resource: Declared, *, noticed: bool) -> None:
    assert bool(policy.world_open_control_ports([resource])) is noticed


@pytest.mark.parametrize(("firewalls", "noticed"), [([], True), (None, True), ([7], False)])
def test_a_machine_without_firewall_is_noticed(firewalls: Any, *, noticed: bool) -> None:
    server = Declared(SERVER, "db1", {"firewallIds": firewalls})
    assert bool(policy.machines_without_firewall([server])) is noticed


@pytest.mark.parametrize(
    ("net", "noticed"),
    [
        ({"ipv4Enabled": True, "ipv6Enabled": False}, True),
        ({"ipv4Enabled": False, "ipv6Enabled": True}, True),
        ({}, True),
        ({"ipv4Enabled": False, "ipv6Enabled": False}, False),
    ],
)
def test_a_public_address_without_need_is_noticed(net: dict[str, bool], *, noticed: bool) -> None:
    server = Declared(SERVER, "db1", {"publicNets": [net]})
    assert bool(policy.public_addresses_without_need([server], ["db1"])) is noticed
    assert policy.public_addresses_without_need([server], ["px1"]) == []
