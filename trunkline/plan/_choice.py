"""Which scopes a plan is about: their names, and what ``--target`` leaves of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile import object_id
from trunkline.compile._compiler import PLATFORM_ID
from trunkline.errors import ConfigurationError
from trunkline.model.problems import unknown
from trunkline.plan._compare import Compared

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from trunkline.compile import Compiled
    from trunkline.plan._connection import Connection
    from trunkline.plan._moves import Moves


def scopes_of(connection: Connection, wanted: Compiled, ids: Iterable[str], moves: Moves) -> list[Compared]:
    """Return some scopes with their names; of a moved one its new id stands for both.

    Args:
        connection: To the database; it knows the names of what is no longer wanted.
        wanted: What the database has to hold.
        ids: Which scopes.
        moves: What moved.
    """
    left = set(moves.scopes.values())
    ids = set(ids)
    lost = sorted(ids - wanted.scopes.keys())
    names = owners(connection, sorted({*lost, *left}))
    found = [Compared(identity, *names.get(identity, ("", identity))) for identity in lost if identity not in left]
    for identity in ids:
        scope = wanted.scopes.get(identity)
        if scope is not None:
            was = names.get(moves.scopes.get(identity, ""), ("", ""))
            found.append(Compared(identity, scope.brand, scope.client, scope.moved, was))
    return found


def owners(connection: Connection, scopes: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the names of brand and client of scopes in the database.

    Args:
        connection: To the database.
        scopes: Their ids.
    """
    if not scopes:
        return {}
    query = """
        select id::text, name, '' from config.brand where id = any(%(ids)s::uuid[])
        union all
        select client.id::text, brand.name, client.name
          from config.client join config.brand on brand.id = client.brand_id where client.id = any(%(ids)s::uuid[])
        union all
        (select distinct on (scope_id) scope_id::text, brand, client from config.scope_version
          where scope_id = any(%(ids)s::uuid[]) and digest is not null order by scope_id, revision desc)
    """
    return {row[0]: (row[1], row[2]) for row in connection.execute(query, {"ids": scopes})}


def limited(
    chosen: Sequence[Compared], targets: Sequence[str], known: Sequence[Compared], recorded: Container[str]
) -> list[Compared]:
    """Return what targets leave of some scopes, with what these stand on as far as the database lacks it.

    Args:
        chosen: The scopes.
        targets: ``brand`` or ``brand/client``; of what moved, the old or the new name.
        known: All scopes.
        recorded: Ids of the scopes that the database has.

    Raises:
        ConfigurationError: A target is nothing that is known.
    """
    for target in targets:
        if not any(_within(scope, target) for scope in known):
            names = sorted({_name(scope) for scope in known if scope.brand})
            message, remedy = unknown("brand or client", target, names)
            raise ConfigurationError(message, remedy=remedy)
    within = [scope for scope in chosen if any(_within(scope, target) for target in targets)]
    below = {object_id("brand", scope.brand) for scope in within} | {PLATFORM_ID} if within else set()
    own = {scope.id for scope in within}
    return within + [
        scope for scope in chosen if scope.id in below and scope.id not in own and scope.id not in recorded
    ]


def _within(scope: Compared, target: str) -> bool:
    brand, _, client = target.partition("/")
    return any(names[0] == brand and client in {"", names[1]} for names in ((scope.brand, scope.client), scope.was))


def _name(scope: Compared) -> str:
    return f"{scope.brand}/{scope.client}" if scope.client else scope.brand
