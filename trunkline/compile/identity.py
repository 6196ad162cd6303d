"""Ids: UUIDv5 of an object's natural path, so that the same inventory gives the same ids everywhere."""

from __future__ import annotations

import uuid

# Never changes: every id of every platform depends on it.
NAMESPACE = uuid.UUID("5f8d2a1c-3b7e-5c94-9d60-1e0a7b4c2f38")


def object_id(*path: str) -> str:
    """Return the id of an object.

    Args:
        path: Kinds and names from the top, for example ``"brand", "atlas", "client", "acme", "terminal", "alice"``.
            Names hold no slash, so two paths never meet.
    """
    return str(uuid.uuid5(NAMESPACE, "/".join(path)))
