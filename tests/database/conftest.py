"""A real PostgreSQL server per test run, an empty database with every migration per test."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.support import paper
from tests.support.postgresql import ROLES, Server
from trunkline.database import migrate
from trunkline.database.connect import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NUMBERS = itertools.count(1)


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


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Start a server with the platform's roles."""
    running = Server()
    try:
        for role in ROLES:
            running.execute(f"create role {role} login")
        running.execute("create database template_empty owner trunkline_owner")
        running.execute("create database template_migrated owner trunkline_owner")
        dsn = running.dsn("template_migrated", "trunkline_owner")
        with connect(dsn, application="test", autocommit=True) as connection:
            migrate.apply(connection, migrate.shipped())
        yield running
    finally:
        running.stop()


def _copy(server: Server, template: str) -> Database:
    name = f"test_{next(_NUMBERS)}"
    server.execute(f"create database {name} template {template} owner trunkline_owner")
    return Database(server, name)


@pytest.fixture(scope="module")
def shared_database(server: Server) -> Iterator[Database]:
    """Give a database with every migration and no rows, which the tests of a module share."""
    made = _copy(server, "template_migrated")
    yield made
    server.execute(f"drop database {made.name} with (force)")


@pytest.fixture
def empty_database(server: Server) -> Iterator[Database]:
    """Give a database without any migration."""
    database = _copy(server, "template_empty")
    yield database
    server.execute(f"drop database {database.name} with (force)")


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """Give a database with every migration and no rows."""
    made = _copy(server, "template_migrated")
    yield made
    server.execute(f"drop database {made.name} with (force)")


@pytest.fixture
def empty_copy(server: Server) -> Iterator[Database]:
    """Give a second database with every migration and no rows."""
    made = _copy(server, "template_migrated")
    yield made
    server.execute(f"drop database {made.name} with (force)")


@pytest.fixture
def inventory(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an inventory whose platform has machines on paper, and a database."""
    return paper.make(tmp_path, database.dsn(), monkeypatch)
