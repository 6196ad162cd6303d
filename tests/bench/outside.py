"""Calls to the outside: the trunks proxy with many routes against one, a wholesale client against a bare relay.

Carriers are one sipp on the host in the group ``carriers``. The tenants of these comparisons are applied before and go
afterwards, because the addresses of a stack are known only when it is up:

    single    one static route for every number; a retail client, and a wholesale client known by its address
    many      what `tests.bench.routing` measures: 10,000 routes, 100,000 prices, 1,000 clients
"""

from __future__ import annotations

import contextlib
import csv
import functools
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.bench import baseline, routing, sipp
from tests.bench.remote import Remote
from tests.bench.rounds import CALLEE_UNIT, ROUNDS, SETUP_CALLS, SETUP_RATE, Scene, Side, added, rates, take_turns
from tests.bench.sipp import Account, Dialled
from tests.bench.table import Row
from tests.support.deployed import DeployedPlatform
from tests.support.fixtures import ALLOWED, Edited
from trunkline.model import ports
from trunkline.model.countries import country_patterns, prefixes_of_pattern

USERS, TRUNKS = "kamailio@users", "kamailio@trunks"
SINGLE, MANY = "single", "many"
RETAIL, WHOLESALE = "t0", "gate"
NUMBERS = 2000
DIGITS = 11  # of a number
TRUNKS_FIRST_RATE = 100.0
WHOLESALE_FIRST_RATE = 100.0
APPLY_SECONDS = 600.0
Files = Mapping[str, Mapping[str, Any]]
"""Name of a file below ``tenants`` without its ending -> what it says."""


def single(carrier: Mapping[str, str], source: str) -> Files:
    """Return the tenants with one static route.

    Args:
        carrier: The carrier's only server.
        source: Address of the wholesale client.
    """
    return {
        f"{SINGLE}/brand": {
            "domain": "single.bench.example",
            "carriers": {"c0": {"servers": {"a": dict(carrier)}, "transformation_set": "es"}},
            "routing_patterns": {"all": {"prefixes": [f"+{first}" for first in range(1, 10)]}},
            "outgoing_routes": {"all": {"pattern": "all", "carrier": "c0"}},
        },
        f"{SINGLE}/{RETAIL}": {"type": "retail"},
        f"{SINGLE}/{WHOLESALE}": {"type": "wholesale", "sources": {source: {}}},
    }


def many(carrier: Mapping[str, str]) -> Files:
    """Return the tenants with 10,000 routes and 100,000 prices.

    Args:
        carrier: Every server of every carrier.
    """
    brand = {"domain": "many.bench.example", **routing.brand(carrier)}
    found: dict[str, Mapping[str, Any]] = {f"{MANY}/brand": brand}
    return found | {f"{MANY}/t{number}": {"type": "retail"} for number in range(routing.CLIENTS)}


def numbers(count: int) -> list[str]:
    """Return numbers of countries everywhere, in international form, the same ones every time."""
    chance = random.Random(6)  # noqa: S311 - nothing secret
    countries = [name for name in country_patterns() if prefixes_of_pattern(name)]
    prefixes = [chance.choice(prefixes_of_pattern(chance.choice(countries))) for _ in range(count)]
    return [f"{prefix}{chance.randrange(10**DIGITS):0{DIGITS}}"[: DIGITS + 1] for prefix in prefixes]


def write(files: Files, folder: Path) -> None:
    """Write tenants, prices in tables of their own.

    Args:
        files: What they say; their price lists say nothing but prices of a rate.
        folder: ``tenants`` of an inventory.
    """
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        for title, prices in content.get("price_lists", {}).items():
            with (folder / name).with_name(f"{title}.prices.csv").open("w", encoding="utf-8", newline="") as file:
                lines = csv.writer(file)
                lines.writerow(["prefix", "rate"])
                lines.writerows((prefix, price["rate"]) for prefix, price in prices["prices"].items())
        rest = {**content, "price_lists": {title: {} for title in content.get("price_lists", {})}}
        text = yaml.dump({key: value for key, value in rest.items() if value}, Dumper=yaml.CSafeDumper, sort_keys=False)
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")


@contextlib.contextmanager
def applied(platform: DeployedPlatform, files: Files, say: Callable[[str], None]) -> Iterator[None]:
    """Have the platform know some tenants beside its own as long as the block lasts."""
    say("  apply the tenants")
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        copy = Edited(platform, Path(folder))
        write(files, copy.folder / "tenants")
        try:
            copy.platform.trunkline("apply", *ALLOWED, seconds=APPLY_SECONDS)
            # What the database does by itself within minutes must not fall into one of the sides' rounds.
            Remote(platform, platform.database).run("runuser -u postgres -- psql -qX -c 'vacuum analyze' trunkline")
            yield
        finally:
            say("  take the tenants away")
            platform.trunkline("apply", *ALLOWED, seconds=APPLY_SECONDS)


class Outside:
    """The hosts of these comparisons.

    Args:
        platform: One that is up with the benchmarks' inventory.
    """

    def __init__(self, platform: DeployedPlatform) -> None:
        groups = ("proxy_trunks", "application_servers", "media_relays", "carriers")
        self.proxy, self.server, self.relay, self.carriers = (
            Remote(platform, platform.members(group)[0]) for group in groups
        )
        self.client = platform.addresses(self.carriers.name).extra["client"]
        # What is too much for the machine is not the carrier's fault: it is never left out.
        self.carrier = {"address": self.carriers.public, "port": str(sipp.CALLEE_PORT), "health": "no"}
        self._platform = platform

    @property
    def callee(self) -> str:
        """Address and port where carriers answer."""
        return f"{self.carriers.public}:{sipp.CALLEE_PORT}"

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        """Answer every call as a carrier, as long as the block lasts."""
        sipp.prepare(self.carriers, [])
        command = sipp.callee(self.carriers, self.carriers.public, sipp.CALLEE_PORT)
        with self.carriers.service(CALLEE_UNIT, command, properties=baseline.FILES):
            yield

    def from_inside(self, brand: str, clients: Sequence[str]) -> Scene:
        """Return calls that retail clients make, as the trunks proxy gets them from an application server.

        Args:
            brand: Name of the clients' brand.
            clients: Their names; they take turns.
        """
        (known,) = self._platform.rows("select id::text from config.brand where name = %s", brand)
        rows = self._platform.rows("select name, id::text from config.client where brand_id = %s::uuid", known["id"])
        ids = {row["name"]: row["id"] for row in rows}
        calls = [
            Dialled(number, ids[clients[place % len(clients)]], known["id"])
            for place, number in enumerate(numbers(NUMBERS))
        ]
        sipp.prepare(self.server, calls, brand)
        return Scene(
            self.proxy, self.relay, self.server, f"{self.proxy.internal}:{ports.TRUNKS_INSIDE}",
            self.server.internal, ports.ASTERISK_SIP, "inside", brand,
        )  # fmt: skip

    def from_client(self) -> Scene:
        """Return calls of the wholesale client, to whatever proxy is there."""
        sipp.prepare(self.carriers, [Dialled(number) for number in numbers(NUMBERS)], WHOLESALE)
        target = f"{self.proxy.public}:{ports.USERS_SIP}"
        return Scene(self.proxy, self.relay, self.carriers, target, self.client, scenario="wholesale", calls=WHOLESALE)

    def direct(self) -> Scene:
        """Return calls to the carrier, nobody between."""
        sipp.prepare(self.carriers, [Account("caller", "bench.example", "", "callee")], "direct")
        return Scene(
            self.proxy, self.relay, self.carriers, self.callee, self.carriers.public, scenario="direct", calls="direct"
        )


def trunks_proxy(platform: DeployedPlatform, say: Callable[[str], None]) -> list[Row]:
    """Compare the trunks proxy with 10,000 routes and 100,000 prices with itself with one route.

    Both brands are in one database, so nothing changes between the rounds; a call finds the routes of its own brand.
    The caller stands in the place of the application server.
    """
    outside = Outside(platform)
    files = {**single(outside.carrier, outside.client), **many(outside.carrier)}
    with applied(platform, files, say), outside.answering(), outside.server.stopped("asterisk"):
        scenes = {
            "10,000 routes": outside.from_inside(MANY, [f"t{number}" for number in range(routing.CLIENTS)]),
            "one route": outside.from_inside(SINGLE, [RETAIL]),
        }
        ours, other = (
            Side(name, (TRUNKS,), functools.partial(as_it_is, scene), TRUNKS_FIRST_RATE)
            for name, scene in scenes.items()
        )
        machine = take_turns([ours, other], say, setup=True)
        say("  from sipp to sipp, nobody between")
        direct = outside.direct().load(SETUP_RATE, SETUP_CALLS * ROUNDS)
    title = "trunks proxy with 10,000 routes and 100,000 prefixes against one static route"
    return [*rates(title, ours, other, 0.8, machine), *added(ours, other, direct)]


def wholesale(platform: DeployedPlatform, say: Callable[[str], None]) -> list[Row]:
    """Compare whole calls of a wholesale client, through both proxies, with a bare relay doing the signalling."""
    outside = Outside(platform)
    with applied(platform, single(outside.carrier, outside.client), say), outside.answering():
        scene = outside.from_client()
        ours = Side("our platform", (USERS, TRUNKS), functools.partial(as_it_is, scene), WHOLESALE_FIRST_RATE)
        bare = Side(
            "the bare relay", (baseline.PROXY_UNIT,), functools.partial(bare_relay, scene, outside.callee),
            WHOLESALE_FIRST_RATE,
        )  # fmt: skip
        machine = take_turns([ours, bare], say, setup=True)
        say("  from sipp to sipp, nobody between")
        direct = outside.direct().load(SETUP_RATE, SETUP_CALLS * ROUNDS)
    title = "wholesale call against a bare Kamailio relay, same RTPengine"
    note = "ours passes two proxies, each with a session at the relay and a record"
    return [*rates(title, ours, bare, 0.8, f"{machine}; {note}"), *added(ours, bare, direct)]


@contextlib.contextmanager
def as_it_is(scene: Scene) -> Iterator[Scene]:
    """Measure what is there."""
    yield scene


@contextlib.contextmanager
def bare_relay(scene: Scene, callee: str) -> Iterator[Scene]:
    """Put the bare relay in the place of our proxies."""
    with scene.proxy.stopped(USERS, TRUNKS), baseline.bare_relay(scene.proxy, scene.relay, callee):
        yield scene
