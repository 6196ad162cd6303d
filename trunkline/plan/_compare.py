"""Compares the rows of scopes as they are with what they have to be, a portion of scopes at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.compile import TABLES, object_id
from trunkline.compile._compiler import PLATFORM_ID
from trunkline.compile.image import Rows as ImageRows
from trunkline.plan._changes import Action, Change, FieldChange
from trunkline.plan._moves import Moves, pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from trunkline.compile import Table
    from trunkline.compile.table import Column
    from trunkline.plan._states import Rows, Source

# A row as text: what the database and the compiler agree on, whatever types lie between.
TextRow = tuple[str | None, ...]
_ById = dict[str, dict[str, TextRow]]  # table -> id -> row
_Names = dict[tuple[str, str], str]  # (table, id) -> name

# What a plan does not mention of an added object, unless the column has another usual value.
_NOTHING_SAID = ("", "false", "0", "{}")
_SHOWN_GENERATED = 5  # rows that no file declares and that come or go are listed; more are counted
PORTION = 100  # scopes; what is held in memory at a time
_TABLES = {table.name: table for table in TABLES}
_REFERRED = frozenset(column.references for table in TABLES for column in table.columns if column.references)


@dataclass(frozen=True)
class Compared:
    """A scope to compare.

    Args:
        id: Its id.
        brand: Name of its brand; empty for the platform.
        client: Name of its client; empty for the platform and for brands.
        moved: What its file says of renames: by key of the file, old name -> new name.
        was: Names of the brand and client before, where one of them moved.
    """

    id: str
    brand: str
    client: str
    moved: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    was: tuple[str, str] = ("", "")


class Comparison:
    """A comparison of scopes.

    Args:
        old: Gives the rows as they are.
        new: Gives the rows as they have to be.
        moves: What may have moved.
        removing: Is told of every object that goes: what it belongs to, its table, its id and its name.

    Attributes:
        touched: Names of the tables with changes, by scope.
        moved: What moved: by table, old id -> new id.
        counted: Objects to add and to remove that were counted instead of listed.
    """

    def __init__(
        self,
        old: Source,
        new: Source,
        moves: Moves | None = None,
        removing: Callable[[Compared, Table, str, str], None] | None = None,
    ) -> None:
        self.touched: dict[str, set[str]] = defaultdict(set)
        self.moved: dict[str, dict[str, str]] = defaultdict(dict)
        self.counted: Counter[Action] = Counter()
        self._old, self._new, self._moves = old, new, moves or Moves()
        self._removing = removing
        self._ids: dict[str, str] = {before: now for now, before in self._moves.scopes.items()}
        self._names: _Names = {}
        self._above: tuple[str, _Names] = ("\n", {})

    def changes(self, scopes: Sequence[Compared], count: Callable[[], bool] = lambda: False) -> Iterator[Change]:
        """Yield the changes of a portion of scopes, in the order in which people read them.

        Args:
            scopes: Sorted by brand and client; a moved one by its new id.
            count: Whether to count, from here on, what there is in scopes that come or go instead of listing it.
        """
        wanted = [scope.id for scope in scopes]
        before = [self._moves.scopes.get(identity, identity) for identity in wanted]
        olds, news = self._old(sorted({*wanted, *before})), self._new(wanted)
        for scope in scopes:
            own = self._moves.scopes.get(scope.id, scope.id)
            rows = news.get(scope.id)
            if count() and own == scope.id and not olds.get(own) and isinstance(rows, ImageRows):
                self._count(scope.id, rows)
                continue
            if count() and own == scope.id and not rows:
                self._count_gone(scope, olds.get(own, {}))
                continue
            yield from self._scope(scope, own, _by_id(olds.get(own, {})), _by_id(news.get(scope.id, {})))

    def _scope(self, scope: Compared, own: str, old: _ById, new: _ById) -> Iterator[Change]:
        found = pairs(self._moves, scope.id, scope.moved, old, new)
        for table, ids in found.items():
            self.moved[table].update(ids)
            self._ids.update(ids)
        if own != scope.id:  # every row has another id, so everything about it has to be read again
            self.touched[own] |= old.keys()
            self.touched[scope.id] |= new.keys()
        if old == new:
            return
        self._names = dict(self._names_above(scope.brand))
        _learn(self._names, old)
        _learn(self._names, new)
        moved = {now: before for ids in found.values() for before, now in ids.items()}
        if self._ids:
            old = {table: self._translated(rows) for table, rows in old.items()}
        for table in TABLES:
            there, wanted = old.get(table.name, {}), new.get(table.name, {})
            if there == wanted:
                continue
            if own != scope.id:
                _pair_the_rest(there, wanted)
            changes = list(self._table(table, scope, there, wanted, moved))
            if changes:
                self.touched[scope.id].add(table.name)
                yield from changes

    def _count(self, scope: str, rows: ImageRows) -> None:
        for name, found in rows.count().items():
            self.touched[scope].add(name)
            self.counted["add"] += 1 if _TABLES[name].ordered_by else found

    def _count_gone(self, scope: Compared, old: Rows) -> None:
        for table in TABLES:
            rows = old.get(table.name)
            if not rows:
                continue
            self.touched[scope.id].add(table.name)
            self.counted["remove"] += 1 if table.ordered_by else len(rows)
            if self._removing is not None and not table.ordered_by:
                title = table.position(table.title)
                for row in rows:
                    self._removing(scope, table, row[0] or "", row[title] or "")

    def _translated(self, rows: Mapping[str, TextRow]) -> dict[str, TextRow]:
        """Return rows with the ids that their objects go on under."""
        ids = self._ids
        return {
            ids.get(identity, identity): tuple([ids.get(value, value) if value else value for value in row])
            for identity, row in rows.items()
        }

    def _table(
        self,
        table: Table,
        scope: Compared,
        old: Mapping[str, TextRow],
        new: Mapping[str, TextRow],
        moved: Mapping[str, str],
    ) -> Iterator[Change]:
        where = (table.label, table.name, scope.brand, scope.client)
        if table.ordered_by:
            values = FieldChange("", self._listed(table, old) or None, self._listed(table, new) or None)
            rows = sum(1 for identity in old.keys() | new.keys() if old.get(identity) != new.get(identity))
            if rows:
                yield Change(_action(old, new), *where, "", (values,), rows)
            return
        title = table.position(table.title)
        different = {identity for identity in old.keys() | new.keys() if old.get(identity) != new.get(identity)}
        for action, made in _generated(table, old, new):
            different -= made
            yield Change(action, *where, f"({len(made)} generated)", (), len(made))
        for identity in sorted(different, key=lambda key: (_order(self._name(table, old, new, key)), key)):
            before, after = old.get(identity), new.get(identity)
            name, was = self._name(table, new, old, identity), self._name(table, old, new, identity)
            if identity in moved and name != was and after is not None:
                yield Change("move", *where, name, tuple(self._fields(table, before, after, without=title)), was=was)
                continue
            change = Change(_action(before, after), *where, name, tuple(self._fields(table, before, after)))
            if change.action == "remove" and self._removing is not None:
                self._removing(scope, table, identity, name)
            yield change

    def _fields(
        self, table: Table, old: TextRow | None, new: TextRow | None, without: int | None = None
    ) -> Iterator[FieldChange]:
        if new is None:
            return
        for position, column in enumerate(table.columns):
            before, after = None if old is None else old[position], new[position]
            if before == after or position == without or (old is None and _as_usual(column, after)):
                continue
            if column.secret:
                if old is not None:
                    yield FieldChange(column.label or column.name, None, None, secret=True)
            elif column.label or old is not None:
                values = (self._shown(column.references, before), self._shown(column.references, after))
                yield FieldChange(column.label or column.name, *values)

    def _name(self, table: Table, first: Mapping[str, TextRow], second: Mapping[str, TextRow], identity: str) -> str:
        """Return the name of an object, as the first of two states has it, or else the second."""
        row = first.get(identity) or second[identity]
        columns = (table.position(name) for name in (table.title, table.part) if name)
        return "/".join(self._shown(table.columns[column].references, row[column]) or "" for column in columns)

    def _listed(self, table: Table, rows: Mapping[str, TextRow]) -> str:
        """Return the titles of rows that form a list."""
        order, title = table.position(table.ordered_by), table.position(table.title)
        references = table.columns[title].references
        ordered = sorted(rows.values(), key=lambda row: int(row[order] or 0))
        return ", ".join(self._shown(references, row[title]) or "" for row in ordered)

    def _shown(self, references: str, value: str | None) -> str | None:
        return self._names.get((references, value), value) if references and value else value

    def _names_above(self, brand: str) -> _Names:
        """Return the names of what a brand's and its clients' rows may refer to: objects of the brand and the platform.

        Scopes come brand by brand, so only those of the last one are kept.
        """
        if self._above[0] != brand:
            own = object_id("brand", brand)
            above = [PLATFORM_ID, own, self._moves.scopes.get(own, own)] if brand else [PLATFORM_ID]
            names: _Names = {}
            for source in (self._old, self._new):
                for rows in source(above, _REFERRED).values():
                    _learn(names, _by_id({table: rows[table] for table in rows if table in _REFERRED}))
            self._above = (brand, names)
        return self._above[1]


def _generated(
    table: Table, old: Mapping[str, TextRow], new: Mapping[str, TextRow]
) -> Iterator[tuple[Action, set[str]]]:
    """Yield rows that no file declares, where more of them come or go than anybody would read."""
    if not table.generated:
        return
    position = table.position(table.generated)
    steps: tuple[tuple[Action, Mapping[str, TextRow], Mapping[str, TextRow]], ...] = (
        ("add", new, old),
        ("remove", old, new),
    )
    for action, rows, others in steps:
        found = {key for key, row in rows.items() if row[position] == "true" and key not in others}
        if len(found) > _SHOWN_GENERATED:
            yield action, found


def _learn(names: _Names, rows: _ById) -> None:
    """Take over the names of objects that others refer to."""
    for table in TABLES:
        if table.name in _REFERRED:
            title = table.position(table.title)
            for identity, row in rows.get(table.name, {}).items():
                names[table.name, identity] = row[title] or ""


def _by_id(rows: Rows) -> _ById:
    return {table: {row[0] or "": row for row in found} for table, found in rows.items() if found}


def _pair_the_rest(old: dict[str, TextRow], new: dict[str, TextRow]) -> None:
    """Give rows without a name of their own the id of the wanted row that says the same."""
    same = {row[1:]: identity for identity, row in new.items() if identity not in old}
    for identity in [identity for identity in old if identity not in new]:
        target = same.pop(old[identity][1:], None)
        if target is not None:
            old[target] = (target, *old.pop(identity)[1:])


def portions(scopes: Sequence[Compared]) -> Iterator[Sequence[Compared]]:
    """Yield scopes, some at a time."""
    for start in range(0, len(scopes), PORTION):
        yield scopes[start : start + PORTION]


def in_order(scopes: Iterable[Compared]) -> list[Compared]:
    """Return scopes in the order in which people read them."""
    return sorted(scopes, key=lambda scope: (scope.brand, scope.client, scope.id))


def _as_usual(column: Column, value: str | None) -> bool:
    """Say whether an added object says nothing of its own with a value."""
    return value in {"", column.usual} or (not column.usual and value in _NOTHING_SAID)


def _action(old: object, new: object) -> Action:
    return "add" if not old else "change" if new else "remove"


def _order(name: str) -> tuple[bool, int, str]:
    """Sort numbers by value, then names by letter."""
    digits = name.isdecimal()
    return (not digits, int(name) if digits else 0, name)
