"""What is known of unchanged files: one SQLite database per inventory, in the cache folder.

Everything in it can be made again from the files, so nothing about it is ever an error: a database that is damaged, of
another version of the code or of another inventory is thrown away. SQLite's transactions keep it whole when a run is
killed, and let two runs work at once: each sees one moment of it (write-ahead logging).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import weakref
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.check.facts import SCHEMA as FACT_SCHEMA
from trunkline.check.facts import Facts
from trunkline.model.walk import HOSTS_FILE
from trunkline.paths import cache_root
from trunkline.pipeline._fingerprint import code
from trunkline.pipeline._found import NOTHING, read, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from trunkline.check.facts import Fact
    from trunkline.pipeline._job import Outcome
    from trunkline.source import Problem

BLOCKED = "-"  # in place of inputs: something above has errors
_BETWEEN_FILES = "between files"
_PATIENCE_S = 20.0
_NOT_NOW = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
}
_SCHEMA = """
create table unit (
    file     text primary key,
    identity text not null,      -- what the file system says about its files, empty: ask their content
    content  text not null,      -- digest of its files
    inherits text not null,      -- digest of what stands above it
    problems text not null,
    errors   integer not null,
    inputs   text not null,      -- what it was compiled with, empty: not compiled
    scope    text not null,
    digest   text not null,
    moved    text not null,
    seal     integer not null    -- of all but the identity: SQLite does not notice damage inside of a value
);
create table image (file text primary key, seal text not null, image blob not null);
create table state (name text primary key, value text not null);
"""


@dataclass(frozen=True)
class Entry:
    """What is known of a unit.

    Args:
        identity: What the file system said about its files.
        content: Digest of its files.
        inherits: Digest of what stands above it.
        found: What was found, as text.
        errors: How many of them are errors.
        inputs: What stands for the inputs that it was compiled with; empty when it was not compiled.
        scope: Id of its scope.
        digest: Of its rows.
        moved: What was renamed: by key of the file, old name -> new name.
    """

    identity: str
    content: str
    inherits: str
    found: str
    errors: int
    inputs: str
    scope: str
    digest: str
    moved: Mapping[str, Mapping[str, str]]


def cache_file(inventory: Path) -> Path:
    """Return where the cache of an inventory is."""
    name = hashlib.sha256(os.path.realpath(inventory).encode()).hexdigest()[:24]
    return cache_root() / "tenants" / f"{name}.sqlite"


class Store:
    """The entries of one inventory.

    Args:
        connection: To the database; closed with this object.

    Attributes:
        facts: What all units export.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.close = weakref.finalize(self, connection.close)
        self.facts = Facts(connection=connection)

    def entries(self) -> dict[str, Entry]:
        """Return what is known, by the file that stands for a unit."""
        found = {}
        query = (
            "select identity, seal, file, content, inherits, problems, errors, inputs, scope, digest, moved from unit"
        )
        for identity, seal, *row in self._execute(query):
            if seal == _checksum(row):  # a damaged one is not known
                file, content, inherits, problems, errors, inputs, scope, digest, moved = row
                found[file] = Entry(identity, content, inherits, problems, errors, inputs, scope, digest, _moved(moved))
        return found

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Make the changes inside of it one transaction."""
        self._execute("begin immediate")
        try:
            yield
        except BaseException:
            self._execute("rollback")
            raise
        self._execute("commit")

    def hold(self) -> None:
        """See this moment from now on, whatever other runs write; until `release`, or as long as this object lives."""
        self._execute("begin")

    def version(self) -> int:
        """Return a number that changes when another run writes."""
        return int(self._execute("pragma data_version").fetchone()[0])

    def release(self) -> None:
        """See what other runs wrote."""
        self._execute("rollback")

    def put(self, outcome: Outcome, *, identity: str, content: str, inherits: str, inputs: str) -> None:
        """Take in what came out of a unit. Only inside of `writing`.

        Args:
            outcome: What came out.
            identity: What the file system said about the files before they were read.
            content: Digest of the files.
            inherits: Digest of what stands above the unit.
            inputs: What it was compiled with; `BLOCKED` when it could not be.
        """
        file, made = outcome.unit.file, outcome.compilation
        facts = sorted(outcome.facts, key=repr)
        if self.facts.of_file(file) != facts:
            self.facts.remove(file)
            self.facts.add(facts)
            self._forget_between_files()
        elif self._names_one_of(outcome.unit.files):
            self._forget_between_files()  # the lines may have moved
        scope = (made.id, made.digest, json.dumps(made.moved)) if made else ("", "", "{}")
        row = (file, content, inherits, written(outcome.problems), outcome.errors, inputs, *scope)
        values = (file, identity, *row[1:], _checksum(row))
        self._execute("insert or replace into unit values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        if made:
            self._execute(
                "insert or replace into image values (?, ?, ?)", (file, _seal(made.digest, made.image), made.image)
            )

    def identify(self, identities: Iterable[tuple[str, str]]) -> None:
        """Note what the file system says about files whose content is as it was: file and identity of each."""
        for file, identity in identities:
            self._execute("update unit set identity = ? where file = ?", (identity, file))

    def remove(self, files: Iterable[str]) -> None:
        """Forget units."""
        for file in files:
            self.facts.remove(file)
            self._execute("delete from unit where file = ?", (file,))
            self._execute("delete from image where file = ?", (file,))
            self._forget_between_files()

    def has_errors(self, file: str) -> bool:
        """Say whether a unit has errors."""
        row = self._execute("select errors from unit where file = ?", (file,)).fetchone()
        return row is None or bool(row[0])

    def image(self, file: str, digest: str) -> bytes | None:
        """Return the rows of a unit; None when they are not there as they were put."""
        try:
            row = self._execute("select seal, image from image where file = ?", (file,)).fetchone()
        except sqlite3.Error:
            return None
        return row[1] if row is not None and row[0] == _seal(digest, row[1]) else None

    def between_files(self) -> str | None:
        """Return what was found between files, as text, as long as it holds."""
        row = self._execute("select value from state where name = ?", (_BETWEEN_FILES,)).fetchone()
        return None if row is None else str(row[0])

    def keep_between_files(self, problems: Iterable[Problem]) -> None:
        """Keep what was found between files."""
        row = (_BETWEEN_FILES, written(problems))
        self._execute("insert or replace into state values (?, ?)", row)

    def hosts(self) -> str:
        """Return the digest of the host model whose facts are known; empty when there are none."""
        row = self._execute("select value from state where name = ?", (HOSTS_FILE,)).fetchone()
        return "" if row is None else str(row[0])

    def keep_hosts(self, version: str, facts: Iterable[Fact]) -> None:
        """Keep what hosts export. Only inside of `writing`.

        Args:
            version: Digest of the host model.
            facts: Of it.
        """
        self._execute("insert or replace into state values (?, ?)", (HOSTS_FILE, version))
        found = sorted(facts, key=repr)
        if self.facts.of_file(HOSTS_FILE) != found:
            self.facts.remove(HOSTS_FILE)
            self.facts.add(found)
            self._forget_between_files()

    def _forget_between_files(self) -> None:
        self._execute("delete from state where name = ?", (_BETWEEN_FILES,))

    def _names_one_of(self, files: Iterable[str]) -> bool:
        """Say whether something that was found between files stands in one of some files."""
        return not {found[0] for found in read([self.between_files() or NOTHING])}.isdisjoint(files)

    def _execute(self, statement: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(statement, parameters)


def _seal(digest: str, image: bytes) -> str:
    """Return what proves that an image is whole, and that of a digest."""
    return hashlib.sha256(digest.encode() + image).hexdigest()


def _checksum(row: Sequence[object]) -> int:
    """Return what tells whether a row is as it was put."""
    return zlib.crc32("\0".join(map(str, row)).encode("utf-8", "surrogateescape"))


def _moved(text: str) -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = {} if text == "{}" else json.loads(text)
    return found


def discard(path: Path) -> None:
    """Throw a store away."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def open_store(path: Path | None) -> Store:
    """Open the store of an inventory; made anew when it is damaged, of other code or not ours.

    Args:
        path: The database; None for one that is gone with the object; so is what replaces a file that cannot be used.
    """
    if path is not None:
        for _ in range(2):
            try:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                connection = _connect(str(path))
            except (OSError, sqlite3.Error):
                break
            try:
                if _usable(connection):
                    return Store(connection)
                connection.close()
            except sqlite3.Error as error:
                connection.close()
                if is_busy(error):
                    break
            discard(path)
    connection = _connect("")  # on disk if it grows
    connection.executescript(FACT_SCHEMA + _SCHEMA)
    return Store(connection)


def is_busy(error: sqlite3.Error) -> bool:
    """Say whether a store is whole, but cannot be used now: others hold it, the disk is full, it may not be written."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _NOT_NOW


def _connect(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
    if name:
        os.chmod(name, 0o600)  # noqa: PTH101 - rows hold hashes of passwords
    return connection


def _usable(connection: sqlite3.Connection) -> bool:
    """Say whether a store is ours and of this code; one that is empty becomes so."""
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")
    connection.execute("begin immediate")
    try:
        if not connection.execute("select count(*) from sqlite_master").fetchone()[0]:
            for statement in (FACT_SCHEMA + _SCHEMA).split(";"):
                connection.execute(statement)
            connection.execute("insert into state values ('code', ?)", (code(),))
        row = connection.execute("select value from state where name = 'code'").fetchone()
        return row is not None and row[0] == code()
    finally:
        connection.execute("commit")
