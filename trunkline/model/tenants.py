"""The tenants of an inventory: which files there are, and what each of them declares.

tenants/<brand>/brand.yml       the brand
tenants/<brand>/<client>.yml    one client each
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from trunkline.model.brand import Brand
from trunkline.model.client import Client
from trunkline.model.fields import check_name
from trunkline.model.problems import from_validation
from trunkline.source import Document, Limits, Place, Problem, read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FOLDER = "tenants"
BRAND_FILE = "brand.yml"

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True)
class NamedClient:
    """A client with what its file does not say.

    Args:
        brand: Name of its brand.
        name: Its own.
        file: Where it is declared, relative to the inventory.
        declared: What the file says.
    """

    brand: str
    name: str
    file: str
    declared: Client


@dataclass(frozen=True)
class NamedBrand:
    """A brand with its clients.

    Args:
        name: Its name.
        file: Where it is declared, relative to the inventory.
        declared: What the file says.
        clients: Sorted by name.
    """

    name: str
    file: str
    declared: Brand
    clients: tuple[NamedClient, ...]


@dataclass(frozen=True)
class Tenants:
    """Every brand, sorted by name."""

    brands: tuple[NamedBrand, ...]

    def clients(self) -> Iterator[NamedClient]:
        """Yield every client, brand by brand."""
        for brand in self.brands:
            yield from brand.clients


@dataclass
class Reading:
    """What came out of reading the tenants of an inventory.

    Attributes:
        tenants: What could be read; complete when there are no problems.
        problems: Of files, of YAML, of fields.
        documents: By file, for the places of what later stages find.
    """

    tenants: Tenants
    problems: list[Problem]
    documents: dict[str, Document] = field(default_factory=dict)


def read_tenants(
    inventory: Path, limits: Limits | None = None, progress: Callable[[int], None] | None = None
) -> Reading:
    """Read every tenant of an inventory.

    Args:
        inventory: Its folder.
        limits: How much a file may ask of us.
        progress: Called with the number of files read so far.
    """
    reading = _Reader(inventory, limits or Limits(), progress)
    brands = tuple(reading.brands())
    return Reading(Tenants(brands), reading.problems, reading.documents)


class _Reader:
    """Walks the folder of tenants."""

    def __init__(self, inventory: Path, limits: Limits, progress: Callable[[int], None] | None) -> None:
        self.problems: list[Problem] = []
        self.documents: dict[str, Document] = {}
        self._inventory = inventory
        self._limits = limits
        self._progress = progress
        self._files = 0

    def brands(self) -> Iterator[NamedBrand]:
        """Yield the brands in the order of their names."""
        top = self._inventory / FOLDER
        if not top.is_dir():
            message, remedy = "there is no folder of this name", "make it; it has a folder for every brand"
            self.problems.append(Problem("TL0110", Place(FOLDER), message, (), remedy))
            return
        for entry in sorted(top.iterdir()):
            if _hidden(entry):
                continue
            file = f"{FOLDER}/{entry.name}"
            if not entry.is_dir():
                self._unexpected(file, "only folders of brands are expected here")
            elif self._named(entry.name, file):
                yield self._brand(entry)

    def _brand(self, folder: Path) -> NamedBrand:
        file = f"{FOLDER}/{folder.name}/{BRAND_FILE}"
        declared: Brand | None = None
        if (folder / BRAND_FILE).exists() or (folder / BRAND_FILE).is_symlink():
            declared = self._load(file, Brand)
        else:
            message, remedy = f"brand {folder.name} has no {BRAND_FILE}", "make the file; it may hold comments only"
            self.problems.append(Problem("TL0110", Place(f"{FOLDER}/{folder.name}"), message, (), remedy))
        clients = tuple(self._clients(folder))
        return NamedBrand(folder.name, file, declared or Brand(), clients)

    def _clients(self, folder: Path) -> Iterator[NamedClient]:
        for entry in sorted(folder.iterdir()):
            if _hidden(entry) or entry.name == BRAND_FILE:
                continue
            file = f"{FOLDER}/{folder.name}/{entry.name}"
            if entry.suffix != ".yml" or (entry.is_dir() and not entry.is_symlink()):
                self._unexpected(file, "only <client>.yml files are expected here")
                continue
            declared = self._load(file, Client) if self._named(entry.stem, file) else None
            if declared is not None:
                yield NamedClient(folder.name, entry.stem, file, declared)

    def _load(self, file: str, model: type[_Model]) -> _Model | None:
        self._files += 1
        if self._progress is not None:
            self._progress(self._files)
        document, problems = read_file(self._inventory, file, self._limits)
        self.problems += problems
        if document is None:
            return None
        self.documents[file] = document
        try:
            return model.model_validate(document.data)
        except ValidationError as error:
            self.problems += from_validation(document, model, error)
            return None

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


def _hidden(entry: Path) -> bool:
    """Say whether an entry is none of ours: hidden files and notes for people."""
    return entry.name.startswith(".") or entry.suffix == ".md"
