"""The stack of Hetzner Cloud: every input of every resource."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pulumi.output import Unknown

from tests.pulumi.conftest import ROOT, Recorder
from trunkline.model.hosts import load

Run = Callable[..., Recorder]
OURS = {"managed-by": "trunkline", "trunkline-stack": "production", "owner": "voice"}
INVENTORY = "production.example"
WAY_OUT = "#cloud-config\nbootcmd:\n  - [ip, route, replace, default, via, 10.20.0.1]\n"
HOSTS = {"db1", "px1", "px2", "as1", "as2", "mr1", "mr2"}


def test_the_key(run: Run) -> None:
    key = load(ROOT / "inventories" / INVENTORY).hcloud
    assert key
    assert run(INVENTORY).of("SshKey") == {
        "deploy": {"name": "production-deploy", "publicKey": key.ssh_public_key, "labels": OURS}
    }


def test_the_internal_network(run: Run) -> None:
    made = run(INVENTORY)
    declared = [each for each in made.declared if each.type == "hcloud:index/network:Network"]
    assert [dict(each.inputs) for each in declared] == [
        {"name": "production-internal", "ipRange": "10.20.0.0/24", "labels": OURS}
    ]
    number = made.declared.index(declared[0]) + 1
    assert made.of("NetworkSubnet") == {
        "internal": {"networkId": number, "type": "cloud", "networkZone": "eu-central", "ipRange": "10.20.0.0/24"}
    }
    assert made.of("NetworkRoute") == {
        "way-out": {"networkId": number, "destination": "0.0.0.0/0", "gateway": "10.20.0.21"}
    }


def test_machines(run: Run) -> None:
    made = run(INVENTORY)
    servers = made.of("Server")
    assert set(servers) == HOSTS
    firewalls = {
        each.name: number
        for number, each in enumerate(made.declared, 1)
        if each.type == "hcloud:index/firewall:Firewall"
    }
    network = made.of("NetworkSubnet")["internal"]["networkId"]
    key = next(str(number) for number, each in enumerate(made.declared, 1) if each.type == "hcloud:index/sshKey:SshKey")
    places = {
        "db1": ("ccx23", "fsn1", False, "10.20.0.11"),
        "px1": ("cx33", "fsn1", True, "10.20.0.21"),
        "px2": ("cx33", "nbg1", True, "10.20.0.22"),
        "as1": ("ccx13", "fsn1", False, "10.20.0.31"),
        "as2": ("ccx13", "nbg1", False, "10.20.0.32"),
        "mr1": ("cx33", "fsn1", True, "10.20.0.41"),
        "mr2": ("cx33", "nbg1", True, "10.20.0.42"),
    }
    platform = load(ROOT / "inventories" / INVENTORY)
    for name, (size, location, public, address) in places.items():
        groups = {f"trunkline-group-{group.replace('_', '-')}": "yes" for group in platform.hosts[name].groups}
        way_out: dict[str, object] = {} if public else {"userData": WAY_OUT}
        assert servers[name] == {
            "name": f"production-{name}",
            "serverType": size,
            "image": "debian-13",
            "location": location,
            "sshKeys": [key],
            "firewallIds": [firewalls[name]],
            "publicNets": [{"ipv4Enabled": public, "ipv6Enabled": False}],
            "networks": [{"networkId": network, "ip": address}],
            "labels": {**OURS, **groups},
            **way_out,
        }


def test_firewalls_let_in_what_the_port_table_says(run: Run) -> None:
    made = {name: inputs for name, inputs in run(INVENTORY).of("Firewall").items() if inputs}
    world, controllers = ["0.0.0.0/0", "::/0"], ["203.0.113.10/32"]

    def rule(name: str, protocol: str, port: str, sources: list[str]) -> dict[str, object]:
        described = {"direction": "in", "description": name}
        return {**described, "protocol": protocol, "port": port, "sourceIps": sources}

    ssh = rule("ssh", "tcp", "22", controllers)
    users = [rule("users-sip", "udp", "5060", world)]
    users += [rule("users-sip-tcp", "tcp", port, world) for port in ("5060", "5061", "10080", "10081")]
    trunks = [rule("trunks-sip", "udp", "5060", world)]
    trunks += [rule("trunks-sip-tcp", "tcp", port, world) for port in ("5060", "5061")]
    media = [rule("relay-media", "udp", "13000-19000", world)]
    assert {name: inputs["rules"] for name, inputs in made.items()} == {
        "db1": [ssh, rule("postgresql", "tcp", "5432", controllers)],
        "px1": [ssh, *users, *trunks],
        "px2": [ssh, *users],
        "as1": [ssh],
        "as2": [ssh],
        "mr1": [ssh, *media],
        "mr2": [ssh, *media],
    }
    assert {inputs["name"] for inputs in made.values()} == {f"production-{name}" for name in HOSTS}


def test_floating_addresses(run: Run) -> None:
    made = run(INVENTORY)
    groups = {"trunkline-group-proxy-users": "yes", "trunkline-group-proxy-trunks": "yes"}
    common = {"type": "ipv4", "homeLocation": "fsn1", "labels": {**OURS, **groups}}
    assert made.of("FloatingIp") == {
        "px1-floating": {"name": "production-px1-floating", **common},
        "px1-trunk": {"name": "production-px1-trunk", **common},
    }
    ids = {(each.type.rpartition(":")[2], each.name): number for number, each in enumerate(made.declared, 1)}
    server = next(number for (kind, name), number in ids.items() if (kind, name) == ("Server", "px1"))
    assert made.of("FloatingIpAssignment") == {
        name: {"floatingIpId": ids["FloatingIp", name], "serverId": server} for name in ("px1-floating", "px1-trunk")
    }


def test_names(run: Run) -> None:
    made = run(INVENTORY)
    assert made.of("Zone") == {"names": {"name": "voice.example.net", "mode": "primary", "ttl": 300, "labels": OURS}}
    value = made.outputs["hosts"]
    users = [{"value": value["px1"]["floating"]}, {"value": value["px2"]["public"]}]
    records = {
        ("px1", "A"): users[:1],
        ("px2", "A"): users[1:],
        ("mr1", "A"): [{"value": value["mr1"]["public"]}],
        ("mr2", "A"): [{"value": value["mr2"]["public"]}],
        ("sip", "A"): users,
        ("trunks", "A"): [{"value": value["px1"]["trunk"]}],
    }
    for service, port in (("_sip._udp", 5060), ("_sip._tcp", 5060), ("_sips._tcp", 5061)):
        targets = ("px1", "px2")
        records[service, "SRV"] = [{"value": f"10 10 {port} {host}.voice.example.net."} for host in targets]
    assert made.of("ZoneRrset") == {
        f"{name}-{kind.lower()}": {
            "zone": "voice.example.net", "name": name, "type": kind, "ttl": 300, "records": values,
        }
        for (name, kind), values in records.items()
    }  # fmt: skip


def test_nothing_else_is_declared(run: Run) -> None:
    kinds = {each.type for each in run(INVENTORY).declared if each.type.startswith("hcloud:")}
    assert {kind.rpartition(":")[2] for kind in kinds} == {
        "SshKey", "Network", "NetworkSubnet", "NetworkRoute", "Server", "Firewall", "FloatingIp",
        "FloatingIpAssignment", "Zone", "ZoneRrset",
    }  # fmt: skip


def test_outputs_are_what_the_inventory_reads(run: Run) -> None:
    value = run(INVENTORY).outputs
    assert value["stack"] == "production"
    assert value["jump_host"] == "px1"
    assert value["controllers"] == ["203.0.113.10/32"]
    assert value["networks"] == {"public": "", "internal": "10.20.0.0/24"}
    assert value["hosts"]["db1"] == {"internal": "10.20.0.11"}
    assert set(value["hosts"]["px1"]) == {"public", "internal", "floating", "trunk"}
    assert set(value["hosts"]["mr1"]) == {"public", "internal"}


def test_a_preview_declares_the_same_while_numbers_are_unknown(run: Run) -> None:
    made, previewed = run(INVENTORY), run(INVENTORY, preview=True)
    assert sorted((each.type, each.name) for each in previewed.declared) == sorted(
        (each.type, each.name) for each in made.declared
    )
    server = previewed.of("Server")["px1"]
    assert isinstance(server["firewallIds"][0], Unknown)
    assert isinstance(server["sshKeys"][0], Unknown)
    assert isinstance(server["networks"][0]["networkId"], Unknown)
    assert server["networks"][0]["ip"] == "10.20.0.21"
    assignment = previewed.of("FloatingIpAssignment")["px1-trunk"]
    assert isinstance(assignment["floatingIpId"], Unknown)
    assert isinstance(assignment["serverId"], Unknown)
    assert isinstance(previewed.of("ZoneRrset")["px1-a"]["records"][0]["value"], Unknown)
    assert previewed.of("ZoneRrset")["_sip._udp-srv"] == made.of("ZoneRrset")["_sip._udp-srv"]
    assert previewed.outputs == {}  # not one of the addresses is known


def test_a_host_without_floating_addresses_has_none(run: Run, tmp_path: Path) -> None:
    text = (ROOT / "inventories" / INVENTORY / "platform.yml").read_text()
    (tmp_path / "platform.yml").write_text(
        text.replace("floating_address: true", "floating_address: false").replace("    trunk_address: own\n", "")
    )
    made = run(tmp_path)
    assert made.of("FloatingIp") == made.of("FloatingIpAssignment") == {}
    rules = made.of("Firewall")
    assert {"7060", "7061"} <= {rule["port"] for rule in rules["px1"]["rules"]}


@pytest.mark.parametrize("label", ["trunkline-stack", "managed-by"])
def test_every_object_that_can_carries_our_labels(run: Run, label: str) -> None:
    bare = {"NetworkSubnet", "NetworkRoute", "FloatingIpAssignment", "ZoneRrset"}  # the cloud has no labels for these
    for each in run(INVENTORY).declared:
        if each.type.startswith("hcloud:") and each.type.rpartition(":")[2] not in bare:
            assert label in each.inputs["labels"], each.name
