"""Puts compiled rows into the database: COPY into temporary tables, then three statements per table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from trunkline.compile import TABLES
from trunkline.compile._compiler import PLATFORM_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.compile import Compiled, Table
    from trunkline.plan._connection import Connection

Counts = dict[str, dict[str, int]]
_SCOPES = sql.Identifier("pg_temp", "staged_scope")


def merge(connection: Connection, compiled: Compiled, scopes: Sequence[str]) -> Counts:
    """Make the rows of some scopes equal to the compiled ones, inside of the transaction at hand.

    Args:
        connection: In a transaction.
        compiled: The rows.
        scopes: Ids of what may differ; those that were not compiled are removed.

    Returns:
        Rows added, changed and removed, by table; tables without changes are missing.
    """
    _stage(connection, compiled, scopes)
    counts: Counts = {}
    # Foreign keys are checked at commit. Removing before changing before adding never meets a unique constraint.
    for action, statement in (("removed", _remove), ("changed", _change), ("added", _add)):
        for table in TABLES:
            rows = connection.execute(statement(table)).rowcount
            if rows:
                counts.setdefault(table.name, {"added": 0, "changed": 0, "removed": 0})[action] = rows
    connection.execute(
        sql.SQL("delete from config.scope where id in (select id from {} where digest is null)").format(_SCOPES)
    )
    connection.execute(
        sql.SQL(
            "insert into config.scope (id, digest) select id, digest from {} where digest is not null"
            " on conflict (id) do update set digest = excluded.digest"
        ).format(_SCOPES)
    )
    return counts


def _stage(connection: Connection, compiled: Compiled, scopes: Sequence[str]) -> None:
    """Copy scopes and rows into temporary tables."""
    connection.execute("create temporary table staged_scope (id uuid primary key, digest text) on commit drop")
    with connection.cursor().copy("copy pg_temp.staged_scope (id, digest) from stdin") as copy:
        for identity in scopes:
            scope = compiled.scopes.get(identity)
            copy.write_row((identity, None if scope is None else scope.digest))
    for table in TABLES:
        connection.execute(
            sql.SQL("create temporary table {} (like config.{}) on commit drop").format(
                sql.Identifier(f"staged_{table.name}"), sql.Identifier(table.name)
            )
        )
        statement = sql.SQL("copy {} ({}) from stdin").format(_staged(table), _columns(table))
        with connection.cursor().copy(statement) as copy:
            for identity in scopes:
                scope = compiled.scopes.get(identity)
                for row in scope.rows.get(table.name, ()) if scope else ():
                    copy.write_row(row)
        connection.execute(sql.SQL("analyze {}").format(_staged(table)))
    connection.execute(sql.SQL("analyze {}").format(_SCOPES))


def _remove(table: Table) -> sql.Composed:
    """Return the statement that removes the rows of staged scopes that were not staged."""
    platform = sql.SQL("exists (select from {} as s where s.id = {})").format(_SCOPES, sql.Literal(PLATFORM_ID))
    own = sql.SQL("old.{} in (select s.id from {} as s)").format(sql.Identifier(table.scope or "id"), _SCOPES)
    return sql.SQL(
        "delete from config.{} as old where {} and not exists (select from {} as new where new.id = old.id)"
    ).format(sql.Identifier(table.name), own if table.scope else platform, _staged(table))


def _change(table: Table) -> sql.Composed:
    """Return the statement that updates rows that differ from the staged ones."""
    columns = [sql.Identifier(name) for name in table.column_names[1:]]
    assignments = sql.SQL(", ").join(sql.SQL("{0} = new.{0}").format(column) for column in columns)
    before, after = (
        sql.SQL(", ").join(sql.SQL(f"{side}." + "{}").format(column) for column in columns) for side in ("old", "new")
    )
    return sql.SQL(
        "update config.{} as old set {} from {} as new where old.id = new.id and ({}) is distinct from ({})"
    ).format(sql.Identifier(table.name), assignments, _staged(table), before, after)


def _add(table: Table) -> sql.Composed:
    """Return the statement that inserts staged rows that are not there yet."""
    return sql.SQL(
        "insert into config.{0} ({1}) select {1} from {2} as new"
        " where not exists (select from config.{0} as old where old.id = new.id)"
    ).format(sql.Identifier(table.name), _columns(table), _staged(table))


def _staged(table: Table) -> sql.Identifier:
    return sql.Identifier("pg_temp", f"staged_{table.name}")


def _columns(table: Table) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in table.column_names)
