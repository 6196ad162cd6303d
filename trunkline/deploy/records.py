"""The record that the platform kept of a call, read as its monitor may read it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from psycopg.rows import class_row

from trunkline.database.connect import connect
from trunkline.errors import PlatformError
from trunkline.plan import data_source_of

_ROLE = "trunkline_monitor"
_DEADLINE_SECONDS = 15.0
_PAUSE_SECONDS = 0.1
_QUERY = """
    select call.id::text, call.brand, call.client, call.caller, call.callee, call.started_at::text,
           round(extract(epoch from call.ended_at - call.answered_at), 1)::float8 as seconds,
           call.code, call.reason, call.relay, call.application_server
    from live.call_leg as leg join live.call as call on call.id = leg.call_id
    where leg.sip_call_id = %s and leg.side = 'caller' and call.ended_at is not null
"""


@dataclass(frozen=True)
class CallRecord:
    """One row of ``live.call`` of a call that has ended (docs/reference/call-records.md).

    Attributes:
        seconds: From answer to end; None when nobody answered.
    """

    id: str
    brand: str | None
    client: str | None
    caller: str | None
    callee: str | None
    started_at: str
    seconds: float | None
    code: int | None
    reason: str
    relay: str | None
    application_server: str | None


def record_of(inventory: Path, sip_call_id: str) -> CallRecord:
    """Return the record of an ended call by the Call-ID of its caller's leg; it may be some moments late.

    Raises:
        PlatformError: There is none after 15 seconds, or the database cannot be reached.
    """
    deadline = time.monotonic() + _DEADLINE_SECONDS
    source = data_source_of(inventory, _ROLE)
    with connect(source, application="trunkline-up", autocommit=True) as connection:
        cursor = connection.cursor(row_factory=class_row(CallRecord))
        while time.monotonic() < deadline:
            if (found := cursor.execute(_QUERY, (sip_call_id,)).fetchone()) is not None:
                return found
            time.sleep(_PAUSE_SECONDS)
    raise PlatformError(
        f"the platform kept no record of the call {sip_call_id}",
        remedy="look at the journal of kamailio@users on the proxy: records wait there while the database is away",
    )
