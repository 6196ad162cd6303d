"""Rows of `config` that are not what the engine wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.errors import PlatformError
from trunkline.plan._changes import Change, FieldChange
from trunkline.plan._choice import owners
from trunkline.plan._compare import Compared, Comparison, in_order, portions
from trunkline.plan._history import past
from trunkline.plan._states import hold, rows_of, stored, strangers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from trunkline.plan._connection import Connection


# Says of a scope that its rows may be anything: plan and apply compare them, whatever is wanted.
UNKNOWN = ""


def drift(
    connection: Connection,
    progress: Callable[[str, int, int], None] | None = None,
    strayed: set[str] | None = None,
) -> Iterator[Change]:
    """Yield every row that was changed behind the engine's back: what was added, changed and removed there.

    Compares with what the last revisions wrote; the inventory is not needed, and may be ahead.

    Args:
        connection: To the database.
        progress: Is told how many scopes are compared, of how many.
        strayed: Gets the ids of the scopes in which something was found, for `distrust`.

    Raises:
        PlatformError: The engine never recorded what it wrote.
    """
    written = past(connection).scopes
    recorded: dict[str, str] = dict(connection.execute("select id::text, digest from config.scope").fetchall())
    if not written and any(recorded):
        raise PlatformError(
            "what was applied before is not on record", remedy="run `trunkline apply` once, it records it"
        )
    unknown = strangers(connection, written)
    names = owners(connection, unknown)
    scopes = [Compared(scope.id, scope.brand, scope.client) for scope in written.values()]
    scopes += [Compared(identity, *names.get(identity, ("", identity))) for identity in unknown]
    comparison = Comparison(rows_of(written), stored(connection))
    done = 0
    strayed = set() if strayed is None else strayed
    for portion in portions(in_order(scopes)):
        for scope in portion:
            wrote, found = written.get(scope.id), recorded.get(scope.id)
            if wrote is not None and found not in {wrote.digest, UNKNOWN}:
                strayed.add(scope.id)
                field = (FieldChange("", wrote.digest, found),)
                yield Change("change" if found else "remove", "digest", "scope", scope.brand, scope.client, "", field)
        known = {scope.id: written[scope.id] for scope in portion if scope.id in written}
        if len(known) < len(portion) or not hold(connection, known):
            yield from comparison.changes(portion)
        done += len(portion)
        if progress is not None:
            progress("compared", done, len(scopes))
    strayed.update(comparison.touched)


def distrust(connection: Connection, strayed: Collection[str]) -> None:
    """Have the next plan and apply compare the rows of some scopes, also where the inventory did not change.

    Args:
        connection: To the database, as trunkline_apply.
        strayed: Ids of scopes, as `drift` finds them.
    """
    connection.execute(
        "insert into config.scope (id, digest) select unnest(%s::uuid[]), %s"
        " on conflict (id) do update set digest = excluded.digest",
        [sorted(strayed), UNKNOWN],
    )
