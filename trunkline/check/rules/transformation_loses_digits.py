"""TL0525: a rule of a transformation set keeps what tells numbers apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.check.transformations import declared_rules
from trunkline.numbering.looks import leaves_nothing, loses_digits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0525"
SEVERITY: Severity = "warning"
LEVEL: Level = "every"


def check(named: NamedClient | NamedBrand | NamedPlatform, *above: NamedBrand | NamedPlatform) -> Iterator[Finding]:
    """Yield every rule of the file that makes one number of many."""
    for path, key, rule, _ in declared_rules(named):
        if loses_digits(rule, key) and not leaves_nothing(rule, key):
            message = f"digits that {rule.pattern} finds are lost: different numbers become one"
            remedy = r"put them into (...), and \1 into the replacement"
            yield Finding(named.file, path, message, remedy, key=True)
