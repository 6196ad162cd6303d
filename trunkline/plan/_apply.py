"""Applying: lock, compare, merge and record a revision, all in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.types.json import Jsonb

from trunkline.errors import PlatformError
from trunkline.plan._changes import Change, Plan
from trunkline.plan._guard import DeclaredGuards, Guards, check
from trunkline.plan._history import before, moves_back, past, record, revision
from trunkline.plan._live import follow
from trunkline.plan._merge import merge
from trunkline.plan._plan import make_plan
from trunkline.plan._states import digest_of

if TYPE_CHECKING:
    from trunkline.compile import Compiled
    from trunkline.plan._connection import Connection
    from trunkline.plan._moves import Moves
    from trunkline.plan._provenance import Provenance

_LOCK = 7_021_002  # advisory lock: any number, as long as nothing else in this database uses it
LOCK_DEADLINE_S = 120.0
_LOCK_POLL_S = 0.1


@dataclass(frozen=True)
class Options:
    """How to apply.

    Args:
        full: Compare every row, also where digests say that there is nothing to find.
        targets: Names of brands, or ``brand/client``, to which it is limited; everything without any.
        guards: How much may be removed of which brand.
        allowed: What may be done in spite of the guards, of `trunkline.plan.ALLOWANCES`.
        expect: Looks at the plan before anything is changed; may refuse it with a PlatformError.
        keep: Most changes to keep in the plan; all of them without a number.
        each: Is given every change as it is found.
        say: Is told when another apply has to be waited for.
        progress: Is told what is done, how far it is, and of how much.
        lock_deadline_s: How long to wait for another apply.
    """

    full: bool = False
    targets: Sequence[str] = ()
    guards: Guards | DeclaredGuards = field(default_factory=Guards)
    allowed: Collection[str] = ()
    expect: Callable[[Plan], None] | None = None
    keep: int | None = None
    each: Callable[[Change], None] | None = None
    say: Callable[[str], None] | None = None
    progress: Callable[[str, int, int], None] | None = None
    lock_deadline_s: float = LOCK_DEADLINE_S


@dataclass(frozen=True)
class _Goal:
    """What the database has to become, how to find what moved, and the revision that comes back, if any."""

    wanted: Compiled
    moves: Moves | None = None
    restores: int | None = None


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
    counts: Mapping[str, Mapping[str, int]]
    duration_ms: int


def apply(
    connection: Connection, compiled: Compiled, provenance: Provenance, options: Options | None = None
) -> Applied:
    """Make the database equal to the compiled rows. At commit everyone who listens is told.

    Args:
        connection: As trunkline_apply, without a transaction in progress.
        compiled: What the database has to hold.
        provenance: Where it comes from.
        options: How.

    Raises:
        GuardError: The plan removes what nobody allowed to be removed.
        PlatformError: Another apply holds the lock for too long, or `expect` refused the plan.
    """
    return _in_transaction(connection, options or Options(), provenance, lambda: _Goal(compiled))


def rollback(
    connection: Connection, number: int | None, provenance: Provenance, options: Options | None = None
) -> tuple[Applied, int]:
    """Make the database equal to what it held after an older revision; that becomes a new revision.

    Args:
        connection: As trunkline_apply, without a transaction in progress.
        number: The older revision; None for the one before the newest.
        provenance: Who does it.
        options: How.

    Returns:
        What it came to, and the number of the revision that was brought back.

    Raises:
        ConfigurationError: There is no such revision.
        GuardError: The plan removes what nobody allowed to be removed.
        PlatformError: The rows of that time are no longer known, or another apply holds the lock for too long.
    """
    found: list[int] = []

    def wanted() -> _Goal:
        chosen = number if number is not None else before(connection, before(connection, 2**62))
        if not revision(connection, chosen).kept:
            oldest = connection.execute("select min(id) from config.revision where kept").fetchone()
            raise PlatformError(
                f"the rows of revision {chosen} are no longer known",
                remedy=f"the oldest one that can be brought back is {oldest[0] if oldest else 'none'}",
            )
        found.append(chosen)
        state = past(connection, chosen)
        return _Goal(state, moves_back(connection, chosen, state), chosen)

    applied = _in_transaction(connection, options or Options(), provenance, wanted)
    return applied, found[0]


def _in_transaction(
    connection: Connection,
    options: Options,
    provenance: Provenance,
    choose: Callable[[], _Goal],
) -> Applied:
    """Run everything in one transaction, and tell a lost connection from a lost commit."""
    applied: Applied | None = None
    try:
        with connection.transaction():
            _lock(connection, options.lock_deadline_s, options.say)
            applied = _merged(connection, options, provenance, choose())
    except psycopg.errors.IntegrityError as error:
        if not options.targets:
            raise
        raise PlatformError(
            f"the targets depend on changes outside of them, nothing was changed: {error.diag.message_primary}",
            remedy="name what they depend on as a target, too, or apply without --target",
        ) from error
    except psycopg.OperationalError as error:
        if applied is None or not applied.changed:
            raise
        raise PlatformError(
            f"the database was lost at the very end: revision {applied.revision} is there as a whole, or not at all",
            remedy="look with `trunkline history`, then start again",
        ) from error
    return applied


def _merged(connection: Connection, options: Options, provenance: Provenance, goal: _Goal) -> Applied:
    """Compare, merge, and record a revision."""
    started = time.monotonic()
    wanted = goal.wanted
    plan = make_plan(
        connection,
        wanted,
        full=options.full,
        targets=options.targets,
        guards=options.guards,
        moves=goal.moves,
        keep=options.keep,
        each=options.each,
        progress=options.progress,
    )
    if options.expect is not None:
        options.expect(plan)
    check(plan, options.allowed)
    if not plan.changed:
        if plan.scopes:  # rows are equal, only their digests are not
            merge(connection, wanted, plan.scopes, options.progress)
            record(connection, plan.revision)
        return Applied(plan, plan.revision, changed=False, counts={}, duration_ms=_since(started))
    counts = merge(connection, wanted, plan.scopes, options.progress)
    digests: dict[str, str] = dict(connection.execute("select id::text, digest from config.scope").fetchall())
    row = connection.execute(
        "insert into config.revision"
        " (digest, git_commit, author, duration_ms, counts, reload, restores, targets)"
        " values (%s, %s, %s, 0, %s, %s, %s, %s) returning id",
        [
            digest_of(digests),
            provenance.git_commit,
            provenance.author,
            Jsonb(counts),
            Jsonb(plan.reload),
            goal.restores,
            list(plan.targets),
        ],
    ).fetchone()
    assert row is not None  # noqa: S101 - `returning` of an insert that did not fail
    number = int(row[0])
    record(connection, number)
    _record_moves(connection, number, plan.moved)
    duration_ms = _since(started)
    connection.execute("update config.revision set duration_ms = %s where id = %s", [duration_ms, number])
    return Applied(plan, number, changed=True, counts=counts, duration_ms=duration_ms)


def _record_moves(connection: Connection, number: int, moved: Mapping[str, Mapping[str, str]]) -> None:
    """Keep what moved, and have live rows follow."""
    if not any(moved.values()):
        return
    statement = "copy config.revision_moved (revision, table_name, old_id, new_id) from stdin"
    with connection.cursor().copy(statement) as copy:
        for table, ids in moved.items():
            for old, new in ids.items():
                copy.write_row((number, table, old, new))
    follow(connection, number)


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
            " join pg_database on pg_database.oid = pg_locks.database"
            " where pg_locks.locktype = 'advisory' and pg_locks.granted and pg_locks.objid = %s"
            " and pg_database.datname = current_database()",
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
