"""Plan and apply against a real server: what the database holds is what was compiled, whatever was there before."""

from __future__ import annotations

import copy
import random
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from tests.support import engine, inventories
from tests.support.engine import ACME, HOSTS, acme, do_apply, do_plan
from trunkline.compile import TABLES, Compiled, Infrastructure, MediaRelay
from trunkline.compile.image import pack
from trunkline.errors import PlatformError
from trunkline.plan import (
    Service,
    database,
    plan_lines,
    wait_for_confirmations,
)

if TYPE_CHECKING:
    from tests.support.databases import Database
    from tests.support.inventories import Tree

SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _expected(compiled: Compiled) -> dict[str, list[tuple[str | None, ...]]]:
    found: dict[str, list[tuple[str | None, ...]]] = {table.name: [] for table in TABLES}
    for scope in compiled.scopes.values():
        for table, rows in scope.rows.items():
            found[table] += [tuple(None if value is None else str(value) for value in row) for row in rows]
    return {table: sorted(rows, key=str) for table, rows in found.items()}


def _stored(target: Database) -> dict[str, list[tuple[str | None, ...]]]:
    found = {}
    with psycopg.connect(target.dsn()) as connection:
        for table in TABLES:
            columns = sql.SQL(", ").join(
                sql.SQL("({})::text").format(sql.SQL(column.read or f'"{column.name}"')) for column in table.columns
            )
            query = sql.SQL("select {} from config.{}").format(columns, sql.Identifier(table.name))
            found[table.name] = sorted(connection.execute(query).fetchall(), key=str)
    return found


def _revisions(target: Database) -> list[tuple[Any, ...]]:
    with psycopg.connect(target.dsn()) as connection:
        query = "select id, digest, git_commit, author, counts, reload from config.revision order by id"
        return connection.execute(query).fetchall()


@given(tree=inventories.trees(), hosts=inventories.infrastructures(), salt=st.sampled_from(["", "new"]))
@SLOW
def test_what_was_applied_is_there_and_nothing_is_left_to_do(
    database: Database, tree: Tree, hosts: Infrastructure, salt: str
) -> None:
    # The database is not emptied between examples: every one starts from the one before.
    compiled = inventories.compiled(tree, hosts, salt)
    planned = do_plan(database, compiled, full=True)
    applied = do_apply(database, compiled)
    assert _stored(database) == _expected(compiled)
    assert set(applied.plan.changes) == set(planned.changes)
    assert not do_plan(database, compiled, full=True).changes
    again = do_apply(database, compiled)
    assert not again.changed
    assert again.plan.scopes == ()
    assert again.revision == applied.revision
    merged = sum(sum(counts.values()) for counts in applied.counts.values())
    assert merged == sum(change.rows for change in applied.plan.changes)


def test_two_ways_to_the_same_inventory_end_with_identical_rows(database: Database, empty_copy: Database) -> None:
    for tree in (acme(domain="globex2.example"), {}, acme(users={}), ACME):
        do_apply(database, engine.compiled(tree))
    do_apply(empty_copy, engine.compiled())
    assert _stored(database) == _stored(empty_copy)


def test_a_revision_says_what_was_done(database: Database) -> None:
    compiled = engine.compiled()
    applied = do_apply(database, compiled)
    assert applied.changed
    ((identity, digest, commit, author, counts, reload),) = _revisions(database)
    assert (identity, digest, commit, author) == (applied.revision, compiled.digest, "c0ffee", "tests")
    assert counts["terminal"] == {"added": 2, "changed": 0, "removed": 0}
    assert reload["identities"] is reload["relays"] is reload["application_servers"] is True
    assert len(reload["clients"]) == 2


def test_nothing_to_do_makes_no_revision(database: Database) -> None:
    do_apply(database, engine.compiled())
    assert not do_apply(database, engine.compiled()).changed
    assert len(_revisions(database)) == 1


def test_adding_a_user_reloads_its_client_only(database: Database) -> None:
    do_apply(database, engine.compiled())
    users = {**ACME["atlas"]["clients"]["acme"]["users"], "carol": {"name": "Carol", "extension": "103"}}
    compiled = engine.compiled(acme(users=users))
    plan = do_plan(database, compiled)
    assert list(plan_lines(plan)) == [
        "brand atlas, client acme",
        "  + user carol: name Carol; terminal carol; extension 103",
        "  + terminal carol",
        "  + extension 103: user carol",
        "reload: identities (users proxy), 1 client (call-flow service)",
        "plan: 3 to add, 0 to change, 0 to remove",
    ]
    applied = do_apply(database, compiled)
    assert applied.plan.reload["relays"] is applied.plan.reload["application_servers"] is False
    assert applied.counts == {
        name: {"added": 1, "changed": 0, "removed": 0} for name in ("user", "terminal", "extension")
    }


def test_changes_show_old_and_new_but_no_secret(database: Database) -> None:
    do_apply(database, engine.compiled())
    users = {"alice": {"name": "Alicia", "extension": "102"}, "bob": {"name": "Bob", "extension": "101"}}
    plan = do_plan(database, inventories.compiled(acme(users=users), HOSTS, salt="new"))
    text = "\n".join(plan_lines(plan))
    assert "  ~ user alice: name Alice -> Alicia; extension 101 -> 102" in text
    assert "  ~ extension 101: user alice -> bob" in text
    assert "  ~ terminal alice: password changed (hidden)" in text
    with psycopg.connect(database.dsn()) as connection:
        hashes = {row[0] for row in connection.execute("select ha1 from config.terminal")}
    assert not any(hashed in text + repr(plan) for hashed in hashes)


def test_a_relay_that_changes_touches_no_client(database: Database) -> None:
    do_apply(database, engine.compiled())
    relays = (MediaRelay("mr1", "default", "10.0.0.5", 2223, 2, "drained"),)
    plan = do_plan(database, inventories.compiled(ACME, Infrastructure(HOSTS.application_servers, relays)))
    assert list(plan_lines(plan))[:2] == [
        "platform",
        "  ~ media relay mr1: weight 1 -> 2; state active -> drained",
    ]
    assert plan.reload == {"identities": False, "relays": True, "application_servers": False, "clients": []}


def test_an_application_server_that_goes_shows_the_new_order(database: Database) -> None:
    do_apply(database, engine.compiled())
    smaller = Infrastructure(HOSTS.application_servers[:1], HOSTS.media_relays)
    text = "\n".join(plan_lines(do_plan(database, inventories.compiled(ACME, smaller))))
    assert "  - application server as2" in text
    assert text.count("  ~ application servers: as") == 2
    assert "-> as1" in text


def test_a_client_that_goes_takes_everything_with_it(database: Database) -> None:
    do_apply(database, engine.compiled())
    tree = copy.deepcopy(ACME)
    del tree["atlas"]["clients"]["acme"]
    applied = do_apply(database, engine.compiled(tree))
    assert applied.counts["user"]["removed"] == 2
    assert ("remove", "client", "acme") in {(c.action, c.kind, c.name) for c in applied.plan.changes}
    with psycopg.connect(database.dsn()) as connection:
        assert connection.execute("select count(*) from config.scope").fetchone() == (3,)


def test_full_finds_what_was_changed_behind_our_back(database: Database) -> None:
    compiled = engine.compiled()
    do_apply(database, compiled)
    with psycopg.connect(database.dsn("trunkline_owner")) as connection:
        connection.execute("""update config."user" set display_name = 'Mallory' where name = 'bob'""")
    assert not do_plan(database, compiled).changes
    assert [change.name for change in do_plan(database, compiled, full=True).changes] == ["bob"]
    assert do_apply(database, compiled, full=True).changed
    assert _stored(database) == _expected(compiled)


def test_the_commit_tells_who_listens(database: Database) -> None:
    with psycopg.connect(database.dsn("trunkline_proxy"), autocommit=True) as listener:
        listener.execute("listen trunkline_revision")
        applied = do_apply(database, engine.compiled())
        notices = list(listener.notifies(timeout=5, stop_after=1))
    assert [notice.payload for notice in notices] == [str(applied.revision)]


def test_a_second_apply_waits_for_the_first(database: Database) -> None:
    said: list[str] = []
    started, finish = threading.Event(), threading.Event()

    def hold() -> None:
        with psycopg.connect(database.dsn(), application_name="trunkline apply by someone@elsewhere") as first:
            first.execute("select pg_advisory_xact_lock(7021002)")
            started.set()
            finish.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert started.wait(10)
        compiled = engine.compiled()
        with pytest.raises(PlatformError, match="another apply is at work: trunkline apply by someone@elsewhere"):
            do_apply(database, compiled, lock_deadline_s=0.3)
        assert _revisions(database) == []
        threading.Timer(0.3, finish.set).start()
        assert do_apply(database, compiled, say=said.append).changed
    finally:
        finish.set()
        thread.join()
    assert len(said) == 1


def test_a_failure_changes_nothing_and_shows_no_hash(database: Database) -> None:
    do_apply(database, engine.compiled())
    before = _stored(database)
    wrong = engine.compiled(acme(users={"eve": {"name": "Eve"}}))
    scope = next(scope for scope in wrong.scopes.values() if scope.client == "acme")
    hashed = scope.rows["terminal"][0][3]
    rows = {**scope.rows, "terminal": [(*scope.rows["terminal"][0][:3], f"{hashed}x", *scope.rows["terminal"][0][4:])]}
    image, digest = pack((table, rows[table.name]) for table in TABLES if table.name in rows)
    broken = replace(scope, digest=digest, load=lambda: image)
    wrong = Compiled({**wrong.scopes, scope.id: broken}, wrong.digest)
    with pytest.raises(PlatformError, match="nothing was changed") as caught:
        do_apply(database, wrong)
    assert str(hashed) not in str(caught.value)
    assert _stored(database) == before
    assert len(_revisions(database)) == 1


def test_a_database_without_migrations_is_an_error_for_people(empty_database: Database) -> None:
    with pytest.raises(PlatformError, match="lacks a part of the schema"):
        do_plan(empty_database, engine.compiled())


def test_a_server_that_crashes_leaves_the_old_or_the_new_state(database: Database) -> None:
    old, new = engine.compiled(), engine.compiled({})
    do_apply(database, old)
    broken = threading.Event()

    def work() -> None:
        try:
            while True:
                do_apply(database, new)
                do_apply(database, old)
        except PlatformError:
            broken.set()

    worker = threading.Thread(target=work)
    worker.start()
    for _ in range(3):
        time.sleep(random.uniform(0.05, 0.3))  # noqa: S311 - somewhere in the middle of the work
        database.server.restart()
        worker.join(10)
        assert broken.is_set()
        assert _stored(database) in (_expected(old), _expected(new))
        broken.clear()
        worker = threading.Thread(target=work)
        worker.start()
    database.server.restart()
    worker.join(10)
    stored = _stored(database)
    assert stored in (_expected(old), _expected(new))
    do_apply(database, old)
    assert _stored(database) == _expected(old)


def test_confirmations(database: Database) -> None:
    applied = do_apply(database, engine.compiled())
    seen: list[tuple[int, int]] = []
    with psycopg.connect(database.dsn("trunkline_owner"), autocommit=True) as services, _connected(database) as waiting:
        assert wait_for_confirmations(waiting, applied.revision) == ([], [])
        services.execute("select live.confirm('px1', 'reloader', 0), live.confirm('as1', 'callflow', 0)")
        services.execute("select live.confirm('gone', 'callflow', 0)")
        services.execute("update live.confirmation set heartbeat_at = now() - interval '1 minute' where host = 'gone'")
        services.execute("select live.confirm('px1', 'reloader', %s)", [applied.revision])
        confirmed, missing = wait_for_confirmations(
            waiting, applied.revision, deadline_s=0.2, progress=lambda done, of: seen.append((done, of))
        )
        assert (confirmed, missing) == ([Service("px1", "reloader")], [Service("as1", "callflow")])
        late = threading.Timer(0.2, lambda: services.execute("select live.confirm('as1', 'callflow', 99)"))
        late.start()
        started = time.monotonic()
        confirmed, missing = wait_for_confirmations(waiting, applied.revision, deadline_s=10)
        late.join()
    assert (len(confirmed), missing) == (2, [])
    assert time.monotonic() - started < 2
    assert seen == [(1, 2)]


def _connected(target: Database) -> Any:
    return database(target.dsn())


def test_what_is_counted_instead_of_listed_is_counted_right(database: Database) -> None:
    many = {f"c{number}": {"type": "vpbx", "domain": f"c{number}.example", "users": {}} for number in range(5)}
    for client in many.values():
        client["users"] = {"alice": {"name": "Alice", "extension": "101"}}
    states = [engine.compiled({"atlas": {"brand": {}, "clients": clients}}) for clients in (many, {})]
    for compiled in states:
        listed, counted = do_plan(database, compiled), do_plan(database, compiled, keep=1)
        assert (len(counted.changes), counted.count) == (1, listed.count)
        assert (counted.reload, counted.scopes, counted.excesses) == (listed.reload, listed.scopes, listed.excesses)
        assert sum(listed.count.values()) == len(listed.changes)
        do_apply(database, compiled)
