"""What has to be told a users proxy so that it works with a revision; each command's answer is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

from trunkline.errors import PlatformError
from trunkline.reload.changes import NOTHING, Changes
from trunkline.reload.control import CommandError

_MANY_CLIENTS: Final = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the database says that the proxy should know.

    Attributes:
        servers: Addresses of the application servers, ``sip:ADDRESS:PORT``.
        relays: Media relays: Kamailio's number and ``udp:ADDRESS:PORT``.
    """

    servers: frozenset[str]
    relays: frozenset[tuple[int, str]]


class Commands(Protocol):
    """Whatever takes a command to Kamailio: ``trunkline.reload.control.Control``."""

    def call(self, method: str, *parameters: str | int) -> Any:
        """Run one command and return its result."""


def take_over(proxy: Commands, changes: Changes, revision: int, wanted: Wanted) -> Changes:
    """Have the proxy forget, or read again, what changed.

    Args:
        proxy: The proxy.
        changes: What changed since the revision that it works with.
        revision: The newest revision.
        wanted: What the database says.

    Returns:
        What could not be done now and has to be tried again: changes of relays, if there was one a moment ago.

    Raises:
        PlatformError: a command was refused, not answered, or had no effect.
    """
    if changes.application_servers:
        proxy.call("dispatcher.reload")
        if (known := _servers(proxy)) != wanted.servers:
            raise PlatformError(f"the proxy has application servers {_names(known)}, not {_names(wanted.servers)}")
    owed = NOTHING
    if changes.relays and not _reload_relays(proxy, wanted):
        owed = Changes(relays=True)
    if changes.identities:
        proxy.call("htable.reload", "origin")
    if changes.every_identity or len(changes.clients) > _MANY_CLIENTS:
        proxy.call("htable.flush", "identity")
        proxy.call("htable.flush", "domain")
    else:
        # What the proxy keeps of a client counts only as long as this number is the one of the time it was asked.
        for client in sorted(changes.clients):
            proxy.call("htable.seti", "generation", client, revision)
    if changes.identities:
        # Last: whoever asked in vain before the revision may exist now.
        proxy.call("htable.flush", "unknown")
    return owed


def _reload_relays(proxy: Commands, wanted: Wanted) -> bool:
    """Have the proxy read how relays are reached, if that changed, and then who gets calls.

    Returns:
        False when it is too early: Kamailio's module rtpengine takes a new list every ten seconds at most.
    """
    if _relays(proxy) != wanted.relays:
        try:
            proxy.call("rtpengine.reload", 0)
        except CommandError as error:
            if "interval" in str(error):
                return False
            raise
        if (known := _relays(proxy)) != wanted.relays:
            names = (_names(frozenset(url for _, url in relays)) for relays in (known, wanted.relays))
            raise PlatformError("the proxy has media relays {}, not {}".format(*names))
    proxy.call("htable.reload", "relay")
    return True


def _servers(proxy: Commands) -> frozenset[str]:
    try:
        listed = proxy.call("dispatcher.list")
    except CommandError as error:
        if "No Destination Sets" in str(error):
            return frozenset()
        raise
    return frozenset(target["DEST"]["URI"] for record in listed["RECORDS"] for target in record["SET"]["TARGETS"])


def _relays(proxy: Commands) -> frozenset[tuple[int, str]]:
    try:
        listed = proxy.call("rtpengine.show", "all")
    except CommandError as error:
        if "no matching" in str(error).lower() or "not found" in str(error).lower():
            return frozenset()
        raise
    nodes = listed if isinstance(listed, list) else [listed]
    return frozenset((int(node["set"]), str(node["url"])) for node in nodes if node)


def _names(addresses: frozenset[str]) -> str:
    return ", ".join(sorted(addresses)) or "none"
