"""What a file exports for rules that look across files: domains, numbers, names that others refer to.

A fact is small and stays known while its file does not change; nothing else of a file is seen from outside. To add a
kind of fact: lines in one of the functions below; to use it: a rule with ``LEVEL = "facts"``.

| kind | key | value | exported by |
|---|---|---|---|
| domain | the SIP domain | whose it is | clients, brands |
| corporation-member | brand/client | brand/corporation | clients |
| friend-client | brand/client that a friend leads to | brand/corporation, name of the friend's client | clients |
| ddi | the number | the client | clients, every time it is given to somebody |
| source | address or range | the client | wholesale clients |
| mac | the hardware address | the terminal | clients |
| account | brand/name of a residential device or retail account | what it is | clients |
| trusted-address | address and port | the account that needs no password | clients |
| route-client | brand/client that an outgoing route is for | | brands |
| route-tag | brand/tag of an outgoing route, or brand/client/tag | who would have to dial it | brands |
| dialled-tag | the same, that a client may dial | | retail and wholesale clients |
| ddi-goes-to | the number | the number outside that it leads to | clients |
| ddi-may-go-to | the number | the same, by a forward that has a reason | clients |
| tenant | brand/client, or brand | | clients, brands |
| moved-from | the same, of an old name | | brands, the platform |
| moved-to | the same, of the new name | | brands, the platform |
| named | brand:key:name of an object that others name | what it is | brands, the platform |
| name | the same, wherever the name may lead | | everybody |
| socket | name of a trunk address | carrier or provider | brands |
| used-socket | the same | the brand | brands |
| own-socket | the same, of the brand's own | the brand | brands |
| media-set | name of a set of media relays | | clients, brands |

What the hosts of the platform export stands in `trunkline.check.hosts`.
"""

from __future__ import annotations

import json
import sqlite3
import weakref
from typing import TYPE_CHECKING, NamedTuple

from trunkline.check.forwards import ways_outside
from trunkline.model.contract import RESELLER
from trunkline.model.marks import REFERS
from trunkline.model.transformation_set import implied_sets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from trunkline.model.carrier import Carrier
    from trunkline.model.ddi_provider import DdiProvider
    from trunkline.model.endpoint import Peer
    from trunkline.model.item import Item
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Path


SCHEMA = """
create table fact (kind text not null, key text not null, file text not null, path text not null, value text not null);
create index fact_key on fact (kind, key);
create index fact_file on fact (file);
"""


class Fact(NamedTuple):
    """One fact.

    Args:
        kind: What it says.
        key: About what; two facts of one kind with one key meet.
        file: The `file` of the client, brand or platform that exports it.
        path: Where it stands in there.
        value: What else a rule has to know; free text.
    """

    kind: str
    key: str
    file: str
    path: Path
    value: str = ""


def facts_of_client(client: NamedClient) -> Iterator[Fact]:
    """Yield what a client exports."""
    declared, prefix = client.declared, f"{client.brand}/"
    yield Fact("tenant", f"{prefix}{client.name}", client.file, ())
    if declared.domain:
        whose = f"client {client.name} of brand {client.brand}"
        yield Fact("domain", declared.domain, client.file, ("domain",), whose)
    corporation = f"{prefix}{declared.corporation}" if declared.corporation else ""
    if corporation:
        yield Fact("corporation-member", f"{prefix}{client.name}", client.file, ("corporation",), corporation)
    for name, friend in declared.friends.items():
        if friend.client:
            path = ("friends", name, "client")
            yield Fact("friend-client", f"{prefix}{friend.client}", client.file, path, f"{corporation} {client.name}")
    for tag in declared.routing_tags:
        yield Fact("dialled-tag", f"{prefix}{tag}", client.file, ("routing_tags",))
        yield Fact("dialled-tag", f"{prefix}{client.name}/{tag}", client.file, ("routing_tags",))
    if declared.media_set is not None:
        yield Fact("media-set", declared.media_set, client.file, ("media_set",))
    for way in ways_outside(declared):
        yield Fact("ddi-goes-to" if way.always else "ddi-may-go-to", way.ddi, client.file, way.place, way.number)
    yield from _numbers_and_addresses(client)
    yield from _accounts(client)
    yield from _names(declared, client.file, client.brand)


def _numbers_and_addresses(client: NamedClient) -> Iterator[Fact]:
    """Yield the numbers and addresses that identify a client's calls and devices, and may do so only once."""
    declared, file, own = client.declared, client.file, f"client {client.name} of brand {client.brand}"
    for section, name, _, number in declared.own_ddis():
        yield Fact("ddi", number, file, (section, name, "ddi"), own)
    for number in declared.ddis:
        yield Fact("ddi", number, file, ("ddis", number), own)
    for network in declared.sources:
        yield Fact("source", network, file, ("sources", network), own)
    for name, terminal in declared.terminals.items():
        if terminal.mac is not None:
            yield Fact("mac", terminal.mac, file, ("terminals", name, "mac"), f"terminal {name} of {own}")


def _accounts(client: NamedClient) -> Iterator[Fact]:
    """Yield the accounts that share a domain with other clients, and the addresses that stand for an account."""
    declared, file, brand = client.declared, client.file, client.brand
    own = f"client {client.name} of brand {brand}"
    peers: tuple[tuple[str, Mapping[str, Peer]], ...] = (
        ("friends", declared.friends),
        ("devices", declared.devices),
        ("accounts", declared.accounts),
    )
    for section, objects in peers:
        for name, peer in objects.items():
            what = f"{section.removesuffix('s')} {name} of {own}"
            if section != "friends":
                yield Fact("account", f"{brand}/{name}", file, (section, name), what)
            if peer.direct is not None and peer.direct.trusted:
                place = f"{peer.direct.address} port {peer.direct.port}"
                yield Fact("trusted-address", place, file, (section, name, "direct"), what)


def facts_of_brand(brand: NamedBrand) -> Iterator[Fact]:
    """Yield what a brand exports."""
    declared = brand.declared
    yield Fact("tenant", brand.name, brand.file, ())
    yield from _moved(declared.moved, "clients", f"{brand.name}/", brand.file)
    if declared.domain:
        yield Fact("domain", declared.domain, brand.file, ("domain",), f"brand {brand.name}")
    for name, route in declared.outgoing_routes.items():
        path = ("outgoing_routes", name)
        if route.client is not None:
            yield Fact("route-client", f"{brand.name}/{route.client}", brand.file, (*path, "client"))
        if route.tag is not None:
            whose = f"{brand.name}/{route.client}" if route.client is not None else brand.name
            who = f"client {route.client}" if route.client is not None else "no client"
            yield Fact("route-tag", f"{whose}/{route.tag}", brand.file, (*path, "tag"), who)
    yield from _places_of_peers(brand)
    sets = _own_sets(declared.transformation_sets)
    named = {"contacts": declared.contacts, "corporations": declared.corporations, "transformation_sets": sets}
    yield from _named(named, brand.file, brand.name)
    yield from _names(declared, brand.file, brand.name)


def _places_of_peers(brand: NamedBrand) -> Iterator[Fact]:
    """Yield what a brand, its carriers and DDI providers name of the platform's hosts."""
    for number, socket in enumerate(brand.declared.sockets):
        yield Fact("socket", socket, brand.file, ("sockets", number), "carrier")
        yield Fact("own-socket", socket, brand.file, ("sockets", number), brand.name)
    peers: tuple[tuple[str, str, Mapping[str, Carrier | DdiProvider]], ...] = (
        ("carriers", "carrier", brand.declared.carriers),
        ("ddi_providers", "provider", brand.declared.ddi_providers),
    )
    for section, what, objects in peers:
        for name, each in objects.items():
            if each.socket is not None:
                path = (section, name, "socket")
                yield Fact("socket", each.socket, brand.file, path, what)
                yield Fact("used-socket", each.socket, brand.file, path, brand.name)
            if each.media_set is not None:
                yield Fact("media-set", each.media_set, brand.file, (section, name, "media_set"))


def facts_of_platform(platform: NamedPlatform) -> Iterator[Fact]:
    """Yield what the platform exports."""
    declared = platform.declared
    yield from _moved(declared.moved, "brands", "", platform.file)
    # Carriers name contracts of type peering, once there are any.
    contracts = [name for name, contract in declared.contracts.items() if contract.type == RESELLER]
    sets = _own_sets(declared.transformation_sets)
    named = {"contacts": declared.contacts, "contracts": contracts, "transformation_sets": sets}
    yield from _named(named, platform.file, "")
    yield from _names(declared, platform.file, "")


def _moved(moved: Mapping[str, Mapping[str, str]], key: str, prefix: str, file: str) -> Iterator[Fact]:
    """Yield the clients or brands that a file says were renamed."""
    for old, new in moved.get(key, {}).items():
        yield Fact("moved-from", f"{prefix}{old}", file, ("moved", key, old))
        yield Fact("moved-to", f"{prefix}{new}", file, ("moved", key, old))


_NAMED = frozenset({"contacts", "contracts", "corporations", "transformation_sets"})


def _named(objects: Mapping[str, Iterable[str]], file: str, brand: str) -> Iterator[Fact]:
    """Yield the objects of a brand, or of the platform, that are there to be named."""
    for section, names in objects.items():
        for name in names:
            what = f"{section.removesuffix('s').replace('_', ' ')} {name}"
            yield Fact("named", f"{brand}:{section}:{name}", file, (section, name), what)


def _own_sets(names: Iterable[str]) -> list[str]:
    """Return the transformation sets that count only where they are named: not those of countries."""
    return [name for name in names if name not in implied_sets()]


def _names(declared: Item, file: str, brand: str) -> Iterator[Fact]:
    """Yield the names of such objects that stand in a file, for both levels that they may lead to."""
    for use in declared.marked:
        section = use.marks.get(REFERS)
        if section in _NAMED:
            # A million endpoints may name the set of a country: nobody asks whether that is used.
            sets = implied_sets() if section == "transformation_sets" else ()
            for path, name in use.references:
                if name in sets:
                    continue
                for level in {brand, ""}:
                    yield Fact("name", f"{level}:{section}:{name}", file, path)


class Facts:
    """The facts of all files, in a table: there may be millions.

    Args:
        facts: To begin with.
        connection: Has the table already; without one, it is in memory.
    """

    def __init__(self, facts: Iterable[Fact] = (), connection: sqlite3.Connection | None = None) -> None:
        if connection is None:
            connection = sqlite3.connect(":memory:")
            weakref.finalize(self, connection.close)
            connection.executescript(SCHEMA)
        self._connection = connection
        self.add(facts)

    def add(self, facts: Iterable[Fact]) -> None:
        """Take facts in."""
        rows = ((fact.kind, fact.key, fact.file, json.dumps(fact.path), fact.value) for fact in facts)
        self._connection.executemany("insert into fact values (?, ?, ?, ?, ?)", rows)

    def remove(self, file: str) -> None:
        """Forget what a file exports."""
        self._connection.execute("delete from fact where file = ?", (file,))

    def of_file(self, file: str) -> list[Fact]:
        """Return what a file exports, in an order that never depends on chance."""
        return sorted(self._select("file = ?", file), key=repr)

    def of(self, kind: str) -> Iterator[Fact]:
        """Yield the facts of a kind, sorted by key, file and path."""
        yield from self._select("kind = ?", kind)

    def find(self, kind: str, key: str) -> list[Fact]:
        """Return the facts of a kind with a key, sorted by file and path."""
        return list(self._select("kind = ? and key = ?", kind, key))

    def shared(self, kind: str) -> Iterator[list[Fact]]:
        """Yield the facts of a kind that have one key together, two or more each time."""
        query = "select key from fact where kind = ? group by key having count(*) > 1 order by key"
        for (key,) in self._connection.execute(query, (kind,)):
            yield self.find(kind, key)

    def unmatched(self, kind: str, other: str) -> Iterator[Fact]:
        """Yield the facts of a kind for whose key there is no fact of the other kind."""
        missing = "not exists (select 1 from fact as target where target.kind = ? and target.key = fact.key)"
        yield from self._select(f"kind = ? and {missing}", kind, other)

    def _select(self, condition: str, *parameters: str) -> Iterator[Fact]:
        query = f"select kind, key, file, path, value from fact where {condition} order by key, file, path"  # noqa: S608
        for kind, key, file, path, value in self._connection.execute(query, parameters):
            yield Fact(kind, key, file, tuple(json.loads(path)), value)
