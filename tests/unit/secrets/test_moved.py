"""Passwords stay with clients that got another name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trunkline.secrets import Secrets

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Secrets:
    """Give the secrets of an empty stack."""
    monkeypatch.setenv("TRUNKLINE_CACHE", str(tmp_path))
    return Secrets.open(tmp_path / "stacks" / "paper")


def _password(secrets: Secrets, client: str, name: str = "alice") -> str:
    """Return a password, as the compiler and as a person get it."""
    full = f"terminal/{client}/{name}"
    assert secrets.passwords()[full] == secrets.get(full)
    return secrets.get(full)


def test_a_renamed_client_keeps_its_passwords(secrets: Secrets) -> None:
    before = _password(secrets, "atlas/acme")
    secrets.rotate(["terminal/atlas/acme/bob"])
    rotated = _password(secrets, "atlas/acme", "bob")
    generation = secrets.passwords().generation("atlas", "acme-rentals")
    for _ in range(2):
        secrets.follow({"atlas/acme-rentals": "atlas/acme"}, lambda: {"atlas/acme-rentals"})
    assert _password(secrets, "atlas/acme-rentals") == before
    assert _password(secrets, "atlas/acme-rentals", "bob") == rotated
    assert secrets.passwords().generation("atlas", "acme-rentals") != generation
    # Also when the line is taken out of the file, and after another rename.
    secrets.follow({}, lambda: {"atlas/acme-rentals"})
    assert _password(secrets, "atlas/acme-rentals") == before
    secrets.follow({"boreas/rentals": "atlas/acme-rentals"}, lambda: {"boreas/rentals"})
    assert _password(secrets, "boreas/rentals") == before
    assert _password(secrets, "boreas/rentals", "bob") == rotated
    assert not any(name.startswith("moved") for name in secrets.names())


def test_a_new_client_of_the_old_name_gets_passwords_of_its_own(secrets: Secrets) -> None:
    before = _password(secrets, "atlas/acme")
    secrets.follow({"atlas/acme-rentals": "atlas/acme"}, lambda: {"atlas/acme-rentals"})
    secrets.follow({"atlas/acme-rentals": "atlas/acme"}, lambda: {"atlas/acme-rentals", "atlas/acme"})
    assert _password(secrets, "atlas/acme-rentals") == before
    assert _password(secrets, "atlas/acme") != before


@pytest.mark.parametrize("moved", [{}, {"atlas/acme": "atlas/acme-rentals"}])
def test_a_rename_that_is_taken_back_leaves_everything_as_it_was(secrets: Secrets, moved: dict[str, str]) -> None:
    secrets.rotate(["terminal/atlas/acme/bob"])
    before, rotated = _password(secrets, "atlas/acme"), _password(secrets, "atlas/acme", "bob")
    secrets.follow({"atlas/acme-rentals": "atlas/acme"}, lambda: {"atlas/acme-rentals"})
    secrets.follow(moved, lambda: {"atlas/acme"})
    assert (_password(secrets, "atlas/acme"), _password(secrets, "atlas/acme", "bob")) == (before, rotated)
    assert sorted(secrets.names()) == ["terminal/atlas/acme/bob", "terminal_root_key"]


def test_rotating_everything_rotates_those_of_renamed_clients_too(secrets: Secrets) -> None:
    secrets.follow({"atlas/acme-rentals": "atlas/acme"}, lambda: {"atlas/acme-rentals"})
    before = _password(secrets, "atlas/acme-rentals")
    secrets.rotate()
    assert _password(secrets, "atlas/acme-rentals") != before


def test_what_carriers_and_providers_made_goes_along_with_a_brand_and_with_them(secrets: Secrets) -> None:
    made = {"carrier/atlas/bestel/main": "a", "provider/atlas/numbers": "b", "registration/atlas/numbers/main": "c"}
    for name, value in made.items():
        secrets.set(name, value)
    computed = secrets.get("provider/atlas/others")
    generation = secrets.passwords().generation_of_brand("telecom")
    owners = ("carriers/onda", "ddi_providers/numbers", "ddi_providers/others")
    moved = {f"telecom/{owner}": f"atlas/{owner.replace('onda', 'bestel')}" for owner in owners}
    for _ in range(2):
        secrets.follow(moved, moved.keys)
    after = {
        "carrier/telecom/onda/main": "a",
        "provider/telecom/numbers": "b",
        "registration/telecom/numbers/main": "c",
    }
    assert {name: secrets.passwords()[name] for name in after} == after
    assert secrets.get("provider/telecom/others") == computed
    assert secrets.passwords().generation_of_brand("telecom") != generation
    assert not set(made) & set(secrets.names())
    secrets.follow({}, lambda: ["atlas/carriers/bestel", "atlas/ddi_providers/numbers", "atlas/ddi_providers/others"])
    assert {name: secrets.passwords()[name] for name in made} == made  # taken back
    assert secrets.get("provider/atlas/others") == computed


def test_a_client_and_a_carrier_of_one_name_are_two(secrets: Secrets) -> None:
    secrets.set("carrier/atlas/acme/main", "a")
    secrets.follow({"atlas/rentals": "atlas/acme"}, lambda: ["atlas/rentals", "atlas/carriers/acme"])
    assert secrets.get("carrier/atlas/acme/main") == "a"


def test_nothing_is_forgotten_while_a_brand_cannot_be_read(secrets: Secrets) -> None:
    secrets.set("carrier/atlas/bestel/main", "a")
    secrets.follow({"atlas/carriers/onda": "atlas/carriers/bestel"}, lambda: ["atlas/carriers/onda"])
    secrets.follow({}, lambda: None)
    assert secrets.get("carrier/atlas/onda/main") == "a"
