"""Forward-only migrations of the schema: ``python3 -m trunkline.database.migrate --check|--apply``.

A migration is ``migrations/NNNN_name.sql``; it runs once, in the order of its number, in one transaction together with
its own entry in ``migration.applied``. A file that was applied is history: its checksum is kept, and a changed or
missing one stops the run. Two runs never meet: an advisory lock is held from the first look to the last commit.

Exit codes: 0 nothing to do or done, 1 error, 2 changes are waiting (``--check`` only).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import time
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from trunkline.database.connect import connect
from trunkline.errors import ConfigurationError, PlatformError, TrunklineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OWNER = "trunkline_owner"
_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_LOCK = 7_021_001  # advisory lock: any number, as long as nothing else in this database uses it
_BOOKKEEPING = """
create schema if not exists migration;
create table if not exists migration.applied (
    number      integer primary key,
    name        text not null,
    sha256      text not null,
    applied_at  timestamptz not null default now(),
    duration_ms integer not null
);
"""

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, order=True)
class Migration:
    """One file.

    Args:
        number: Its place in the order, from the file's name.
        name: The rest of the file's name.
        text: The SQL.
    """

    number: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Checksum of the text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def __str__(self) -> str:
        """Return the file's name without its ending."""
        return f"{self.number:04}_{self.name}"


def shipped() -> list[Migration]:
    """Return the migrations of this package, in order.

    Raises:
        ConfigurationError: when a file's name is malformed or two share a number.
    """
    folder = resources.files("trunkline.database") / "migrations"
    return parse((entry.name, entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".sql"))


def parse(files: Iterable[tuple[str, str]]) -> list[Migration]:
    """Return migrations from (file name, text) pairs, in order.

    Raises:
        ConfigurationError: when a name is malformed or two share a number.
    """
    found: dict[int, Migration] = {}
    for file_name, text in sorted(files):
        match = _FILE_NAME.fullmatch(file_name)
        if match is None:
            raise ConfigurationError(f"migration {file_name} is not named NNNN_name.sql")
        migration = Migration(int(match[1]), match[2], text)
        if migration.number in found:
            raise ConfigurationError(f"migrations {found[migration.number]} and {migration} share a number")
        found[migration.number] = migration
    return [found[number] for number in sorted(found)]


def waiting(connection: Connection, migrations: Sequence[Migration]) -> list[Migration]:
    """Return the migrations that this database does not have yet, in order.

    Args:
        connection: An open connection.
        migrations: All of them, in order.

    Raises:
        ConfigurationError: when the database's history and the files contradict each other.
    """
    known = connection.execute("select to_regclass('migration.applied')").fetchone()
    if known is None or known[0] is None:
        return list(migrations)
    history = {
        int(number): (str(name), str(checksum))
        for number, name, checksum in connection.execute("select number, name, sha256 from migration.applied")
    }
    by_number = {migration.number: migration for migration in migrations}
    for number, (name, checksum) in sorted(history.items()):
        if number not in by_number:
            raise ConfigurationError(
                f"the database has migration {number:04}_{name}, which this version of trunkline does not know",
                remedy="use the version that made it, or a newer one: migrations only go forward",
            )
        if by_number[number].sha256 != checksum:
            raise ConfigurationError(
                f"migration {by_number[number]} was changed after it was applied to this database",
                remedy="put the file back as it was, and write the change as a new migration",
            )
    # Numbers are handed out in blocks per part of the platform, so a lower one may arrive after a higher one.
    return [migration for migration in migrations if migration.number not in history]


def apply(connection: Connection, migrations: Sequence[Migration]) -> list[Migration]:
    """Bring a database up to date; return what was applied.

    Args:
        connection: An open connection in autocommit mode, as trunkline_owner.
        migrations: All of them, in order.

    Raises:
        ConfigurationError: as ``waiting``.
        PlatformError: when the server refuses a migration; those before it stay applied.
    """
    connection.execute("select pg_advisory_lock(%s)", [_LOCK])
    try:
        connection.execute(_BOOKKEEPING)
        done = []
        for migration in waiting(connection, migrations):
            _apply_one(connection, migration)
            done.append(migration)
        return done
    finally:
        if not connection.broken:
            connection.execute("select pg_advisory_unlock(%s)", [_LOCK])


def _apply_one(connection: Connection, migration: Migration) -> None:
    """Run one migration and record it, in one transaction."""
    started = time.monotonic()
    try:
        with connection.transaction():
            connection.execute(migration.text.encode())
            connection.execute(
                "insert into migration.applied (number, name, sha256, duration_ms) values (%s, %s, %s, %s)",
                [migration.number, migration.name, migration.sha256, int((time.monotonic() - started) * 1000)],
            )
    except psycopg.Error as error:
        position = error.diag.statement_position
        line = migration.text[: int(position)].count("\n") + 1 if position else 0
        raise PlatformError(
            f"migration {migration} failed and was rolled back: {error.diag.message_primary or error}",
            location=f"migrations/{migration}.sql:{line}" if line else "",
        ) from error


def become(connection: Connection, role: str) -> None:
    """Act as a role, so that what migrations create belongs to it whoever is connected.

    Raises:
        PlatformError: when the role is missing or not ours to take.
    """
    try:
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    except psycopg.Error as error:
        raise PlatformError(
            f"cannot act as role {role}: {error.diag.message_primary}",
            remedy=f"connect as {role}, or as a superuser, after the role was made",
        ) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python3 -m trunkline.database.migrate", description=(__doc__ or "").split("\n")[0]
    )
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--check", action="store_true", help="only say what would be applied")
    action.add_argument("--apply", action="store_true", help="apply what is waiting")
    parser.add_argument("--database", help="libpq URI or keywords; default: TRUNKLINE_DATABASE")
    parser.add_argument("--role", default=OWNER, help=f"owner of what is created; default: {OWNER}")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    try:
        migrations = shipped()
        with connect(options.database, application="trunkline-migrate", autocommit=True) as connection:
            become(connection, options.role)
            names = [str(migration) for migration in _act(connection, migrations, write=options.apply)]
    except TrunklineError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    if options.json:
        sys.stdout.write(json.dumps({"applied" if options.apply else "waiting": names}) + "\n")
    else:
        verb = "applied" if options.apply else "waiting"
        sys.stdout.writelines(f"{verb} {name}\n" for name in names)
        sys.stdout.write(f"{len(names)} {verb}, {len(migrations)} known\n")
    return 2 if names and options.check else 0


def _act(connection: Connection, migrations: Sequence[Migration], *, write: bool) -> list[Migration]:
    """Apply, or only list, what is waiting."""
    return apply(connection, migrations) if write else waiting(connection, migrations)


if __name__ == "__main__":
    sys.exit(main())
