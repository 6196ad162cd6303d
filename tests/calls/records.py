"""Call records: waiting for them, and what they have to say."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

RECORD_SECONDS = 8.0
_POLL_SECONDS = 0.1
_CALL = """
    select call.* from live.call where id in (select call_id from live.call_leg where sip_call_id = %s)
"""
_LEGS = "select * from live.call_leg where call_id = %s order by started_at, side"

Row = dict[str, Any]


@dataclass(frozen=True)
class Record:
    """One call and its legs, as the database has them."""

    call: Row
    legs: list[Row]

    def leg(self, side: str) -> Row:
        """Return the only leg of a side."""
        found = [leg for leg in self.legs if leg["side"] == side]
        assert len(found) == 1, f"{len(found)} legs of side {side}: {self.legs}"
        return found[0]


class Records:
    """Reads call records.

    Args:
        dsn: Data source name of a role that may read schema ``live``.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._lock = asyncio.Lock()
        self._connection: psycopg.AsyncConnection[Row] | None = None

    async def rows(self, query: str, argument: object) -> list[Row]:
        """Return the rows of a query with one argument."""
        async with self._lock:
            if self._connection is None or self._connection.closed:
                self._connection = await psycopg.AsyncConnection.connect(
                    self._dsn, autocommit=True, row_factory=dict_row, connect_timeout=5
                )
            cursor = await self._connection.execute(query, [argument])
            return await cursor.fetchall()

    async def of(
        self, sip_call_id: str, *, seconds: float = RECORD_SECONDS, client: str = "", direction: str = ""
    ) -> Record:
        """Wait for the finished record of the call that a leg's SIP Call-ID belongs to.

        A call between two clients that passes no application server has one Call-ID, and a record for each of them.

        Args:
            sip_call_id: Of a leg.
            seconds: Deadline.
            client: Whose record; empty where there is only one.
            direction: Which of two records of one client; empty where there is only one.

        Raises:
            AssertionError: There is none, or more than one, or it is not finished in time.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while True:
            calls = [
                row
                for row in await self.rows(_CALL, sip_call_id)
                if client in {"", row["client"]} and direction in {"", row["direction"]}
            ]
            legs = await self.rows(_LEGS, calls[0]["id"]) if calls else []
            if len(calls) == 1 and all(row["ended_at"] for row in (*calls, *legs)):
                return Record(calls[0], legs)
            if loop.time() > deadline:
                raise AssertionError(f"no finished record of {sip_call_id} within {seconds:g} s: {calls} {legs}")
            await asyncio.sleep(_POLL_SECONDS)

    async def close(self) -> None:
        """Close the connection."""
        if self._connection:
            await self._connection.close()


def check_times(record: Record, *, answered: bool) -> None:
    """Check that start, answer and end are there as they have to be, and in their order, not in the future."""
    for row in (record.call, *record.legs):
        assert row["started_at"] <= row["ended_at"] <= dt.datetime.now(tz=dt.UTC) + dt.timedelta(seconds=2), row
        if answered and row is record.call:
            assert row["started_at"] <= row["answered_at"] <= row["ended_at"], row
        if not answered:
            assert row["answered_at"] is None, row
