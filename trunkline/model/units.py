"""What the files of tenants declare, unit by unit.

A unit is what is read, validated, checked and compiled at once, and only again when one of its files changed.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from trunkline.model.brand import Brand
from trunkline.model.client import Client
from trunkline.model.platform import Platform
from trunkline.model.problems import from_validation
from trunkline.model.tables import columns_of, price_columns, price_list_of, section_of
from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
from trunkline.model.walk import BRAND_FILE, CLIENT_FILE, FOLDER, Unit, find_units
from trunkline.source import Document, Place, Problem, Table, read_file, read_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path as FilePath

    from trunkline.source import Limits, Path

__all__ = ["Loaded", "Located", "Unit", "find_units", "load_brand", "load_client", "load_platform"]

_Model = TypeVar("_Model", bound=BaseModel)
_Named = TypeVar("_Named", NamedPlatform, NamedBrand, NamedClient)


class Located(Protocol):
    """Knows where each value of a unit stands."""

    def locate(self, path: Path, *, key: bool = False) -> Place:
        """Return the place of a value, or of its key."""
        ...


@dataclass(frozen=True)
class Loaded(Generic[_Named]):
    """What came out of reading one unit.

    Args:
        named: What it declares; None when it has problems.
        problems: Of its files, of YAML, of fields.
        source: The places of its values; None when the file could not be read.
    """

    named: _Named | None
    problems: tuple[Problem, ...]
    source: Located | None = None


def load_platform(inventory: FilePath, unit: Unit, limits: Limits | None = None) -> Loaded[NamedPlatform]:
    """Read the platform; where there is no file, it has its defaults.

    Args:
        inventory: Folder of the inventory.
        unit: The platform.
        limits: How much a file may ask of us.
    """
    if not _exists(inventory / unit.file):
        return Loaded(NamedPlatform(), ())
    declared, problems, source = _load(inventory, unit.file, Platform, limits)
    return Loaded(None if declared is None else NamedPlatform(unit.file, declared), problems, source)


def load_brand(inventory: FilePath, unit: Unit, limits: Limits | None = None) -> Loaded[NamedBrand]:
    """Read a brand.

    Args:
        inventory: Folder of the inventory.
        unit: The brand.
        limits: How much a file may ask of us.
    """
    if not _exists(inventory / unit.file):
        message, remedy = f"brand {unit.brand} has no {BRAND_FILE}", "make the file; it may hold comments only"
        return Loaded(None, (Problem("TL0110", Place(f"{FOLDER}/{unit.brand}"), message, (), remedy),))
    document, problems = read_file(inventory, unit.file, limits)
    if document is not None and len(unit.files) > 1:
        document, problems = _with_prices(inventory, document, unit, limits)
    declared, found, source = _validated(document, problems, Brand)
    return Loaded(None if declared is None else NamedBrand(unit.brand, unit.file, declared), found, source)


def load_client(inventory: FilePath, unit: Unit, limits: Limits | None = None) -> Loaded[NamedClient]:
    """Read a client.

    Args:
        inventory: Folder of the inventory.
        unit: The client.
        limits: How much a file may ask of us.
    """
    folder = PurePosixPath(unit.file).parent
    if folder.name == unit.name and not _exists(inventory / unit.file):
        message, remedy = f"client {unit.name} has no {CLIENT_FILE}", "make the file; it says what kind of client it is"
        return Loaded(None, (Problem("TL0110", Place(str(folder)), message, (), remedy),))
    document, problems = read_file(inventory, unit.file, limits)
    if document is not None and len(unit.files) > 1:
        document, problems = _with_tables(inventory, document, unit, limits)
    declared, found, source = _validated(document, problems, Client)
    named = None if declared is None else NamedClient(unit.brand, unit.name, unit.file, declared)
    return Loaded(named, found, source)


def _with_tables(
    inventory: FilePath, document: Document, unit: Unit, limits: Limits | None
) -> tuple[Document | None, list[Problem]]:
    """Return a client's document with the objects of its CSV files; None when something is wrong with them."""
    tables: dict[Path, Table] = {}
    problems: list[Problem] = []
    client_type = document.data.get("type") if isinstance(document.data, dict) else None
    for file in unit.files[1:]:
        stem = PurePosixPath(file).stem
        section = section_of(stem, client_type)
        if section is None:
            message = f"a client of this type has no {stem}"
            problems.append(Problem("TL0109", Place(file), message, (), "take the file out, or change the type"))
            continue
        table, found = read_table(inventory, file, columns_of(stem, section), limits)
        problems += found
        if table is not None:
            tables[(section,)] = table
    joined, found = document.joined(tables)
    problems += found
    return (None, problems) if problems else (joined, [])


def _with_prices(
    inventory: FilePath, document: Document, unit: Unit, limits: Limits | None
) -> tuple[Document | None, list[Problem]]:
    """Return a brand's document with the prices of its CSV files; None when something is wrong with them."""
    tables: dict[Path, Table] = {}
    problems: list[Problem] = []
    for file in unit.files[1:]:
        table, found = read_table(inventory, file, price_columns(), limits)
        problems += found
        if table is not None:
            tables[("price_lists", price_list_of(PurePosixPath(file).name) or "", "prices")] = table
    joined, found = document.joined(tables)
    problems += found
    return (None, problems) if problems else (joined, [])


def _load(
    inventory: FilePath, file: str, model: type[_Model], limits: Limits | None
) -> tuple[_Model | None, tuple[Problem, ...], Located | None]:
    return _validated(*read_file(inventory, file, limits), model)


def _validated(
    document: Document | None, problems: list[Problem], model: type[_Model]
) -> tuple[_Model | None, tuple[Problem, ...], Located | None]:
    if document is None:
        return None, tuple(problems), None
    try:
        with _no_garbage():
            return model.model_validate(document.data), (), document
    except ValidationError as error:
        return None, tuple(from_validation(document, model, error)), document


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Keep Python from looking for cycles: there are none, and in a large client looking takes longer than the rest."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _exists(path: FilePath) -> bool:
    return path.exists() or path.is_symlink()
