"""Marks of fields: what a field needs, what it refers to, whether calls honour it yet. One rule per kind of mark.

    friends: Mapping[Name, Friend] = Field(
        default_factory=dict, description="...", json_schema_extra=marks(feature="friends", honoured=False)
    )

A mark stands where the field is declared. The rules TL0400 (calls do not honour it yet), TL0401 (its feature is off)
and TL0407 (what it refers to does not exist) find the fields in use through `Item.marked`; the JSON Schema and the
reference pages show the marks.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel

if TYPE_CHECKING:
    from trunkline.source import Path

FEATURE = "feature"
HONOURED = "honoured"
TYPES = "types"
REFERS = "refers"
_KEYS = (FEATURE, HONOURED, TYPES, REFERS)


def marks(
    *,
    feature: str | Mapping[str, str] = "",
    honoured: bool | Collection[str] = True,
    types: Collection[str] = (),
    refers: str = "",
) -> dict[str, Any]:
    """Return the marks of a field, as its ``json_schema_extra``.

    Args:
        feature: The feature (`trunkline.model.features`) that must be on where the field is used; by value where only
            some values need one.
        honoured: Whether calls honour the field; the values that they honour where these are some only.
        types: The types of client that may have the field; all when empty.
        refers: The key of the client whose objects the field names; empty when it names none.
    """
    found: dict[str, Any] = {}
    if feature:
        found[FEATURE] = feature if isinstance(feature, str) else dict(feature)
    if honoured is not True:
        found[HONOURED] = False if honoured is False else sorted(honoured)
    if types:
        found[TYPES] = sorted(types)
    if refers:
        found[REFERS] = refers
    return found


class Marked(NamedTuple):
    """A marked field that an item uses.

    Args:
        path: Of the field, from the item that was searched.
        owner: The model that has the field.
        name: The field.
        value: What it is set to.
        marks: As they were declared.
    """

    path: Path
    owner: type[BaseModel]
    name: str
    value: Any
    marks: Mapping[str, Any]

    @property
    def shown(self) -> str:
        """Return the field as messages name it: with its value where the marks depend on that."""
        by_value = any(isinstance(self.marks.get(key), dict | list) for key in (FEATURE, HONOURED))
        return f"{self.name}: {self.value}" if by_value else self.name

    @property
    def feature(self) -> str:
        """Return the feature that this use needs; empty when it needs none."""
        feature = self.marks.get(FEATURE, "")
        return feature if isinstance(feature, str) else str(feature.get(self.value, ""))

    @property
    def references(self) -> list[tuple[Path, str]]:
        """Return the names that this use refers to, each with its path."""
        if REFERS not in self.marks:
            return []
        if isinstance(self.value, str):
            return [(self.path, self.value)]
        return [((*self.path, position), name) for position, name in enumerate(self.value)]

    @property
    def honoured(self) -> bool:
        """Say whether calls honour this use."""
        honoured = self.marks.get(HONOURED, True)
        return honoured if isinstance(honoured, bool) else self.value in honoured


def marked(item: BaseModel) -> list[Marked]:
    """Return the marked fields that an item or something in it uses, each before what stands below it.

    A field is used when the file gives it a value other than its default and other than an empty list or mapping.

    Args:
        item: What to search. Rules ask for `Item.marked`, which searches once.
    """
    found: list[Marked] = []
    _collect(item, (), found)
    return found


def _collect(value: Any, path: Path, found: list[Marked]) -> None:
    """Add what a value uses: an item, a mapping or list of items at any depth, or anything else."""
    if isinstance(value, BaseModel):
        given = value.model_fields_set
        for name, default, own, deep in _plan(type(value)):
            if name in given:
                each = getattr(value, name)
                if own and each != default and each not in ([], {}):
                    found.append(Marked((*path, name), type(value), name, each, own))
                if deep:
                    _collect(each, (*path, name), found)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            _collect(each, (*path, key), found)
    elif isinstance(value, list | tuple):
        for position, each in enumerate(value):
            _collect(each, (*path, position), found)


@functools.cache
def _plan(model: type[BaseModel]) -> tuple[tuple[str, Any, Mapping[str, Any], bool], ...]:
    """Return the fields of a model that a search has to look at: name, default, marks, whether to look below it.

    Whatever holds no marks at any depth is left out: a client has a hundred thousand users.
    """
    found = []
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        own = {key: extra[key] for key in _KEYS if key in extra}
        deep = any(_plan(below) for below in models_in(field.annotation))
        if own or deep:
            found.append((name, field.default, own, deep))
    return tuple(found)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models that a type such as ``Mapping[str, User] | None`` mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from models_in(argument)
