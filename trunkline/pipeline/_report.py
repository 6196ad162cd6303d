"""What a run came to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from trunkline.compile import Compiled
from trunkline.errors import ConfigurationError
from trunkline.model.brand import Brand
from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform, Tenants
from trunkline.model.units import Unit, load_brand, load_client, load_platform
from trunkline.pipeline._found import code_of, is_error, problems_of
from trunkline.source import Problem

if TYPE_CHECKING:
    from trunkline.pipeline._found import Found


@dataclass(frozen=True)
class Report:
    """What a run came to.

    Args:
        inventory: Folder of the inventory.
        units: What there is: the platform, then brand by brand the brand and its clients.
        found: What is wrong, sorted by file, line and column.
        compiled: The rows, when they were asked for and nothing stops the pipeline.
    """

    inventory: Path
    units: tuple[Unit, ...]
    found: Sequence[Found]
    compiled: Compiled | None = None

    @cached_property
    def good(self) -> bool:
        """Say whether nothing stops the pipeline; warnings do not."""
        return not self.errors

    @cached_property
    def errors(self) -> list[Problem]:
        """Return what stops the pipeline."""
        return problems_of([one for one in self.found if is_error(one)])

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Return everything that is wrong, sorted by file, line and column."""
        return tuple(problems_of(self.found))

    def shown(self, warnings: int) -> tuple[list[Problem], dict[str, int]]:
        """Return what people want to see: every error, and some warnings of each rule.

        Args:
            warnings: How many of each rule at most.

        Returns:
            These, and how many others there are by the rule's code.
        """
        count: Counter[str] = Counter()
        some = []
        for one in self.found:
            code = code_of(one)
            if not is_error(one):
                count[code] += 1
            if count[code] <= warnings:
                some.append(one)
        return problems_of(some), {code: all_ - warnings for code, all_ in sorted(count.items()) if all_ > warnings}

    @property
    def clients(self) -> int:
        """Return how many clients there are."""
        return sum(unit.kind == "client" for unit in self.units)

    @cached_property
    def tenants(self) -> Tenants:
        """Return what the files declare, read now; clients only when they are asked for. Incomplete unless `good`."""
        platform = NamedPlatform()
        brands: list[NamedBrand] = []
        clients: dict[str, list[Unit]] = defaultdict(list)
        for unit in self.units:
            if unit.kind == "client":
                clients[unit.brand].append(unit)
            elif unit.kind == "brand":
                named = load_brand(self.inventory, unit).named
                brands.append(named or NamedBrand(unit.brand, unit.file, Brand()))
            else:
                platform = load_platform(self.inventory, unit).named or platform
        read = {brand: _Clients(self.inventory, units, whole=self.good) for brand, units in clients.items()}
        return Tenants(platform, tuple(brands), read)


class _Clients:
    """The clients of a brand, each read when it is its turn and then forgotten.

    Args:
        inventory: Folder of the inventory.
        units: The clients.
        whole: Whether all of them were readable before; those that were not are left out.
    """

    def __init__(self, inventory: Path, units: Sequence[Unit], *, whole: bool) -> None:
        self._inventory = inventory
        self._units = units
        self._whole = whole

    def __iter__(self) -> Iterator[NamedClient]:
        """Yield the clients in the order of their names.

        Raises:
            ConfigurationError: A file changed and cannot be read any more.
        """
        for unit in self._units:
            named = load_client(self._inventory, unit).named
            if named is not None:
                yield named
            elif self._whole:
                message, remedy = "the file changed while it was used", "start again when it is complete"
                raise ConfigurationError(message, remedy=remedy, location=unit.file)
