"""Ids: UUIDv5 of an object's natural path, so that the same inventory gives the same ids everywhere."""

from __future__ import annotations

import hashlib
import uuid

# Never changes: every id of every platform depends on it.
NAMESPACE = uuid.UUID("5f8d2a1c-3b7e-5c94-9d60-1e0a7b4c2f38")
_PREFIX = hashlib.sha1(NAMESPACE.bytes, usedforsecurity=False)
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def object_id(*path: str) -> str:
    """Return the id of an object: what ``uuid.uuid5`` makes of its path (RFC 9562 section 5.5), a few times faster.

    Args:
        path: Kinds and names from the top, for example ``"brand", "atlas", "client", "acme", "terminal", "alice"``.
            Names hold no slash, so two paths never meet.
    """
    return Ids(*path).of()


class Ids:
    """The ids of an object and of what is below it; each is computed once.

    Args:
        path: Of the object.
    """

    def __init__(self, *path: str) -> None:
        self._hashed = _PREFIX.copy()
        self._hashed.update("/".join(path).encode())
        self._known: dict[tuple[str, ...], str] = {}

    def of(self, *path: str) -> str:
        """Return the id of what is at a path below the object."""
        found = self._known.get(path)
        if found is None:
            hashed = self._hashed.copy()
            hashed.update("".join(["/" + step for step in path]).encode())
            text = hashed.hexdigest()
            found = f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"
            self._known[path] = found
        return found
