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
        tables: CSV files that belong to it, by the key at the top whose objects they hold; `data` has these as well.
    """

    file: str
    text: str
    data: Value
    limits: Limits = field(default_factory=Limits)
    tables: Mapping[str, Table] = field(default_factory=dict)

    def locate(self, path: Path, *, key: bool = False) -> Place:
        """Return the place of a value; of the nearest value above it when there is none at this path.

        Args:
            path: Keys and list positions from the top.
            key: The place of the value's key instead of the value.
        """
        table = self.tables.get(str(path[0])) if path else None
        if table is not None and len(path) > 1 and path[1] in table.data:
            return table.locate(path[1:2] if key and len(path) == 2 else path[1:])  # noqa: PLR2004 - section, object
        if table is not None and len(path) == 1 and self._places.get(tuple(path)) is None:
            return Place(table.file, 1, 1)
        for length in range(len(path), -1, -1):
            entry = self._places.get(tuple(path[:length]))
            if entry is not None:
                line, column = entry.key if key or length < len(path) else entry.value
                return Place(self.file, line, column)
        return Place(self.file)

    def joined(self, tables: Mapping[str, Table]) -> tuple[Document, list[Problem]]:
        """Return the document with the objects of its tables, and a problem for each that both declare.

        Args:
            tables: By the key at the top whose objects they hold.
        """
        if not tables or not isinstance(self.data, dict | None):
            return self, []
        problems: list[Problem] = []
        data: dict[str, Value] = dict(self.data or {})
        for section, table in tables.items():
            own = data.get(section)
            if not isinstance(own, dict | None):
                continue
            for name in sorted((own or {}).keys() & table.data.keys()):
                message = f"{quoted(name)} stands in {self.locate((section, name), key=True)} already"
                problems.append(Problem("TL0104", table.locate((name,)), message, (section, name), "keep one of them"))
            data[section] = {**(own or {}), **table.data}
        return replace(self, data=data, tables=tables), problems

    @cached_property
    def _places(self) -> Places:
        return Places(self.text, self.limits)
