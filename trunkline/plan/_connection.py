"""Connections for plan and apply, and what PostgreSQL's errors mean to a person."""

from __future__ import annotations

import getpass
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors

from trunkline.database.connect import connect
from trunkline.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Iterator

IDLE_LIMIT = "30min"

_PRESENCE = {
    "tcp_keepalives_idle": 15,  # seconds
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
    "client_connection_check_interval": 5000,  # milliseconds, while a statement runs
}

Connection = psycopg.Connection[tuple[Any, ...]]


@contextmanager
def database(dsn: str, verb: str = "trunkline", *, read_only: bool = False) -> Iterator[Connection]:
    """Open a connection; statements form transactions.

    Args:
        dsn: Data source name.
        verb: What it is used for; others see it, with user and host, when they have to wait for us.
        read_only: Only look, and see one moment of the database in all statements of a transaction.

    Raises:
        ConfigurationError: The name is malformed.
        PlatformError: The server cannot be used, refused a statement, or went away.
    """
    connection = connect(dsn, application=f"{verb} by {getpass.getuser()}@{socket.gethostname()}"[:63])
    try:
        with connection:
            # Comparing and compiling large inventories happens between statements; a lost controller is noticed by TCP.
            connection.execute(f"set idle_in_transaction_session_timeout = '{IDLE_LIMIT}'".encode())
            # A controller that vanished must not hold the lock: the server looks whether we are there, as we do.
            for setting, value in _PRESENCE.items():
                connection.execute(f"set {setting} = {value}".encode())
            connection.commit()
            if read_only:
                connection.read_only = True
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            yield connection
    except (errors.UndefinedTable, errors.InvalidSchemaName, errors.UndefinedColumn) as error:
        raise PlatformError(
            f"the database lacks a part of the schema: {error.diag.message_primary}",
            remedy="run its migrations: ansible-playbook playbooks/site.yml --limit data",
        ) from error
    except psycopg.Error as error:
        # Only the primary message: details may repeat whole rows, and rows hold password hashes.
        what = error.diag.message_primary or str(error).strip().splitlines()[0]
        raise PlatformError(
            f"the database refused or was lost, nothing was changed: {what}", remedy="look at it, then start again"
        ) from error
