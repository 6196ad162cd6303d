"""`trunkline explain` against a real database: the decisions, their lines, and what is not applied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from tests.support.paper import PLATFORM, make
from trunkline.cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.databases import Database

ACME = """\
type: vpbx
domain: acme.example
users:
  alice: {name: Alice Example, extension: 101}
  bob: {name: Bob Example, extension: 102, terminal: desk}
  carol: {name: Carol Example}
terminals:
  desk:
extensions:
  180: {user: alice}
  199:
"""
GLOBEX = """\
type: vpbx
domain: globex.example
users:
  alice: {name: Alicia Ejemplo, extension: 101}
"""
FILE = "tenants/atlas/acme.yml"


class Paper:
    """An inventory whose platform has machines on paper, and a real database."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.database = database

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(cli, [words[0], "-i", str(self.folder), *words[1:]])

    def apply(self) -> None:
        result = self.run("apply", "--wait", "0")
        assert result.exit_code == 0, result.output

    def explain(self, caller: str, dialled: str, *options: str) -> Any:
        result = self.run("explain", "--json", "--from", caller, "--to", dialled, *options)
        assert result.stdout, repr(result.exception)
        found = json.loads(result.stdout)
        assert result.exit_code == (2 if found["refused"] else 0), result.output
        return found

    def register(self, user: str, domain: str, *contacts: str) -> None:
        with psycopg.connect(self.database.dsn("trunkline_proxy")) as connection:
            for contact in contacts:
                connection.execute(
                    "insert into live.location (ruid, username, domain, contact) values (%s, %s, %s, %s)",
                    [f"{user}{contact}", user, domain, contact],
                )

    def edit(self, change: Callable[[str], str]) -> None:
        path = self.folder / FILE
        path.write_text(change(path.read_text()))


@pytest.fixture
def paper(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Paper:
    """Give an inventory that is applied."""
    folder = make(tmp_path, database.dsn(), monkeypatch)
    (folder / FILE).write_text(ACME)
    (folder / "tenants" / "atlas" / "globex.yml").write_text(GLOBEX)
    made = Paper(folder, database)
    made.apply()
    return made


def lines_of(found: Any, by: str = "") -> list[str]:
    """Return ``file:line`` of every cause, in order."""
    return [
        f"{cause['file']}:{cause['line']}"
        for decision in found["decisions"]
        if by in decision["by"]
        for cause in decision["causes"]
    ]


def test_a_call_that_rings(paper: Paper) -> None:
    paper.register("desk", "acme.example", "sip:desk@192.0.2.7:5060", "sip:desk@192.0.2.8:5060")
    found = paper.explain("alice@acme", "102")
    assert found["rings"] == {
        "address": "desk@acme.example",
        "contacts": ["sip:desk@192.0.2.7:5060", "sip:desk@192.0.2.8:5060"],
        "seconds": 60,
        "shows": {"number": "101", "name": "Alice Example"},
    }
    assert sorted(found["application_servers"]) == ["as1", "as2"]
    assert found["relays"] == {"mr1": 3, "mr2": 1}
    assert found["record"] == {"client": "atlas/acme", "caller": "101", "callee": "102"}
    assert found["notes"] == []
    endings = [(one["when"], one["code"], one["reason"]) for one in found["decisions"] if one["when"]]
    assert endings == [
        ("nobody answers", 480, "no_answer"),
        ("the telephone is busy", 486, "busy"),
        ("the callee declines", 603, "refused"),
    ]


def test_every_decision_has_its_line(paper: Paper) -> None:
    paper.register("desk", "acme.example", "sip:desk@192.0.2.7:5060")
    found = paper.explain("alice@acme", "102")
    servers = [f"platform.yml:{5 if name == 'as1' else 6}" for name in found["application_servers"]]
    assert lines_of(found, "proxy") == [
        *(f"{FILE}:2", f"{FILE}:4", f"{FILE}:4"),
        *servers,
        *("platform.yml:7", "platform.yml:8", f"{FILE}:8"),
    ]
    assert lines_of(found, "logic") == [f"{FILE}:5", f"{FILE}:4", *[f"{FILE}:5"] * 3]


def test_a_line_of_a_table_is_a_line_too(paper: Paper) -> None:
    folder = paper.folder / "tenants" / "atlas" / "acme"
    folder.mkdir()
    (paper.folder / FILE).unlink()
    (folder / "client.yml").write_text("type: vpbx\ndomain: acme.example\n")
    (folder / "users.csv").write_text("user,name,extension\nalice,Alice Example,101\nbob,Bob Example,102\n")
    paper.apply()
    paper.register("bob", "acme.example", "sip:bob@192.0.2.7:5060")
    assert lines_of(paper.explain("alice@acme", "102"), "logic")[:2] == [
        "tenants/atlas/acme/users.csv:3",
        "tenants/atlas/acme/users.csv:2",
    ]


def test_text_has_a_line_per_decision(paper: Paper) -> None:
    paper.register("desk", "acme.example", "sip:desk@192.0.2.7:5060")
    shown = paper.run("explain", "--from", "101@acme.example", "--to", "102")
    assert shown.exit_code == 0
    first, *rest = shown.stdout.splitlines()
    assert first == "alice@acme.example calls 102"
    assert len(rest) == len(paper.explain("alice@acme", "102")["decisions"])
    assert f"  call logic: lets it show Alice Example <101>  <- {paper.folder}/{FILE}:4" in rest


@pytest.mark.parametrize(
    ("dialled", "options", "code", "by", "reason"),
    [
        ("102", (), 480, "call logic", "no_answer"),  # no telephone is registered
        ("999", (), 404, "call logic", "refused"),
        ("199", (), 404, "call logic", "refused"),
        ("bob", (), 404, "call logic", "refused"),
        ("101@globex", (), 404, "users proxy", "refused"),
        ("102@elsewhere.example", (), 404, "users proxy", "refused"),
        ("102", ("--caller-id", "desk"), 403, "users proxy", "refused"),
        ("102", ("--caller-id", "alice@globex"), 403, "users proxy", "refused"),
        ("102", ("--caller-id", "alice@elsewhere.example"), 403, "users proxy", "refused"),
    ],
)
def test_refusals(paper: Paper, dialled: str, options: tuple[str, ...], *, code: int, by: str, reason: str) -> None:
    found = paper.explain("alice@acme", dialled, *options)
    assert found["refused"] == {"by": by, "code": code, "reason": reason}
    assert found["rings"] is None
    unexplained = [one["text"] for one in found["decisions"] if not one["causes"]]
    assert unexplained == [text for text in unexplained if "nobody's domain" in text]


@pytest.mark.parametrize(
    ("dialled", "note"), [("bob", "bob is a user, whose extension is 102"), ("191", "did you mean"), ("102", "")]
)
def test_a_number_that_nobody_has_gets_a_suggestion(paper: Paper, dialled: str, note: str) -> None:
    notes = paper.explain("alice@acme", dialled)["notes"]
    assert [note in one for one in notes] == ([True] if note else [])


def test_nobody_serves(paper: Paper) -> None:
    """Without application servers, then without relays: what the proxy finds missing first."""
    hosts = "".join(line for line in PLATFORM.splitlines(keepends=True) if "media_relays" not in line)
    (paper.folder / "platform.yml").write_text(hosts)
    paper.apply()
    found = paper.explain("alice@acme", "102")
    assert lines_of(found)[-1] == "platform.yml:3"
    assert (found["refused"]["code"], found["decisions"][-1]["text"]) == (
        503,
        "refuses the call with 503 No Media Relay: no relay of the set default is active",
    )
    hosts = "".join(line for line in PLATFORM.splitlines(keepends=True) if "application_servers" not in line)
    (paper.folder / "platform.yml").write_text(hosts)
    paper.apply()
    found = paper.explain("alice@acme", "102")
    assert (found["refused"]["code"], "No Application Server" in found["decisions"][-1]["text"]) == (503, True)


def test_a_user_without_extension_is_shown_as_the_terminal(paper: Paper) -> None:
    paper.register("alice", "acme.example", "sip:alice@192.0.2.7:5060")
    found = paper.explain("carol@acme", "180")
    assert found["rings"]["shows"] == {"number": "carol", "name": "Carol Example"}
    assert found["record"]["caller"] == "carol"


def test_what_is_not_applied_is_said(paper: Paper) -> None:
    paper.edit(lambda text: text.replace("extension: 102", "extension: 150"))
    found = paper.explain("alice@acme", "102")
    assert any("client atlas/acme" in note and "not applied" in note for note in found["notes"])
    assert found["decisions"][-1]["text"].startswith("refuses the call with 480")  # the database's 102 is bob still
    paper.apply()
    found = paper.explain("alice@acme", "102")
    assert not any("applied" in note for note in found["notes"])
    assert found["refused"]["code"] == 404


def test_a_caller_who_is_only_in_the_database(paper: Paper) -> None:
    paper.edit(lambda text: text.replace("  carol: {name: Carol Example}\n", ""))
    found = paper.explain("carol@acme", "101")
    assert found["refused"]["code"] == 480
    causes = [cause for one in found["decisions"] for cause in one["causes"] if "terminal/carol" in cause["path"]]
    assert {cause["file"] for cause in causes} == {None}
    assert "carol (not in the inventory)" in paper.run("explain", "--from", "carol@acme", "--to", "101").stdout


def test_a_new_caller_who_is_not_applied(paper: Paper) -> None:
    paper.edit(lambda text: text.replace("users:\n", "users:\n  zoe: {name: Zoe, extension: 190}\n"))
    found = paper.explain("zoe@acme", "101")
    assert found["refused"] == {"by": "users proxy", "code": 403, "reason": "refused"}
    assert lines_of(found)[-1] == f"{FILE}:4"
    assert found["notes"]


def test_a_deleted_client_is_served_until_that_is_applied(paper: Paper) -> None:
    (paper.folder / "tenants" / "atlas" / "globex.yml").unlink()
    found = paper.explain("alice@globex.example", "101")
    assert found["refused"]["code"] == 480
    assert any("client atlas/globex" in note for note in found["notes"])
    paper.apply()
    result = paper.run("explain", "--from", "alice@globex.example", "--to", "101")
    assert result.exit_code == 1
    assert "no client" in str(result.exception)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--from", "alice", "--to", "102"), "write user@client"),
        (("--from", "alicia@acme", "--to", "102"), "did you mean alice"),
        (("--from", "alice@amce", "--to", "102"), "did you mean acme"),
        (("--from", "alice@acme", "--to", "102", "--at", "tomorrow"), "is not a time"),
    ],
)
def test_mistakes_are_named(paper: Paper, options: tuple[str, ...], message: str) -> None:
    result = paper.run("explain", *options)
    assert result.exit_code == 1
    assert message in str(result.exception)


def test_the_time_changes_nothing_yet_and_that_is_said(paper: Paper) -> None:
    found = paper.explain("alice@acme", "102", "--at", "2026-12-24T18:00")
    assert found["at"] == "2026-12-24T18:00:00"
    assert any("depends on the time" in note for note in found["notes"])


def test_the_monitor_may_ask_and_sees_no_hash(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_DATABASE", paper.database.dsn("trunkline_monitor"))
    assert paper.explain("alice@acme", "999")["refused"]["code"] == 404
    with psycopg.connect(paper.database.dsn("trunkline_monitor")) as connection:
        row = connection.execute("select to_jsonb(account) from kamailio.account('alice', 'acme.example')").fetchone()
    assert row is not None
    assert "ha1" not in row[0]


def test_the_reference_has_every_key(paper: Paper) -> None:
    text = (Path(__file__).parents[2] / "docs" / "reference" / "explain.md").read_text()
    rows = [line.split("|")[1] for line in text[text.index("## JSON") :].splitlines() if line.startswith("| `")]
    assert {key.strip(" `") for row in rows for key in row.split(",")} == paper.explain("alice@acme", "102").keys()


def test_a_warning_is_no_part_of_an_explanation(paper: Paper) -> None:
    shown = paper.run("explain", "--from", "alice@acme", "--to", "102")
    assert "warning TL" not in shown.output
    paper.edit(lambda text: text + "  181: {user: nobody}\n")
    shown = paper.run("explain", "--from", "alice@acme", "--to", "102")
    assert shown.exit_code == 1
    assert "nobody" in shown.output


def test_a_service_that_is_behind_is_named(paper: Paper) -> None:
    with psycopg.connect(paper.database.dsn("trunkline_proxy")) as connection:
        connection.execute("select live.confirm('px1', 'kamailio@users', 0)")
    assert any("kamailio@users on px1" in note for note in paper.explain("alice@acme", "102")["notes"])
