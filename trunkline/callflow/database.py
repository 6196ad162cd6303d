"""The database behind the service: configurations on demand, and the news that they changed.

Two connections: one for queries, one that listens. A query never waits for a dead server: after a failure calls are
refused at once until the listening connection, which tries again and again, has reached the server.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from trunkline.callflow.configuration import ClientConfiguration, parse
from trunkline.callflow.numbers import DIAL, SHOWN, Dial, UnavailableError
from trunkline.database.connect import parameters

_LOG = logging.getLogger(__name__)
_Connection = psycopg.AsyncConnection[tuple[Any, ...]]
SERVICE = "callflow"
QUERY_SECONDS = 2.0
"""A query that takes longer counts as failed: a caller is waiting."""
HEARTBEAT_SECONDS = 5.0
RETRY_SECONDS = 1.0
_REVISIONS = """
    select id, reload from config.revision
    where id > %s or id = (select max(id) from config.revision)
    order by id
"""


class DatabaseSource:
    """Loads configurations, one query at a time.

    Args:
        dsn: Data source name; None for the environment's.
    """

    def __init__(self, dsn: str | None) -> None:
        self._parameters = parameters(dsn, f"trunkline-{SERVICE}")
        self._connection: _Connection | None = None
        self._lock = asyncio.Lock()
        self.reachable = True

    async def load(self, client: str) -> ClientConfiguration | None:
        """Return a client's configuration, None for an unknown client.

        Raises:
            UnavailableError: The database does not answer.
            ConfigurationError: The answer cannot be read.
        """
        try:
            client_id = UUID(client)
        except ValueError:
            return None
        row = await self._row("select callflow.client_configuration(%s)", client_id)
        return parse(row[0]) if row is not None and row[0] is not None else None

    async def dial(self, client: str, endpoint: str, number: str, presented: str) -> Dial:
        """Return what an endpoint dials towards the outside.

        Raises:
            UnavailableError: The database does not answer.
        """
        row = await self._row(DIAL, client, endpoint or None, number, presented or None)
        return Dial.of(row) if row is not None else Dial(404, "no_client")

    async def shown(self, client: str, endpoint: str, caller: str, called: str) -> tuple[str, str]:
        """Return a caller's number and a called DDI as an endpoint wants them.

        Raises:
            UnavailableError: The database does not answer.
        """
        row = await self._row(SHOWN, client, endpoint, caller, client, endpoint, called)
        return row if row is not None else (caller, called)

    async def _row(self, query: LiteralString, *values: object) -> Any:
        """Return the first row of a query, None when there is none; one query at a time."""
        if not self.reachable:
            raise UnavailableError("the database is down")
        async with self._lock:
            return await self._ask(query, values)

    async def _ask(self, query: LiteralString, values: tuple[object, ...]) -> Any:
        try:
            async with asyncio.timeout(QUERY_SECONDS):
                for fresh in (False, True):
                    if self._connection is None or self._connection.closed:
                        self._connection = await psycopg.AsyncConnection.connect(**self._parameters, autocommit=True)
                    try:
                        cursor = await self._connection.execute(query, values)
                        row = await cursor.fetchone()
                    except psycopg.OperationalError:
                        await self._connection.close()
                        if fresh:
                            raise
                    else:
                        return row
        except (psycopg.Error, OSError, TimeoutError) as error:
            self.reachable = False
            if self._connection is not None:
                await self._connection.close()
            raise UnavailableError(f"the database does not answer: {_short(error)}") from error
        raise AssertionError("the second round returns or raises")

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()


class Watcher:
    """Listens for revisions, passes on what changed, and confirms.

    Args:
        source: Learns from here whether the server is reachable.
        changed: Called with the ids of changed clients, None when any may have changed.
        dsn: Data source name; None for the environment's.
        host: This host's name, for the confirmation.
    """

    def __init__(
        self, source: DatabaseSource, changed: Callable[[Iterable[str] | None], None], dsn: str | None, host: str
    ) -> None:
        self._source = source
        self._changed = changed
        self._parameters = parameters(dsn, f"trunkline-{SERVICE}-listen")
        self._host = host
        self._revision: int | None = None
        self._complained = False

    async def run(self) -> None:
        """Watch until cancelled; a lost connection is opened again."""
        while True:
            try:
                await self._watch()
            except (psycopg.Error, OSError, TimeoutError) as error:
                self._source.reachable = False
                if not self._complained:
                    _LOG.warning("database unreachable, known clients are served on: %s", _short(error))
                self._complained = True
            await asyncio.sleep(RETRY_SECONDS)

    async def _watch(self) -> None:
        connection = await psycopg.AsyncConnection.connect(**self._parameters, autocommit=True)
        async with connection:
            await connection.execute("listen trunkline_revision")
            _LOG.info("connected to the database")
            self._complained = False
            await self._catch_up(connection)
            while True:
                async for _ in connection.notifies(timeout=HEARTBEAT_SECONDS, stop_after=1):
                    pass
                await self._catch_up(connection)

    async def _catch_up(self, connection: _Connection) -> None:
        """Pass on every revision since the last one, then confirm; a heartbeat when there is none."""
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            since = self._revision if self._revision is not None else -1
            cursor = await connection.execute(_REVISIONS, (since,))
            rows = await cursor.fetchall()
            newest = rows[-1][0] if rows else 0
            if self._revision is None or newest < self._revision:
                self._changed(None)  # the first look, or a database restored to an earlier state
            elif newest > self._revision:
                self._changed(sorted({client for id_, reload in rows if id_ > since for client in reload["clients"]}))
            if newest != self._revision:
                _LOG.info("revision %d", newest)
            self._revision = newest
            await connection.execute("select live.confirm(%s, %s, %s)", (self._host, SERVICE, newest))
        self._source.reachable = True


def _short(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
