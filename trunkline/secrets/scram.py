"""Compare a password with what PostgreSQL keeps of it, so that only roles that need it are touched."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from typing import Any

_VERIFIER = re.compile(r"SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/]+=*)\$([A-Za-z0-9+/]{43}=):[A-Za-z0-9+/]{43}=")


def matches(password: str, verifier: str | None) -> bool:
    """Return whether a verifier of PostgreSQL was made from a password (RFC 5802 section 3, RFC 7677).

    Args:
        password: ASCII text, as our secrets are, so preparing it (RFC 4013) changes nothing.
        verifier: ``pg_authid.rolpassword``: ``SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>``, or None.
    """
    found = _VERIFIER.fullmatch(verifier or "")
    if found is None:
        return False
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(found[2]), int(found[1]))
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    return hmac.compare_digest(stored, base64.b64decode(found[3]))


def changed_roles(roles: list[dict[str, Any]], state: str) -> list[dict[str, Any]]:
    """Return the roles that the server does not have as they are wanted.

    Args:
        roles: name, password and, optionally, connection_limit of each.
        state: What the role postgresql asked the server: JSON, ``roles`` maps a name to verifier and connection limit.
    """
    present: dict[str, list[Any]] = (json.loads(state) if state else {}).get("roles", {})
    changed = []
    for role in roles:
        verifier, limit = present.get(role["name"], (None, None))
        if limit != role.get("connection_limit", -1) or not matches(role["password"], verifier):
            changed.append(role)
    return changed
