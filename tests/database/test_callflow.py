"""The call-flow service against a real database: what it reads, what it hears of, what it does in an outage."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

import psycopg
import pytest

from trunkline.callflow.cache import ConfigurationCache
from trunkline.callflow.database import DatabaseSource, Watcher
from trunkline.callflow.engine import decide
from trunkline.callflow.numbers import UnavailableError
from trunkline.callflow.steps import CallState, Dialled, Ring

if TYPE_CHECKING:
    from tests.support.databases import Database

ACME, OTHER = str(uuid.UUID(int=1)), str(uuid.UUID(int=99))
_NAMES = ("client", "brand", "user-alice", "user-bob", "x101", "x102", "x112", "x199", "alice", "bob")


def write(database: Database, *statements: tuple[str, tuple[object, ...]]) -> None:
    """Run statements in one transaction, as `trunkline apply` would."""
    with psycopg.connect(database.dsn("trunkline_apply")) as connection:
        for statement, parameters in statements:
            connection.execute(statement.encode(), parameters)


def fill(database: Database) -> None:
    """Two users with terminals, four extensions; bob's screen extension is the higher one, alice has none."""
    id_ = {name: uuid.UUID(int=number) for number, name in enumerate(_NAMES, 1)}
    client = id_["client"]
    person = 'insert into config."user" values (%s, %s, %s, %s, %s, %s)'
    number = "insert into config.extension values (%s, %s, %s, %s)"
    terminal = "insert into config.terminal values (%s, %s, %s, %s)"
    write(
        database,
        ("insert into config.brand values (%s, 'atlas')", (id_["brand"],)),
        (
            "insert into config.client values (%s, %s, 'acme', 'vpbx', 'acme.example', 'en')",
            (client, id_["brand"]),
        ),
        (terminal, (id_["alice"], client, "alice", "0" * 32)),
        (terminal, (id_["bob"], client, "bob", "0" * 32)),
        (person, (id_["user-alice"], client, "alice", "Alice", id_["alice"], None)),
        (person, (id_["user-bob"], client, "bob", "Bob", id_["bob"], id_["x112"])),
        (number, (id_["x101"], client, "101", id_["user-alice"])),
        (number, (id_["x102"], client, "102", id_["user-bob"])),
        (number, (id_["x112"], client, "112", id_["user-bob"])),
        (number, (id_["x199"], client, "199", None)),
    )


def announce(database: Database, *clients: str) -> int:
    reload = json.dumps({"identities": True, "relays": False, "application_servers": False, "clients": list(clients)})
    with psycopg.connect(database.dsn("trunkline_apply")) as connection:
        row = connection.execute(
            "insert into config.revision (digest, author, duration_ms, counts, reload)"
            " values ('x', 'test', 1, '{}', %s) returning id",
            (reload,),
        ).fetchone()
        assert row is not None
        return int(row[0])


def lock_out(database: Database, login: str) -> None:
    """Cut the service's connections; `nologin` keeps it from opening new ones."""
    database.server.execute(f"alter role trunkline_callflow {login}")
    database.server.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'trunkline_callflow'"
    )


class Running:
    """The service's parts, as the process puts them together."""

    def __init__(self, database: Database) -> None:
        dsn = database.dsn("trunkline_callflow")
        self.source = DatabaseSource(dsn)
        self.cache = ConfigurationCache(self.source)
        self.seen: list[list[str] | None] = []
        self.task: asyncio.Task[None] | None = None
        self.watcher = Watcher(self.source, self._changed, dsn, "as1")

    def _changed(self, clients: Iterable[str] | None) -> None:
        names = None if clients is None else list(clients)
        self.seen.append(names)
        self.cache.changed(names)

    async def __aenter__(self) -> Self:
        """Start, and wait until the database was asked."""
        self.task = asyncio.create_task(self.watcher.run())
        await self.until(lambda: bool(self.seen))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        assert self.task is not None
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.source.close()

    async def until(self, condition: Any, seconds: float = 20) -> None:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - the condition is somebody else's variable
                await asyncio.sleep(0.02)


def confirmed(database: Database) -> int:
    with psycopg.connect(database.dsn("trunkline_monitor")) as connection:
        row = connection.execute(
            "select revision from live.confirmation where host = 'as1' and service = 'callflow'"
        ).fetchone()
    return int(row[0]) if row is not None else -1


async def test_the_document_is_what_the_engine_needs(database: Database) -> None:
    fill(database)
    async with Running(database) as running:
        configuration = await running.cache.get(ACME)
        assert configuration is not None
        alice, bob = configuration.extensions["101"].user, configuration.extensions["102"].user
        assert alice is not None
        assert bob is not None
        assert alice.contact is not None
        assert (alice.contact.address, alice.extension) == ("alice@acme.example", "101")
        assert bob.extension == "112"
        assert configuration.extensions["199"].kind == "none"
        (step,) = decide(configuration, CallState(), Dialled(alice.contact.endpoint, "101", "102"))
        assert isinstance(step, Ring)
        assert (step.address, step.caller.name) == ("bob@acme.example", "Alice")


async def test_what_is_no_client_is_none(database: Database) -> None:
    async with Running(database) as running:
        assert await running.cache.get(OTHER) is None
        assert await running.cache.get("no uuid'; drop table x") is None


async def test_a_revision_is_read_and_confirmed_within_two_seconds(database: Database) -> None:
    fill(database)
    async with Running(database) as running:
        assert confirmed(database) == 0
        await running.cache.get(ACME)
        write(database, ("update config.extension set number = '150' where number = '102'", ()))
        revision = announce(database, ACME)
        await running.until(lambda: confirmed(database) == revision, 2)
        configuration = await running.cache.get(ACME)
        assert configuration is not None
        assert "150" in configuration.extensions
        assert running.seen == [None, [ACME]]


async def test_an_outage_leaves_known_clients_working_and_refuses_others_at_once(database: Database) -> None:
    fill(database)
    async with Running(database) as running:
        await running.cache.get(ACME)
        lock_out(database, "nologin")
        try:
            running.cache.changed([ACME])
            assert await running.cache.get(ACME) is not None
            with pytest.raises(UnavailableError):
                await running.cache.get(OTHER)
            async with asyncio.timeout(0.1):
                with pytest.raises(UnavailableError, match="is down"):
                    await running.cache.get(OTHER)
        finally:
            lock_out(database, "login")
        await running.until(lambda: running.source.reachable)
        assert await running.cache.get(OTHER) is None


async def test_a_cut_connection_is_opened_again_and_nothing_is_missed(database: Database) -> None:
    fill(database)
    async with Running(database) as running:
        await running.cache.get(ACME)
        lock_out(database, "login")
        revision = announce(database, ACME)
        await running.until(lambda: confirmed(database) == revision)
        assert running.seen[-1] == [ACME]
        assert await running.cache.get(ACME) is not None
        assert await running.cache.get(OTHER) is None


async def test_nobody_home(database: Database) -> None:
    dead = DatabaseSource(f"host=127.0.0.1 port=1 dbname={database.name} user=x")
    with pytest.raises(UnavailableError, match="does not answer"):
        await dead.load(ACME)
    with pytest.raises(UnavailableError, match="is down"):
        await dead.load(ACME)


async def test_a_client_that_moved_is_found_by_the_id_of_before(database: Database) -> None:
    """Twice, and back: what a call in progress knows is any id that the client had."""
    fill(database)
    first, second, alice = str(uuid.UUID(int=70)), str(uuid.UUID(int=71)), str(uuid.UUID(int=_NAMES.index("alice") + 1))
    revisions = [announce(database) for _ in range(4)]
    moves = [(first, second), (second, ACME), (ACME, first), (first, ACME)]
    for revision, (old, new) in zip(revisions, moves, strict=True):
        write(database, ("insert into config.revision_moved values (%s, 'client', %s, %s)", (revision, old, new)))
    write(
        database,
        (
            "insert into config.revision_moved values (%s, 'terminal', %s, %s)",
            (revisions[0], str(uuid.UUID(int=80)), alice),
        ),
    )
    async with Running(database) as running:
        known = await running.cache.get(ACME)
        assert known is not None
        for before in (first, second):
            assert await running.cache.get(before) == known
        assert known.users_by_endpoint[str(uuid.UUID(int=80))].name == "alice"
        assert await running.cache.get(OTHER) is None
