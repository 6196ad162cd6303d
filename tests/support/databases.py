"""Databases on a throw-away server (`tests.support.postgresql`) that knows the platform's roles."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.postgresql import ROLES, Server
from trunkline.database import migrate
from trunkline.database.connect import connect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Database:
    """One database of the server.

    Args:
        server: Where it lives.
        name: Its name.
    """

    server: Server
    name: str

    def dsn(self, role: str = "trunkline_apply") -> str:
        """Return the data source name for a role."""
        return self.server.dsn(self.name, role)


@contextlib.contextmanager
def platform_server(settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Give a running server with the platform's roles; it is gone afterwards.

    Args:
        settings: Of PostgreSQL, on top of the usual ones.
    """
    server = Server(settings)
    try:
        for role in ROLES:
            server.execute(f"create role {role} login")
        yield server
    finally:
        server.stop()


def migrated(server: Server, name: str) -> Database:
    """Create a database with every migration and no rows."""
    made = Database(server, name)
    server.execute(f"create database {name} owner trunkline_owner")
    with connect(made.dsn("trunkline_owner"), application="test", autocommit=True) as connection:
        migrate.apply(connection, migrate.shipped())
    return made
