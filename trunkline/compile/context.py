"""What the rows of a client are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trunkline.compile.identity import object_id
from trunkline.compile.infrastructure import Infrastructure
from trunkline.model.client import Client
from trunkline.model.tenants import NamedBrand, NamedClient


@dataclass(frozen=True)
class ClientContext:
    """A client and what it stands in.

    Args:
        brand: Its brand.
        client: The client.
        infrastructure: The hosts of the platform.
        passwords: Of terminals without a HA1 of their own, by the name of the secret.
    """

    brand: NamedBrand
    client: NamedClient
    infrastructure: Infrastructure
    passwords: Mapping[str, str]

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
        return object_id("brand", self.client.brand, "client", self.client.name, *path)
