"""TL0607: of two routes of one priority, one is for some of the other's numbers (seed 004 section 9.3.1)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.check.routes import Calls, Routes, beginnings, calls_of, wider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0607"
SEVERITY: Severity = "warning"
LEVEL: Level = "brand"


def check(brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every route whose prefix lies in that of another one of its priority that leads to other carriers."""
    if not platform.known:
        return
    routes = Routes(brand, platform)
    found: dict[tuple[Calls, int, str], list[str]] = defaultdict(list)
    for name, route in routes.by_name.items():
        for prefix in () if route.block else routes.prefixes(route):
            found[calls_of(route), route.priority, prefix].append(name)
    for name, route in routes.by_name.items():
        if route.block:
            continue
        for prefix in sorted(routes.prefixes(route)):
            shorter = [
                (short, other)
                for calls in wider(calls_of(route))
                for short in beginnings(prefix)
                if short != prefix
                for other in found.get((calls, route.priority, short), ())
                if routes.by_name[other].carriers() != route.carriers()
            ]
            if shorter:
                short, other = shorter[-1]
                message = (
                    f"numbers with {prefix} take this route or {other} ({short}), by weight: both have priority"
                    f" {route.priority}, and the longer prefix does not count"
                )
                remedy = f"give this route a lower priority number than {other}"
                yield Finding(brand.file, ("outgoing_routes", name), message, remedy, key=True)
                break
