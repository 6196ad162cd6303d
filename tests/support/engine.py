"""Plans and applies in tests against a real database, and what the database holds afterwards, byte by byte."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from tests.support import inventories
from trunkline.compile import TABLES, ApplicationServer, Infrastructure, MediaRelay
from trunkline.plan import ALLOWANCES, Options, Provenance, apply, database, make_plan, rollback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.databases import Database
    from tests.support.inventories import Tree
    from trunkline.compile import Compiled
    from trunkline.plan import Applied, Change, Plan

ME = Provenance("c0ffee", "tests")
HOSTS = Infrastructure(
    (ApplicationServer("as1", "10.0.0.3", 6060), ApplicationServer("as2", "10.0.0.4", 6060)),
    (MediaRelay("mr1", "default", "10.0.0.5", 2223, 1, "active"),),
)
ACME: Tree = {
    "atlas": {
        "brand": {},
        "clients": {
            "acme": {
                "type": "vpbx",
                "domain": "acme.example",
                "users": {
                    "alice": {"name": "Alice", "extension": "101"},
                    "bob": {"name": "Bob", "extension": "102"},
                },
            },
            "globex": {"type": "vpbx", "domain": "globex.example", "users": {}},
        },
    }
}


def compiled(tree: Tree = ACME, platform: Mapping[str, Any] | None = None) -> Compiled:
    """Return the rows of a tree on the usual hosts."""
    return inventories.compiled(tree, HOSTS, platform=platform)


def acme(**edit: Any) -> Tree:
    """Return the usual tree with other fields of client acme."""
    tree = copy.deepcopy(ACME)
    tree["atlas"]["clients"]["acme"].update(edit)
    return tree


def crowd(users: int, **edit: Any) -> Tree:
    """Return the usual tree with many users in client acme."""
    return acme(
        users={f"user{number}": {"name": f"User {number}", "extension": str(1000 + number)} for number in range(users)},
        **edit,
    )


def do_apply(target: Database, wanted: Compiled, **options: Any) -> Applied:
    """Apply; everything is allowed unless the options say otherwise."""
    with database(target.dsn()) as connection:
        return apply(connection, wanted, ME, Options(**{"allowed": ALLOWANCES, **options}))


def do_plan(target: Database, wanted: Compiled, **options: Any) -> Plan:
    """Plan."""
    with database(target.dsn(), read_only=True) as connection:
        return make_plan(connection, wanted, **options)


def do_rollback(target: Database, number: int | None = None, **options: Any) -> Applied:
    """Roll back; everything is allowed unless the options say otherwise."""
    with database(target.dsn()) as connection:
        return rollback(connection, number, ME, Options(**{"allowed": ALLOWANCES, **options}))[0]


def held(target: Database) -> dict[str, bytes]:
    """Return what the database holds: every table of schema `config` that an inventory fills, as COPY writes it."""
    found = {}
    with psycopg.connect(target.dsn()) as connection:
        for name in [*(table.name for table in TABLES), "scope"]:
            query = sql.SQL("copy (select * from config.{} order by id) to stdout").format(sql.Identifier(name))
            with connection.cursor().copy(query) as copied:
                found[name] = b"".join(bytes(block) for block in copied)
    return found


def rows(target: Database, query: str, *parameters: Any, role: str = "trunkline_owner") -> list[tuple[Any, ...]]:
    """Return the rows of a query, in a transaction of its own; statements without rows return none."""
    with psycopg.connect(target.dsn(role)) as connection:
        cursor = connection.execute(query.encode(), parameters)
        return cursor.fetchall() if cursor.description else []


def titles(changes: tuple[Change, ...] | list[Change]) -> list[str]:
    """Return changes in short: action, kind, old name if it moved, name."""
    parts = ((change.action, change.kind, change.was, change.name) for change in changes)
    return [" ".join(part for part in each if part) for each in parts]
