"""Accounts and addresses from an inventory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trunkline.errors import ConfigurationError, PlatformError
from trunkline.paths import authority_certificate
from trunkline.phone.directory import Directory

LAB = Path(__file__).parents[3] / "inventories" / "lab"
OUTPUTS = {
    "stack": "test",
    "provider": "lab",
    "networks": {"public": "192.0.2.0/24", "internal": "198.51.100.0/24"},
    "hosts": {"px1": {"public": "192.0.2.10", "internal": "198.51.100.10"}, "mr1": {"public": "192.0.2.20"}},
    "controllers": [],
}


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Directory:
    """The directory of the lab's tenants, on a platform that exists on paper only."""
    monkeypatch.setenv("TRUNKLINE_CACHE", str(tmp_path))
    monkeypatch.setenv("TRUNKLINE_STACK", "test")
    (tmp_path / "stacks" / "test").mkdir(parents=True)
    (tmp_path / "stacks" / "test" / "outputs.json").write_text(json.dumps(OUTPUTS))
    return Directory(LAB)


@pytest.mark.parametrize("name", ["alice@acme", "101@acme", "alice@acme.atlas.example", "180@acme"])
def test_a_person_has_several_names(directory: Directory, name: str) -> None:
    person = directory.person(name)
    assert (person.client.name, person.user, person.terminal) == ("acme", "alice", "alice")


def test_a_terminal_of_another_name(directory: Directory) -> None:
    assert directory.person("100@acme").terminal == "front-desk"
    assert directory.person("front-desk", directory.client("acme")).user == "reception"


def test_a_phone_has_what_it_needs(directory: Directory) -> None:
    phone = directory.phone("alice@globex", "wss")
    assert phone.account.domain == "globex.atlas.example"
    assert len(phone.account.password) >= 16
    assert phone.proxy == ("192.0.2.10", 10081)
    assert phone.tls is not None
    assert phone.tls.ca_file == authority_certificate("test")
    assert directory.phone("alice@acme").account.password != phone.account.password
    assert phone.account.password not in repr(phone)


def test_addresses_have_names(directory: Directory) -> None:
    assert [directory.name_of(address) for address in ("192.0.2.20", "198.51.100.10", "203.0.113.1")] == [
        "mr1",
        "px1",
        "203.0.113.1",
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("alice@nobody", "no client 'nobody'"),
        ("alice@amce", "did you mean acme"),
        ("zoe@acme", "no user, terminal or extension 'zoe'"),
        ("alicia@acme", "did you mean alice"),
        ("alice", "names no client"),
    ],
)
def test_who_is_not_there_is_named(directory: Directory, name: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        directory.person(name)


def test_a_platform_that_is_not_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_CACHE", str(tmp_path))
    with pytest.raises(PlatformError, match="is not up"):
        Directory(LAB)
