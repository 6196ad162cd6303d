"""Secrets: first use, files, several processes, rotation."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.errors import ConfigurationError, PlatformError
from trunkline.secrets import Secrets, _generate


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a stack in a cache of its own."""
    monkeypatch.setenv("TRUNKLINE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "stacks" / "unit"


def test_a_secret_is_made_at_first_use_and_kept(stack: Path) -> None:
    first = Secrets.open(stack).get("postgresql_trunkline_proxy_password")
    assert len(first) == 32
    assert Secrets.open(stack).get("postgresql_trunkline_proxy_password") == first


def test_nothing_is_written_before_the_first_secret(stack: Path) -> None:
    secrets = Secrets.open(stack)
    assert secrets.names() == []
    assert not secrets.path.exists()


def test_the_file_is_encrypted_and_closed_to_others(stack: Path) -> None:
    secrets = Secrets.open(stack)
    value = secrets.get("some_password")
    data = secrets.path.read_bytes()
    assert data.startswith(b"$ANSIBLE_VAULT;")
    assert value.encode() not in data
    assert secrets.path.stat().st_mode & 0o777 == 0o600
    key = stack.parent.parent / "vault-password"
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_terminal_password_is_computed_not_stored(stack: Path) -> None:
    secrets = Secrets.open(stack)
    alice = secrets.get("terminal/atlas/acme/alice")
    assert alice != secrets.get("terminal/atlas/globex/alice")
    assert Secrets.open(stack).get("terminal/atlas/acme/alice") == alice
    assert secrets.names() == [_generate.ROOT_KEY]


def test_ten_thousand_terminals_take_less_than_two_seconds(stack: Path) -> None:
    names = [f"terminal/atlas/client{n // 100}/phone{n}" for n in range(10_000)]
    start = time.monotonic()
    values = Secrets.open(stack).get_many(names)
    assert time.monotonic() - start < 2
    assert len(set(values.values())) == len(names)


def test_rotation_of_one_leaves_the_others(stack: Path) -> None:
    secrets = Secrets.open(stack)
    before = secrets.get_many(["one", "two", "terminal/a/b/c", "terminal/a/b/d"])
    assert secrets.rotate(["one", "terminal/a/b/c"]) == ["one", "terminal/a/b/c"]
    after = Secrets.open(stack).get_many(before)
    assert {name for name in before if before[name] != after[name]} == {"one", "terminal/a/b/c"}


def test_rotation_of_everything_includes_what_is_computed(stack: Path) -> None:
    secrets = Secrets.open(stack)
    before = secrets.get_many(["one", "terminal/a/b/c"])
    assert secrets.rotate() == ["one", _generate.ROOT_KEY]
    after = Secrets.open(stack).get_many(before)
    assert all(before[name] != after[name] for name in before)


def test_rotation_of_an_unknown_secret_changes_nothing(stack: Path) -> None:
    secrets = Secrets.open(stack)
    one = secrets.get("one")
    with pytest.raises(ConfigurationError, match="there is no secret two"):
        secrets.rotate(["one", "two"])
    assert secrets.get("one") == one


@pytest.mark.parametrize("name", ["", "Upper", "with space", "a//b", "../x", "a/", "1a"])
def test_names_that_are_refused(stack: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="not a name"):
        Secrets.open(stack).get(name)


def test_another_key_is_named_as_the_reason(stack: Path) -> None:
    Secrets.open(stack).get("one")
    (stack.parent.parent / "vault-password").write_text("another")
    with pytest.raises(PlatformError, match="cannot be decrypted") as caught:
        Secrets.open(stack).get("one")
    assert "vault-password" in caught.value.remedy


def test_an_open_object_sees_what_another_wrote(stack: Path) -> None:
    reader, writer = Secrets.open(stack), Secrets.open(stack)
    old = reader.get("one")
    writer.rotate(["one"])
    assert reader.get("one") != old


def _get(arguments: tuple[Path, str]) -> str:
    stack, name = arguments
    return Secrets.open(stack).get(name)


def test_first_uses_at_the_same_time_lose_nothing(stack: Path) -> None:
    names = [f"secret_{n % 8}" for n in range(32)]
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        values = pool.map(_get, [(stack, name) for name in names])
    assert len(set(values)) == 8
    assert Secrets.open(stack).get_many(names) == dict(zip(names, values, strict=True))


@given(st.text(min_size=1, max_size=40))
def test_a_derived_secret_depends_on_key_and_name(name: str) -> None:
    value = _generate.derived_secret("key", name)
    assert len(value) == 20
    assert set(value) <= set(_generate.ALPHABET)
    assert value == _generate.derived_secret("key", name)
    assert value != _generate.derived_secret("other", name)
    assert value != _generate.derived_secret("key", name + "x")


def test_passwords_without_the_file_are_those_of_the_file(stack: Path) -> None:
    secrets = Secrets.open(stack)
    alice, bob, carol = (f"terminal/atlas/{name}" for name in ("acme/alice", "acme/bob", "globex/carol"))
    secrets.rotate([bob])
    passwords = secrets.passwords()
    assert {name: passwords[name] for name in (alice, bob, carol)} == secrets.get_many([alice, bob, carol])


def test_the_generation_of_passwords_changes_with_those_of_the_client(stack: Path) -> None:
    secrets = Secrets.open(stack)
    before = secrets.passwords()
    secrets.rotate(["terminal/atlas/acme/alice"])
    after = secrets.passwords()
    assert before.generation("atlas", "acme") != after.generation("atlas", "acme")
    assert before.generation("atlas", "globex") == after.generation("atlas", "globex")
    secrets.rotate([_generate.ROOT_KEY])
    assert after.generation("atlas", "globex") != secrets.passwords().generation("atlas", "globex")
