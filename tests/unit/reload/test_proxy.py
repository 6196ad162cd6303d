"""Which commands a change becomes, in which order, and what is done about the answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from trunkline.errors import PlatformError
from trunkline.reload.changes import EVERYTHING, NOTHING, Changes
from trunkline.reload.control import CommandError
from trunkline.reload.proxy import Wanted, take_over

RELAYS = frozenset({(7, "udp:198.51.100.7:2223")})
SERVERS = frozenset({"sip:198.51.100.1:6060"})
WANTED = Wanted(servers=SERVERS, relays=RELAYS)


@dataclass
class Proxy:
    """Keeps what a users proxy keeps, and answers like Kamailio 6.0.

    Attributes:
        servers: Application servers it knows.
        relays: Media relays it knows.
        wanted: What a reload makes of both.
        too_early: Whether a reload of relays is refused.
        commands: What it was told, in order.
    """

    servers: frozenset[str] = SERVERS
    relays: frozenset[tuple[int, str]] = RELAYS
    wanted: Wanted = WANTED
    too_early: bool = False
    commands: list[str] = field(default_factory=list)

    def call(self, method: str, *parameters: str | int) -> Any:
        """Answer one command."""
        if method == "dispatcher.list":
            return self._servers()
        if method == "rtpengine.show":
            return self._relays()
        self.commands.append(" ".join([method, *map(str, parameters)]))
        if method == "dispatcher.reload":
            self.servers = self.wanted.servers
        if method == "rtpengine.reload":
            if self.too_early:
                raise CommandError("Kamailio refused rtpengine.reload 0: Too short reload interval - try later")
            self.relays = self.wanted.relays
        return "Ok."

    def _servers(self) -> Any:
        if not self.servers:
            raise CommandError("Kamailio refused dispatcher.list: No Destination Sets")
        targets = [{"DEST": {"URI": uri, "FLAGS": "AP", "PRIORITY": 0}} for uri in self.servers]
        return {"NRSETS": 1, "RECORDS": [{"SET": {"ID": 1, "TARGETS": targets}}]}

    def _relays(self) -> Any:
        if not self.relays:
            raise CommandError("Kamailio refused rtpengine.show all: Instance not found (no sets loaded)")
        found = [{"url": url, "set": number, "index": 0, "disabled": False} for number, url in self.relays]
        return found[0] if len(found) == 1 else found


def test_a_changed_client_gets_a_new_generation() -> None:
    proxy = Proxy()
    assert take_over(proxy, Changes(clients=frozenset({"b", "a"})), 12, WANTED) == NOTHING
    assert proxy.commands == [
        "htable.reload origin",
        "htable.seti generation a 12",
        "htable.seti generation b 12",
        "htable.flush unknown",
    ]


def test_many_changed_clients_are_forgotten_at_once() -> None:
    proxy = Proxy()
    take_over(proxy, Changes(clients=frozenset(map(str, range(2000)))), 12, WANTED)
    assert proxy.commands == [
        "htable.reload origin",
        "htable.flush identity",
        "htable.flush domain",
        "htable.flush unknown",
    ]


def test_a_weight_needs_no_new_list_of_relays() -> None:
    proxy = Proxy()
    assert take_over(proxy, Changes(relays=True), 12, WANTED) == NOTHING
    assert proxy.commands == ["htable.reload relay"]


def test_a_new_relay_is_reached_before_it_gets_calls() -> None:
    proxy = Proxy(relays=frozenset())
    assert take_over(proxy, Changes(relays=True), 12, WANTED) == NOTHING
    assert proxy.commands == ["rtpengine.reload 0", "htable.reload relay"]


def test_a_list_of_relays_that_comes_too_early_is_owed() -> None:
    proxy = Proxy(relays=frozenset(), too_early=True)
    changes = Changes(relays=True, clients=frozenset({"a"}))
    assert take_over(proxy, changes, 12, WANTED) == Changes(relays=True)
    assert proxy.commands == [
        "rtpengine.reload 0",
        "htable.reload origin",
        "htable.seti generation a 12",
        "htable.flush unknown",
    ]


def test_a_start_reads_everything() -> None:
    proxy = Proxy(servers=frozenset(), relays=frozenset())
    assert take_over(proxy, EVERYTHING, 3, WANTED) == NOTHING
    assert proxy.commands == [
        "dispatcher.reload",
        "rtpengine.reload 0",
        "htable.reload relay",
        "htable.reload origin",
        "htable.flush identity",
        "htable.flush domain",
        "htable.flush unknown",
    ]


def test_a_reload_without_effect_is_an_error() -> None:
    with pytest.raises(PlatformError, match="the proxy has application servers none, not sip:198"):
        take_over(Proxy(wanted=Wanted(frozenset(), RELAYS)), Changes(application_servers=True), 3, WANTED)
    stuck = Proxy(relays=frozenset(), wanted=Wanted(SERVERS, frozenset()))
    with pytest.raises(PlatformError, match="the proxy has media relays none, not udp:198"):
        take_over(stuck, Changes(relays=True), 3, WANTED)
