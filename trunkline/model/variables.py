"""Tenants in a variable of Ansible instead of files: written as files into a folder of their own.

So everything else of the pipeline is the same, and only what is found is said of the variable.

trunkline_tenants:
  platform: {...}          what tenants/platform.yml would say
  atlas:                   a brand
    brand: {...}           what tenants/atlas/brand.yml would say
    acme: {...}            what tenants/atlas/acme.yml would say
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from trunkline.model.fields import check_name
from trunkline.model.walk import BRAND_FILE, FOLDER
from trunkline.source import Place, Problem, quoted

VARIABLE = "trunkline_tenants"
# Aliases of Ansible's YAML can make a few lines mean any number of values; a platform with more of them needs files.
_VALUES = 200_000
_PLATFORM, _BRAND = "platform", PurePosixPath(BRAND_FILE).stem


@dataclass(frozen=True)
class Source:
    """Where the tenants of a run are.

    Args:
        folder: A folder with `tenants` in it.
        problems: With the variable itself.
        variable: Its name; empty when the tenants are the inventory's own files.
    """

    folder: Path
    problems: tuple[Problem, ...] = ()
    variable: str = ""

    def shown(self, problem: Problem) -> Problem:
        """Return a problem as people know its place: of a file, or of a part of the variable."""
        if not self.variable or problem in self.problems:
            return problem
        parts = PurePosixPath(problem.place.file).with_suffix("").parts[1:]
        return replace(problem, place=Place(self.variable), path=(*parts, *problem.path))

    def texts(self, inventory: Path, problems: Iterable[Problem]) -> list[str]:
        """Return problems as people read them, sorted.

        Args:
            inventory: Folder of the inventory, for the paths of its files.
            problems: Of the pipeline, or of the variable itself.
        """
        shown = sorted((self.shown(problem) for problem in problems), key=lambda problem: problem.sort_key)
        return [str(problem) if self.variable else f"{inventory}/{problem}" for problem in shown]


@contextmanager
def tenants_source(inventory: Path, tenants: Any = None) -> Iterator[Source]:
    """Yield where the tenants are: in the inventory, or in a folder made of a variable, for as long as it is needed.

    Args:
        inventory: Folder of the inventory.
        tenants: Value of the variable; None when there is none.
    """
    if tenants is None:
        yield Source(inventory)
        return
    with tempfile.TemporaryDirectory(prefix="trunkline-") as name:
        writer = _Writer(Path(name))
        if (inventory / FOLDER).is_dir():
            message = f"there are tenants in the folder {FOLDER} as well"
            writer.problem(
                (), "TL0115", message, "take out one of them: what is said twice is said differently one day"
            )
        else:
            writer.write(tenants)
        yield Source(Path(name), tuple(writer.problems), VARIABLE)


class _Writer:
    """Writes the value of a variable as files."""

    def __init__(self, folder: Path) -> None:
        self.problems: list[Problem] = []
        self._left = _VALUES
        self._top = folder / FOLDER
        self._top.mkdir()

    def write(self, tenants: Any) -> None:
        """Write the platform and every brand."""
        for name, value in self._items((), tenants):
            if name == _PLATFORM:
                self._file((name,), self._top, value)
            elif self._named((name,), name):
                (self._top / name).mkdir()
                (self._top / name / BRAND_FILE).touch()
                for client, each in self._items((name,), value):
                    if client == _BRAND or self._named((name, client), client):
                        self._file((name, client), self._top / name, each)

    def problem(self, path: tuple[str | int, ...], code: str, message: str, remedy: str) -> None:
        """Note what is wrong with a part of the variable."""
        self.problems.append(Problem(code, Place(VARIABLE), message, path, remedy))

    def _items(self, path: tuple[str, ...], value: Any) -> Iterator[tuple[str, Any]]:
        if not isinstance(value, Mapping | None):
            self.problem(path, "TL0203", "this is no mapping", "write names, and below each what it declares")
            return
        for key, each in (value or {}).items():
            if isinstance(key, str):
                yield str.__str__(key), each
            else:
                self._no_text(path, key)

    def _named(self, path: tuple[str, ...], name: str) -> bool:
        try:
            check_name(name)
        except ValueError as error:
            self.problem(path, "TL0204", str(error), "use lower-case letters, digits, dots, hyphens and underscores")
            return False
        return True

    def _file(self, path: tuple[str, ...], folder: Path, value: Any) -> None:
        before = len(self.problems)
        data = self._text(path, value)
        if len(self.problems) == before:
            text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000, default_style='"')
            (folder / f"{path[-1]}.yml").write_text(text.replace('!!null "null"', "null"), encoding="utf-8")

    def _text(self, path: tuple[str | int, ...], value: Any) -> Any:
        """Return a value as mappings, lists and plain text; what Ansible made something else of is a problem."""
        self._left -= 1
        if self._left < 0:
            if self._left == -1:
                self.problem(path, "TL0107", f"the variable has more than {_VALUES:,} values", "use files")
            return None
        if value is None:
            return None
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, Mapping):
            return {key: self._text((*path, key), each) for key, each in self._items(path, value)}  # type: ignore[arg-type]
        if isinstance(value, list | tuple):
            return [self._text((*path, index), each) for index, each in enumerate(value)]
        self._no_text(path, value)
        return None

    def _no_text(self, path: tuple[str | int, ...], value: Any) -> None:
        message = f"Ansible read {quoted(str(value))} as something else than text"
        self.problem(
            path, "TL0114", message, "put quotes around it: nobody can tell 012 from 10, or no from false, later"
        )
