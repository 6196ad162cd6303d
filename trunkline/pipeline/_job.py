"""What goes into the work on a unit, and what comes out: small enough to be sent to other processes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from trunkline.pipeline._fingerprint import combined

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trunkline.check import Fact
    from trunkline.compile import Infrastructure
    from trunkline.model.tenants import NamedBrand, NamedPlatform
    from trunkline.model.units import Unit
    from trunkline.secrets import Passwords
    from trunkline.source import Problem


@dataclass(frozen=True)
class Inputs:
    """What rows are made from besides files.

    Args:
        infrastructure: The hosts of the platform.
        passwords: Of terminals and devices, carriers and DDI providers.
    """

    infrastructure: Infrastructure
    passwords: Passwords

    def version(self, unit: Unit) -> str:
        """Return what stands for the part of the inputs that the rows of a unit depend on."""
        if unit.kind == "client":
            return f"{self._servers} {self.passwords.generation(unit.brand, unit.name)}"
        if unit.kind == "brand":
            return self.passwords.generation_of_brand(unit.brand)
        return combined(repr(self.infrastructure))

    @cached_property
    def _servers(self) -> str:
        return combined(repr(sorted(self.infrastructure.application_servers)))


@dataclass(frozen=True)
class Compilation:
    """The rows of a unit: a scope without its way to load them.

    Args:
        id: Of the scope.
        digest: Of its rows.
        moved: What was renamed.
        image: The rows.
    """

    id: str
    digest: str
    moved: Mapping[str, Mapping[str, str]]
    image: bytes


@dataclass(frozen=True)
class Outcome:
    """What came out of one unit.

    Args:
        unit: The unit.
        problems: Of its files, and of rules that see nothing else.
        facts: What it exports.
        compilation: Its rows, when they were asked for and nothing is wrong.
    """

    unit: Unit
    problems: tuple[Problem, ...]
    facts: tuple[Fact, ...] = ()
    compilation: Compilation | None = None

    @property
    def errors(self) -> int:
        """Return how many of the problems are errors."""
        return sum(problem.severity == "error" for problem in self.problems)


@dataclass(frozen=True)
class Above:
    """What stands above units of one kind and brand.

    Args:
        inventory: Folder of the inventory.
        platform: What brands inherit; its defaults when its file has errors.
        brand: What clients inherit; its defaults when its file has errors.
        inputs: What to compile with; None to check only.
    """

    inventory: Path
    platform: NamedPlatform
    brand: NamedBrand
    inputs: Inputs | None
