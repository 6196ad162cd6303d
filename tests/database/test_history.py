"""Revisions: what they changed, bringing them back, forgetting them; and rows that strayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.support.engine import ACME, acme, compiled, do_apply, do_plan, do_rollback, held, rows, titles
from trunkline.compile import TABLES
from trunkline.errors import ConfigurationError, PlatformError
from trunkline.plan import _history, changes_of, database, distrust, drift, plan_lines, revisions

if TYPE_CHECKING:
    from tests.support.databases import Database
    from trunkline.plan import Change, Revision

CAROL = acme(users={**ACME["atlas"]["clients"]["acme"]["users"], "carol": {"name": "Carol", "extension": "103"}})


def _revisions(target: Database) -> list[Revision]:
    with database(target.dsn(), read_only=True) as connection:
        return revisions(connection)


def _changes(target: Database, number: int) -> list[str]:
    with database(target.dsn(), read_only=True) as connection:
        return titles(list(changes_of(connection, number)))


def _drift(target: Database) -> list[Change]:
    with database(target.dsn(), read_only=True) as connection:
        return list(drift(connection))


def _distrust(target: Database) -> None:
    strayed: set[str] = set()
    with database(target.dsn()) as connection:
        assert list(drift(connection, strayed=strayed))
        distrust(connection, strayed)


def test_a_rollback_brings_the_rows_back_as_a_new_revision(database: Database) -> None:
    first = do_apply(database, compiled())
    before = held(database)
    do_apply(database, compiled(CAROL))
    do_apply(database, compiled({}))
    applied = do_rollback(database, first.revision)
    assert held(database) == before
    newest = _revisions(database)[0]
    assert (newest.id, newest.restores, newest.digest) == (applied.revision, first.revision, compiled().digest)
    assert applied.plan.count["add"] > 0
    # The inventory is still the empty one: plan and apply say what they undo.
    plan = do_plan(database, compiled({}))
    assert f"note: revision {newest.id} brought revision {first.revision} back; this replaces it" in plan_lines(plan)
    assert do_plan(database, compiled()).restored == first.revision
    assert not do_plan(database, compiled()).changed


def test_without_a_number_the_last_revision_is_undone(database: Database) -> None:
    do_apply(database, compiled())
    before = held(database)
    do_apply(database, compiled(CAROL))
    after = held(database)
    do_rollback(database)
    assert held(database) == before
    do_rollback(database)  # undoes the rollback
    assert held(database) == after


def test_what_there_is_nothing_of_cannot_be_brought_back(database: Database) -> None:
    with pytest.raises(ConfigurationError, match="there is no revision 0"):
        do_rollback(database)
    do_apply(database, compiled())
    with pytest.raises(ConfigurationError, match="there is no revision 7"):
        do_rollback(database, 7)
    assert not do_rollback(database, 1).changed


def test_show_says_what_a_revision_changed(database: Database) -> None:
    do_apply(database, compiled())
    do_apply(database, compiled(CAROL))
    do_apply(database, compiled())
    carol = ["user carol", "terminal carol", "extension 103"]
    assert _changes(database, 2) == [f"add {title}" for title in carol]
    assert _changes(database, 3) == [f"remove {title}" for title in carol]
    assert "add client acme" in _changes(database, 1)
    with pytest.raises(ConfigurationError, match="there is no revision 4"):
        _changes(database, 4)


def test_old_versions_are_forgotten_and_what_is_kept_can_be_brought_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_history, "KEPT_REVISIONS", 3)
    monkeypatch.setattr(_history, "KEPT_DAYS", 0)
    states = {}
    for number in range(1, 9):
        tree = [compiled(), compiled(CAROL), compiled({})][number % 3]
        assert do_apply(database, tree).revision == number
        states[number] = held(database)
    kept = [revision.id for revision in _revisions(database) if revision.kept]
    assert kept == [8, 7, 6]
    with pytest.raises(PlatformError, match="the rows of revision 5 are no longer known") as caught:
        do_rollback(database, 5)
    assert "the oldest one that can be brought back is 6" in caught.value.remedy
    assert _changes(database, 8)
    with pytest.raises(PlatformError, match="no longer known"):
        _changes(database, 6)
    ((versions,),) = rows(database, "select count(*) from config.scope_version")
    assert versions <= 4 * len(compiled().scopes)
    do_rollback(database, 6)
    assert held(database) == states[6]


def test_young_revisions_are_kept_however_many_there_are(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_history, "KEPT_REVISIONS", 1)
    for _ in range(3):
        do_apply(database, compiled(CAROL))
        do_apply(database, compiled())
    assert all(revision.kept for revision in _revisions(database))


def test_versions_of_a_database_from_before_there_were_any(database: Database) -> None:
    do_apply(database, compiled())
    rows(database, "delete from config.scope_version")
    rows(database, "update config.scope set digest = ''")
    rows(database, "update config.revision set kept = false")
    with pytest.raises(PlatformError, match="no longer known"):
        do_rollback(database, 1)
    assert not do_apply(database, compiled()).changed
    assert [revision.kept for revision in _revisions(database)] == [True]
    do_apply(database, compiled(CAROL))
    do_rollback(database, 1)
    assert not do_plan(database, compiled(), full=True).changed


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("""update config."user" set display_name = 'Mallory' where name = 'bob'""", "change user bob"),
        ("""delete from config.extension where number = '102'""", "remove extension 102"),
        ("insert into config.brand (id, name) values (md5('x')::uuid, 'ghost')", "add brand ghost"),
        ("update config.media_relay set weight = 7", "change media relay mr1"),
        ("delete from config.media_relay", "remove media relay mr1"),
        ("update config.terminal set ha1 = md5('x') where name = 'alice'", "change terminal alice"),
        ("update config.scope set digest = 'x' where id = (select id from config.brand)", "change digest"),
    ],
)
def test_drift_finds_what_strayed_and_apply_repairs_it(database: Database, statement: str, found: str) -> None:
    do_apply(database, compiled())
    before = held(database)
    assert _drift(database) == []
    rows(database, "set session_replication_role = replica; " + statement, role="postgres")
    assert found in titles(_drift(database))
    do_apply(database, compiled(), full=True)
    assert held(database) == before
    assert _drift(database) == []
    rows(database, "set session_replication_role = replica; " + statement, role="postgres")
    _distrust(database)
    assert found == "change digest" or found in titles(_drift(database))  # also when somebody looks again
    do_apply(database, compiled())
    assert held(database) == before
    assert _drift(database) == []
    assert not do_plan(database, compiled()).scopes


def test_every_table_and_column_is_watched_for_drift(database: Database) -> None:
    # Whatever an inventory fills is in TABLES with all of its columns; the rest is the engine's own.
    own = {"revision", "scope", "scope_version", "revision_moved"}
    found: dict[str, set[str]] = {}
    for table, column in rows(
        database, "select table_name, column_name from information_schema.columns where table_schema = 'config'"
    ):
        found.setdefault(table, set()).add(column)
    views = {name for (name,) in rows(database, "select viewname from pg_views where schemaname = 'config'")}
    assert {name: set(table) for name, table in found.items() if name not in own | views} == {
        table.name: set(table.column_names) for table in TABLES
    }


def test_drift_does_not_look_at_the_inventory(database: Database) -> None:
    do_apply(database, compiled(CAROL))
    rows(database, """update config."user" set display_name = 'Mallory' where name = 'carol'""")
    (change,) = _drift(database)
    assert (change.kind, change.name, change.brand, change.client) == ("user", "carol", "atlas", "acme")
    assert [(field.label, field.old, field.new) for field in change.fields] == [("name", "Carol", "Mallory")]


@pytest.mark.parametrize("role", ["trunkline_proxy", "trunkline_callflow", "trunkline_monitor"])
def test_nobody_else_reads_versions(database: Database, role: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(database, "select image from config.scope_version", role=role)
