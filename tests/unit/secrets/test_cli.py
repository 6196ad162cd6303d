"""``trunkline secrets`` as a person types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from trunkline.cli.secrets import command
from trunkline.errors import ConfigurationError

Run = Callable[..., str]
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command line on the lab's inventory with a cache of its own."""
    monkeypatch.setenv("TRUNKLINE_CACHE", str(tmp_path))
    monkeypatch.setenv("TRUNKLINE_STACK", "unit")
    inventory = tmp_path / "inventory"
    inventory.mkdir()
    (inventory / "platform.yml").write_text("platform: unit\nprovider: lab\nhosts:\n  db1: {groups: [data]}\n")

    def invoke(*arguments: str, typed: str | None = None) -> str:
        result = CliRunner().invoke(
            command, [arguments[0], "-i", str(inventory), *arguments[1:]], catch_exceptions=False, input=typed
        )
        assert result.exit_code == 0, result.output
        return result.output.strip()

    return invoke


def test_list_names_without_values(run: Run) -> None:
    value = run("show", "some_password")
    assert run("list") == "some_password"
    assert value not in run("list", "--json")


def test_show_of_a_terminal_is_stable(run: Run) -> None:
    shown = json.loads(run("show", "terminal/atlas/acme/alice", "--json"))
    assert shown["terminal/atlas/acme/alice"] == run("show", "terminal/atlas/acme/alice")


def test_rotate_says_what_to_do_next(run: Run) -> None:
    before = run("show", "some_password")
    assert "playbooks/site.yml" in run("rotate")
    assert run("show", "some_password") != before
    assert json.loads(run("rotate", "some_password", "--json")) == {"rotated": ["some_password"]}


def test_ansible_vault_opens_the_file(run: Run, tmp_path: Path) -> None:
    value = run("show", "some_password")
    shown = subprocess.run(
        [Path(sys.executable).parent / "ansible-vault", "view", run("path")],
        cwd=ROOT, check=True, capture_output=True, text=True, env={**os.environ, "TRUNKLINE_CACHE": str(tmp_path)},
    ).stdout  # fmt: skip
    assert shown == f"some_password: {value}\n"


def test_a_password_of_a_carrier_is_kept_and_never_rotated_with_the_others(run: Run) -> None:
    name = "carrier/atlas/bestel/main"
    assert run("set", name, typed="from the contract\n") == ""
    assert run("show", name) == "from the contract"
    ours = run("show", "some_password")
    run("rotate")
    assert run("show", name) == "from the contract"
    assert run("show", "some_password") != ours
    assert {name, "some_password"} <= set(run("list").split())


@pytest.mark.parametrize("typed", ["", "\n", "two\nlines\n", "a\tb\n"])
def test_what_cannot_be_a_password_is_refused(run: Run, typed: str) -> None:
    with pytest.raises(ConfigurationError):
        run("set", "carrier/atlas/bestel/main", typed=typed)
