"""What ``platform.yml`` may say, and what follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from trunkline.errors import ConfigurationError
from trunkline.model.hosts import Host, Relay, load

ROOT = Path(__file__).parents[3]
INVENTORIES = sorted(path.parent for path in ROOT.glob("inventories/*/platform.yml"))
CLOUD = """\
platform: production
provider: hcloud
controllers: [203.0.113.10/32]
networks: {internal: 10.20.0.0/24}
hcloud: {location: fsn1, machine_type: cx33, domain: voice.example.net, ssh_public_key: ssh-ed25519 AAAA x}
hosts:
"""


def write(folder: Path, text: str) -> Path:
    (folder / "platform.yml").write_text(text)
    return folder


@pytest.mark.parametrize("inventory", INVENTORIES, ids=lambda path: path.name)
def test_every_inventory_is_accepted(inventory: Path) -> None:
    platform = load(inventory)
    assert platform.members("proxy_users")
    assert (inventory / "trunkline.yml").read_text().count("plugin: trunkline") == 1


def test_there_are_inventories() -> None:
    assert {path.name for path in INVENTORIES} >= {"lab", "single", "staging", "production.example"}


@pytest.mark.parametrize(
    ("groups", "networks"),
    [
        (["data"], ("internal",)),
        (["application_servers"], ("internal",)),
        (["monitoring"], ("internal",)),
        (["proxy_users"], ("public", "internal")),
        (["proxy_trunks"], ("public", "internal")),
        (["media_relays"], ("public", "internal")),
        (["data", "media_relays"], ("public", "internal")),
        (["phones"], ("public",)),
        (["phones", "data"], ("public", "internal")),
        (["carriers"], ("public",)),
    ],
)
def test_networks_follow_from_groups(groups: list[str], networks: tuple[str, ...]) -> None:
    assert Host.model_validate({"groups": groups}).networks == networks


def test_relays_have_defaults_and_others_have_none() -> None:
    assert Host(groups=("media_relays",)).media_relay == Relay(set="default", weight=1, state="active")
    assert Host(groups=("data",)).media_relay is None


def test_extra_addresses_are_for_carriers_and_the_trunks_proxy() -> None:
    assert Host.model_validate({"groups": ["carriers"], "extra_addresses": ["a", "b"]}).extra_addresses == ("a", "b")
    assert Host.model_validate({"groups": ["proxy_trunks"], "extra_addresses": ["a"]}).extra_addresses == ("a",)
    for wrong in (
        {"groups": ["data"], "extra_addresses": ["a"]},
        {"groups": ["carriers"], "extra_addresses": ["a"] * 2},
    ):
        with pytest.raises(ValueError, match="extra_addresses"):
            Host.model_validate(wrong)


@pytest.mark.parametrize(
    ("groups", "trunk_address", "shares"),
    [
        (["proxy_users", "proxy_trunks"], "shared", True),
        (["proxy_users", "proxy_trunks"], "own", False),
        (["proxy_trunks"], "shared", False),
        (["proxy_users"], "shared", False),
    ],
)
def test_proxies_share_an_address_only_on_one_host(groups: list[str], trunk_address: str, *, shares: bool) -> None:
    host = Host.model_validate({"groups": groups, "trunk_address": trunk_address})
    assert host.shares_address is shares


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("platform: lab\nprovider: lab\nhosts:\n  db1: {groups: [data], wieght: 1}\n", ":4:", "wieght"),
        ("platform: lab\nprovider: lab\nhosts:\n  db1: {groups: [database]}\n", ":4:", "groups"),
        ("platform: lab\nprovider: lab\nhosts:\n  db1: {groups: []}\n", ":4:", "groups"),
        ("platform: lab\nprovider: lab\nhosts:\n  db1: {groups: [data, data]}\n", ":4:", "listed twice"),
        (
            "platform: lab\nprovider: lab\nhosts:\n  db1: {groups: [data], relay: {weight: 1}}\n",
            ":4:",
            "`relay` is only",
        ),
        (
            "platform: lab\nprovider: lab\nhosts:\n  db1: {groups: [data], trunk_address: own}\n",
            ":4:",
            "`trunk_address`",
        ),
        (
            "platform: lab\nprovider: lab\nhosts:\n  mr1: {groups: [media_relays], relay: {weight: -1}}\n",
            ":4:",
            "weight",
        ),
        ("platform: lab\nprovider: lab\nhosts:\n  Mr_1: {groups: [media_relays]}\n", ":4:", "Mr_1"),
        ("platform: lab\nprovider: lab\nhosts:\n  data: {groups: [data]}\n", ":1:", "name of a group"),
        ("platform: Lab!\nprovider: lab\nhosts:\n  db1: {groups: [data]}\n", ":1:", "platform"),
        ("platform: lab\nprovider: aws\nhosts:\n  db1: {groups: [data]}\n", ":2:", "provider"),
        ("platform: lab\nprovider: lab\nhosts: {}\n", ":3:", "hosts"),
        ("platform: lab\nprovider: hcloud\nhosts:\n  db1: {groups: [data]}\n", "platform.yml", "`hcloud` goes with"),
        (CLOUD + "  db1: {groups: [data]}\n", "platform.yml", "has no `internal_address`"),
        (CLOUD + "  db1: {groups: [data], internal_address: 10.99.0.1}\n", "platform.yml", "has no `internal_address`"),
        (
            CLOUD + "".join(f"  {name}: {{groups: [data], internal_address: 10.20.0.5}}\n" for name in "ab"),
            "platform.yml",
            "given twice",
        ),
        (CLOUD.replace("203.0.113.10/32", "0.0.0.0/0") + "  a: {groups: [phones]}\n", "platform.yml", "whole world"),
        (CLOUD.replace("[203.0.113.10/32]", "[]") + "  a: {groups: [phones]}\n", "platform.yml", "nobody could log in"),
        (
            "platform: lab\nprovider: lab\nhosts:\n  db1: {groups: [data], internal_address: 10.64.2.2}\n",
            "platform.yml",
            "not for the lab",
        ),
        ("platform: lab\nprovider: lab\nhosts: [\n", "platform.yml", ""),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, place: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(write(tmp_path, text))
    assert place in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"platform\.yml"):
        load(tmp_path)


def test_the_environment_may_rename_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = load(ROOT / "inventories/lab")
    monkeypatch.delenv("TRUNKLINE_STACK", raising=False)
    assert platform.stack == "lab"
    monkeypatch.setenv("TRUNKLINE_STACK", "ci-7")
    assert platform.stack == "ci-7"


def test_the_jump_host_is_the_first_with_both_networks(tmp_path: Path) -> None:
    hosts = "  db1: {groups: [data], internal_address: 10.20.0.5}\n"
    hosts += "  mr1: {groups: [media_relays], internal_address: 10.20.0.6}\n"
    assert load(write(tmp_path, CLOUD + hosts)).jump_host == "mr1"
    assert load(ROOT / "inventories/lab").jump_host == ""
