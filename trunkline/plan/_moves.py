"""Which rows go on under another id: what files declare as ``moved``, or what a rollback moves back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.compile import TABLES, object_id
from trunkline.compile._compiler import PLATFORM_ID

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from trunkline.compile import Scope, Table

TextRows = Mapping[str, tuple[str | None, ...]]
"""Rows of one table by id."""


@dataclass(frozen=True)
class Moves:
    """What may have moved.

    Args:
        scopes: Clients and brands: new id -> the id that they have in the database.
        ids: Everything else that is known by id: new id -> old id; empty when names tell.
    """

    scopes: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)


def declared(scopes: Mapping[str, Scope], recorded: Container[str]) -> Moves:
    """Return the clients and brands that the database knows by another name.

    Args:
        scopes: What is wanted.
        recorded: Ids of the scopes that the database has.
    """
    brands = _backwards(scopes.get(PLATFORM_ID), "brands")
    found: dict[str, str] = {}
    clients: dict[str, Mapping[str, str]] = {}
    for identity, scope in scopes.items():
        if identity in recorded or not scope.brand:
            continue
        if scope.brand not in clients:
            clients[scope.brand] = _backwards(scopes.get(object_id("brand", scope.brand)), "clients")
        for old in _candidates(scope, brands, clients[scope.brand]):
            if old in recorded and old not in scopes:
                found[identity] = old
                break
    return Moves(scopes=found)


def _backwards(scope: Scope | None, key: str) -> Mapping[str, str]:
    """Return new name -> old name of what is declared as moved below a scope."""
    return {} if scope is None else {new: old for old, new in scope.moved.get(key, {}).items()}


def _candidates(scope: Scope, brands: Mapping[str, str], clients: Mapping[str, str]) -> Iterator[str]:
    """Yield the ids that a scope may have had: of its old names first, also when only one of them was applied."""
    for brand in dict.fromkeys((brands.get(scope.brand, scope.brand), scope.brand)):
        if not scope.client:
            yield object_id("brand", brand)
            continue
        for client in dict.fromkeys((clients.get(scope.client, scope.client), scope.client)):
            yield object_id("brand", brand, "client", client)


def pairs(
    moves: Moves,
    scope: str,
    names: Mapping[str, Mapping[str, str]],
    old: Mapping[str, TextRows],
    new: Mapping[str, TextRows],
) -> Mapping[str, Mapping[str, str]]:
    """Return the rows of a scope that go on under another id: by table, old id -> new id.

    Where a whole client or brand moved, its rows are found again by their names. A row moves only when its old id is
    no longer wanted and its new one is new: so an entry under ``moved`` may stay in the file for ever.

    Args:
        moves: What may have moved.
        scope: The scope's id, as it is wanted.
        names: What its file says: by key of the file, old name -> new name.
        old: Its rows in the database, by table.
        new: Its rows as they are wanted, by table.
    """
    before = moves.scopes.get(scope, scope)
    if before == scope and not names and not moves.ids:
        return {}
    found: dict[str, dict[str, str]] = {}
    for table in TABLES:
        there, wanted = old.get(table.name, {}), new.get(table.name, {})
        if moves.ids:
            found[table.name] = {
                moves.ids[identity]: identity for identity in wanted if moves.ids.get(identity) in there
            }
        elif table.scope == "id":
            found[table.name] = {before: scope} if before != scope and before in there and scope in wanted else {}
        elif named(table):
            renamed = names.get(table.collection, {})
            if before != scope or renamed:
                found[table.name] = _by_name(table, renamed, there, wanted, everything=before != scope)
    return {table: moved for table, moved in found.items() if moved}


def named(table: Table) -> bool:
    """Say whether the rows of a table are objects with names of their own."""
    return not table.ordered_by and not table.columns[table.position(table.title)].references


def _by_name(
    table: Table, renamed: Mapping[str, str], old: TextRows, new: TextRows, *, everything: bool
) -> dict[str, str]:
    title = table.position(table.title)
    there = _unique((row[title] or "", identity) for identity, row in old.items())
    wanted = _unique((row[title] or "", identity) for identity, row in new.items())
    found: dict[str, str] = {}
    for name, identity in there.items():
        target = wanted.get(renamed.get(name, name if everything else ""))
        if target is not None and target not in old and identity not in new:
            found[identity] = target
    return found


def _unique(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return ids by name, without names that several rows of a scope have (of forwards it is the reason)."""
    found: dict[str, str] = {}
    several: set[str] = set()
    for name, identity in names:
        if found.setdefault(name, identity) != identity:
            several.add(name)
    return {name: identity for name, identity in found.items() if name not in several}
