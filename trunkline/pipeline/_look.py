"""What the files of an inventory look like now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.model.units import Unit, find_units
from trunkline.pipeline import _fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trunkline.pipeline._store import Entry


class Look:
    """One look at all files, which reads only those that seem to have changed.

    Args:
        inventory: Folder of the inventory.
        known: What was known of them.

    Attributes:
        units: By the file that stands for each.
        problems: With names of files.
        identity: What the file system says about the files of each unit.
        content: Digest of the files of each unit.
        platform: The unit of the platform.
        brands: The units of the brands, by name.
    """

    def __init__(self, inventory: Path, known: Mapping[str, Entry]) -> None:
        self._inventory = inventory
        self._inherits: dict[tuple[str, str], str] = {}
        units, self.problems = find_units(inventory)
        self.units = {unit.file: unit for unit in units}
        self.identity: dict[str, str] = {}
        self.content: dict[str, str] = {}
        for file, unit in self.units.items():
            identity = self.identity[file] = _fingerprint.identity(inventory, unit)
            entry = known.get(file)
            same = entry is not None and identity and entry.identity == identity
            self.content[file] = entry.content if entry and same else _fingerprint.content(inventory, unit)
        self.platform = next(unit for unit in units if unit.kind == "platform")
        self.brands = {unit.brand: unit for unit in units if unit.kind == "brand"}

    def holds(self, unit: Unit) -> bool:
        """Say whether the files of a unit are still what they were: nobody wrote to them while they were worked on."""
        if self.identity[unit.file]:
            return _fingerprint.identity(self._inventory, unit) == self.identity[unit.file]
        return _fingerprint.content(self._inventory, unit) == self.content[unit.file]

    def above(self, unit: Unit) -> tuple[Unit, ...]:
        """Return the units that a unit inherits from, the highest first."""
        if unit.kind == "platform":
            return ()
        return (self.platform,) if unit.kind == "brand" else (self.platform, self.brands[unit.brand])

    def inherits(self, unit: Unit) -> str:
        """Return what stands for everything above a unit."""
        key = (unit.kind, unit.brand if unit.kind == "client" else "")
        if key not in self._inherits:
            self._inherits[key] = _fingerprint.combined(*(self._handed_on(above) for above in self.above(unit)))
        return self._inherits[key]

    def _handed_on(self, unit: Unit) -> str:
        """Return what stands for the part of a unit that others inherit: not the prices of a brand's CSV files."""
        if len(unit.files) == 1:
            return self.content[unit.file]
        return _fingerprint.content(self._inventory, unit.without_tables())
