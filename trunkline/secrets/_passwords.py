"""The passwords of tenants' terminals and devices, without the file: what compiling a million of them needs."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING

from trunkline.secrets import _generate
from trunkline.secrets._moved import PEERING_KINDS, origin, owners_moved

if TYPE_CHECKING:
    from collections.abc import Mapping


class Passwords:
    """Passwords by the name of their secret, computed from the root key unless one is stored. May be sent to processes.

    Args:
        root_key: The secret `trunkline.secrets._generate.ROOT_KEY`.
        stored: Those that were rotated or set one by one, by name.
    """

    def __init__(self, root_key: str, stored: Mapping[str, str]) -> None:
        self._root_key = root_key
        self._stored = dict(stored)
        self._moved = owners_moved(stored)
        self._plain = hashlib.sha256(root_key.encode()).hexdigest()
        self._stored_of: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
        for name, value in sorted(stored.items()):
            self._stored_of[tuple(name.split("/")[1:3])].append((name, value))

    def __getitem__(self, name: str) -> str:
        """Return the password with a name such as ``terminal/atlas/acme/alice``."""
        found = self._stored.get(name)
        if found is not None:
            return found
        return _generate.derived_secret(self._root_key, origin(name, self._moved) if self._moved else name)

    def generation_of_brand(self, brand: str) -> str:
        """Return what stands for the passwords of a brand's carriers and DDI providers.

        Args:
            brand: Name of the brand.
        """
        kinds = tuple(f"{kind}/{brand}/" for kind in PEERING_KINDS)
        stored = [(name, value) for name, value in sorted(self._stored.items()) if name.startswith(kinds)]
        keys = tuple(f"{brand}/{key}/" for key in PEERING_KINDS.values())
        moved = [pair for pair in sorted(self._moved.items()) if any(path.startswith(keys) for path in pair)]
        return hashlib.sha256(repr((self._root_key, stored, moved)).encode()).hexdigest()

    def generation(self, brand: str, client: str) -> str:
        """Return what stands for all passwords of a client: as long as it is the same, they are.

        Args:
            brand: Name of the brand.
            client: Name of the client.
        """
        stored = self._stored_of.get((brand, client), [])
        if not stored and not self._moved:
            return self._plain
        where = origin(f"any/{brand}/{client}/any", self._moved)
        return hashlib.sha256(repr((self._root_key, where, stored)).encode()).hexdigest()
