"""The commands and the playbook on an inventory in files, against a real database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from tests.support.paper import CLIENT
from trunkline.cli.main import cli

if TYPE_CHECKING:
    from tests.support.databases import Database

ROOT = Path(__file__).parents[2]


def _run(command: str, inventory: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, [command, "-i", str(inventory), *options])


def _json(command: str, inventory: Path, *options: str) -> Any:
    result = _run(command, inventory, "--json", *options)
    return json.loads(result.stdout)


def test_plan_apply_plan(inventory: Path) -> None:
    planned = _run("plan", inventory)
    assert planned.exit_code == 2
    assert "brand atlas, client acme\n" in planned.stdout
    assert "  + user alice: name Alice Example; terminal alice; extension 101\n" in planned.stdout
    assert "  + media relay mr1: set default; address 10.0.0.5; port 2223; weight 3; state active\n" in planned.stdout
    assert "as3" not in planned.stdout
    assert "left out, because they do not exist yet: as3" in planned.stderr
    applied = _run("apply", inventory)
    assert applied.exit_code == 0
    assert "revision 1 applied" in applied.stdout
    assert "no service is there yet" in applied.stdout
    for command in ("plan", "apply"):
        again = _run(command, inventory)
        assert again.exit_code == 0
        assert again.stdout == "nothing to do: revision 1 is what the inventory says\n"


def test_json(inventory: Path, database: Database) -> None:
    plan = _json("plan", inventory)
    assert (plan["changed"], plan["revision"], plan["counts"]["add"]) == (True, 0, len(plan["changes"]))
    assert {
        "action": "add",
        "kind": "extension",
        "brand": "atlas",
        "client": "acme",
        "name": "101",
        "was": None,
        "fields": {"user": {"old": None, "new": "alice"}},
    } in plan["changes"]
    with psycopg.connect(database.dsn("trunkline_callflow"), autocommit=True) as service:
        service.execute("select live.confirm('as1', 'callflow', 0)")
        applied = _json("apply", inventory, "--wait", "0.1")
        assert applied["changes"] == plan["changes"]
        assert applied["unconfirmed"] == [{"host": "as1", "service": "callflow"}]
        assert applied["rows"]["user"] == {"added": 1, "changed": 0, "removed": 0}
        row = service.execute("select author, git_commit from config.revision").fetchone()
    assert row == ("Paper Clerk", None)
    assert _json("apply", inventory)["changed"] is False


def test_a_service_that_does_not_confirm_is_named(inventory: Path, database: Database) -> None:
    with psycopg.connect(database.dsn("trunkline_callflow")) as service:
        service.execute("select live.confirm('as1', 'callflow', 0)")
    result = _run("apply", inventory, "--wait", "0.1")
    assert result.exit_code == 0
    assert "not confirmed by callflow on as1" in result.stderr


def test_services_that_are_not_seen_are_named_and_those_of_lost_hosts_forgotten(
    inventory: Path, database: Database
) -> None:
    with psycopg.connect(database.dsn("trunkline_owner")) as service:
        service.execute("select live.confirm('as1', 'callflow', 0), live.confirm('as7', 'callflow', 0)")
        service.execute("update live.confirmation set heartbeat_at = now() - interval '1 minute'")
    result = _run("apply", inventory)
    assert "warning: no sign of life from callflow on as1\n" in result.stderr
    assert _json("apply", inventory)["silent"] == []  # nothing was done, so nobody has to take anything over
    with psycopg.connect(database.dsn()) as connection:
        assert connection.execute("select host from live.confirmation").fetchall() == [("as1",)]


@pytest.mark.parametrize("command", ["check", "plan", "apply"])
def test_errors_stop_everything_and_are_located(inventory: Path, database: Database, command: str) -> None:
    (inventory / "tenants/atlas/acme.yml").write_text(CLIENT.replace("extension", "extention"))
    result = _run(command, inventory)
    assert result.exit_code == 1
    expected = f"{inventory}/tenants/atlas/acme.yml:5:32: error TL0201: there is no key 'extention'"
    assert expected in result.output
    problems = _json(command, inventory)["problems"]
    assert [(problem["code"], problem["line"], problem["path"]) for problem in problems] == [
        ("TL0201", 5, "users.alice.extention")
    ]
    with psycopg.connect(database.dsn()) as connection:
        assert connection.execute("select count(*) from config.revision").fetchone() == (0,)


def test_the_password_behind_a_hash_is_the_secret(inventory: Path, database: Database) -> None:
    from trunkline.compile.credentials import ha1  # noqa: PLC0415 - read beside its use
    from trunkline.paths import stack_root  # noqa: PLC0415
    from trunkline.secrets import Secrets  # noqa: PLC0415

    _run("apply", inventory)
    password = Secrets.open(stack_root("paper")).get("terminal/atlas/acme/alice")
    with psycopg.connect(database.dsn("trunkline_proxy")) as connection:
        row = connection.execute("select ha1 from config.terminal").fetchone()
    assert row == (ha1("alice", "acme.example", password),)


def test_without_machines_nothing_is_applied(inventory: Path, tmp_path: Path) -> None:
    (tmp_path / "cache/stacks/paper/outputs.json").unlink()
    result = _run("apply", inventory)
    assert result.exit_code == 1
    assert "the machines of platform paper do not exist" in str(result.exception)


def _playbook(inventory: Path, *options: str) -> str:
    command = [
        str(Path(sys.executable).with_name("ansible-playbook")),
        "-i",
        str(inventory),
        "playbooks/tenants.yml",
        *options,
    ]
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ).stdout


def test_the_playbook_is_one_task_with_check_mode_and_diff(inventory: Path) -> None:
    checked = _playbook(inventory, "--check", "--diff")
    assert "  + user alice: name Alice Example; terminal alice; extension 101" in checked
    assert "changed=1" in checked
    assert _run("plan", inventory).exit_code == 2
    assert "changed=1" in _playbook(inventory)
    assert _run("plan", inventory).exit_code == 0
    second = _playbook(inventory)
    assert "changed=0" in second
    assert "ok=1" in second
    (inventory / "tenants/atlas/acme.yml").write_text(CLIENT + "nonsense: 1\n")
    failed = _playbook(inventory)
    assert "acme.yml:6:1: error TL0201: there is no key 'nonsense'" in failed
    assert "failed=1" in failed
