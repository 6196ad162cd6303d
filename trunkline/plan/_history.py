"""What revisions left behind: a version of every scope that they changed. Kept, listed, read again, forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from trunkline.compile import TABLES, Compiled, Scope
from trunkline.compile.image import blocks_of, columns_of, decode, pack
from trunkline.errors import ConfigurationError, PlatformError
from trunkline.plan._compare import Compared, Comparison, in_order, portions
from trunkline.plan._moves import Moves
from trunkline.plan._states import digest_of, rows_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from trunkline.plan._changes import Change
    from trunkline.plan._connection import Connection

# Rows are kept of a revision as long as it is among the last ones or young (docs/decisions: retention).
KEPT_REVISIONS = 100
KEPT_DAYS = 90


@dataclass(frozen=True)
class Revision:
    """A revision, without its rows.

    Args:
        id: Its number.
        applied_at: When.
        author: Who applied it.
        git_commit: Of the inventory; None outside of a git repository.
        digest: Of what it left in the database.
        duration_ms: How long it took.
        counts: Rows added, changed and removed, by table.
        reload: What proxies and call-flow services had to read again.
        restores: The revision that it brought back; None where it was no rollback.
        targets: What it was limited to; empty for everything.
        kept: Whether the rows of that time are still known.
    """

    id: int
    applied_at: dt.datetime
    author: str
    git_commit: str | None
    digest: str
    duration_ms: int
    counts: Mapping[str, Mapping[str, int]]
    reload: Mapping[str, Any]
    restores: int | None
    targets: tuple[str, ...]
    kept: bool


_REVISION = (
    "select id, applied_at, author, git_commit, digest, duration_ms, counts, reload, restores, targets, kept"
    " from config.revision"
)


def revisions(connection: Connection, limit: int | None = None) -> list[Revision]:
    """Return the revisions, newest first.

    Args:
        connection: To the database.
        limit: How many at most.
    """
    rows = connection.execute(f"{_REVISION} order by id desc limit %s".encode(), [limit])
    return [_revision(row) for row in rows]


def revision(connection: Connection, number: int) -> Revision:
    """Return one revision.

    Raises:
        ConfigurationError: There is none of that number.
    """
    row = connection.execute(f"{_REVISION} where id = %s".encode(), [number]).fetchone()
    if row is None:
        newest = connection.execute("select max(id) from config.revision").fetchone()
        known = f"the newest one is {newest[0]}" if newest and newest[0] else "there is none yet"
        raise ConfigurationError(f"there is no revision {number}", remedy=f"look at `trunkline history`; {known}")
    return _revision(row)


def _revision(row: tuple[Any, ...]) -> Revision:
    values = dict(zip(Revision.__dataclass_fields__, row, strict=True))
    return Revision(**{**values, "targets": tuple(values["targets"])})


def before(connection: Connection, number: int) -> int:
    """Return the number of the revision before another one; 0 when that was the first."""
    row = connection.execute("select coalesce(max(id), 0) from config.revision where id < %s", [number]).fetchone()
    return int(row[0]) if row else 0


def record(connection: Connection, number: int) -> None:
    """Keep what `trunkline.plan._merge.merge` staged as the versions of a revision, and forget what is too old.

    Args:
        connection: In the transaction of the merge.
        number: The revision; the newest one when only digests changed.
    """
    connection.execute(
        """
        insert into config.scope_version (scope_id, revision, brand, client, digest, image)
        select staged.id, %(number)s, coalesce(known.brand, staged.brand), coalesce(known.client, staged.client),
               staged.digest, staged.image
          from pg_temp.staged_scope as staged
          left join lateral (select brand, client from config.scope_version
                              where scope_id = staged.id and staged.digest is null
                              order by revision desc limit 1) as known on true
         where staged.digest is not null or known.brand is not null
        on conflict (scope_id, revision) do update
            set brand = excluded.brand, client = excluded.client, digest = excluded.digest, image = excluded.image
        """,
        {"number": number},
    )
    # A database from before there were versions: from now on its newest revision can be brought back, too.
    connection.execute(
        "update config.revision set kept = true where id = %s and not kept and not exists"
        " (select from config.scope where not exists (select from config.scope_version where scope_id = scope.id))",
        [number],
    )
    _forget(connection)


def _forget(connection: Connection) -> None:
    """Forget the versions that only revisions need that are no longer kept."""
    expired = [
        row[0]
        for row in connection.execute(
            "update config.revision set kept = false where kept and applied_at < now() - make_interval(days => %s)"
            " and id <= (select id from config.revision order by id desc offset %s limit 1) returning id",
            [KEPT_DAYS, KEPT_REVISIONS],
        )
    ]
    if not expired:
        return
    bounds = {"low": min(expired), "high": max(expired)}
    oldest = connection.execute("select min(id) from config.revision where id > %(high)s", bounds).fetchone()
    connection.execute(
        "delete from config.scope_version as old using config.scope_version as next"
        " where next.scope_id = old.scope_id and next.revision > old.revision"
        " and next.revision > %(low)s and next.revision <= %(oldest)s",
        {**bounds, "oldest": oldest[0] if oldest else bounds["high"]},
    )
    connection.execute("delete from config.scope_version where digest is null and revision <= %(high)s", bounds)


def past(connection: Connection, number: int | None = None) -> Compiled:
    """Return what the database held after a revision. Images are read when they are asked for.

    Args:
        connection: To the database; it has to stay open.
        number: The revision; without one, what the engine wrote last.
    """
    rows = connection.execute(
        "select scope_id::text, revision, brand, client, digest from ("
        " select distinct on (scope_id) * from config.scope_version where revision <= %s"
        " order by scope_id, revision desc) as version where digest is not null",
        [2**62 if number is None else number],
    )
    scopes = {
        identity: Scope(identity, brand, client, digest, partial(_image, connection, identity, version))
        for identity, version, brand, client, digest in rows
    }
    return Compiled(scopes, digest_of({identity: scope.digest for identity, scope in scopes.items()}))


def _image(connection: Connection, scope: str, number: int) -> bytes:
    """Return the image of a version, with the columns of today."""
    row = connection.execute(
        "select image from config.scope_version where scope_id = %s and revision = %s", [scope, number], binary=True
    ).fetchone()
    if row is None:
        raise PlatformError(f"the rows of revision {number} are no longer there", remedy="start again")
    image: bytes = row[0]
    written = columns_of(image)
    if all(written.get(table.name, table.column_names) == table.column_names for table in TABLES):
        return image
    # Columns that are newer are null, those that are gone are left out.
    blocks = blocks_of(image)
    arranged = []
    for table in TABLES:
        if table.name in blocks:
            places = {name: place for place, name in enumerate(written[table.name])}
            rows = (
                tuple([row[places[name]] if name in places else None for name in table.column_names])
                for row in decode(blocks[table.name])
            )
            arranged.append((table, rows))
    return pack(arranged)[0]


def moves_back(connection: Connection, number: int, wanted: Compiled) -> Moves:
    """Return what moved since a revision, as moves back.

    Args:
        connection: To the database.
        number: The revision.
        wanted: What the database held then.
    """
    then: dict[str, str] = {}  # id of now -> id of then
    rows = connection.execute(
        "select old_id::text, new_id::text from config.revision_moved where revision > %s order by revision", [number]
    )
    for old, new in rows:
        then[new] = then.pop(old, old)
    ids = {before: now for now, before in then.items() if before != now}
    recorded = {row[0] for row in connection.execute("select id::text from config.scope")}
    scopes = {
        before: now
        for before, now in ids.items()
        if before in wanted.scopes and now in recorded and now not in wanted.scopes and before not in recorded
    }
    return Moves(scopes, ids)


def changes_of(connection: Connection, number: int) -> Iterator[Change]:
    """Yield what a revision changed, in the order in which people read it.

    Args:
        connection: To the database.
        number: The revision.

    Raises:
        PlatformError: The rows of that time are no longer known.
    """
    earlier = before(connection, number)
    if not revision(connection, number).kept or (earlier and not revision(connection, earlier).kept):
        raise PlatformError(
            f"the rows of the time before revision {number} are no longer known",
            remedy=f"they are kept of the last {KEPT_REVISIONS} revisions, and for {KEPT_DAYS} days",
        )
    old, new = past(connection, earlier), past(connection, number)
    changed: Sequence[str] = [
        row[0]
        for row in connection.execute("select scope_id::text from config.scope_version where revision = %s", [number])
    ]
    ids = {
        row[0]: row[1]
        for row in connection.execute(
            "select new_id::text, old_id::text from config.revision_moved where revision = %s", [number]
        )
    }
    moves = Moves({now: was for now, was in ids.items() if now in new.scopes and was in old.scopes}, ids)
    left = set(moves.scopes.values())
    scopes = [(identity, new.scopes.get(identity) or old.scopes.get(identity)) for identity in changed]
    found = [Compared(identity, scope.brand, scope.client) for identity, scope in scopes if scope]
    comparison = Comparison(rows_of(old.scopes), rows_of(new.scopes), moves)
    for portion in portions(in_order(scope for scope in found if scope.id not in left)):
        yield from comparison.changes(portion)
