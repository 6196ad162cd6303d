"""Saved plans, guards that ask, targets, rollback, history, show and drift, as a person or a pipeline uses them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from tests.support.engine import rows
from tests.support.paper import CLIENT
from trunkline.cli import _plans
from trunkline.cli.main import cli
from trunkline.paths import stack_root
from trunkline.secrets import Secrets

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.databases import Database

CROWD = "type: vpbx\ndomain: crowd.example\nusers:\n" + "".join(
    f"  user{number}: {{name: User {number}, extension: {1000 + number}}}\n" for number in range(20)
)


def _run(inventory: Path, *words: str, answer: str = "") -> Result:
    return CliRunner().invoke(cli, [words[0], "-i", str(inventory), *words[1:]], input=answer)


def _json(inventory: Path, *words: str) -> Any:
    return json.loads(_run(inventory, *words, "--json").stdout)


def _rename(inventory: Path, text: str = "") -> None:
    (inventory / "tenants/atlas/acme.yml").write_text(text or CLIENT.replace("Alice Example", "Alice Changed"))


def test_a_saved_plan_is_what_json_prints_and_can_be_applied(inventory: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    planned = _run(inventory, "plan", "-out", str(file))
    assert planned.exit_code == 2
    assert "  + user alice" in planned.stdout
    saved = json.loads(file.read_text())
    assert saved == {**_json(inventory, "plan"), "full": False, "allowed": []}
    applied = _run(inventory, "apply", str(file))
    assert (applied.exit_code, "revision 1 applied" in applied.stdout) == (0, True)


def test_a_saved_plan_is_refused_when_the_database_moved_on(inventory: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "plan.json")
    _run(inventory, "apply")
    _rename(inventory)
    _run(inventory, "plan", "-out", file)
    _rename(inventory, CLIENT.replace("101", "102"))
    _run(inventory, "apply")
    _rename(inventory)
    refused = _run(inventory, "apply", file)
    assert refused.exit_code == 1
    assert "moved on since the plan was made at revision 1: it is at revision 2" in str(refused.exception)
    assert len(_json(inventory, "history")["revisions"]) == 2


def test_a_saved_plan_is_refused_when_the_inventory_is_another(inventory: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "plan.json")
    _run(inventory, "plan", "-out", file)
    _rename(inventory)
    refused = _run(inventory, "apply", file)
    assert refused.exit_code == 1
    assert "the inventory is not the one that this plan was made from" in str(refused.exception)
    assert _json(inventory, "history") == {"revisions": []}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "is not a saved plan"),
        ("\x00", "is not a saved plan"),
        ("[1]", "is not a saved plan"),
        ('{"format": 99}', "is a plan of another version"),
    ],
)
def test_what_is_no_plan_is_an_error(inventory: Path, tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "plan.json"
    assert "cannot be read" in str(_run(inventory, "apply", str(file)).exception)
    file.write_text(text)
    assert message in str(_run(inventory, "apply", str(file)).exception)
    assert _run(inventory, "apply", str(file), "--full").exit_code == 2
    assert "cannot be written" in str(_run(inventory, "plan", "-out", str(tmp_path / "no" / "folder")).exception)


def test_a_target_is_part_of_a_saved_plan(inventory: Path, tmp_path: Path, database: Database) -> None:
    (inventory / "tenants/atlas/crowd.yml").write_text(CROWD)
    file = str(tmp_path / "plan.json")
    assert _run(inventory, "plan", "--target", "atlas/acme", "-out", file).exit_code == 2
    _run(inventory, "apply", file)
    assert rows(database, "select name from config.client") == [("acme",)]
    assert _json(inventory, "history")["revisions"][0]["targets"] == ["atlas/acme"]
    assert "there is no brand or client 'atlas/acne'" in str(
        _run(inventory, "plan", "--target", "atlas/acne").exception
    )


def test_a_guard_is_an_error_in_a_pipeline_and_a_question_on_a_terminal(
    inventory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inventory / "tenants/atlas/crowd.yml").write_text(CROWD)
    _run(inventory, "apply")
    (inventory / "tenants/atlas/crowd.yml").unlink()
    planned = _run(inventory, "plan")
    assert planned.exit_code == 2
    assert "stop: brand atlas loses 61 of its 66 objects, more than 20 % of them" in planned.stdout
    stopped = _run(inventory, "apply")
    assert stopped.exit_code == 1
    assert "brand atlas loses 61 of its 66 objects" in str(stopped.exception)
    monkeypatch.setattr(_plans, "on_terminal", lambda: True)
    refused = _run(inventory, "apply", answer="n\n")
    assert refused.exit_code == 1
    assert "Do it all the same? [y/N]" in refused.output
    assert len(_json(inventory, "history")["revisions"]) == 1
    assert "revision 2 applied" in _run(inventory, "apply", answer="y\n").stdout


def test_a_guard_is_set_in_the_inventory_or_by_an_option(inventory: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "plan.json")
    (inventory / "tenants/atlas/crowd.yml").write_text(CROWD)
    _run(inventory, "apply")
    (inventory / "tenants/atlas/crowd.yml").unlink()
    _run(inventory, "plan", "-out", file)
    assert _run(inventory, "apply", file).exit_code == 1
    _run(inventory, "plan", "-out", file, "--allow", "mass-deletion")
    (inventory / "tenants/atlas/brand.yml").write_text("deletion_guard: {percent: 95}\n")
    assert _json(inventory, "plan")["excesses"] == []
    (inventory / "tenants/atlas/brand.yml").write_text("")
    assert _run(inventory, "apply", file).exit_code == 0


def test_history_show_and_rollback(inventory: Path) -> None:
    assert _run(inventory, "history").stdout == "there is no revision yet\n"
    _run(inventory, "apply")
    _rename(inventory)
    _run(inventory, "apply")
    shown = _run(inventory, "show", "2")
    assert "  ~ user alice: name Alice Example -> Alice Changed\n" in shown.stdout
    assert "1 objects: 0 to add, 1 to change, 0 to remove" in shown.stdout
    document = _json(inventory, "show", "2")
    assert (document["revision"], document["author"], len(document["changes"])) == (2, "Paper Clerk", 1)
    rolled = _run(inventory, "rollback")
    assert rolled.exit_code == 0
    assert "  ~ user alice: name Alice Changed -> Alice Example\n" in rolled.stdout
    assert "revision 3 brought revision 1 back in" in rolled.stdout
    assert "note: revision 3 brought revision 1 back; this replaces it" in _run(inventory, "plan").stdout
    listed = _run(inventory, "history").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["3", "2", "1"]
    assert listed[0].endswith("Paper Clerk  brought revision 1 back")
    assert _json(inventory, "rollback", "2")["restores"] == 2
    assert _run(inventory, "plan").exit_code == 0
    assert "there is no revision 9" in str(_run(inventory, "show", "9").exception)


def test_drift(inventory: Path, database: Database) -> None:
    _run(inventory, "apply")
    assert (_run(inventory, "drift").exit_code, _json(inventory, "drift")["drift"]) == (0, False)
    rows(database, """update config."user" set display_name = 'Mallory'""")
    found = _run(inventory, "drift")
    assert found.exit_code == 2
    assert "  ~ user alice: name Alice Example -> Mallory\n" in found.stdout
    assert "trunkline apply" in found.stderr
    document = _json(inventory, "drift")
    assert document["counts"] == {"add": 0, "change": 1, "move": 0, "remove": 0}
    assert "  ~ user alice: name Mallory -> Alice Example\n" in _run(inventory, "plan").stdout
    assert _run(inventory, "apply").exit_code == 0
    assert _run(inventory, "plan").exit_code == 0
    assert _run(inventory, "drift").stdout == "every row is what was applied\n"


def test_a_renamed_client_keeps_its_passwords(inventory: Path, database: Database) -> None:
    _run(inventory, "apply")
    before = rows(database, "select ha1 from config.terminal")
    (inventory / "tenants/atlas/acme.yml").rename(inventory / "tenants/atlas/acme-rentals.yml")
    (inventory / "tenants/atlas/brand.yml").write_text("moved: {clients: {acme: acme-rentals}}\n")
    planned = _run(inventory, "plan").stdout.splitlines()
    assert planned == [
        "brand atlas, client acme-rentals",
        "  ~ client acme -> acme-rentals",
        "reload: identities (users proxy), 2 clients (call-flow service)",
        "plan: 0 to add, 0 to change, 1 to move, 0 to remove",
    ]
    _run(inventory, "apply")
    assert rows(database, "select ha1 from config.terminal") == before
    (inventory / "tenants/atlas/brand.yml").write_text("")
    assert _run(inventory, "plan").exit_code == 0


def test_a_renamed_brand_keeps_the_passwords_of_its_carriers(inventory: Path, database: Database) -> None:
    brand = (
        "carriers:\n  bestel: {servers: {main: {address: 192.0.2.50, credentials: {user: atlas, realm: bestel}}}}\n"
        "ddi_providers:\n  numbers: {sources: {192.0.2.60: }, registrations: {main: {user: u, domain: d.example}}}\n"
    )
    (inventory / "tenants/atlas/brand.yml").write_text(brand)
    secrets = Secrets.open(stack_root("paper"))
    assert _run(inventory, "plan").stderr.splitlines()[1:] == [
        "nobody has set a password: `trunkline secrets set carrier/atlas/bestel/main`",
        "nobody has set a password: `trunkline secrets set registration/atlas/numbers/main`",
    ]
    secrets.set("carrier/atlas/bestel/main", "made by bestel")
    secrets.set("registration/atlas/numbers/main", "made by numbers")
    _run(inventory, "apply")
    query = "select auth_ha1 from config.carrier_server union select auth_ha1 from config.ddi_provider_registration"
    before = sorted(rows(database, query))
    (inventory / "tenants/atlas").rename(inventory / "tenants/telecom")
    (inventory / "tenants/platform.yml").write_text("moved: {brands: {atlas: telecom}}\n")
    renamed = brand.replace("bestel: {servers", "onda: {servers") + "moved: {carriers: {bestel: onda}}\n"
    (inventory / "tenants/telecom/brand.yml").write_text(renamed)
    planned = _run(inventory, "plan")
    assert [line for line in planned.stdout.splitlines() if "hidden" in line] == []
    assert "nobody has set" not in planned.stderr
    _run(inventory, "apply")
    assert sorted(rows(database, query)) == before
    assert secrets.get("carrier/telecom/onda/main") == "made by bestel"
    (inventory / "tenants/platform.yml").write_text("")
    assert _run(inventory, "plan").exit_code == 0


def test_documents_are_made_piece_by_piece(inventory: Path, database: Database) -> None:
    assert _json(inventory, "plan")["changes"]
    _run(inventory, "apply")
    with psycopg.connect(database.dsn()) as connection:
        assert connection.execute("select count(*) from config.scope_version").fetchone() == (3,)
    assert _json(inventory, "plan")["changes"] == []


def test_long_work_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    quick = _plans.progress()
    assert quick is not None
    quick("compared", 1, 2)
    monkeypatch.setattr(_plans, "_PATIENCE_S", -1)
    quick("compared", 1, 2)
    quick("compared", 2, 2)
    assert capsys.readouterr().err == "\rcompared: 1 of 2\033[K\r\033[K"
