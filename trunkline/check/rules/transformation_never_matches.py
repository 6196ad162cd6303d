"""TL0523: a rule of a transformation set matches some number, and no rule before it takes them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.check.transformations import declared_rules
from trunkline.numbering.looks import is_hidden, is_out, never_matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0523"
SEVERITY: Severity = "warning"
LEVEL: Level = "every"


def check(named: NamedClient | NamedBrand | NamedPlatform, *above: NamedBrand | NamedPlatform) -> Iterator[Finding]:
    """Yield every rule of the file that never rewrites a number."""
    for path, key, rule, before in declared_rules(named):
        if never_matches(rule, key):
            message = f"no number has what {rule.pattern} looks for"
            if is_out(key):
                message += ": numbers that go out have plus and country code here"
            yield Finding(named.file, path, message, "mend the pattern, or take the rule out", key=True)
        elif before and is_hidden(rule, before, key):
            message = f"rules with lower metrics take every number that {rule.pattern} matches"
            remedy = f"give it a metric below {before[-1].metric}, or take it out"
            yield Finding(named.file, path, message, remedy, key=True)
