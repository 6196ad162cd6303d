"""What Ansible is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trunkline.model.inventory import inventory
from trunkline.paths import outputs_file

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_CACHE", str(tmp_path))
    monkeypatch.delenv("TRUNKLINE_STACK", raising=False)


def write_outputs(stack: str, **changes: object) -> None:
    outputs: dict[str, object] = {
        "stack": stack, "provider": "lab", "controllers": ["10.64.2.1/32"], "package_proxy": "http://10.64.0.1:3143",
        "jump_host": "", "networks": {"public": "10.64.2.0/24", "internal": "10.64.3.0/24"},
        "hosts": {
            "px1": {"public": "10.64.2.9", "internal": "10.64.3.9"},
            "mr1": {"public": "10.64.2.8", "internal": "10.64.3.8"},
        },
        **changes,
    }  # fmt: skip
    outputs_file(stack).parent.mkdir(parents=True)
    outputs_file(stack).write_text(json.dumps(outputs))


def test_without_machines_there_are_groups_but_no_hosts() -> None:
    found = inventory(ROOT / "inventories/lab")
    assert found.hosts == {}
    assert found.groups["data"] == []
    assert found.missing == ["db1", "px1", "as1", "as2", "mr1", "mr2", "ua1", "cr1"]
    assert found.variables["trunkline_stack"] == "lab"


def test_hosts_that_exist_are_described_completely() -> None:
    write_outputs("lab")
    found = inventory(ROOT / "inventories/lab")
    assert found.missing == ["db1", "as1", "as2", "mr2", "ua1", "cr1"]
    assert found.groups["proxy_users"] == found.groups["proxy_trunks"] == ["px1"]
    assert found.hosts["mr1"]["trunkline_relay"] == {"set": "default", "weight": 1, "state": "active"}
    assert found.hosts["px1"]["trunkline_trunk_ports"] == {"sip": 7060, "sips": 7061}
    assert found.hosts["px1"]["ansible_host"] == "10.64.3.9"
    assert "trunkline_relay" not in found.hosts["px1"]
    assert found.variables["trunkline_package_proxy"] == "http://10.64.0.1:3143"
    assert "StrictHostKeyChecking=yes" in found.variables["ansible_ssh_common_args"]


def test_a_changed_weight_needs_no_machine_work(tmp_path: Path) -> None:
    write_outputs("lab")
    own = tmp_path / "inventory"
    own.mkdir()
    text = (ROOT / "inventories/lab/platform.yml").read_text()
    (own / "platform.yml").write_text(
        text.replace(
            "mr1: {groups: [media_relays], relay: {weight: 1}}",
            "mr1: {groups: [media_relays], relay: {weight: 7, state: drained}}",
        )
    )
    assert inventory(own).hosts["mr1"]["trunkline_relay"] == {"set": "default", "weight": 7, "state": "drained"}


def test_internal_hosts_of_a_cloud_are_reached_over_the_jump_host() -> None:
    write_outputs(
        "production", provider="hcloud", jump_host="px1", package_proxy="",
        networks={"public": "", "internal": "10.20.0.0/24"},
        hosts={
            "db1": {"internal": "10.20.0.11"},
            "px1": {"public": "192.0.2.1", "internal": "10.20.0.21", "floating": "192.0.2.7", "trunk": "192.0.2.8"},
        },
    )  # fmt: skip
    found = inventory(ROOT / "inventories/production.example")
    assert found.hosts["px1"]["ansible_host"] == "192.0.2.1"
    assert found.hosts["db1"]["ansible_host"] == "10.20.0.11"
    assert found.hosts["db1"]["ansible_ssh_common_args"] == "-o ProxyJump=root@192.0.2.1"
    assert found.hosts["px1"]["trunkline_trunk_address"] == "192.0.2.8"
    assert found.hosts["px1"]["trunkline_trunk_ports"] == {"sip": 5060, "sips": 5061}
    assert "trunkline_package_proxy" not in found.variables
    assert found.hosts["px1"]["trunkline_masqueraded"] == ["10.20.0.0/24"]
    assert "trunkline_masqueraded" not in found.hosts["db1"]
