"""The CSV files that a client's folder may hold: which there are, and what their columns may be.

Every key of a client whose objects have names may be a file beside ``client.yml``: ``users.csv``, ``extensions.csv``.
The SIP accounts, which are called differently in each type of client, are ``endpoints.csv`` in all of them. The columns
are the keys of the object, and nobody has to list them here.

A brand's folder may hold the prices of its price lists: ``<list>.prices.csv``.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from trunkline.model.client import ENDPOINTS as SECTIONS
from trunkline.model.client import Client
from trunkline.model.item import Item
from trunkline.model.price_list import Price
from trunkline.source import Columns

if TYPE_CHECKING:
    from trunkline.source import Value

ENDPOINTS = "endpoints"
PRICES = ".prices.csv"


@functools.cache
def sections() -> Mapping[str, type[Item]]:
    """Return the keys of a client that may be CSV files, each with the kind of object it holds."""
    found = {}
    for name, field in Client.model_fields.items():
        arguments = typing.get_args(field.annotation)
        if typing.get_origin(field.annotation) is Mapping and _is_item(arguments[-1]):
            found[name] = arguments[-1]
    return found


def file_names() -> list[str]:
    """Return the names that CSV files of a client may have, without ``.csv``, sorted."""
    return sorted({ENDPOINTS, *sections()} - set(SECTIONS.values()))


def section_of(stem: str, client_type: Value) -> str | None:
    """Return the key of the client whose objects a CSV file holds; None when the client's type has nothing of the kind.

    Args:
        stem: Name of the file, without ``.csv``.
        client_type: What the client's file says.
    """
    if stem != ENDPOINTS:
        return stem
    return SECTIONS.get(client_type) if isinstance(client_type, str) else None


def key_column(stem: str) -> str:
    """Return the column that holds the names of the objects: ``user`` in ``users.csv``."""
    return stem[:-1] if stem.endswith("s") else "entry"


@functools.cache
def columns_of(stem: str, section: str) -> Columns:
    """Return what the columns of a CSV file may be.

    Args:
        stem: Name of the file, without ``.csv``.
        section: Key of the client whose objects it holds.
    """
    cells = dict(_cells(sections()[section]))
    return Columns(key_column(stem), frozenset(cells), frozenset(name for name, several in cells.items() if several))


@functools.cache
def price_columns() -> Columns:
    """Return what the columns of a CSV file with prices may be."""
    return Columns("prefix", frozenset(Price.model_fields))


def price_list_of(file: str) -> str | None:
    """Return the name of the price list whose prices a file of a brand's folder holds; None for other files.

    Args:
        file: Its name, without folders.
    """
    return file.removesuffix(PRICES) if file.endswith(PRICES) else None


def _cells(model: type[Item], prefix: str = "") -> Iterator[tuple[str, bool]]:
    """Yield the columns that a model needs, each with whether its cells hold several texts.

    Lists of objects, and objects by name inside of an object, have no columns: they are written in YAML.
    """
    for name, field in model.model_fields.items():
        choices = [each for each in _choices(field.annotation) if each is not type(None)]
        inner = next((each for each in choices if _is_item(each)), None)
        origins = {typing.get_origin(each) for each in choices}
        if inner is not None:
            yield from _cells(inner, f"{prefix}{name}.")
        elif origins & {list, tuple, frozenset, set}:
            if not any(_is_item(_bare(each)) for choice in choices for each in typing.get_args(choice)):
                yield f"{prefix}{name}", True
        elif Mapping not in origins and dict not in origins:
            yield f"{prefix}{name}", False


def _choices(annotation: Any) -> list[Any]:
    """Return the types that a type such as ``User | None`` allows, without what is attached to them."""
    plain = _bare(annotation)
    union = typing.get_origin(plain) in {typing.Union, types.UnionType}
    return [_bare(each) for each in typing.get_args(plain)] if union else [plain]


def _bare(annotation: Any) -> Any:
    return typing.get_args(annotation)[0] if typing.get_origin(annotation) is Annotated else annotation


def _is_item(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Item)
