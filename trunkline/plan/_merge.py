"""Puts images of scopes into the database: COPY into temporary tables, then three statements per table.

What belongs to a scope of which there is nothing yet needs no comparison: it is copied straight to its place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING
from uuid import UUID

from psycopg import sql

from trunkline.compile import TABLES
from trunkline.compile._compiler import PLATFORM_ID
from trunkline.compile.image import blocks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from trunkline.compile import Compiled, Table
    from trunkline.plan._connection import Connection

Counts = dict[str, dict[str, int]]
_SCOPES = sql.Identifier("pg_temp", "staged_scope")
_PORTION = 200  # scopes; what is held in memory at a time


def merge(
    connection: Connection,
    wanted: Compiled,
    scopes: Sequence[str],
    progress: Callable[[str, int, int], None] | None = None,
) -> Counts:
    """Make the rows of some scopes equal to the wanted ones, inside of the transaction at hand.

    The temporary table ``staged_scope`` is left for `trunkline.plan._history.record`.

    Args:
        connection: In a transaction.
        wanted: The rows.
        scopes: Ids of what may differ; those that are not wanted are removed.
        progress: Is told what is done, how far it is, and of how much.

    Returns:
        Rows added, changed and removed, by table; tables without changes are missing.
    """
    fresh = _fresh(connection, [identity for identity in scopes if identity in wanted.scopes])
    staged = _stage(connection, wanted, scopes, fresh, progress)
    counts: Counts = {}
    # Foreign keys are checked at commit. Removing before changing before adding never meets a unique constraint.
    with_rows = [table for table in TABLES if table.name in staged]
    statements = [("removed", table, _remove(table, is_staged=table.name in staged)) for table in TABLES]
    statements += [("changed", table, _change(table)) for table in with_rows]
    statements += [("added", table, _add(table)) for table in with_rows]
    for done, (action, table, statement) in enumerate(statements):
        rows = connection.execute(statement).rowcount
        if rows:
            counts.setdefault(table.name, {"added": 0, "changed": 0, "removed": 0})[action] = rows
        if progress is not None:
            progress("merged", done + 1, len(statements))
    for name, rows in _fill(connection, wanted, sorted(fresh), progress).items():
        counts.setdefault(name, {"added": 0, "changed": 0, "removed": 0})["added"] += rows
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


def _fresh(connection: Connection, scopes: Sequence[str]) -> set[str]:
    """Return those scopes of which there is nothing in any table."""
    nowhere = [
        sql.SQL("not exists (select from config.{} as t where t.{} = s.id)").format(
            sql.Identifier(table.name), sql.Identifier(table.scope)
        )
        for table in TABLES
        if table.scope
    ]
    query = sql.SQL(
        "select s.id::text from unnest(%s::uuid[]) as s (id)"
        " where s.id <> {} and not exists (select from config.scope where scope.id = s.id) and {}"
    ).format(sql.Literal(PLATFORM_ID), sql.SQL(" and ").join(nowhere))
    return {row[0] for row in connection.execute(query, [list(scopes)])}


def _fill(
    connection: Connection, wanted: Compiled, scopes: Sequence[str], progress: Callable[[str, int, int], None] | None
) -> dict[str, int]:
    """Copy the rows of new scopes to their place; return how many by table."""
    counts: Counter[str] = Counter()
    for start in range(0, len(scopes), _PORTION):
        some = scopes[start : start + _PORTION]
        _copy(connection, [wanted.scopes[identity].load() for identity in some], _place, counts)
        if progress is not None:
            progress("new clients and brands", min(start + _PORTION, len(scopes)), len(scopes))
    return dict(counts)


def _copy(
    connection: Connection, images: Iterable[bytes], place: Callable[[Table], sql.Identifier], counts: Counter[str]
) -> None:
    """Copy the rows of images to some place, table by table, and count them."""
    blocks: dict[str, list[bytes]] = defaultdict(list)
    for image in images:
        for name, block in blocks_of(image).items():
            blocks[name].append(block)
    for table in TABLES:
        if table.name in blocks:
            cursor = connection.cursor()
            with cursor.copy(sql.SQL("copy {} ({}) from stdin").format(place(table), _columns(table))) as copy:
                for block in blocks[table.name]:
                    copy.write(block)
            counts[table.name] += cursor.rowcount


def _stage(
    connection: Connection,
    wanted: Compiled,
    scopes: Sequence[str],
    fresh: Collection[str],
    progress: Callable[[str, int, int], None] | None,
) -> Collection[str]:
    """Copy scopes and rows into temporary tables; return the names of the tables with such rows."""
    connection.execute(
        "create temporary table staged_scope (id uuid primary key, brand text, client text, digest text, image bytea)"
        " on commit drop"
    )
    connection.execute("alter table pg_temp.staged_scope alter column image set storage external")
    staged: Counter[str] = Counter()
    for start in range(0, len(scopes), _PORTION):
        _stage_some(connection, wanted, scopes[start : start + _PORTION], fresh, staged)
        if progress is not None:
            progress("staged", min(start + _PORTION, len(scopes)), len(scopes))
    for table in TABLES:
        if table.name in staged:
            connection.execute(sql.SQL("analyze {}").format(_staged(table)))
    connection.execute(sql.SQL("analyze {}").format(_SCOPES))
    return staged


def _stage_some(
    connection: Connection, wanted: Compiled, scopes: Sequence[str], fresh: Collection[str], staged: Counter[str]
) -> None:
    """Copy some scopes, and the rows of those that are not new, into temporary tables, which are made when needed."""
    # All of them before the copying begins: images of past revisions come over the same connection.
    images = {identity: wanted.scopes[identity].load() for identity in scopes if identity in wanted.scopes}
    statement = "copy pg_temp.staged_scope (id, brand, client, digest, image) from stdin (format binary)"
    with connection.cursor().copy(statement) as copy:
        copy.set_types(["uuid", "text", "text", "text", "bytea"])
        for identity in scopes:
            scope = wanted.scopes.get(identity)
            if scope is None:
                copy.write_row((UUID(identity), "", "", None, None))
                continue
            copy.write_row((UUID(identity), scope.brand, scope.client, scope.digest, images[identity]))

    def place(table: Table) -> sql.Identifier:
        if table.name not in staged:
            statement = sql.SQL("create temporary table {} (like config.{}) on commit drop")
            connection.execute(statement.format(sql.Identifier(_staged_name(table)), sql.Identifier(table.name)))
        return _staged(table)

    _copy(connection, [image for identity, image in images.items() if identity not in fresh], place, staged)


def _remove(table: Table, *, is_staged: bool) -> sql.Composed:
    """Return the statement that removes the rows of staged scopes that were not staged."""
    platform = sql.SQL("exists (select from {} as s where s.id = {})").format(_SCOPES, sql.Literal(PLATFORM_ID))
    own = sql.SQL("old.{} in (select s.id from {} as s)").format(sql.Identifier(table.scope or "id"), _SCOPES)
    statement = sql.SQL("delete from config.{} as old where {}").format(
        sql.Identifier(table.name), own if table.scope else platform
    )
    if not is_staged:
        return statement
    return statement + sql.SQL(" and not exists (select from {} as new where new.id = old.id)").format(_staged(table))


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


def _place(table: Table) -> sql.Identifier:
    return sql.Identifier("config", table.name)


def _staged(table: Table) -> sql.Identifier:
    return sql.Identifier("pg_temp", _staged_name(table))


def _staged_name(table: Table) -> str:
    return f"staged_{table.name}"


def _columns(table: Table) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in table.column_names)
