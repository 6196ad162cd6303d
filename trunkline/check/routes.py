"""What rules about outgoing routes share: which numbers and calls a route is for, and who would take them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from trunkline.model.countries import continent_groups, country_patterns, prefixes_of_pattern

if TYPE_CHECKING:
    from trunkline.model.outgoing_route import OutgoingRoute
    from trunkline.model.tenants import NamedBrand, NamedPlatform

EVERYTHING = "+"


class Calls(NamedTuple):
    """Which calls a route is for, whatever their number.

    Args:
        client: The one client; None for all.
        tag: The routing tag; None for calls without.
        fax: Whether it is for faxes.
    """

    client: str | None
    tag: str | None
    fax: bool


class Routes:
    """The outgoing routes of a brand.

    Args:
        brand: The brand.
        platform: What it inherits.
    """

    def __init__(self, brand: NamedBrand, platform: NamedPlatform) -> None:
        self._brand = brand.declared
        self._platform = platform.declared

    @property
    def by_name(self) -> Mapping[str, OutgoingRoute]:
        """Return the routes."""
        return self._brand.outgoing_routes

    def prefixes(self, route: OutgoingRoute) -> frozenset[str]:
        """Return how the numbers of a route begin; nothing where what it names does not exist."""
        if route.pattern is None and route.group is None:
            return frozenset([EVERYTHING])
        names = [route.pattern] if route.pattern is not None else self._patterns_of(route.group or "")
        return frozenset(prefix for name in names for prefix in self._prefixes_of(name))

    def names_a_country(self, route: OutgoingRoute) -> bool:
        """Say whether a route's pattern is that of a country, which nobody declares."""
        declared = (self._brand.routing_patterns, self._platform.routing_patterns)
        return route.pattern in country_patterns() and not any(route.pattern in level for level in declared)

    def takers(self, route: OutgoingRoute, prefix: str) -> list[str]:
        """Return the carriers of a route that can take a call to some number with a prefix.

        Those with servers, and where cost counts with a price.
        """
        carriers = self._brand.carriers
        found = [name for name in route.carriers() if name in carriers and carriers[name].servers]
        return found if route.type == "static" else [name for name in found if self.has_price(name, prefix)]

    def has_price(self, carrier: str, prefix: str) -> bool:
        """Say whether a carrier has a price for some number with a prefix; what is not there, others find."""
        found = self._brand.carriers.get(carrier)
        if found is None or found.prices is None:
            return found is None
        if found.prices not in self._brand.price_lists:
            return True
        prices = self._priced(found.prices)
        at = bisect_left(prices, prefix)  # the first that is the prefix, or longer, or behind it
        longer = at < len(prices) and prices[at].startswith(prefix)
        return longer or any(each in self._brand.price_lists[found.prices].prices for each in beginnings(prefix))

    def has_prices(self, carrier: str) -> bool:
        """Say whether a carrier has a price list with prices; one that does not exist is somebody else's finding."""
        found = self._brand.carriers.get(carrier)
        if found is None or found.prices is None:
            return found is None
        price_list = self._brand.price_lists.get(found.prices)
        return price_list is None or bool(price_list.prices)

    def _patterns_of(self, group: str) -> list[str]:
        for level in (self._brand, self._platform):
            if group in level.routing_groups:
                return list(level.routing_groups[group].patterns)
        return list(continent_groups().get(group, ()))

    def _prefixes_of(self, pattern: str) -> Iterator[str]:
        known = self._known_prefixes
        if pattern not in known:
            declared = next(
                (level.routing_patterns[pattern] for level in (self._brand, self._platform)
                 if pattern in level.routing_patterns),
                None,
            )  # fmt: skip
            if declared is not None:
                known[pattern] = tuple(declared.prefixes)
            else:
                known[pattern] = prefixes_of_pattern(pattern) if pattern in country_patterns() else ()
        yield from known[pattern]

    def _priced(self, price_list: str) -> list[str]:
        """Return the prefixes of a price list, sorted."""
        if price_list not in self._sorted:
            self._sorted[price_list] = sorted(self._brand.price_lists[price_list].prices)
        return self._sorted[price_list]

    @cached_property
    def _sorted(self) -> dict[str, list[str]]:
        return {}

    @cached_property
    def _known_prefixes(self) -> dict[str, tuple[str, ...]]:
        return {}


def calls_of(route: OutgoingRoute) -> Calls:
    """Return which calls a route is for."""
    return Calls(route.client, route.tag, route.fax)


def wider(calls: Calls) -> Iterator[Calls]:
    """Yield the same calls, and those of all clients that they are among."""
    yield calls
    if calls.client is not None:
        yield calls._replace(client=None)


def beginnings(prefix: str) -> Iterator[str]:
    """Yield every prefix that covers a prefix, itself included, the shortest first."""
    for length in range(1, len(prefix) + 1):
        yield prefix[:length]
