"""The real commands and the real playbook on broken tenants: the database stays as it is, byte by byte."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner, Result

from tests.support import mutations
from trunkline.cli.main import cli
from trunkline.compile import TABLES
from trunkline.database.connect import connect
from trunkline.errors import TrunklineError

if TYPE_CHECKING:
    from tests.support.databases import Database

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SAMPLE = range(100_000, 100_120)  # others than those of tests/unit/check/test_mutations.py
PROCESSES = 6  # of the sample, so many start a program of their own
PLATFORM = "platform: paper\nprovider: lab\nhosts:\n  as1: {groups: [application_servers]}\n"
OUTPUTS = {
    "stack": "paper",
    "provider": "lab",
    "networks": {"internal": "10.0.0.0/24", "public": "10.0.1.0/24"},
    "hosts": {"as1": {"internal": "10.0.0.3"}},
    "controllers": ["10.0.0.1/32"],
}


@pytest.fixture(autouse=True)
def _stack(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a platform with machines on paper, and a database."""
    monkeypatch.setenv("TRUNKLINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TRUNKLINE_DATABASE", database.dsn())
    monkeypatch.delenv("TRUNKLINE_STACK", raising=False)
    stack = tmp_path / "cache/stacks/paper"
    stack.mkdir(parents=True)
    (stack / "outputs.json").write_text(json.dumps(OUTPUTS))


def _inventory(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "platform.yml").write_text(PLATFORM)
    (folder / "trunkline.yml").write_text("plugin: trunkline\n")
    return folder


def _apply(inventory: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["apply", "-i", str(inventory), "--wait", "0", *options])


def _content(database: Database) -> dict[str, list[str]]:
    """Return every row of the schema `config`, as text."""
    with connect(database.dsn("trunkline_owner"), application="test", autocommit=True) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'config' order by 1").fetchall()
        assert len(tables) > len(TABLES)
        return {
            name: [row[0] for row in connection.execute(f'select t::text from config."{name}" t order by 1')]  # noqa: S608
            for (name,) in tables
        }


def test_what_is_broken_changes_nothing_and_what_is_not_is_applied(tmp_path: Path, database: Database) -> None:
    good = _inventory(tmp_path / "good")
    shutil.copytree(ROOT / "inventories/lab/tenants", good / "tenants")
    assert _apply(good).exit_code == 0
    before = _content(database)
    assert before["client"]
    applied = 0
    for number in SAMPLE:
        inventory = _inventory(tmp_path / str(number))
        mutations.write(number, inventory)
        if number - SAMPLE.start < PROCESSES:
            command = [str(BIN / "trunkline"), "apply", "-i", str(inventory), "--wait", "0"]
            done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
            code, output = done.returncode, done.stdout + done.stderr
        else:
            result = _apply(inventory, "--allow", "mass-deletion", "--json")
            code, output = result.exit_code, result.output
            if result.exception is not None and not isinstance(result.exception, SystemExit):
                assert isinstance(result.exception, TrunklineError), f"{number}: {result.exception!r}"
                output += "error"
        assert "Traceback" not in output, f"{number}: {output}"
        assert code in {0, 1}, f"{number}: {output}"
        if code == 1:
            assert "error" in output, f"{number}: {output}"
            assert _content(database) == before, f"{number} changed the database"
        else:
            applied += 1
            before = _content(database)
    assert 0 < applied < len(SAMPLE)


def _playbook(inventory: Path, *options: str) -> str:
    command = [str(BIN / "ansible-playbook"), "-i", str(inventory), "playbooks/tenants.yml", *options]
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "COLUMNS": "1000"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ).stdout


def test_tenants_in_variables_go_through_the_same_engine(tmp_path: Path, database: Database) -> None:
    inventory = _inventory(tmp_path / "inventory")
    variables = inventory / "group_vars/all.yml"
    variables.parent.mkdir()
    users = {"alice": {"name": "Alice Example", "extension": "101"}}
    acme = {"type": "vpbx", "domain": "acme.example", "users": users}
    tenants: dict[str, Any] = {"atlas": {"brand": {"language": "es"}, "acme": acme}}

    def write() -> None:
        variables.write_text(yaml.safe_dump({"trunkline_tenants": tenants}))

    write()
    planned = _playbook(inventory, "--check", "--diff")
    assert "+ user alice" in planned
    assert not _content(database)["client"]
    assert "changed=1" in _playbook(inventory)
    before = _content(database)
    assert len(before["client"]) == 1

    users["alice"] = {"name": "Alice Example", "extention": "101"}
    write()
    failed = _playbook(inventory)
    assert "trunkline_tenants: error TL0201: there is no key 'extention' (atlas.acme.users.alice.extention)" in failed
    users["alice"] = {"name": "Alice Example", "extension": 101}  # type: ignore[dict-item]
    write()
    failed = _playbook(inventory)
    assert "error TL0114" in failed
    assert "(atlas.acme.users.alice.extension)" in failed
    assert "failed=1" in failed
    assert _content(database) == before
