"""TL0609: least cost routing compares prices (seed 004 section 9.3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.check.routes import Routes
from trunkline.model.locale import locale_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0609"
SEVERITY: Severity = "error"
LEVEL: Level = "brand"


def check(brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every carrier of a route by cost that has no price, or prices in another currency than the first."""
    routes = Routes(brand, platform)
    usual = locale_of(platform.declared, brand.declared).currency
    for name, route in routes.by_name.items():
        currencies: dict[str | None, str] = {}
        for position, carrier in enumerate(route.cheapest_of):
            path = ("outgoing_routes", name, "cheapest_of", position)
            if not routes.has_prices(carrier):
                message = f"{carrier} has no prices, so this route never asks it"
                yield Finding(brand.file, path, message, f"add prices: to carrier {carrier}, or take it out here")
                continue
            known = brand.declared.carriers.get(carrier)
            price_list = brand.declared.price_lists.get(known.prices) if known is not None and known.prices else None
            if price_list is None:
                continue
            currency = price_list.currency or usual
            first = currencies.setdefault(next(iter(currencies), currency), carrier)
            if currency != next(iter(currencies)):
                message = f"{carrier} and {first} have prices in different currencies, which nobody compares"
                yield Finding(brand.file, path, message, "take carriers of one currency")
