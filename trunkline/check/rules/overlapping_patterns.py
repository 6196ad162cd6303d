"""TL0607: of two routes of one priority, one is for some of the other's numbers (seed 004 section 9.3.1)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.check.routes import Calls, Routes, beginnings, calls_of, wider

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trunkline.check.finding import Level
    from trunkline.model.outgoing_route import OutgoingRoute
    from trunkline.model.tenants import NamedBrand
    from trunkline.source import Severity

# Names of routes by their prefixes, for the same calls and of one priority.
_Levels = defaultdict[tuple[Calls, int], defaultdict[str, list[str]]]

CODE = "TL0607"
SEVERITY: Severity = "warning"
LEVEL: Level = "routes"


def check(brand: NamedBrand, routes: Routes) -> Iterator[Finding]:
    """Yield every route that shares numbers of another length with one of its priority that leads to other carriers."""
    found: _Levels = defaultdict(lambda: defaultdict(list))
    of_one_client: _Levels = defaultdict(lambda: defaultdict(list))
    for name, route in routes.by_name.items():
        calls = calls_of(route)
        for prefix in () if route.block else routes.prefixes(route):
            found[calls, route.priority][prefix].append(name)
            if calls.client is not None:
                of_one_client[calls._replace(client=None), route.priority][prefix].append(name)
    told: set[str] = set()
    for name, route in routes.by_name.items():
        if route.block:
            continue
        calls = calls_of(route)
        wide = [found[each, route.priority] for each in wider(calls) if (each, route.priority) in found]
        narrow: Mapping[str, Sequence[str]] = of_one_client.get((calls, route.priority), {})
        for prefix in sorted(routes.prefixes(route)):
            nearest = [other for level in wide for other in _shorter(routes, level, route, prefix)][-1:]
            clients = _shorter(routes, narrow, route, prefix) if narrow else []
            # What is for one client is what can be mended; else the longer one.
            for mine, (short, other) in [*((name, each) for each in nearest), *((each[1], each) for each in clients)]:
                if mine not in told:
                    told.add(mine)
                    yield _finding(brand.file, mine, route.priority, (name, prefix), (other, short))


def _shorter(
    routes: Routes, level: Mapping[str, Sequence[str]], route: OutgoingRoute, prefix: str
) -> list[tuple[str, str]]:
    """Return shorter prefixes, each with a route to other carriers, the nearest last."""
    return [
        (short, other)
        for short in beginnings(prefix[:-1])
        for other in level.get(short, ())
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
