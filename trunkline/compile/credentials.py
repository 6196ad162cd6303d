"""Names of generated passwords, and the hashes that go on in their place."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.compile.context import ClientContext
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
