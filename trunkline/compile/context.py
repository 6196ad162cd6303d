"""What rows are made from: an object and what stands above it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from trunkline.compile.identity import Ids, object_id
from trunkline.compile.infrastructure import ApplicationServer, Infrastructure
from trunkline.model.brand import Brand
from trunkline.model.client import Client
from trunkline.model.locale import Locale, locale_of
from trunkline.model.platform import Platform
from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform


class Passwords(Protocol):
    """Passwords by the name of their secret: a mapping, or `trunkline.secrets.Passwords`, which computes them."""

    def __getitem__(self, name: str, /) -> str:
        """Return the password with a name."""
        ...


@dataclass(frozen=True)
class PlatformContext:
    """The platform.

    Args:
        platform: What tenants inherit.
        infrastructure: Its hosts.
    """

    platform: NamedPlatform
    infrastructure: Infrastructure

    @property
    def declared(self) -> Platform:
        """Return what the platform's file says."""
        return self.platform.declared

    @property
    def id(self) -> str:
        """Return the id of the platform's scope."""
        return self.id_of()

    def id_of(self, *path: str) -> str:
        """Return the id of an object of the platform that tenants know, from its kind and name."""
        return object_id("platform", *path)


@dataclass(frozen=True)
class BrandContext:
    """A brand and the platform.

    Args:
        platform: What the brand inherits.
        brand: The brand.
        passwords: Of carriers and DDI providers, by the name of the secret.
    """

    platform: NamedPlatform
    brand: NamedBrand
    passwords: Passwords

    @property
    def declared(self) -> Brand:
        """Return what the brand's file says."""
        return self.brand.declared

    @property
    def id(self) -> str:
        """Return the brand's id."""
        return self.id_of()

    def id_of(self, *path: str) -> str:
        """Return the id of an object of the brand, from its kind and name."""
        return object_id("brand", self.brand.name, *path)


@dataclass(frozen=True)
class ClientContext:
    """A client and what it stands in. A client's rows depend on nothing else.

    Args:
        platform: What its brand inherits.
        brand: Its brand.
        client: The client.
        application_servers: Of the platform.
        passwords: Of terminals without a HA1 of their own, by the name of the secret.
    """

    platform: NamedPlatform
    brand: NamedBrand
    client: NamedClient
    application_servers: tuple[ApplicationServer, ...]
    passwords: Passwords

    @cached_property
    def _ids(self) -> Ids:
        return Ids("brand", self.client.brand, "client", self.client.name)

    @property
    def declared(self) -> Client:
        """Return what the client's file says."""
        return self.client.declared

    @property
    def id(self) -> str:
        """Return the client's id."""
        return self.id_of()

    def id_of(self, *path: str) -> str:
        """Return the id of an object of the client, from its kind and name."""
        return self._ids.of(*path)

    def id_or_none(self, kind: str, name: str | None) -> str | None:
        """Return the id of an object of the client, or None where there is no name."""
        return None if name is None else self.id_of(kind, name)

    @property
    def domain(self) -> str:
        """Return the SIP domain of the client's accounts: its own, else its brand's."""
        return self.declared.domain or self.brand.declared.domain or ""

    @property
    def locale(self) -> Locale:
        """Return the language, time zone, country and currency that count for the client."""
        return locale_of(self.platform.declared, self.brand.declared, self.declared)


Context = PlatformContext | BrandContext | ClientContext
"""What the rows of something that may stand at every level are made from."""
