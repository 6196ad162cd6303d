"""Which files of tenants there are, without reading any of them.

tenants/platform.yml                    the platform; need not exist
tenants/<brand>/brand.yml               a brand
                <list>.prices.csv       the prices of one of its price lists: see trunkline/model/tables.py
tenants/<brand>/<client>.yml            a client in one file
tenants/<brand>/<client>/client.yml     a client in a folder
                         <objects>.csv  with some of its objects in tables: see trunkline/model/tables.py
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from pydantic_core import PydanticCustomError

from trunkline.model.fields import check_name
from trunkline.model.tables import file_names, price_list_of
from trunkline.model.tenants import PLATFORM_FILE
from trunkline.source import Place, Problem, leads_out, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOSTS_FILE = "platform.yml"  # of the inventory: the host model (`trunkline.model.hosts`), which is no tenant's
FOLDER = "tenants"
BRAND_FILE = "brand.yml"
CLIENT_FILE = "client.yml"
TABLE = ".csv"


@dataclass(frozen=True)
class Unit:
    """Something that is declared in files of its own; read, validated, checked and compiled at once.

    Args:
        kind: What it is.
        brand: Name of the brand; empty for the platform.
        name: Name of the client; empty for the platform and for brands.
        files: Relative to the inventory; the first one is where the unit is said to be declared, others are tables.
    """

    kind: Literal["platform", "brand", "client"]
    brand: str
    name: str
    files: tuple[str, ...]

    @property
    def file(self) -> str:
        """Return the file that stands for the unit."""
        return self.files[0]

    def without_tables(self) -> Unit:
        """Return the unit with the file that stands for it alone."""
        return self if len(self.files) == 1 else replace(self, files=self.files[:1])


def find_units(inventory: Path) -> tuple[list[Unit], list[Problem]]:
    """Return the units of an inventory, without reading a file: the platform, then each brand with its clients.

    Args:
        inventory: Its folder.

    Returns:
        Units sorted by name, and what is wrong with names of files.
    """
    walk = _Walk(inventory)
    return list(walk.units()), walk.problems


class _Walk:
    """Walks the folder of tenants: three levels, whatever links there are.

    Attributes:
        problems: With names of files.
    """

    def __init__(self, inventory: Path) -> None:
        self.problems: list[Problem] = []
        self._inventory = inventory

    def units(self) -> Iterator[Unit]:
        """Yield the units in the order of their names."""
        yield Unit("platform", "", "", (PLATFORM_FILE,))
        if not (self._inventory / FOLDER).is_dir():
            message, remedy = "there is no folder of this name", "make it; it has a folder for every brand"
            self._problem("TL0110", FOLDER, message, remedy)
            return
        for entry in self._entries(FOLDER):
            file = f"{FOLDER}/{entry.name}"
            if file == PLATFORM_FILE:
                continue
            if not _is_folder(entry):
                self._problem("TL0109", file, "nobody reads this file", "only folders of brands are expected here")
            elif self._named(entry.name, file):
                entries = self._entries(file)
                prices = [each for each in entries if price_list_of(each.name) is not None and not _is_folder(each)]
                named = [
                    f"{file}/{each.name}"
                    for each in prices
                    if self._named(price_list_of(each.name) or "", f"{file}/{each.name}")
                ]
                yield Unit("brand", entry.name, "", (f"{file}/{BRAND_FILE}", *named))
                yield from self._clients(entry.name, [each for each in entries if each not in prices])

    def _clients(self, brand: str, entries: list[os.DirEntry[str]]) -> Iterator[Unit]:
        known: set[str] = set()
        for entry in entries:
            if entry.name == BRAND_FILE:
                continue
            file = f"{FOLDER}/{brand}/{entry.name}"
            folder, path = _is_folder(entry), PurePosixPath(entry.name)
            name = entry.name if folder else path.stem
            if not folder and path.suffix != ".yml":
                remedy = "a client is a file <client>.yml or a folder <client>"
                self._problem("TL0109", file, "nobody reads this file", remedy)
            elif self._named(name, file):
                if name in known:
                    message = f"client {name} has a folder and a file"
                    self._problem("TL0109", file, message, "move what the file says into the folder's client.yml")
                else:
                    known.add(name)
                    yield Unit("client", brand, name, self._files_of(file) if folder else (file,))

    def _files_of(self, folder: str) -> tuple[str, ...]:
        """Return the files of a client's folder; its first one need not exist."""
        tables = []
        for entry in self._entries(folder):
            file, path = f"{folder}/{entry.name}", PurePosixPath(entry.name)
            if path.suffix == TABLE and path.stem in file_names():
                tables.append(file)
            elif entry.name != CLIENT_FILE:
                known = [CLIENT_FILE, *(f"{stem}{TABLE}" for stem in file_names())]
                self._problem("TL0109", file, "nobody reads this file", unknown("file", entry.name, known)[1])
        return (f"{folder}/{CLIENT_FILE}", *tables)

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        """Return what a folder holds, sorted, without what is none of ours: hidden files and notes for people."""
        try:
            with os.scandir(self._inventory / folder) as found:
                entries = [entry for entry in found if not entry.name.startswith(".") and entry.name[-3:] != ".md"]
        except OSError as error:
            self._problem("TL0108", folder, f"the folder cannot be read: {error.strerror}", "check name and rights")
            return []
        return sorted(
            (entry for entry in entries if not self._leads_out(entry, f"{folder}/{entry.name}")),
            key=lambda entry: entry.name,
        )

    def _leads_out(self, entry: os.DirEntry[str], file: str) -> bool:
        """Report a link to a folder outside of the inventory. Links to files are looked at when they are read."""
        if not entry.is_symlink() or not _is_folder(entry):
            return False
        problem = leads_out(self._inventory, file)
        if problem is not None:
            self.problems.append(problem)
        return problem is not None

    def _named(self, name: str, file: str) -> bool:
        try:
            check_name(name)
        except PydanticCustomError as error:
            self._problem("TL0204", file, error.message(), (error.context or {}).get("remedy", ""))
            return False
        return True

    def _problem(self, code: str, file: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(code, Place(file), message, (), remedy))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # links that lead in circles
        return False
