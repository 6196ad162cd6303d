"""What revisions changed, as far as a users proxy is concerned. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Changes:
    """What has to be read again.

    Attributes:
        every_identity: Whether anything that is kept of any client may be wrong.
        clients: Ids of the clients of which something changed, if that is all.
        application_servers: Whether the list of application servers changed.
        relays: Whether the list, weights or states of media relays changed.
    """

    every_identity: bool = False
    clients: frozenset[str] = field(default_factory=frozenset)
    application_servers: bool = False
    relays: bool = False

    @property
    def identities(self) -> bool:
        """Whether anything about domains or endpoints changed."""
        return self.every_identity or bool(self.clients)

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return self.identities or self.application_servers or self.relays

    def __or__(self, other: Changes) -> Changes:
        """Return both together."""
        return Changes(
            every_identity=self.every_identity or other.every_identity,
            clients=self.clients | other.clients,
            application_servers=self.application_servers or other.application_servers,
            relays=self.relays or other.relays,
        )


EVERYTHING = Changes(every_identity=True, application_servers=True, relays=True)
NOTHING = Changes()


def of_revision(reload: Mapping[str, Any]) -> Changes:
    """Read the column ``reload`` of one revision.

    A changed application server moves clients that are not named: the order of servers is part of every identity.

    Args:
        reload: ``{"identities": bool, "relays": bool, "application_servers": bool, "clients": [uuid, ...]}``; a key
            that is missing counts as changed, so that an older reloader does too much rather than too little.
    """
    identities = bool(reload.get("identities", True))
    servers = bool(reload.get("application_servers", True))
    clients = frozenset(str(client) for client in reload.get("clients", ()))
    every = identities and (servers or not clients)
    return Changes(
        every_identity=every,
        clients=clients if identities and not every else frozenset(),
        application_servers=servers,
        relays=bool(reload.get("relays", True)),
    )


def of_revisions(reloads: Iterable[Mapping[str, Any]]) -> Changes:
    """Return what several revisions changed together."""
    total = NOTHING
    for reload in reloads:
        total |= of_revision(reload)
    return total
