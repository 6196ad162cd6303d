"""Where rows come from: images of scopes, by the compiler or from a revision, and the tables of `config`."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from psycopg import sql

from trunkline.compile import TABLES
from trunkline.compile._compiler import PLATFORM_ID
from trunkline.compile.image import TextRow, blocks_of

if TYPE_CHECKING:
    from trunkline.compile import Scope, Table
    from trunkline.plan._connection import Connection

Rows = Mapping[str, Sequence[TextRow]]
"""The rows of a scope by table; tables without rows may be missing."""
_EVERY: Container[str] = frozenset(table.name for table in TABLES)


class Source(Protocol):
    """Where rows come from."""

    def __call__(self, scopes: Sequence[str], tables: Container[str] = ..., /) -> Mapping[str, Rows]:
        """Return the rows of some scopes, by the scope's id; scopes without rows may be missing.

        Args:
            scopes: Their ids.
            tables: Names of the tables that count; all of them without any. Others may be there, or missing.
        """
        ...


def rows_of(scopes: Mapping[str, Scope]) -> Source:
    """Return the source that gives the rows of scopes at hand."""

    def found(wanted: Sequence[str], _: Container[str] = _EVERY) -> Mapping[str, Rows]:
        return {identity: scopes[identity].rows for identity in wanted if identity in scopes}

    return found


def stored(connection: Connection) -> Source:
    """Return the source that reads the tables of schema `config`."""

    def found(scopes: Sequence[str], tables: Container[str] = _EVERY) -> Mapping[str, Rows]:
        return _read(connection, scopes, tables)

    return found


def _read(connection: Connection, scopes: Sequence[str], tables: Container[str]) -> Mapping[str, Rows]:
    found: dict[str, dict[str, list[TextRow]]] = defaultdict(lambda: defaultdict(list))
    for table in TABLES:
        if table.name not in tables:
            continue
        if not table.scope:
            if PLATFORM_ID in scopes:
                found[PLATFORM_ID][table.name] = connection.execute(_select(table)).fetchall()
            continue
        query = _select(table) + sql.SQL(" where {} = any(%s::uuid[])").format(sql.Identifier(table.scope))
        place = table.position(table.scope)
        for row in connection.execute(query, [list(scopes)]):
            found[row[place]][table.name].append(row)
    return found


def hold(connection: Connection, scopes: Mapping[str, Scope]) -> bool:
    """Say whether the tables hold exactly the rows of some scopes: byte by byte, without looking at single rows.

    Args:
        connection: To the database.
        scopes: By id.
    """
    ids = sorted(scopes)
    blocks = [blocks_of(scopes[identity].load()) for identity in ids]
    for table in TABLES:
        query = _select(table)
        if table.scope:
            scope = sql.Identifier(table.scope)
            query += sql.SQL(" where {0} = any({1}::uuid[]) order by {0}, id").format(scope, sql.Literal(ids))
        elif PLATFORM_ID in scopes:
            query += sql.SQL(" order by id")
        else:
            continue
        with connection.cursor().copy(sql.SQL("copy ({}) to stdout").format(query)) as copy:
            if b"".join(bytes(data) for data in copy) != b"".join(found.get(table.name, b"") for found in blocks):
                return False
    return True


def _select(table: Table) -> sql.Composed:
    read = [
        sql.SQL("({})::text").format(sql.SQL(column.read) if column.read else sql.Identifier(column.name))
        for column in table.columns
    ]
    return sql.SQL("select {} from config.{}").format(sql.SQL(", ").join(read), sql.Identifier(table.name))


def strangers(connection: Connection, known: Iterable[str]) -> list[str]:
    """Return the ids of scopes that rows of `config` name and that are not known.

    Args:
        connection: To the database.
        known: Ids of scopes.
    """
    parts = [
        sql.SQL("select {} from config.{}").format(sql.Identifier(table.scope), sql.Identifier(table.name))
        for table in TABLES
        if table.scope
    ]
    query = sql.SQL("select id::text from ({}) as found (id) where id <> all(%s::uuid[])").format(
        sql.SQL(" union ").join(parts)
    )
    return [row[0] for row in connection.execute(query, [list(known)])]


def digest_of(digests: Mapping[str, str]) -> str:
    """Return the digest of everything, from the digests of scopes by id."""
    total = hashlib.sha256()
    for identity in sorted(digests):
        total.update(f"{identity} {digests[identity]}\n".encode())
    return total.hexdigest()
