"""Reads an inventory's tenants, runs every rule at its level, and puts what was found in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.check.facts import Facts, facts_of_brand, facts_of_client, facts_of_platform
from trunkline.check.rules import BRAND_RULES, CLIENT_RULES, FACTS_RULES, PLATFORM_RULES
from trunkline.model.brand import Brand
from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform, Tenants
from trunkline.model.units import Located, Unit, find_units, load_brand, load_client, load_platform
from trunkline.source import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from trunkline.check.facts import Fact
    from trunkline.check.finding import Finding
    from trunkline.check.rules import Rule


@dataclass(frozen=True)
class Report:
    """What a check came to.

    Args:
        tenants: The tenants; incomplete unless `good`.
        problems: Sorted by file, line and column.
    """

    tenants: Tenants
    problems: tuple[Problem, ...]

    @property
    def good(self) -> bool:
        """Say whether nothing stops the pipeline; warnings do not."""
        return not self.errors

    @property
    def errors(self) -> list[Problem]:
        """Return what stops the pipeline."""
        return [problem for problem in self.problems if problem.severity == "error"]


def check_inventory(inventory: Path, progress: Callable[[int], None] | None = None) -> Report:
    """Read and check the tenants of an inventory.

    Args:
        inventory: Its folder.
        progress: Called with the number of files read so far.
    """
    check = _Check(inventory, progress)
    tenants = check.run()
    return Report(tenants, tuple(sorted(check.problems, key=lambda problem: problem.sort_key)))


class _Check:
    """One run over an inventory.

    Attributes:
        problems: Everything that was found so far.
    """

    def __init__(self, inventory: Path, progress: Callable[[int], None] | None) -> None:
        self.problems: list[Problem] = []
        self._inventory = inventory
        self._progress = progress
        self._read = 0
        self._facts: list[Fact] = []
        self._sources: dict[str, Located] = {}

    def run(self) -> Tenants:
        """Check everything and return what could be read."""
        units, problems = find_units(self._inventory)
        self.problems += problems
        platform = NamedPlatform()
        brands: dict[str, NamedBrand] = {}
        clients: dict[str, list[NamedClient]] = {}
        for unit in units:
            if unit.kind == "platform":
                platform = self._platform(unit)
            elif unit.kind == "brand":
                brands[unit.brand] = self._brand(unit, platform)
                clients[unit.brand] = []
            elif (client := self._client(unit, brands[unit.brand], platform)) is not None:
                clients[unit.brand].append(client)
            self._count()
        facts = Facts(self._facts)
        for rule in FACTS_RULES:
            self._take(rule, rule.check(facts))
        return Tenants(platform, tuple(brands.values()), clients)

    def _platform(self, unit: Unit) -> NamedPlatform:
        loaded = load_platform(self._inventory, unit)
        self._note(unit, loaded.problems, loaded.source)
        if loaded.named is None:
            return NamedPlatform()
        self._facts += facts_of_platform(loaded.named)
        for rule in PLATFORM_RULES:
            self._take(rule, rule.check(loaded.named))
        return loaded.named

    def _brand(self, unit: Unit, platform: NamedPlatform) -> NamedBrand:
        loaded = load_brand(self._inventory, unit)
        self._note(unit, loaded.problems, loaded.source)
        if loaded.named is None:
            return NamedBrand(unit.brand, unit.file, Brand())
        self._facts += facts_of_brand(loaded.named)
        for rule in BRAND_RULES:
            self._take(rule, rule.check(loaded.named, platform))
        return loaded.named

    def _client(self, unit: Unit, brand: NamedBrand, platform: NamedPlatform) -> NamedClient | None:
        loaded = load_client(self._inventory, unit)
        self._note(unit, loaded.problems, loaded.source)
        if loaded.named is not None:
            self._facts += facts_of_client(loaded.named)
            for rule in CLIENT_RULES:
                self._take(rule, rule.check(loaded.named, brand, platform))
        return loaded.named

    def _note(self, unit: Unit, problems: tuple[Problem, ...], source: Located | None) -> None:
        self.problems += problems
        if source is not None:
            self._sources[unit.file] = source

    def _take(self, rule: Rule, findings: Iterator[Finding]) -> None:
        """Turn what a rule found into problems with places."""
        for finding in findings:
            source = self._sources.get(finding.file)
            place = source.locate(finding.path, key=finding.key) if source else Place(finding.file)
            self.problems.append(
                Problem(rule.CODE, place, finding.message, finding.path, finding.remedy, rule.SEVERITY)
            )

    def _count(self) -> None:
        self._read += 1
        if self._progress is not None:
            self._progress(self._read)
