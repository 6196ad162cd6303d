"""TL0610: a stopper that leaves no route (seed 004 section 9.3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.check.routes import Calls, Routes, beginnings, calls_of, wider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand
    from trunkline.source import Severity

CODE = "TL0610"
SEVERITY: Severity = "error"
LEVEL: Level = "routes"


def check(brand: NamedBrand, routes: Routes) -> Iterator[Finding]:
    """Yield every stopper for numbers that neither it nor a route up to its priority can bring anywhere."""
    stoppers = _without_takers(routes)
    if not stoppers:
        return
    first: dict[tuple[Calls, str], int] = {}
    for route in routes.by_name.values():
        for prefix in routes.prefixes(route):
            if routes.takers(route, prefix):
                key = (calls_of(route), prefix)
                first[key] = min(first.get(key, route.priority), route.priority)
    for name, empty in stoppers.items():
        route = routes.by_name[name]
        for prefix in empty:
            keys = [(calls, short) for calls in wider(calls_of(route)) for short in beginnings(prefix)]
            if not any(first.get(key, route.priority + 1) <= route.priority for key in keys):
                message = f"calls to {prefix} are refused: no carrier of this stopper can take them, and none is left"
                remedy = "give it a carrier with servers (and prices, for cheapest_of), or take out stopper"
                yield Finding(brand.file, ("outgoing_routes", name, "stopper"), message, remedy)
                break


def _without_takers(routes: Routes) -> dict[str, list[str]]:
    """Return the prefixes of stoppers that no carrier of their own can take, by the stopper's name."""
    found = {
        name: sorted(prefix for prefix in routes.prefixes(route) if not routes.takers(route, prefix))
        for name, route in routes.by_name.items()
        if route.stopper and not route.block
    }
    return {name: prefixes for name, prefixes in found.items() if prefixes}
