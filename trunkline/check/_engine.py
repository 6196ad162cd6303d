"""Reads an inventory's tenants, runs every rule, and puts what was found in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.check.rules import RULES
from trunkline.model.tenants import Reading, Tenants, read_tenants
from trunkline.source import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


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
    reading = read_tenants(inventory, progress=progress)
    problems = [*reading.problems, *check_tenants(reading)]
    return Report(reading.tenants, tuple(sorted(problems, key=lambda problem: problem.sort_key)))


def check_tenants(reading: Reading) -> Iterator[Problem]:
    """Yield what the rules find in tenants; files that could not be read are not part of them.

    Args:
        reading: The tenants and their documents.
    """
    for rule in RULES:
        for finding in rule.check(reading.tenants):
            document = reading.documents.get(finding.file)
            place = document.locate(finding.path, key=finding.key) if document else Place(finding.file)
            yield Problem(rule.CODE, place, finding.message, finding.path, finding.remedy, rule.SEVERITY)
