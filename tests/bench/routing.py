"""How long the database takes to select routes, with 10,000 routes and 100,000 prefixes.

    .venv/bin/python -m tests.bench routing [--calls 2000]

A throw-away PostgreSQL server (tests/support/postgresql.py) gets one brand of 1,000 clients: every country has routes
for all clients, by cost among five carriers with 20,000 prices each, every client has nine routes of its own. The
session is a proxy's, plans are warm, and each call is to another number by another client. Prints the time of
`routing.attempts` as the proxy sees it, that of `select 1` in the same session, which no function can undercut, and the
processor time that the database takes for a call, which is the same however busy the machine is.
"""

from __future__ import annotations

import argparse
import functools
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from tests.support.databases import migrated, platform_server
from tests.support.engine import compiled, do_apply
from trunkline.model.countries import country_patterns, prefixes_of_pattern

CLIENTS = 1000
OWN_ROUTES = 9
CARRIERS = 5
PRICES = 20_000
GOAL_MS = 1.0
_NUMBERS = random.Random(5)  # noqa: S311 - nothing secret


def brand(server: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what the brand's file says.

    Args:
        server: Every server of every carrier; default: each has an address of its own.
    """
    countries = [name for name in country_patterns() if prefixes_of_pattern(name)]
    carriers = {f"c{number}": _carrier(number, server) for number in range(CARRIERS)}
    routes: dict[str, Any] = {
        name: {"pattern": name, "cheapest_of": [*carriers], "priority": "5"} for name in countries
    }
    routes |= {f"{name}-last": {"pattern": name, "carrier": "c0", "priority": "9"} for name in countries}
    own = [_NUMBERS.sample(countries, OWN_ROUTES) for _ in range(CLIENTS)]
    routes |= {
        f"t{client}-{name}": {"pattern": name, "client": f"t{client}", "carrier": f"c{client % CARRIERS}"}
        for client, names in enumerate(own)
        for name in names
    }
    left = 10_000 - len(routes)
    routes |= {
        f"more-{number}": {"group": "europe", "client": f"t{number % CLIENTS}", "carrier": "c1", "priority": "7"}
        for number in range(left)
    }
    lists = {f"c{number}": {"prices": _prices(number)} for number in range(CARRIERS)}
    return {"carriers": carriers, "outgoing_routes": routes, "price_lists": lists}


def _carrier(number: int, server: Mapping[str, str] | None) -> dict[str, Any]:
    servers = {
        name: dict(server or {"address": f"192.0.2.{number * 2 + place}"}) for place, name in enumerate(("a", "b"))
    }
    return {"servers": servers, "prices": f"c{number}", "transformation_set": "es"}


def _prices(seed: int) -> dict[str, Any]:
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    found: dict[str, Any] = {f"+{first}": {"rate": "0.1"} for first in range(1, 10)}
    while len(found) < PRICES:
        prefix = f"+{chance.randrange(1, 10)}{chance.randrange(10 ** chance.choice([2, 3, 4, 5]))}"
        found[prefix] = {"rate": f"0.{chance.randrange(1, 100):02}"}
    return found


def measure(connection: psycopg.Connection[Any], calls: int) -> dict[str, float]:
    """Return milliseconds of a call's selection, and of nothing at all.

    Args:
        connection: A proxy's session.
        calls: How many to measure.
    """
    clients = [row[0] for row in connection.execute("select id from config.client order by name").fetchall()]
    cases = [(_NUMBERS.choice(clients), f"+{_NUMBERS.randrange(10**10, 10**11)}") for _ in range(calls)]

    def select() -> Iterator[Callable[[], Any]]:
        for case in cases:
            yield functools.partial(_all, connection, "select * from routing.attempts(%s, %s)", case)

    nothing = _times(functools.partial(_all, connection, "select 1") for _ in cases)
    _times(select())  # plans are made
    before = _processor_ns(connection)
    taken = _times(select())
    processor = (_processor_ns(connection) - before) / len(cases) / 1e6
    return {
        "median_ms": statistics.median(taken),
        "p95_ms": statistics.quantiles(taken, n=20)[-1],
        "processor_ms": processor,
        "nothing_ms": statistics.median(nothing),
    }


def _processor_ns(connection: psycopg.Connection[Any]) -> int:
    """Return how long the server process of a session has been running on a processor."""
    return int(Path(f"/proc/{connection.info.backend_pid}/schedstat").read_text("ascii").split()[0])


def _all(connection: psycopg.Connection[Any], query: LiteralString, values: Sequence[Any] = ()) -> list[Any]:
    return connection.execute(query, values).fetchall()


def _times(actions: Iterator[Callable[[], Any]]) -> list[float]:
    found = []
    for action in actions:
        before = time.perf_counter()
        action()
        found.append((time.perf_counter() - before) * 1000)
    return found


def run(calls: int) -> dict[str, float]:
    """Fill a database and measure."""
    with platform_server({"shared_buffers": "256MB"}) as server:
        database = migrated(server, "routing")
        clients = {f"t{number}": {"type": "retail"} for number in range(CLIENTS)}
        do_apply(database, compiled({"atlas": {"brand": brand(), "clients": clients}}))
        server.execute("vacuum analyze", database.name)
        with psycopg.connect(database.dsn("trunkline_proxy"), autocommit=True) as connection:
            return measure(connection, calls)


def main(options: Sequence[str]) -> int:
    """Measure, print, and say whether the goal is met.

    Args:
        options: Of the command line.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(options)
    found = run(arguments.calls)
    if arguments.json:
        sys.stdout.write(f"{json.dumps(found)}\n")
    else:
        lines = [f"{name:12} {value:7.3f}" for name, value in found.items()]
        sys.stdout.write("\n".join([*lines, f"goal: below {GOAL_MS} ms of processor time", ""]))
    return 0 if found["processor_ms"] < GOAL_MS else 1
