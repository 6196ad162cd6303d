"""TL0612: the address by which a carrier or provider knows us is one of trunks proxies (seed 004 section 9.2)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.problems import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0612"
SEVERITY: Severity = "error"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every socket that no trunks proxy has, and every one of a carrier that only some of them have."""
    if not facts.find("hosts", ""):
        return
    addresses: dict[str, set[str]] = defaultdict(set)
    for each in facts.of("trunk-address"):
        addresses[each.key].add(each.value)
    proxies = [each.key for each in facts.of("trunks-proxy")]
    for fact in facts.of("socket"):
        if fact.key not in addresses:
            message, remedy = unknown("extra address of a trunks proxy", fact.key, sorted(addresses))
            yield Finding(fact.file, fact.path, message, remedy)
        elif fact.value == "carrier" and (without := [name for name in proxies if name not in addresses[fact.key]]):
            message = f"calls to this carrier may go through {', '.join(without)}, without an extra address {fact.key}"
            remedy = f"add {fact.key} to extra_addresses of every trunks proxy in platform.yml, or name another one"
            yield Finding(fact.file, fact.path, message, remedy)
