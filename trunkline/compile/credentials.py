"""Names of generated passwords, and the hashes that go on in their place."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.compile.context import BrandContext, ClientContext
    from trunkline.model.credentials import Credentials
    from trunkline.model.tenants import NamedClient


def password_name(client: NamedClient, kind: str, name: str) -> str:
    """Return the name of the secret that holds the generated password of a SIP account.

    Args:
        client: Whose account it is.
        kind: The kind of object: ``terminal``, ``friend``, ``device``, ``account``.
        name: The object's name.
    """
    return f"{kind}/{client.brand}/{client.name}/{name}"


def ha1(name: str, domain: str, password: str) -> str:
    """Return the hash that digest authentication checks (RFC 2617 section 3.2.2.2; the realm is the SIP domain)."""
    return hashlib.md5(f"{name}:{domain}:{password}".encode(), usedforsecurity=False).hexdigest()


def account_ha1(context: ClientContext, kind: str, name: str, declared: str | None) -> str:
    """Return the hash of a SIP account: the declared one, or that of its generated password.

    Raises:
        KeyError: The password is missing.
    """
    if declared is not None:
        return declared
    return ha1(name, context.domain, context.passwords[password_name(context.client, kind, name)])


def peering_password_name(kind: str, brand: str, *names: str) -> str:
    """Return the name of the secret that holds a password of a carrier or a DDI provider.

    Args:
        kind: ``carrier``, ``provider``, or ``registration``.
        brand: Name of the brand.
        names: Of the carrier and its server, of the provider, or of the provider and the registration.
    """
    return "/".join((kind, brand, *names))


def digest(
    context: BrandContext, credentials: Credentials | None, kind: str, *names: str
) -> tuple[str | None, str | None, str | None]:
    """Return user name, realm and hash of credentials; nothing three times where there are none.

    Args:
        context: The brand.
        credentials: What the file says.
        kind: As in the name of the secret.
        names: As in the name of the secret.

    Raises:
        KeyError: The password is missing.
    """
    if credentials is None:
        return None, None, None
    user, realm = credentials.user, credentials.realm
    if credentials.ha1 is not None:
        return user, realm, credentials.ha1
    return user, realm, ha1(user, realm, context.passwords[peering_password_name(kind, context.brand.name, *names)])
