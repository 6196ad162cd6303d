"""Compares compiled rows with those of the database, only where the digests differ."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, cast

from psycopg import sql

from trunkline.compile import TABLES
from trunkline.compile._compiler import PLATFORM_ID
from trunkline.plan._changes import Action, Change, FieldChange, Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from trunkline.compile import Compiled, Row, Table
    from trunkline.plan._connection import Connection

# A row as text: what the database and the compiler agree on, whatever types lie between.
TextRow = tuple[str | None, ...]
_Names = dict[tuple[str, str], str]


def make_plan(connection: Connection, compiled: Compiled, *, full: bool = False) -> Plan:
    """Return what applying would do. Reads only.

    Args:
        connection: To the database; a transaction is begun on it if there is none.
        compiled: What the database has to hold.
        full: Compare every row, also where the digests say that there is nothing to find.
    """
    recorded: dict[str, str] = dict(connection.execute("select id::text, digest from config.scope").fetchall())
    newest = connection.execute("select coalesce(max(id), 0) from config.revision").fetchone()
    wanted = compiled.scopes
    stale = {identity for identity, scope in wanted.items() if recorded.get(identity) != scope.digest}
    stale |= recorded.keys() - wanted.keys()
    comparison = _Comparison(connection, compiled, sorted(recorded.keys() | wanted.keys() if full else stale))
    changes = tuple(comparison.changes())
    return Plan(
        changes=changes,
        scopes=tuple(sorted(stale | comparison.touched.keys())),
        unchanged=len(wanted.keys() - comparison.touched.keys()),
        reload=_reload(comparison.touched, compiled),
        digest=compiled.digest,
        revision=int(newest[0]) if newest else 0,
    )


def _reload(touched: Mapping[str, set[str]], compiled: Compiled) -> dict[str, object]:
    """Return what has to be read again after changes in some tables of some scopes."""
    effects = {table.name: table.reload for table in TABLES}
    found = {effect for tables in touched.values() for table in tables for effect in effects[table]}
    clients = sorted(
        identity
        for identity, tables in touched.items()
        if (identity not in compiled.scopes or compiled.scopes[identity].client)
        and any("clients" in effects[table] for table in tables)
    )
    flags = ("identities", "relays", "application_servers")
    return {**{flag: flag in found for flag in flags}, "clients": clients}


class _Comparison:
    """The comparison of some scopes.

    Attributes:
        touched: Names of the tables with changes, by scope.
    """

    def __init__(self, connection: Connection, compiled: Compiled, scopes: Sequence[str]) -> None:
        self.touched: dict[str, set[str]] = {}
        self._compiled = compiled
        self._owners = _owners(connection, compiled, scopes)
        self._old = {table.name: _rows(connection, table, scopes) for table in TABLES}
        self._names: _Names = {}
        for table in TABLES:
            self._learn(table, (row for rows in self._old[table.name].values() for row in rows.values()))
            self._learn(table, (text for scope in scopes for text in self._new(scope, table).values()))
        for name in {column.references for table in TABLES for column in table.columns if column.references}:
            self._learn_platform(connection, name)

    def changes(self) -> Iterator[Change]:
        """Yield the changes, in the order in which people read them."""
        for scope, (brand, client) in sorted(self._owners.items(), key=lambda item: item[1]):
            for table in TABLES:
                found = list(self._table_changes(table, scope, brand, client))
                if found:
                    self.touched.setdefault(scope, set()).add(table.name)
                    yield from found

    def _table_changes(self, table: Table, scope: str, brand: str, client: str) -> Iterator[Change]:
        old, new = self._old[table.name].get(scope, {}), self._new(scope, table)
        if old == new:
            return
        if table.ordered_by:
            before, after = self._listed(table, old), self._listed(table, new)
            field = (FieldChange("", before or None, after or None),)
            rows = sum(1 for identity in old.keys() | new.keys() if old.get(identity) != new.get(identity))
            yield Change(_action(old, new), table.label, table.name, brand, client, "", field, rows)
            return
        for identity in sorted(old.keys() | new.keys(), key=lambda key: _order(self._names[table.name, key])):
            before_row, after_row = old.get(identity), new.get(identity)
            if before_row != after_row:
                fields = tuple(self._fields(table, before_row, after_row)) if after_row else ()
                action, name = _action(before_row, after_row), self._names[table.name, identity]
                yield Change(action, table.label, table.name, brand, client, name, fields)

    def _fields(self, table: Table, old: TextRow | None, new: TextRow) -> Iterator[FieldChange]:
        for position, column in enumerate(table.columns):
            before, after = None if old is None else old[position], new[position]
            if before == after:
                continue
            if column.secret:
                if old is not None:
                    yield FieldChange(column.label or column.name, None, None, secret=True)
            elif column.label or old is not None:
                values = (self._shown(column.references, before), self._shown(column.references, after))
                yield FieldChange(column.label or column.name, *values)

    def _listed(self, table: Table, rows: Mapping[str, TextRow]) -> str:
        """Return the titles of rows that form a list."""
        order, title = table.position(table.ordered_by), table.position(table.title)
        references = table.columns[title].references
        ordered = sorted(rows.values(), key=lambda row: int(row[order] or 0))
        return ", ".join(self._shown(references, row[title]) or "" for row in ordered)

    def _shown(self, references: str, value: str | None) -> str | None:
        return self._names.get((references, value), value) if references and value else value

    def _new(self, scope: str, table: Table) -> Mapping[str, TextRow]:
        compiled = self._compiled.scopes.get(scope)
        return {} if compiled is None else {str(row[0]): _text(row) for row in compiled.rows.get(table.name, ())}

    def _learn(self, table: Table, rows: Iterable[TextRow]) -> None:
        title = table.position(table.title)
        for row in rows:
            self._names[table.name, row[0] or ""] = row[title] or ""

    def _learn_platform(self, connection: Connection, name: str) -> None:
        """Learn the names in a table that belongs to the platform and that rows of clients refer to."""
        table = next(table for table in TABLES if table.name == name)
        if table.scope:
            return  # only referred to by rows of the same scope, which are known
        for row in _rows(connection, table, [PLATFORM_ID]).get(PLATFORM_ID, {}).values():
            self._names.setdefault((name, row[0] or ""), row[table.position(table.title)] or "")
        self._learn(table, self._new(PLATFORM_ID, table).values())


def _rows(connection: Connection, table: Table, scopes: Sequence[str]) -> dict[str, dict[str, TextRow]]:
    """Return the rows that the database has of some scopes: by scope, then by id."""
    if not scopes or (not table.scope and PLATFORM_ID not in scopes):
        return {}
    read = [
        sql.SQL("({})::text").format(sql.SQL(column.read) if column.read else sql.Identifier(column.name))
        for column in table.columns
    ]
    query = sql.SQL("select {} from config.{}").format(sql.SQL(", ").join(read), sql.Identifier(table.name))
    found: dict[str, dict[str, TextRow]] = defaultdict(dict)
    if not table.scope:
        for row in connection.execute(query):
            found[PLATFORM_ID][row[0]] = row
        return found
    query += sql.SQL(" where {} = any(%s::uuid[])").format(sql.Identifier(table.scope))
    scope = table.position(table.scope)
    for row in connection.execute(query, [list(scopes)]):
        found[row[scope]][row[0]] = row
    return found


def _owners(connection: Connection, compiled: Compiled, scopes: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the names of brand and client of some scopes."""
    found = {
        identity: (compiled.scopes[identity].brand, compiled.scopes[identity].client)
        for identity in scopes
        if identity in compiled.scopes
    }
    unknown = [identity for identity in scopes if identity not in found]
    query = """
        select client.id::text, brand.name, client.name
          from config.client join config.brand on brand.id = client.brand_id where client.id = any(%(ids)s::uuid[])
        union all
        select id::text, name, '' from config.brand where id = any(%(ids)s::uuid[])
    """
    if unknown:
        found |= {row[0]: (row[1], row[2]) for row in connection.execute(query, {"ids": unknown})}
    return found


def _action(old: object, new: object) -> Action:
    return "add" if not old else "change" if new else "remove"


def _text(row: Row) -> TextRow:
    return cast("TextRow", tuple(value if value is None or isinstance(value, str) else str(value) for value in row))


def _order(name: str) -> tuple[bool, int, str]:
    """Sort numbers by value, then names by letter."""
    digits = name.isdecimal()
    return (not digits, int(name) if digits else 0, name)
