"""Puts the rows of all kinds together, scope by scope, with a digest of each."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trunkline.compile.context import BrandContext, ClientContext, PlatformContext
from trunkline.compile.credentials import password_name, peering_password_name
from trunkline.compile.identity import object_id
from trunkline.compile.image import Kept, Rows, pack
from trunkline.compile.infrastructure import Infrastructure
from trunkline.compile.kinds import BRAND_KINDS, CLIENT_KINDS, PLATFORM_KINDS
from trunkline.model.moved import moved_in
from trunkline.model.tenants import NamedPlatform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from trunkline.compile.context import Passwords
    from trunkline.compile.table import Row, Table
    from trunkline.model.tenants import NamedBrand, Tenants

PLATFORM_ID = object_id("platform")
# Keys of the platform's file whose objects stand beside those that no file declares, or in their place.
_BESIDE_GENERATED = ("routing_groups", "routing_patterns", "transformation_sets")


@dataclass(frozen=True)
class Scope:
    """The rows that are compared and merged together: those of a client, of a brand itself, of the platform itself.

    Args:
        id: Of the client or brand; for the platform, of its own path.
        brand: Name of the brand; empty for the platform.
        client: Name of the client; empty for the platform and for brands.
        digest: Of the rows and of the names of their columns.
        load: Returns the image with the rows (`trunkline.compile.image`); not kept in memory for a large inventory.
        moved: What was renamed below the object, as its file says: by key of the file, old name -> new name.
    """

    id: str
    brand: str
    client: str
    digest: str
    load: Callable[[], bytes] = field(repr=False, compare=False)
    moved: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def rows(self) -> Rows:
        """Return the rows by table, sorted by id, as PostgreSQL shows them; loaded each time."""
        return Rows(self.load())


@dataclass(frozen=True)
class Compiled:
    """Everything that schema `config` has to hold.

    Args:
        scopes: By id.
        digest: Of all of them.
    """

    scopes: Mapping[str, Scope]
    digest: str

    @classmethod
    def of(cls, scopes: Mapping[str, Scope]) -> Compiled:
        """Return what some scopes are together.

        Args:
            scopes: By id.
        """
        total = hashlib.sha256()
        for identity in sorted(scopes):
            total.update(f"{identity} {scopes[identity].digest}\n".encode())
        return cls(scopes, total.hexdigest())


def password_names(tenants: Tenants) -> list[str]:
    """Return the names of the secrets that the accounts without a HA1 need, sorted."""
    own = [
        password_name(client, kind, name)
        for client in tenants.clients()
        for kind, name, endpoint in client.declared.sip_accounts()
        if endpoint.ha1 is None
    ]
    return sorted([*own, *(name for brand in tenants.brands for name in peering_passwords(brand))])


def peering_passwords(brand: NamedBrand) -> Iterator[str]:
    """Yield the names of the secrets of a brand's carriers and DDI providers."""
    for name, carrier in brand.declared.carriers.items():
        for own, server in carrier.servers.items():
            if server.credentials is not None and server.credentials.ha1 is None:
                yield peering_password_name("carrier", brand.name, name, own)
    for name, provider in brand.declared.ddi_providers.items():
        if provider.credentials is not None and provider.credentials.ha1 is None:
            yield peering_password_name("provider", brand.name, name)
        for own, registration in provider.registrations.items():
            if registration.ha1 is None:
                yield peering_password_name("registration", brand.name, name, own)


def compile_platform(tenants: Tenants, infrastructure: Infrastructure, passwords: Passwords) -> Compiled:
    """Return the rows of a platform.

    Args:
        tenants: Checked, without errors.
        infrastructure: The hosts of the platform.
        passwords: A value for every name of ``password_names``.

    Raises:
        KeyError: A password is missing.
    """
    return Compiled.of({scope.id: scope for scope in _scopes(tenants, infrastructure, passwords)})


def _scopes(tenants: Tenants, infrastructure: Infrastructure, passwords: Passwords) -> Iterator[Scope]:
    platform = tenants.platform
    yield compile_one(PlatformContext(platform, infrastructure))
    for brand in tenants.brands:
        yield compile_one(BrandContext(platform, brand, passwords))
        for client in tenants.clients_of(brand.name):
            yield compile_one(ClientContext(platform, brand, client, infrastructure.application_servers, passwords))


def compile_one(context: PlatformContext | BrandContext | ClientContext) -> Scope:
    """Return the rows of the platform itself, of a brand itself, or of a client.

    Args:
        context: The object and what stands above it.

    Raises:
        KeyError: A password is missing.
    """
    if isinstance(context, PlatformContext):
        scope = _scope(context.id, "", "", _parts_of_platform(context))
        return replace(scope, moved=context.platform.declared.moved)
    if isinstance(context, BrandContext):
        brand = context.brand.name
        scope = _scope(context.id, brand, "", ((kind.TABLE, kind.rows(context)) for kind in BRAND_KINDS))
        return replace(scope, moved=context.brand.declared.moved)
    brand, client = context.client.brand, context.client.name
    scope = _scope(context.id, brand, client, ((kind.TABLE, kind.rows(context)) for kind in CLIENT_KINDS))
    return replace(scope, moved=moved_in(context.declared))


def _parts_of_platform(context: PlatformContext) -> Iterator[tuple[Table, Iterable[Row] | Kept]]:
    """Yield the rows of the platform by table; those that no file declares are made once."""
    declares = any(getattr(context.declared, key) for key in _BESIDE_GENERATED)
    for kind in PLATFORM_KINDS:
        generated = bool(kind.TABLE.generated) and not declares
        yield kind.TABLE, _generated(kind.TABLE.name) if generated else kind.rows(context)


@functools.cache
def _generated(table: str) -> Kept:
    """Return the rows of a table on a platform that declares nothing."""
    nothing = PlatformContext(NamedPlatform(), Infrastructure())
    (kind,) = [each for each in PLATFORM_KINDS if each.TABLE.name == table]
    return Kept(kind.rows(nothing))


def _scope(identity: str, brand: str, client: str, parts: Iterable[tuple[Table, Iterable[Row] | Kept]]) -> Scope:
    image, digest = pack(parts)
    return Scope(identity, brand, client, digest, lambda: image)
