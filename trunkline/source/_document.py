"""One file as values, and the way back from a value to its place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from trunkline.source._csv import Table
from trunkline.source._problem import Path, Place, Problem
from trunkline.source._suggest import quoted
from trunkline.source._yaml import Limits, Places, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Document", "Value"]


@dataclass(frozen=True)
class Document:
    """A file that was read without problems.

    Places are not kept: nobody asks for them unless something is wrong, and a large inventory has millions. The first
    question about a document parses its text again.

    Args:
        file: Path relative to the inventory.
        text: What stands in it.
        data: Its value: mappings, lists, text and None.
        limits: Those it was read with.
        tables: CSV files that belong to it, by the path of the mapping whose objects they hold; `data` has these too.
    """

    file: str
    text: str
    data: Value
    limits: Limits = field(default_factory=Limits)
    tables: Mapping[Path, Table] = field(default_factory=dict)

    def locate(self, path: Path, *, key: bool = False) -> Place:
        """Return the place of a value; of the nearest value above it when there is none at this path.

        Args:
            path: Keys and list positions from the top.
            key: The place of the value's key instead of the value.
        """
        for section, table in self.tables.items():
            rest = path[len(section) :] if tuple(path[: len(section)]) == section else ()
            if rest and rest[0] in table.data:
                return table.locate(rest[:1] if key and len(rest) == 1 else rest)
            if tuple(path) == section and self._places.get(tuple(path)) is None:
                return Place(table.file, 1, 1)
        for length in range(len(path), -1, -1):
            entry = self._places.get(tuple(path[:length]))
            if entry is not None:
                line, column = entry.key if key or length < len(path) else entry.value
                return Place(self.file, line, column) if length else self._in_text(line, column)
        return Place(self.file)

    def _in_text(self, line: int, column: int) -> Place:
        """Return a place; libyaml puts the end of a text without a last line feed onto a line that is not there."""
        lines = self.text.split("\n")
        return (
            Place(self.file, line, column) if line <= len(lines) else Place(self.file, len(lines), len(lines[-1]) + 1)
        )

    def joined(self, tables: Mapping[Path, Table]) -> tuple[Document, list[Problem]]:
        """Return the document with the objects of its tables, and a problem for each that both declare.

        Args:
            tables: By the path of the mapping whose objects they hold. One that lies in something else than mappings
                is left out: whoever validates the document finds that.
        """
        if not tables or not isinstance(self.data, dict | None):
            return self, []
        problems: list[Problem] = []
        data: dict[str, Value] = dict(self.data or {})
        for section, table in tables.items():
            inside: Value = data
            for step in section[:-1]:
                below = inside.get(str(step)) if isinstance(inside, dict) else None
                if isinstance(inside, dict) and isinstance(below, dict | None):
                    below = inside[str(step)] = dict(below or {})
                inside = below
            own = inside.get(str(section[-1])) if isinstance(inside, dict) else ""
            if not isinstance(inside, dict) or not isinstance(own, dict | None):
                continue
            for name in sorted((own or {}).keys() & table.data.keys()):
                path = (*section, name)
                message = f"{quoted(name)} stands in {self.locate(path, key=True)} already"
                problems.append(Problem("TL0104", table.locate((name,)), message, path, "keep one of them"))
            inside[str(section[-1])] = {**(own or {}), **table.data}
        return replace(self, data=data, tables=tables), problems

    @cached_property
    def _places(self) -> Places:
        return Places(self.text, self.limits)
