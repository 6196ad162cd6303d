"""What the roles of the platform may do: no more than their service needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import errors

if TYPE_CHECKING:
    from tests.support.databases import Database

READERS = ("trunkline_proxy", "trunkline_callflow", "trunkline_monitor")


def _run(database: Database, role: str, statement: str) -> None:
    with psycopg.connect(database.dsn(role)) as connection:
        connection.execute(statement.encode())


@pytest.mark.parametrize("role", READERS)
def test_readers_read_and_never_write_the_configuration(database: Database, role: str) -> None:
    _run(database, role, 'select * from config.client natural join config."user"')
    for statement in (
        "delete from config.client",
        "update config.terminal set ha1 = ''",
        "create table config.x (i int)",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            _run(database, role, statement)


@pytest.mark.parametrize("table", ["terminal", "friend", "device", "account"])
@pytest.mark.parametrize("role", ["trunkline_callflow", "trunkline_monitor"])
def test_only_the_proxy_reads_ha1(database: Database, role: str, table: str) -> None:
    statement = f"select ha1 from config.{table}"  # noqa: S608 - one of the names above
    _run(database, "trunkline_proxy", statement)
    _run(database, role, statement.replace("ha1", "name, encryption"))
    with pytest.raises(errors.InsufficientPrivilege):
        _run(database, role, statement)


@pytest.mark.parametrize("role", ["trunkline_proxy", "trunkline_callflow"])
def test_services_confirm(database: Database, role: str) -> None:
    _run(database, role, "select live.confirm('px1', 'reloader', 0)")


def test_confirming_again_is_a_sign_of_life_only(database: Database) -> None:
    with psycopg.connect(database.dsn("trunkline_proxy"), autocommit=True) as connection:
        seen = []
        for revision in (1, 1, 2):
            connection.execute("select live.confirm('px1', 'reloader', %s)", [revision])
            seen.append(
                connection.execute("select revision, confirmed_at, heartbeat_at from live.confirmation").fetchone()
            )
    first, second, third = seen
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first[0], second[0], third[0]) == (1, 1, 2)
    assert first[1] == second[1] < third[1]
    assert first[2] < second[2] < third[2]


@pytest.mark.parametrize("statement", ["select live.confirm('a', 'b', 1)", "create table public.x (i int)"])
def test_the_monitor_only_reads(database: Database, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        _run(database, "trunkline_monitor", statement)


def test_apply_writes_configuration_only(database: Database) -> None:
    _run(database, "trunkline_apply", "delete from config.client")
    _run(database, "trunkline_apply", "create temporary table stage (like config.client)")
    with pytest.raises(errors.InsufficientPrivilege):
        _run(database, "trunkline_apply", "alter table config.client add column x int")
    with pytest.raises(errors.InsufficientPrivilege):
        _run(
            database, "trunkline_apply", "insert into live.confirmation (host, service, revision) values ('a', 'b', 1)"
        )


def test_a_revision_is_announced(database: Database) -> None:
    with psycopg.connect(database.dsn("trunkline_proxy"), autocommit=True) as listener:
        listener.execute("listen trunkline_revision")
        _run(
            database,
            "trunkline_apply",
            "insert into config.revision (digest, author, duration_ms, counts, reload) values ('', '', 0, '{}', '{}')",
        )
        notices = list(listener.notifies(timeout=5, stop_after=1))
    assert [notice.payload for notice in notices] == ["1"]
