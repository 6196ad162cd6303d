"""Making a plan: what of the database differs from what is wanted, and whether that needs a second look."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from trunkline.compile import TABLES
from trunkline.plan._changes import ACTIONS, Change, Held, Plan
from trunkline.plan._choice import limited, scopes_of
from trunkline.plan._compare import Comparison, in_order, portions
from trunkline.plan._guard import DeclaredGuards, Guards, excesses, guarded
from trunkline.plan._live import States, holding
from trunkline.plan._moves import Moves, declared
from trunkline.plan._states import digest_of, hold, rows_of, stored, strangers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trunkline.compile import Compiled, Table
    from trunkline.plan._compare import Compared
    from trunkline.plan._connection import Connection


def make_plan(
    connection: Connection,
    wanted: Compiled,
    *,
    full: bool = False,
    targets: Sequence[str] = (),
    guards: Guards | DeclaredGuards | None = None,
    moves: Moves | None = None,
    keep: int | None = None,
    each: Callable[[Change], None] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Plan:
    """Return what applying would do. Reads only.

    Args:
        connection: To the database; a transaction is begun on it if there is none.
        wanted: What the database has to hold.
        full: Compare every row, also where the digests say that there is nothing to find.
        targets: Names of brands, or ``brand/client``, to which the plan is limited; everything without any.
        guards: How much a plan may remove of which brand.
        moves: What moved, where that is known by id; else the files of `wanted` say.
        keep: Most changes to keep in the plan; all of them without a number.
        each: Is given every change as it is found, also those that the plan does not keep.
        progress: Is told how many scopes are compared, of how many.

    Raises:
        PlatformError: A target is neither wanted nor in the database.
    """
    recorded: dict[str, str] = dict(connection.execute("select id::text, digest from config.scope").fetchall())
    revision, restored = _newest(connection)
    stale = {identity for identity, scope in wanted.scopes.items() if recorded.get(identity) != scope.digest}
    stale |= recorded.keys() - wanted.scopes.keys()
    moves = moves or declared(wanted.scopes, recorded)
    known = recorded.keys() | wanted.scopes.keys()
    strange = set(strangers(connection, known)) if full else set()
    chosen = scopes_of(connection, wanted, known | strange if full else stale, moves)
    if targets:
        chosen = limited(chosen, targets, scopes_of(connection, wanted, known, moves), recorded)
    collector = _Collector(connection, keep, each)
    comparison = Comparison(stored(connection), rows_of(wanted.scopes), moves, collector.removing)
    ordered = in_order(chosen)
    doubtful = stale | strange
    done = 0
    for portion in portions(ordered):
        trusted = {scope.id: wanted.scopes[scope.id] for scope in portion if scope.id not in doubtful}
        if len(trusted) < len(portion) or not hold(connection, trusted):
            for change in comparison.changes(portion, collector.sated):
                collector.add(change)
        done += len(portion)
        if progress is not None:
            progress("compared", done, len(ordered))
    touched = comparison.touched
    return Plan(
        changes=tuple(collector.changes),
        count={action: collector.count[action] + comparison.counted[action] for action in ACTIONS},
        scopes=tuple(sorted((stale & {scope.id for scope in chosen}) | touched.keys())),
        unchanged=len(wanted.scopes.keys() - touched.keys()),
        reload=_reload(touched, wanted),
        digest=wanted.digest,
        revision=revision,
        state=digest_of(recorded),
        restored=restored,
        targets=tuple(targets),
        moved={table: dict(ids) for table, ids in comparison.moved.items()},
        excesses=excesses(connection, collector.removed, guards or Guards()),
        held=tuple(sorted(collector.held)),
    )


class _Collector:
    """Counts changes, keeps the first ones, and watches what would be removed."""

    def __init__(self, connection: Connection, keep: int | None, each: Callable[[Change], None] | None) -> None:
        self.changes: list[Change] = []
        self.count: Counter[str] = Counter()
        self.removed: Counter[str] = Counter()
        self.held: list[Held] = []
        self._connection, self._keep, self._each = connection, keep, each
        self._states: States | None = None

    def sated(self) -> bool:
        """Say whether nobody wants to see further changes."""
        return self._each is None and self._keep is not None and len(self.changes) >= self._keep

    def add(self, change: Change) -> None:
        self.count[change.action] += 1
        if self._keep is None or len(self.changes) < self._keep:
            self.changes.append(change)
        if self._each is not None:
            self._each(change)

    def removing(self, scope: Compared, table: Table, identity: str, name: str) -> None:
        if scope.brand and guarded(table.name):
            self.removed[scope.brand] += 1
        if self._states is None:
            self._states = holding(self._connection)
        for state, count in self._states.get((table.name, identity), {}).items():
            self.held.append(Held(scope.brand, scope.client, table.label, name, state, count))


def _newest(connection: Connection) -> tuple[int, int | None]:
    """Return the number of the newest revision, and what it brought back if it was a rollback."""
    row = connection.execute("select id, restores from config.revision order by id desc limit 1").fetchone()
    return (0, None) if row is None else (int(row[0]), row[1])


def _reload(touched: Mapping[str, set[str]], wanted: Compiled) -> dict[str, Any]:
    """Return what has to be read again after changes in some tables of some scopes."""
    effects = {table.name: table.reload for table in TABLES}
    found = {effect for tables in touched.values() for table in tables for effect in effects[table]}
    clients = sorted(
        identity
        for identity, tables in touched.items()
        if (identity not in wanted.scopes or wanted.scopes[identity].client)
        and any("clients" in effects[table] for table in tables)
    )
    flags = ("identities", "relays", "application_servers")
    return {**{flag: flag in found for flag in flags}, "clients": clients}
