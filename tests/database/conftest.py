"""A real PostgreSQL server per test run, an empty database with every migration per test."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from tests.support import paper
from tests.support.databases import Database, migrated, platform_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.postgresql import Server

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Start a server with the platform's roles."""
    with platform_server() as running:
        running.execute("create database template_empty owner trunkline_owner")
        migrated(running, "template_migrated")
        yield running


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
