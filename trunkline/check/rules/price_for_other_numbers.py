"""TL0614: a carrier of a route by cost has prices for the route's numbers (seed 004 section 9.3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.check.routes import Routes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand
    from trunkline.source import Severity

CODE = "TL0614"
SEVERITY: Severity = "warning"
LEVEL: Level = "routes"


def check(brand: NamedBrand, routes: Routes) -> Iterator[Finding]:
    """Yield every carrier of a route by cost that has prices, but none for any number of the route."""
    for name, route in routes.by_name.items():
        prefixes = routes.prefixes(route) if route.cheapest_of else ()
        for position, carrier in enumerate(route.cheapest_of):
            if not prefixes or not routes.has_prices(carrier):  # which other rules say
                continue
            if not any(routes.has_price(carrier, prefix) for prefix in prefixes):
                found = brand.declared.carriers[carrier].prices
                what = route.pattern or route.group or "any number"
                message = f"price list {found} of {carrier} has no price for {what}, so this route never asks {carrier}"
                remedy = f"add prices for {', '.join(sorted(prefixes)[:3])} to {found}, or take {carrier} out here"
                yield Finding(brand.file, ("outgoing_routes", name, "cheapest_of", position), message, remedy)
