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
