"""The lab's stack, as the program declares it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pulumi.output import Unknown

from tests.pulumi.conftest import ROOT, Recorder
from trunkline.model.hosts import load

Run = Callable[..., Recorder]


@pytest.mark.parametrize("inventory", ["lab", "single", "staging"])
def test_hosts_stand_in_the_networks_of_their_groups(run: Run, inventory: str) -> None:
    made = run(inventory)
    ranges = {
        each.name: f"10.80.{number}.0/24"
        for number, each in enumerate(made.declared, 1)
        if each.type == "trunkline:lab:Network"
    }
    declared = {each.name: dict(each.inputs) for each in made.declared if each.type == "trunkline:lab:Host"}
    assert declared == {
        name: {
            "stack": inventory,
            "name": name,
            "networks": {network: ranges[network] for network in host.networks},
            "package_proxy": "http://10.64.0.1:3143",
            **({"extra": [*host.extra_addresses]} if host.extra_addresses else {}),
        }
        for name, host in load(ROOT / "inventories" / inventory).hosts.items()
    }


def test_networks_and_cache(run: Run) -> None:
    made = run("lab")
    networks = [dict(each.inputs) for each in made.declared if each.type == "trunkline:lab:Network"]
    assert sorted(networks, key=lambda each: each["name"]) == [
        {"stack": "lab", "name": "internal", "cidr": ""},
        {"stack": "lab", "name": "public", "cidr": ""},
    ]
    assert made.of("PackageCache") == {"package-cache": {"stack": "lab"}}


def test_outputs_are_what_the_inventory_reads(run: Run) -> None:
    value = run("lab").outputs
    extra = {"second": "10.80.2.10"}
    assert value["hosts"]["px1"] == {"public": "10.80.2.9", "internal": "10.80.3.9", "extra": extra}
    assert set(value["hosts"]["ua1"]) == {"public"}
    assert set(value["hosts"]["db1"]) == {"internal"}
    assert all(address.endswith(".1/32") for address in value["controllers"])
    assert len(value["controllers"]) == 2
    assert value["package_proxy"] == "http://10.64.0.1:3143"
    assert value["jump_host"] == ""


def test_no_cloud_is_touched(run: Run) -> None:
    assert not [each for each in run("lab").declared if each.type.startswith("hcloud:")]


def test_a_preview_declares_the_same_while_addresses_are_unknown(run: Run) -> None:
    made, previewed = run("lab"), run("lab", preview=True)
    assert sorted((each.type, each.name) for each in previewed.declared) == sorted(
        (each.type, each.name) for each in made.declared
    )
    hosts = [each.inputs for each in previewed.declared if each.type == "trunkline:lab:Host"]
    assert all(isinstance(host["package_proxy"], Unknown) for host in hosts)
    assert previewed.outputs == {}
