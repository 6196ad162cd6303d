"""The tenants of an inventory: what each of their files declares, with what the file does not say: its place and name.

A platform has brands, a brand has clients. Nothing here holds the objects below it: a rule or a kind of row that sees a
client sees what stands above it, and never its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from trunkline.model.brand import Brand
from trunkline.model.client import Client
from trunkline.model.platform import Platform

PLATFORM_FILE = "tenants/platform.yml"


@dataclass(frozen=True)
class NamedPlatform:
    """The platform.

    Args:
        file: Where it is declared, relative to the inventory; the file need not exist.
        declared: What the file says.
        known: Whether the file could be read; otherwise `declared` has defaults, and what it lacks means nothing.
    """

    file: str = PLATFORM_FILE
    declared: Platform = field(default_factory=Platform)
    known: bool = True


@dataclass(frozen=True)
class NamedBrand:
    """A brand.

    Args:
        name: Its name.
        file: Where it is declared, relative to the inventory.
        declared: What the file says.
        known: Whether the file could be read; otherwise `declared` has defaults, and what it lacks means nothing.
    """

    name: str
    file: str
    declared: Brand
    known: bool = True


@dataclass(frozen=True)
class NamedClient:
    """A client.

    Args:
        brand: Name of its brand.
        name: Its own.
        file: Where it is declared, relative to the inventory; of a folder, its ``client.yml``.
        declared: What the file says.
    """

    brand: str
    name: str
    file: str
    declared: Client


@dataclass(frozen=True)
class Tenants:
    """Everything that an inventory declares for tenants.

    Args:
        platform: What all brands inherit.
        brands: Sorted by name.
        clients_by_brand: Sorted by name; may read a client's file only when it is asked for.
    """

    platform: NamedPlatform
    brands: tuple[NamedBrand, ...]
    clients_by_brand: Mapping[str, Iterable[NamedClient]]

    def clients_of(self, brand: str) -> Iterator[NamedClient]:
        """Yield the clients of a brand."""
        yield from self.clients_by_brand.get(brand, ())

    def clients(self) -> Iterator[NamedClient]:
        """Yield every client, brand by brand."""
        for brand in self.brands:
            yield from self.clients_of(brand.name)
