"""TL0524: something is left of every number that a rule of a transformation set rewrites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.check.transformations import declared_rules
from trunkline.numbering.looks import leaves_nothing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0524"
SEVERITY: Severity = "error"
LEVEL: Level = "every"


def check(named: NamedClient | NamedBrand | NamedPlatform, *above: NamedBrand | NamedPlatform) -> Iterator[Finding]:
    """Yield every rule of the file that can take a whole number away."""
    for path, key, rule, _ in declared_rules(named):
        if leaves_nothing(rule, key):
            message = f"{rule.pattern} can find a whole number, of which nothing is left"
            remedy = r"put what has to stay into (...), and \1 into the replacement"
            yield Finding(named.file, path, message, remedy, key=True)
