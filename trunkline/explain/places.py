"""From a cause to the line of the inventory that says so.

A cause is a natural path: ``atlas/acme/user/alice`` for an object of a client, ``atlas/acme/key`` for a value of the
client itself, ``brand/atlas/carriers/first`` for an object or a value of a brand, ``host/name`` for a host of
``platform.yml``, ``host`` for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.model.walk import HOSTS_FILE
from trunkline.source import read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from trunkline.explain.clients import Clients
    from trunkline.model.client import Client
    from trunkline.source import Path as ItemPath
    from trunkline.source import Place


def _terminal(client: Client, name: str) -> ItemPath | None:
    if name in client.terminals:
        return "terminals", name
    return ("users", name) if name in client.users and client.terminal_of(name) == name else None


def _extension(client: Client, number: str) -> ItemPath | None:
    if number in client.extensions:
        return "extensions", number
    return next(
        (("users", name, "extension") for name, user in sorted(client.users.items()) if user.extension == number), None
    )


def _in(section: str) -> Callable[[Client, str], ItemPath | None]:
    return lambda client, name: (section, name) if name in getattr(client, section) else None


def _ddi(client: Client, number: str) -> ItemPath | None:
    if number in client.ddis:
        return "ddis", number
    return next(((section, name, "ddi") for section, name, _, own in client.own_ddis() if own == number), None)


# Kind of object -> where its declaration stands in the client's file, None when there is none.
_KINDS: Mapping[str, Callable[[Client, str], ItemPath | None]] = {
    "account": _in("accounts"),
    "ddi": _ddi,
    "device": _in("devices"),
    "extension": _extension,
    "terminal": _terminal,
    "user": _in("users"),
}


class Places:
    """Finds the places of causes.

    Args:
        inventory: Folder of the inventory.
        clients: Its clients.
    """

    def __init__(self, inventory: Path, clients: Clients) -> None:
        self._inventory = inventory
        self._clients = clients

    def of(self, cause: str) -> Place | None:
        """Return the place of a cause; None when the inventory has nothing of the kind."""
        first, *rest = cause.split("/")
        if first == "host" and len(rest) <= 1:
            document, _ = read_file(self._inventory, HOSTS_FILE)
            return document.locate(("hosts", *rest), key=True) if document else None
        if first == "brand":
            return self._of_brand(*rest)
        loaded = self._clients.at("/".join([first, *rest[:1]]))
        if loaded is None or loaded.named is None or loaded.source is None:
            return None
        path: ItemPath | None = tuple(rest[1:2])
        if len(rest) > len(("client", "key")):
            path = _KINDS[rest[1]](loaded.named.declared, rest[2])
        return None if path is None else loaded.source.locate(path, key=True)

    def _of_brand(self, brand: str = "", *path: str) -> Place | None:
        """Return the place of what a brand's file says; None when it says nothing of the kind."""
        try:
            document, _ = read_file(self._inventory, f"tenants/{brand}/brand.yml")
        except OSError:
            return None
        return document.locate(path, key=True) if document else None
