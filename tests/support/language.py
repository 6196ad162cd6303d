"""Strategies for every kind of object of the language, generated from the model: a new field needs no word here."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any

from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from trunkline.model.item import Item
from trunkline.model.schema import KINDS

# Texts that mean something somewhere in the language, and texts that YAML would like to make something else of.
TEXTS = ["alice", "front-desk", "101", "0180", "112", "+34911234567", "+447700900123", "192.0.2.10", "2001:db8::1"]
TEXTS += ["192.0.2.0/24", "2001:db8::/32", "a@b.example", "acme.atlas.example", "00:11:22:33:44:55", "001122334455"]
TEXTS += ["^\\+34[67]", "3[0-9]{2}", "[0-9]+", "*93", "*8", "off", "{mac}.cfg", "common.cfg", "0" * 32, "Europe/Madrid"]
TEXTS += ["+34", "+", "12#", "111*", "0.0125", "192.0.2.51:5060", "sip.carrier.example"]
TEXTS += [
    "no",
    "yes",
    "null",
    "~",
    "012",
    "1:30",
    "1e3",
    "0x1F",
    "José 名前",
    "a: b # c",
    "- x",
    "'",
    '"',
    "%50",
    "1.10",
]
_LINE = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)


@functools.cache
def objects() -> tuple[type[Item], ...]:
    """Return every kind of object that a file may hold, top down."""
    found: dict[type[Item], None] = {}

    def walk(annotation: Any) -> None:
        if isinstance(annotation, type) and issubclass(annotation, Item) and annotation not in found:
            found[annotation] = None
            for field in annotation.model_fields.values():
                walk(field.annotation)
        for each in typing.get_args(annotation):
            walk(each)

    for kind in KINDS.values():
        walk(kind)
    return tuple(found)


@functools.cache
def documents(model: type[Item]) -> st.SearchStrategy[dict[str, Any]]:
    """Return documents that a model accepts: text, None, lists and mappings.

    Args:
        model: The model.
    """
    fields = {name: _field(field) for name, field in model.model_fields.items()}
    needed = {name: fields[name] for name, field in model.model_fields.items() if field.is_required()}
    optional = {name: each for name, each in fields.items() if name not in needed}
    # A few keys at a time: with all of them at once hardly any object would obey the rules between its keys.
    few = st.sets(st.sampled_from(sorted(optional)), max_size=4) if optional else st.just(set())
    drawn = few.flatmap(lambda names: st.fixed_dictionaries({**needed, **{name: optional[name] for name in names}}))
    return drawn.filter(lambda document: _accepts(TypeAdapter(model), document))


def _field(field: FieldInfo) -> st.SearchStrategy[Any]:
    annotation = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return _values(annotation)


def _values(annotation: Any) -> st.SearchStrategy[Any]:
    """Return the values of a field's type, as a document writes them."""
    bare, adapter = _bare(annotation), TypeAdapter(annotation)
    if typing.get_origin(bare) in {typing.Union, types.UnionType}:
        return st.one_of([_values(each) for each in typing.get_args(bare) if each is not type(None)])
    if isinstance(bare, type) and issubclass(bare, Item):
        return st.deferred(lambda: documents(bare))
    origin, arguments = typing.get_origin(bare), typing.get_args(bare)
    if origin is Mapping:
        entries = st.deferred(lambda: st.dictionaries(_values(arguments[0]), _values(arguments[1]), max_size=3))
        return entries.filter(lambda value: _accepts(adapter, value))
    if origin in {list, tuple, frozenset, set}:
        return st.lists(_values(arguments[0]), max_size=3).filter(lambda value: _accepts(adapter, value))
    return _texts(adapter)


def _texts(adapter: TypeAdapter[Any]) -> st.SearchStrategy[str]:
    """Return texts that a field accepts."""
    schema = adapter.json_schema()
    choices = [str(each) for each in _enumerated(schema)]
    known = [text for text in [*TEXTS, *choices, *map(str, range(0, 40, 7))] if _accepts(adapter, text)]
    assert known, f"no text of tests/support/language.py fits {schema}"
    free = _LINE.filter(lambda text: _accepts(adapter, text)) if _accepts(adapter, "Zoë! ü") else st.nothing()
    return st.sampled_from(sorted(set(known))) | free


def _enumerated(schema: Any) -> list[Any]:
    if isinstance(schema, Mapping):
        return [*schema.get("enum", []), *(each for value in schema.values() for each in _enumerated(value))]
    return [each for value in schema for each in _enumerated(value)] if isinstance(schema, list) else []


def _bare(annotation: Any) -> Any:
    return _bare(typing.get_args(annotation)[0]) if typing.get_origin(annotation) is Annotated else annotation


def _accepts(adapter: TypeAdapter[Any], value: Any) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


def document_of(value: Any) -> Any:
    """Return what a file would say to mean a value of the model.

    Args:
        value: An object, or the value of one of its fields.
    """
    if isinstance(value, Item):
        return {name: document_of(getattr(value, name)) for name in value.model_fields_set}
    if isinstance(value, Mapping):
        return {str(key): document_of(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [document_of(each) for each in value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)
