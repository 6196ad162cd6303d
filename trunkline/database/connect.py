"""Connections to the platform's database, for the controller and for services on hosts.

The data source name is a libpq URI or a keyword string. It never holds a password on a command line: libpq reads that
from ``PGPASSWORD``, ``PGPASSFILE`` or the file a service's environment names.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import psycopg

from trunkline.errors import ConfigurationError, PlatformError

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVIRONMENT_VARIABLE = "TRUNKLINE_DATABASE"
CONNECT_TIMEOUT_S = 5

# Notice within some seconds that the other side is gone, also while nothing is asked.
_KEEPALIVE: dict[str, str] = {
    "connect_timeout": str(CONNECT_TIMEOUT_S),
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}


def data_source(dsn: str | None = None) -> str:
    """Return the data source name: the argument, else the environment's.

    Args:
        dsn: A libpq URI or keyword string; None or empty to use ``TRUNKLINE_DATABASE``.

    Raises:
        ConfigurationError: when neither is set.
    """
    chosen = dsn or os.environ.get(ENVIRONMENT_VARIABLE, "")
    if not chosen:
        raise ConfigurationError(
            "no database is named",
            remedy=f"give --database, or set {ENVIRONMENT_VARIABLE} to a libpq URI",
        )
    return chosen


def parameters(dsn: str | None, application: str) -> Mapping[str, Any]:
    """Return the connection parameters of a data source name, with our time limits where it names none.

    Args:
        dsn: As for ``data_source``.
        application: Name that ``pg_stat_activity`` shows.

    Raises:
        ConfigurationError: when there is no name, or libpq cannot read it.
    """
    try:
        given = psycopg.conninfo.conninfo_to_dict(data_source(dsn))
    except psycopg.ProgrammingError as error:
        raise ConfigurationError(
            f"the database's name cannot be read: {_first_line(error)}",
            remedy="write it as postgresql://user@host:5432/trunkline?sslmode=verify-full",
        ) from error
    return {"application_name": application, **_KEEPALIVE, **given}


def connect(
    dsn: str | None = None, *, application: str, autocommit: bool = False
) -> psycopg.Connection[tuple[Any, ...]]:
    """Open one connection.

    Args:
        dsn: As for ``data_source``.
        application: Name that ``pg_stat_activity`` shows.
        autocommit: Whether every statement is a transaction of its own.

    Raises:
        ConfigurationError: when the name is missing or malformed.
        PlatformError: when the server cannot be reached or refuses.
    """
    wanted = parameters(dsn, application)
    try:
        return psycopg.connect(**wanted, autocommit=autocommit)
    except psycopg.OperationalError as error:
        where = f"{wanted.get('host') or wanted.get('hostaddr') or 'the local socket'}"
        raise PlatformError(
            f"the database at {where} cannot be used: {_first_line(error)}",
            remedy="check that PostgreSQL runs on the data host and that the address, role and certificate are right",
        ) from error


def _first_line(error: Exception) -> str:
    """Return the first line of a libpq message: the rest repeats it per address."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
