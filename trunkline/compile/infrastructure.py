"""The hosts that calls are spread over, as the compiler sees them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class ApplicationServer:
    """A host that runs Asterisk.

    Args:
        name: Of the host.
        address: Internal address.
        port: SIP over UDP.
    """

    name: str
    address: str
    port: int


@dataclass(frozen=True, order=True)
class MediaRelay:
    """A host that runs RTPengine.

    Args:
        name: Of the host.
        media_set: Relays of one set stand in for each other.
        address: Internal address of the control socket.
        port: Of the control socket.
        weight: Its share of new calls within the set; 0 for none.
        state: ``active``, or ``drained``: no new calls.
    """

    name: str
    media_set: str
    address: str
    port: int
    weight: int
    state: str


@dataclass(frozen=True)
class Infrastructure:
    """Every application server and media relay of a platform, in any order."""

    application_servers: tuple[ApplicationServer, ...] = ()
    media_relays: tuple[MediaRelay, ...] = ()


def preference(client_id: str, servers: tuple[ApplicationServer, ...]) -> list[ApplicationServer]:
    """Return the order in which a client's calls try the application servers: highest random weight first.

    Rendezvous hashing: adding or losing one of n servers moves only the clients for which it comes first, one in n, and
    leaves the order of the others as it was.

    Args:
        client_id: The client's id.
        servers: In any order.
    """

    def weight(server: ApplicationServer) -> bytes:
        return hashlib.sha256(f"{client_id}/{server.name}".encode()).digest()

    return sorted(servers, key=weight, reverse=True)
