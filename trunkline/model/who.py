"""Who is meant by ``alice@acme``: the names under which people speak of a client and of a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.errors import ConfigurationError
from trunkline.source import unknown

if TYPE_CHECKING:
    from collections.abc import Collection

    from trunkline.model.tenants import NamedClient


def client_named(clients: Collection[NamedClient], name: str) -> NamedClient:
    """Return a client by its name or its SIP domain.

    Args:
        clients: Those that may be meant.
        name: What somebody wrote.

    Raises:
        ConfigurationError: There is none, or several brands have one of this name.
    """
    found = [client for client in clients if name in {client.name, client.declared.domain}]
    if not found:
        domains = [client.declared.domain for client in clients if client.declared.domain]
        message, remedy = unknown("client", name, [*(client.name for client in clients), *domains])
        raise ConfigurationError(message, remedy=remedy)
    if len(found) > 1:
        shown = ", ".join(client.declared.domain for client in found)
        raise ConfigurationError(f"several brands have a client {name}", remedy=f"name its domain: {shown}")
    return found[0]


def terminal_named(client: NamedClient, name: str) -> tuple[str, str | None]:
    """Return the terminal that is meant by a user's name, a terminal or an extension, and its user if it has one.

    Raises:
        ConfigurationError: None is.
    """
    declared = client.declared
    extension = declared.all_extensions().get(name)
    for user in declared.users:
        terminal = declared.terminal_of(user)
        if name in {user, terminal} or (extension is not None and extension.user == user):
            return terminal, user
    terminals = declared.all_terminals()
    if name in terminals:
        return name, None
    known = sorted({*declared.users, *terminals, *declared.all_extensions()})
    message, remedy = unknown("user, terminal or extension", name, known)
    raise ConfigurationError(f"{message} in client {client.name}", remedy=remedy, location=client.file)
