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
    """Yield every route that shares numbers of another length with one of its priority that leads to other carriers."""
    if not platform.known:
        return
    routes = Routes(brand, platform)
    found: dict[tuple[Calls, int, str], list[str]] = defaultdict(list)
    of_one_client: dict[tuple[Calls, int, str], list[str]] = defaultdict(list)
    for name, route in routes.by_name.items():
        for prefix in () if route.block else routes.prefixes(route):
            calls = calls_of(route)
            found[calls, route.priority, prefix].append(name)
            if calls.client is not None:
                of_one_client[calls._replace(client=None), route.priority, prefix].append(name)
    told: set[str] = set()
    for name, route in routes.by_name.items():
        for prefix in () if route.block else sorted(routes.prefixes(route)):
            wide = [other for calls in wider(calls_of(route)) for other in _shorter(routes, found, calls, name, prefix)]
            narrow = _shorter(routes, of_one_client, calls_of(route), name, prefix) if route.client is None else []
            # What is for one client is what can be mended; else the longer one.
            for mine, (short, other) in [*((name, each) for each in wide[-1:]), *((each[1], each) for each in narrow)]:
                if mine not in told:
                    told.add(mine)
                    yield _finding(brand.file, mine, route.priority, (name, prefix), (other, short))


def _shorter(
    routes: Routes, found: dict[tuple[Calls, int, str], list[str]], calls: Calls, name: str, prefix: str
) -> list[tuple[str, str]]:
    """Return shorter prefixes of a route's priority, each with a route to other carriers, the nearest last."""
    route = routes.by_name[name]
    return [
        (short, other)
        for short in beginnings(prefix)
        if short != prefix
        for other in found.get((calls, route.priority, short), ())
        if routes.by_name[other].carriers() != route.carriers()
    ]


def _finding(file: str, route: str, priority: int, longer: tuple[str, str], shorter: tuple[str, str]) -> Finding:
    other, short = shorter if route == longer[0] else longer
    message = (
        f"numbers with {longer[1]} take this route or {other} ({short}), by weight: both have priority"
        f" {priority}, and the longer prefix does not count"
    )
    remedy = f"give this route a lower priority number than {other}"
    return Finding(file, ("outgoing_routes", route), message, remedy, key=True)
