"""The migrator against a real server."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import psycopg
import pytest

from trunkline.compile import TABLES
from trunkline.database import migrate
from trunkline.database.connect import connect
from trunkline.errors import ConfigurationError, PlatformError

if TYPE_CHECKING:
    from tests.support.databases import Database

ONE = ("0001_one.sql", "create table one (id int);")
TWO = ("0002_two.sql", "create table two (id int);")
BROKEN = ("0003_broken.sql", "create table three (id int);\ncreate table three_b (id nosuchtype);")


def _apply(database: Database, *files: tuple[str, str]) -> list[str]:
    with connect(database.dsn("trunkline_owner"), application="test", autocommit=True) as connection:
        connection.execute("create schema if not exists scratch")
        connection.execute("set search_path = scratch")
        return [str(done) for done in migrate.apply(connection, migrate.parse(files))]


def _tables(database: Database) -> set[str]:
    with psycopg.connect(database.dsn("trunkline_owner")) as connection:
        return {row[0] for row in connection.execute("select tablename from pg_tables where schemaname = 'scratch'")}


def test_only_what_is_missing_is_applied(empty_database: Database) -> None:
    assert _apply(empty_database, ONE) == ["0001_one"]
    assert _apply(empty_database, TWO, ONE) == ["0002_two"]
    assert _apply(empty_database, ONE, TWO) == []
    assert _tables(empty_database) == {"one", "two"}


def test_a_lower_number_may_come_later(empty_database: Database) -> None:
    _apply(empty_database, TWO)
    assert _apply(empty_database, ONE, TWO) == ["0001_one"]


def test_a_failing_migration_leaves_nothing_and_names_its_line(empty_database: Database) -> None:
    with pytest.raises(PlatformError, match="0003_broken failed and was rolled back") as caught:
        _apply(empty_database, ONE, BROKEN)
    assert caught.value.location == "migrations/0003_broken.sql:2"
    assert _tables(empty_database) == {"one"}
    assert _apply(empty_database, ONE, (BROKEN[0], "create table three (id int)")) == ["0003_broken"]


def test_a_changed_file_is_refused(empty_database: Database) -> None:
    _apply(empty_database, ONE)
    with pytest.raises(ConfigurationError, match="was changed after it was applied"):
        _apply(empty_database, (ONE[0], ONE[1] + " -- edited"), TWO)
    assert _tables(empty_database) == {"one"}


def test_a_database_from_the_future_is_refused(empty_database: Database) -> None:
    _apply(empty_database, ONE, TWO)
    with pytest.raises(ConfigurationError, match="does not know"):
        _apply(empty_database, ONE)


@pytest.mark.parametrize("name", ["1_short.sql", "0001-dash.sql", "0001_Upper.sql"])
def test_malformed_names_are_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="NNNN_name"):
        migrate.parse([(name, "")])


def test_a_number_has_one_owner() -> None:
    with pytest.raises(ConfigurationError, match="share a number"):
        migrate.parse([ONE, ("0001_other.sql", "")])


def test_two_runs_at_once_apply_everything_once(empty_database: Database) -> None:
    slow = ("0001_slow.sql", "create table slow (id int); select pg_sleep(0.3);")
    with psycopg.connect(empty_database.dsn("trunkline_owner"), autocommit=True) as connection:
        connection.execute("create schema scratch")
    results: list[list[str]] = []
    threads = [threading.Thread(target=lambda: results.append(_apply(empty_database, slow))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [[], ["0001_slow"]]


def test_the_command_line_says_what_waits_and_what_it_did(
    empty_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    dsn = empty_database.dsn("postgres")  # a superuser acts as the owner
    assert migrate.main(["--check", "--database", dsn]) == 2
    assert "waiting 0001_configuration" in capsys.readouterr().out
    assert migrate.main(["--apply", "--database", dsn]) == 0
    assert "applied 0001_configuration" in capsys.readouterr().out
    assert migrate.main(["--check", "--database", dsn, "--json"]) == 0
    assert capsys.readouterr().out == '{"waiting": []}\n'
    with psycopg.connect(dsn) as connection:
        row = connection.execute("select tableowner from pg_tables where tablename = 'client'").fetchone()
    assert row == ("trunkline_owner",)


def test_an_unreachable_server_is_an_error_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert migrate.main(["--check", "--database", "host=127.0.0.1 port=1 dbname=x user=y"]) == 1
    assert "cannot be used" in capsys.readouterr().err


def test_rows_are_found_by_their_scope_and_by_what_refers_to_them(database: Database) -> None:
    """Reading a client, and removing what others refer to, costs what there is of it, not the whole table."""
    with psycopg.connect(database.dsn("trunkline_owner")) as connection:
        leading = {
            (row[0], row[1])
            for row in connection.execute(
                "select relation.relname, attname from pg_index join pg_class as relation on relation.oid = indrelid"
                " join pg_attribute on attrelid = indrelid and attnum = indkey[0]"
                " where relation.relnamespace = 'config'::regnamespace"
            )
        }
        references = connection.execute(
            "select relation.relname, array(select attname::text from pg_attribute"
            " where attrelid = conrelid and attnum = any(conkey))"
            " from pg_constraint join pg_class as relation on relation.oid = conrelid"
            " where contype = 'f' and relation.relnamespace = 'config'::regnamespace and relname not like 'revision%'"
        ).fetchall()
    assert {(table.name, table.scope) for table in TABLES if table.scope} <= leading
    assert [row for row in references if not any((row[0], column) in leading for column in row[1])] == []
