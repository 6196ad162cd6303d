"""An apply that is killed, cut off or crashed at any moment leaves the old or the new state, and the next one works."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.engine import compiled, crowd, do_apply, do_plan, do_rollback, held, rows
from trunkline.errors import PlatformError
from trunkline.plan import Options, Provenance, apply, drift
from trunkline.plan import database as open_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Database
    from trunkline.compile import Compiled

ROOT = Path(__file__).parents[2]
USERS = 150  # enough for an apply of a few hundred milliseconds
# A process that applies one state after the other until it is killed.
WORKER = """
import sys
from tests.support.engine import ME, compiled, crowd
from trunkline.plan import ALLOWANCES, Options, apply, database
states = [compiled(crowd(int(users))) for users in sys.argv[2:]]
print("ready", flush=True)
while True:
    for state in states:
        with database(sys.argv[1]) as connection:
            print(apply(connection, state, ME, Options(allowed=ALLOWANCES)).revision, flush=True)
"""


@pytest.fixture(scope="module")
def states() -> tuple[Compiled, Compiled]:
    """Give two states that differ in many rows."""
    return compiled(crowd(USERS)), compiled(crowd(USERS // 3))


def _check(database: Database, expected: dict[str, dict[str, bytes]]) -> str:
    """Assert that the database holds one of some states, all of it, and that it says so itself; return its digest."""
    with open_database(database.dsn(), read_only=True) as connection:
        assert list(drift(connection)) == []
    ((digest,),) = rows(database, "select digest from config.revision order by id desc limit 1")
    assert held(database) == expected[digest]
    return str(digest)


def _expected(database: Database, states: tuple[Compiled, Compiled]) -> dict[str, dict[str, bytes]]:
    found = {}
    for state in states:
        do_apply(database, state)
        found[state.digest] = held(database)
    return found


def _works_again(database: Database, states: tuple[Compiled, Compiled]) -> None:
    """Assert that the next applies and a rollback find nothing in their way."""
    do_apply(database, states[1])
    do_apply(database, states[0], lock_deadline_s=20)
    assert not do_plan(database, states[0], full=True).changed
    assert do_rollback(database).changed


def _settled(database: Database) -> None:
    """Wait until no apply is at work in the server: one whose client died ends at its next word to it."""
    deadline = time.monotonic() + 20
    while rows(
        database, "select pid from pg_stat_activity where usename = 'trunkline_apply' and pid <> pg_backend_pid()"
    ):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_killed_with_signal_9_in_a_loop(database: Database, states: tuple[Compiled, Compiled]) -> None:
    expected = _expected(database, states)
    seen = set()
    chance = random.Random(4)  # noqa: S311 - moments, not secrets
    for _ in range(12):
        command = [sys.executable, "-c", WORKER, database.dsn(), str(USERS), str(USERS // 3)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.02, 0.8))
            process.send_signal(signal.SIGKILL)
        _settled(database)
        seen.add(_check(database, expected))
    assert seen <= expected.keys()
    _works_again(database, states)


def _applying(dsn: str, states: tuple[Compiled, Compiled], errors: list[PlatformError]) -> None:
    """Apply one state after the other until the database is lost."""
    try:
        while True:
            for state in states:
                with open_database(dsn) as connection:
                    apply(connection, state, Provenance(None, "tests"), Options(allowed=("mass-deletion",)))
    except PlatformError as error:
        errors.append(error)


@contextlib.contextmanager
def _work(dsn: str, states: tuple[Compiled, Compiled], errors: list[PlatformError]) -> Iterator[threading.Thread]:
    worker = threading.Thread(target=_applying, args=(dsn, states, errors))
    worker.start()
    yield worker
    worker.join(30)
    assert not worker.is_alive()


def test_a_database_that_restarts(database: Database, states: tuple[Compiled, Compiled]) -> None:
    expected = _expected(database, states)
    errors: list[PlatformError] = []
    for _ in range(3):
        with _work(database.dsn(), states, errors):
            time.sleep(random.uniform(0.05, 0.6))  # noqa: S311
            database.server.restart()
        _check(database, expected)
    assert len(errors) == 3
    _works_again(database, states)


def test_sessions_that_are_ended(database: Database, states: tuple[Compiled, Compiled]) -> None:
    expected = _expected(database, states)
    errors: list[PlatformError] = []
    for _ in range(6):
        with _work(database.dsn(), states, errors) as worker:
            time.sleep(random.uniform(0.02, 0.5))  # noqa: S311
            while worker.is_alive():
                rows(
                    database,
                    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'trunkline_apply'",
                    role="postgres",
                )
                time.sleep(0.005)
        _check(database, expected)
    assert all("nothing was changed" in error.message or "or not at all" in error.message for error in errors)
    _works_again(database, states)


class Cable:
    """A Unix socket that leads to the server's, until it is cut.

    Args:
        folder: For the socket.
        target: The server's socket.
    """

    def __init__(self, folder: Path, target: Path) -> None:
        self._ends: list[socket.socket] = []
        self._target = target
        self._cut = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / target.name))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self._target))
                self._ends += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while (data := source.recv(4096)) and not self._cut.is_set():
                sink.sendall(data)

    def cut(self) -> None:
        """Lose everything that is under way, in both directions."""
        self._cut.set()
        self._listener.close()
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def test_a_network_that_is_cut(database: Database, states: tuple[Compiled, Compiled], tmp_path: Path) -> None:
    expected = _expected(database, states)
    errors: list[PlatformError] = []
    (target,) = [
        path for path in database.server.socket.iterdir() if path.name.startswith(".s.PGSQL") and path.is_socket()
    ]
    for number in range(6):
        folder = tmp_path / str(number)
        folder.mkdir()
        cable = Cable(folder, target)
        dsn = f"host={folder} dbname={database.name} user=trunkline_apply"
        with _work(dsn, states, errors):
            time.sleep(random.uniform(0.05, 0.6))  # noqa: S311
            cable.cut()
        _settled(database)
        _check(database, expected)
    assert len(errors) == 6
    _works_again(database, states)


def test_a_commit_that_is_lost_is_not_called_nothing(database: Database, states: tuple[Compiled, Compiled]) -> None:
    """The session ends while the commit is under way: nobody can say what came of it."""
    do_apply(database, states[0])
    rows(
        database,
        "create function config.last_moment() returns trigger language plpgsql security definer as $$"
        " begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$",
        role="postgres",
    )
    rows(
        database,
        "create constraint trigger last_moment after insert on config.revision deferrable initially deferred"
        " for each row execute function config.last_moment()",
        role="postgres",
    )
    before = held(database)
    with pytest.raises(PlatformError, match="is there as a whole, or not at all"):
        do_apply(database, states[1])
    assert held(database) == before
    rows(database, "drop trigger last_moment on config.revision", role="postgres")
    assert do_apply(database, states[1]).changed
