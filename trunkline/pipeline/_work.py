"""What is done with one unit, here or in another process: read, validate, check, compile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from trunkline.check import problems_of_brand, problems_of_client, problems_of_platform
from trunkline.check.facts import facts_of_brand, facts_of_client, facts_of_platform
from trunkline.compile import BrandContext, ClientContext, PlatformContext, compile_one
from trunkline.model.units import load_brand, load_client, load_platform
from trunkline.pipeline._fingerprint import combined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
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
        passwords: Of terminals and devices.
    """

    infrastructure: Infrastructure
    passwords: Passwords

    def version(self, unit: Unit) -> str:
        """Return what stands for the part of the inputs that the rows of a unit depend on."""
        if unit.kind == "client":
            return f"{self._servers} {self.passwords.generation(unit.brand, unit.name)}"
        return combined(repr(self.infrastructure)) if unit.kind == "platform" else "nothing"

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


def work_on_all(above: Above, units: Iterable[Unit]) -> list[Outcome]:
    """Read, check and compile several units."""
    return [work_on(above, unit) for unit in units]


def work_on(above: Above, unit: Unit) -> Outcome:
    """Read, check and compile one unit."""
    return _WORK[unit.kind](above, unit)


def _platform(above: Above, unit: Unit) -> Outcome:
    loaded = load_platform(above.inventory, unit)
    named = loaded.named
    if named is None:
        return Outcome(unit, loaded.problems)
    problems = (*loaded.problems, *problems_of_platform(named, loaded.source))
    return _outcome(
        unit, problems, facts_of_platform(named), above, lambda inputs: PlatformContext(named, inputs.infrastructure)
    )


def _brand(above: Above, unit: Unit) -> Outcome:
    loaded = load_brand(above.inventory, unit)
    named = loaded.named
    if named is None:
        return Outcome(unit, loaded.problems)
    problems = (*loaded.problems, *problems_of_brand(named, loaded.source, above.platform))
    return _outcome(unit, problems, facts_of_brand(named), above, lambda _: BrandContext(above.platform, named))


def _client(above: Above, unit: Unit) -> Outcome:
    loaded = load_client(above.inventory, unit)
    named = loaded.named
    if named is None:
        return Outcome(unit, loaded.problems)
    problems = (*loaded.problems, *problems_of_client(named, loaded.source, above.brand, above.platform))

    def context(inputs: Inputs) -> ClientContext:
        servers = inputs.infrastructure.application_servers
        return ClientContext(above.platform, above.brand, named, servers, inputs.passwords)

    return _outcome(unit, problems, facts_of_client(named), above, context)


_WORK = {"platform": _platform, "brand": _brand, "client": _client}


def _outcome(
    unit: Unit,
    problems: tuple[Problem, ...],
    facts: Iterable[Fact],
    above: Above,
    context: Callable[[Inputs], PlatformContext | BrandContext | ClientContext],
) -> Outcome:
    outcome = Outcome(unit, problems, tuple(facts))
    if above.inputs is None or outcome.errors:
        return outcome
    scope = compile_one(context(above.inputs))
    return replace(outcome, compilation=Compilation(scope.id, scope.digest, scope.moved, scope.load()))
