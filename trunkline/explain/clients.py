"""The clients of an inventory, read one by one as they are asked for: an explanation needs few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.errors import ConfigurationError
from trunkline.model.units import find_units, load_client
from trunkline.model.who import client_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from trunkline.explain.answers import Answers
    from trunkline.model.tenants import NamedClient
    from trunkline.model.units import Loaded


class Clients:
    """The clients of an inventory.

    Args:
        inventory: Its folder.
    """

    def __init__(self, inventory: Path) -> None:
        self._inventory = inventory
        self._units = {f"{unit.brand}/{unit.name}": unit for unit in find_units(inventory)[0] if unit.kind == "client"}
        self._loaded: dict[str, Loaded[NamedClient]] = {}

    def at(self, path: str) -> Loaded[NamedClient] | None:
        """Return the client of a path ``brand/client``, None when the inventory has none there."""
        if path in self._units and path not in self._loaded:
            self._loaded[path] = load_client(self._inventory, self._units[path])
        return self._loaded.get(path)

    def named(self, name: str, answers: Answers) -> NamedClient:
        """Return a client by its name or its SIP domain.

        The database knows whose domain it is without reading every file; what is not applied is found by reading.

        Raises:
            ConfigurationError: There is none, or several brands have one of this name.
        """
        near = [path for path in self._units if path.partition("/")[2] == name]
        applied = answers.domain(name.lower())
        configuration = answers.configuration(applied.client) if applied and applied.client else None
        if configuration is not None:
            near.append(configuration.path)
        try:
            return client_named(list(self._declared(near)), name)
        except ConfigurationError:
            return client_named(list(self._declared(self._units)), name)

    def _declared(self, paths: Iterable[str]) -> Iterator[NamedClient]:
        for path in paths:
            loaded = self.at(path)
            if loaded is not None and loaded.named is not None:
                yield loaded.named
