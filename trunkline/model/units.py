"""The files of tenants: which there are, and what each of them declares.

tenants/platform.yml            the platform; need not exist
tenants/<brand>/brand.yml       the brand
tenants/<brand>/<client>.yml    one client each

A unit is what is read, validated, checked and compiled at once, and only again when one of its files changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from trunkline.model.brand import Brand
from trunkline.model.client import Client
from trunkline.model.fields import check_name
from trunkline.model.platform import Platform
from trunkline.model.problems import from_validation
from trunkline.model.tenants import PLATFORM_FILE, NamedBrand, NamedClient, NamedPlatform
from trunkline.source import Place, Problem, read_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path as FilePath

    from trunkline.source import Limits, Path

FOLDER = "tenants"
BRAND_FILE = "brand.yml"

_Model = TypeVar("_Model", bound=BaseModel)
_Named = TypeVar("_Named", NamedPlatform, NamedBrand, NamedClient)


@dataclass(frozen=True)
class Unit:
    """Something that is declared in files of its own.

    Args:
        kind: What it is.
        brand: Name of the brand; empty for the platform.
        name: Name of the client; empty for the platform and for brands.
        files: Relative to the inventory; the first one is where the unit is said to be declared.
    """

    kind: Literal["platform", "brand", "client"]
    brand: str
    name: str
    files: tuple[str, ...]

    @property
    def file(self) -> str:
        """Return the file that stands for the unit."""
        return self.files[0]


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


def find_units(inventory: FilePath) -> tuple[list[Unit], list[Problem]]:
    """Return the units of an inventory, without reading a file: the platform, then each brand with its clients.

    Args:
        inventory: Its folder.

    Returns:
        Units sorted by name, and what is wrong with names of files.
    """
    walk = _Walk(inventory)
    return list(walk.units()), walk.problems


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
    declared, problems, source = _load(inventory, unit.file, Brand, limits)
    return Loaded(None if declared is None else NamedBrand(unit.brand, unit.file, declared), problems, source)


def load_client(inventory: FilePath, unit: Unit, limits: Limits | None = None) -> Loaded[NamedClient]:
    """Read a client.

    Args:
        inventory: Folder of the inventory.
        unit: The client.
        limits: How much a file may ask of us.
    """
    declared, problems, source = _load(inventory, unit.file, Client, limits)
    named = None if declared is None else NamedClient(unit.brand, unit.name, unit.file, declared)
    return Loaded(named, problems, source)


def _load(
    inventory: FilePath, file: str, model: type[_Model], limits: Limits | None
) -> tuple[_Model | None, tuple[Problem, ...], Located | None]:
    document, problems = read_file(inventory, file, limits)
    if document is None:
        return None, tuple(problems), None
    try:
        return model.model_validate(document.data), (), document
    except ValidationError as error:
        return None, tuple(from_validation(document, model, error)), document


class _Walk:
    """Walks the folder of tenants.

    Attributes:
        problems: With names of files.
    """

    def __init__(self, inventory: FilePath) -> None:
        self.problems: list[Problem] = []
        self._top = inventory / FOLDER

    def units(self) -> Iterator[Unit]:
        """Yield the units in the order of their names."""
        yield Unit("platform", "", "", (PLATFORM_FILE,))
        if not self._top.is_dir():
            message, remedy = "there is no folder of this name", "make it; it has a folder for every brand"
            self.problems.append(Problem("TL0110", Place(FOLDER), message, (), remedy))
            return
        for entry in sorted(self._top.iterdir()):
            file = f"{FOLDER}/{entry.name}"
            if _hidden(entry) or file == PLATFORM_FILE:
                continue
            if not entry.is_dir():
                self._unexpected(file, "only folders of brands are expected here")
            elif self._named(entry.name, file):
                yield Unit("brand", entry.name, "", (f"{file}/{BRAND_FILE}",))
                yield from self._clients(entry)

    def _clients(self, folder: FilePath) -> Iterator[Unit]:
        for entry in sorted(folder.iterdir()):
            if _hidden(entry) or entry.name == BRAND_FILE:
                continue
            file = f"{FOLDER}/{folder.name}/{entry.name}"
            if entry.suffix != ".yml" or (entry.is_dir() and not entry.is_symlink()):
                self._unexpected(file, "only <client>.yml files are expected here")
            elif self._named(entry.stem, file):
                yield Unit("client", folder.name, entry.stem, (file,))

    def _named(self, name: str, file: str) -> bool:
        try:
            check_name(name)
        except PydanticCustomError as error:
            context = error.context or {}
            self.problems.append(Problem("TL0204", Place(file), error.message(), (), context.get("remedy", "")))
            return False
        return True

    def _unexpected(self, file: str, remedy: str) -> None:
        self.problems.append(Problem("TL0109", Place(file), "nobody reads this file", (), remedy))


def _hidden(entry: FilePath) -> bool:
    """Say whether an entry is none of ours: hidden files and notes for people."""
    return entry.name.startswith(".") or entry.suffix == ".md"


def _exists(path: FilePath) -> bool:
    return path.exists() or path.is_symlink()
