"""Applying: lock, compare, merge and record a revision, all in one transaction."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from trunkline.errors import PlatformError
from trunkline.plan._compare import make_plan
from trunkline.plan._merge import merge

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.compile import Compiled
    from trunkline.plan._changes import Plan
    from trunkline.plan._connection import Connection
    from trunkline.plan._provenance import Provenance

_LOCK = 7_021_002  # advisory lock: any number, as long as nothing else in this database uses it
LOCK_DEADLINE_S = 120.0
_LOCK_POLL_S = 0.1


@dataclass(frozen=True)
class Applied:
    """What applying came to.

    Args:
        plan: What was found to do, under the lock.
        revision: Number of the new revision; of the newest one when there was nothing to do.
        changed: Whether there is a new revision.
        counts: Rows added, changed and removed, by table.
        duration_ms: From the first look at the database to the record of the revision.
    """

    plan: Plan
    revision: int
    changed: bool
    counts: dict[str, dict[str, int]]
    duration_ms: int


def apply(
    connection: Connection,
    compiled: Compiled,
    provenance: Provenance,
    *,
    full: bool = False,
    say: Callable[[str], None] | None = None,
    lock_deadline_s: float = LOCK_DEADLINE_S,
) -> Applied:
    """Make the database equal to the compiled rows. At commit everyone who listens is told.

    Args:
        connection: As trunkline_apply, without a transaction in progress.
        compiled: What the database has to hold.
        provenance: Where it comes from.
        full: Compare every row, also where digests say that there is nothing to find.
        say: Is told when another apply has to be waited for.
        lock_deadline_s: How long to wait for it.

    Raises:
        PlatformError: Another apply holds the lock for too long.
    """
    started = time.monotonic()
    with connection.transaction():
        _lock(connection, lock_deadline_s, say)
        plan = make_plan(connection, compiled, full=full)
        if not plan.changes:
            if plan.scopes:
                merge(connection, compiled, plan.scopes)  # rows are equal, only their digests are not
            return Applied(plan, plan.revision, changed=False, counts={}, duration_ms=_since(started))
        counts = merge(connection, compiled, plan.scopes)
        duration_ms = _since(started)
        row = connection.execute(
            "insert into config.revision (digest, git_commit, author, duration_ms, counts, reload)"
            " values (%s, %s, %s, %s, %s, %s) returning id",
            [
                compiled.digest,
                provenance.git_commit,
                provenance.author,
                duration_ms,
                Jsonb(counts),
                Jsonb(plan.reload),
            ],
        ).fetchone()
        assert row is not None  # noqa: S101 - `returning` of an insert that did not fail
    return Applied(plan, int(row[0]), changed=True, counts=counts, duration_ms=duration_ms)


def _lock(connection: Connection, deadline_s: float, say: Callable[[str], None] | None) -> None:
    """Take the lock of applies for the rest of the transaction."""
    deadline = time.monotonic() + deadline_s
    told = False
    while not _first(connection, "select pg_try_advisory_xact_lock(%s)", _LOCK):
        holder = _first(
            connection,
            "select activity.application_name || ', process ' || activity.pid"
            " || coalesce(', since ' || to_char(activity.xact_start, 'HH24:MI:SS'), '')"
            " from pg_locks join pg_stat_activity as activity using (pid)"
            " where pg_locks.locktype = 'advisory' and pg_locks.granted and pg_locks.objid = %s",
            _LOCK,
        )
        if time.monotonic() > deadline:
            raise PlatformError(
                f"another apply is at work: {holder or 'it just ended'}", remedy="wait for its end, then start again"
            )
        if not told and say is not None:
            say(f"waiting for another apply: {holder or 'it just ended'}")
            told = True
        time.sleep(_LOCK_POLL_S)


def _first(connection: Connection, query: str, *parameters: object) -> Any:
    """Return the first column of the first row, or None."""
    row = connection.execute(query.encode(), parameters).fetchone()
    return None if row is None else row[0]


def _since(started: float) -> int:
    """Return the milliseconds since a point of the monotonic clock."""
    return int((time.monotonic() - started) * 1000)
