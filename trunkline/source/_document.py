"""One file as values, and the way back from a value to its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.source._problem import Path, Place
from trunkline.source._yaml import Entry, Limits, Value, places

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
    """

    file: str
    text: str
    data: Value
    limits: Limits = field(default_factory=Limits)
    _places: dict[Path, Entry] = field(default_factory=dict, repr=False, compare=False)

    def locate(self, path: Path, *, key: bool = False) -> Place:
        """Return the place of a value; of the nearest value above it when there is none at this path.

        Args:
            path: Keys and list positions from the top.
            key: The place of the value's key instead of the value.
        """
        known = self._all_places()
        for length in range(len(path), -1, -1):
            entry = known.get(tuple(path[:length]))
            if entry is not None:
                line, column = entry.key if key or length < len(path) else entry.value
                return Place(self.file, line, column)
        return Place(self.file)

    def _all_places(self) -> Mapping[Path, Entry]:
        if not self._places:
            self._places.update(places(self.text, self.limits))
        return self._places
