"""What a rule is, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.routes import Routes
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Path, Severity

Level = Literal["client", "brand", "routes", "platform", "every", "facts"]


@dataclass(frozen=True)
class Finding:
    """One hit of a rule. The engine turns it into a problem: it knows the rule's code and finds the line.

    Args:
        file: Where the item is declared, relative to the inventory: the `file` of a client, brand, platform or fact.
        path: Path of the item inside of the file.
        message: What is wrong, one sentence without a full stop.
        remedy: What to do about it.
        key: Whether the place of the item's key is meant, not that of its value.
    """

    file: str
    path: Path
    message: str
    remedy: str
    key: bool = False


class _Rule(Protocol):
    """A rule: a module with these names and a function ``check``.

    Attributes:
        CODE: ``TL`` and four digits, never used again for anything else.
        SEVERITY: Whether a hit stops the pipeline.
        LEVEL: What the rule sees, and with it when it has to look again.
    """

    CODE: str
    SEVERITY: Severity
    LEVEL: Level


class ClientRule(_Rule, Protocol):
    """``LEVEL = "client"``: sees one client and what stands above it; looks again when one of their files changed."""

    @staticmethod
    def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
        """Yield what is wrong with a client."""
        ...


class BrandRule(_Rule, Protocol):
    """``LEVEL = "brand"``: sees a brand itself and the platform."""

    @staticmethod
    def check(brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
        """Yield what is wrong with a brand."""
        ...


class RoutesRule(_Rule, Protocol):
    """``LEVEL = "routes"``: sees the outgoing routes of a brand, where the platform that it inherits from is known."""

    @staticmethod
    def check(brand: NamedBrand, routes: Routes) -> Iterator[Finding]:
        """Yield what is wrong with the routes of a brand."""
        ...


class PlatformRule(_Rule, Protocol):
    """``LEVEL = "platform"``: sees the platform's own file."""

    @staticmethod
    def check(platform: NamedPlatform) -> Iterator[Finding]:
        """Yield what is wrong with the platform."""
        ...


class EveryRule(_Rule, Protocol):
    """``LEVEL = "every"``: sees a client, a brand or the platform, each with what stands above it."""

    @staticmethod
    def check(named: NamedClient | NamedBrand | NamedPlatform, *above: NamedBrand | NamedPlatform) -> Iterator[Finding]:
        """Yield what is wrong with a client, a brand or the platform."""
        ...


class FactsRule(_Rule, Protocol):
    """``LEVEL = "facts"``: sees what files export for others (`trunkline.check.facts`), nothing else of them."""

    @staticmethod
    def check(facts: Facts) -> Iterator[Finding]:
        """Yield what is wrong between files."""
        ...
