"""The ten rules of route selection, one after the other, asked of the functions that the proxies ask.

A case is the routes of a brand, calls, and the servers that get each; "bestel/a" is server a of carrier bestel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest
from psycopg import sql

from tests.support.engine import compiled, do_apply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.databases import Database


def _carrier(address: int, servers: str = "a", **more: Any) -> dict[str, Any]:
    addresses = {name: {"address": f"192.0.2.{address + place}"} for place, name in enumerate(servers.split())}
    return {"servers": addresses, **more}


CARRIERS = {
    "bestel": _carrier(10, prices="bestel"),
    "onda": _carrier(20, "a b", prices="onda", media_set="far"),
    "quick": _carrier(30, prices="quick"),
    "free": _carrier(40),
    "empty": {"servers": {}, "prices": "quick"},
}
PRICES = {
    # by the minute 0.05; mobiles 0.12
    "bestel": {"prices": {"+34": {"rate": "0.01"}, "+346": {"rate": "0.024"}, "+33": {"rate": "0.5"}}},
    # with a fee 0.06; mobiles 0.06
    "onda": {"prices": {"+34": {"rate": "0.01", "connection_fee": "0.01"}, "+33": {"rate": "0.1"}}},
    # by 240 seconds, two of which have begun: 0.08
    "quick": {"prices": {"+34": {"rate": "0.01", "interval": "240"}}},
}


class Call(NamedTuple):
    """A call, and who gets it."""

    number: str
    expected: Sequence[str] | str
    client: str = "transit"
    tag: str = ""
    fax: bool = False


class Case(NamedTuple):
    """Routes for the patterns of one case, and calls."""

    rule: str
    routes: dict[str, dict[str, Any]]
    calls: tuple[Call, ...]


ANY = {"pattern": "all"}
CASES = [
    Case("1 a prefix of the number", {"r": {"pattern": "es", "carrier": "bestel"}},
         (Call("+34911234567", ["bestel/a"]), Call("+33123456789", "503 no_route"))),
    Case("1 a pattern in a group", {"r": {"group": "europe", "carrier": "bestel"}},
         (Call("+33123456789", ["bestel/a"]), Call("+442071838750", ["bestel/a"]),
          Call("+12025550123", "503 no_route"))),
    Case("1 a pattern and a group of the brand", {"r": {"group": "iberia", "carrier": "quick"}},
         (Call("+34911234567", ["quick/a"]), Call("+351211234567", ["quick/a"]), Call("+33123456789", "503 no_route"))),
    Case("1 a pattern of the brand hides that of a country",
         {"r": {"pattern": "it", "carrier": "bestel"}},
         (Call("+390612345678", "503 no_route"), Call("+39330123456", ["bestel/a"]))),
    Case("1 countries of one calling code", {"ca": {"pattern": "ca", "carrier": "bestel"},
                                             "us": {"pattern": "us", "carrier": "quick"}},
         (Call("+14165550123", ["bestel/a"]), Call("+12025550123", ["quick/a"]), Call("+18095550123", "503 no_route"))),
    Case("1 every number", {"r": {**ANY, "carrier": "bestel"}},
         (Call("+34112", ["bestel/a"]), Call("+870773111632", ["bestel/a"]))),
    Case("1 routes of all clients and of one, whichever comes first",
         {"all": {"pattern": "es", "carrier": "bestel", "priority": "2"},
          "own": {"pattern": "es", "carrier": "quick", "client": "transit"}},
         (Call("+34911234567", ["quick/a", "bestel/a"]), Call("+34911234567", ["bestel/a"], client="shop"))),
    Case("1 the route of another client", {"r": {"pattern": "es", "carrier": "bestel", "client": "shop"}},
         (Call("+34911234567", "503 no_route"),)),
    Case("1 a fax takes the routes for faxes",
         {"fax": {"fax": "yes", "carrier": "quick", "priority": "9"}, "voice": {"pattern": "es", "carrier": "bestel"}},
         (Call("+34911234567", ["quick/a"], fax=True), Call("+34911234567", ["bestel/a"]),
          Call("+33123456789", ["quick/a"], fax=True))),
    Case("1 a fax takes other routes where none is for faxes",
         {"fax": {"fax": "yes", "pattern": "fr", "carrier": "quick"}, "voice": {"pattern": "es", "carrier": "bestel"}},
         (Call("+34911234567", ["bestel/a"], fax=True), Call("+33123456789", ["quick/a"], fax=True),
          Call("+33123456789", "503 no_route"))),
    Case("1 a route for faxes of one client",
         {"fax": {"fax": "yes", "client": "shop", "carrier": "quick"}, "voice": {"pattern": "es", "carrier": "bestel"}},
         (Call("+34911234567", ["bestel/a"], fax=True), Call("+34911234567", ["quick/a"], client="shop", fax=True))),
    Case("2 priority, low first",
         {"c": {"pattern": "es", "carrier": "free", "priority": "3"},
          "a": {"pattern": "es", "carrier": "bestel", "priority": "10"},
          "b": {"pattern": "es", "carrier": "quick", "priority": "2"}},
         (Call("+34911234567", ["quick/a", "free/a", "bestel/a"]),)),
    Case("2 the length of a prefix never beats priority",
         {"long": {"pattern": "mobile", "carrier": "quick", "priority": "2"},
          "short": {"pattern": "es", "carrier": "bestel", "priority": "1"}},
         (Call("+34600000001", ["bestel/a", "quick/a"]),)),
    Case("3 a stopper drops what comes after its priority, not what stands beside it",
         {"stop": {"pattern": "es", "carrier": "bestel", "priority": "2", "stopper": "yes"},
          "before": {"pattern": "es", "carrier": "free", "priority": "1"},
          "after": {"pattern": "es", "carrier": "quick", "priority": "3"}},
         (Call("+34911234567", ["free/a", "bestel/a"]),)),
    Case("3 a stopper that does not match stops nothing",
         {"stop": {"pattern": "mobile", "carrier": "bestel", "priority": "1", "stopper": "yes"},
          "after": {"pattern": "es", "carrier": "quick", "priority": "3"}},
         (Call("+34911234567", ["quick/a"]), Call("+34600000001", ["bestel/a"]))),
    Case("3 the first of two stoppers counts",
         {"late": {"pattern": "es", "carrier": "free", "priority": "5", "stopper": "yes"},
          "early": {"pattern": "es", "carrier": "bestel", "priority": "2", "stopper": "yes"}},
         (Call("+34911234567", ["bestel/a"]),)),
    Case("3 a stopper for another client stops nothing",
         {"stop": {"pattern": "es", "client": "shop", "carrier": "bestel", "stopper": "yes"},
          "after": {"pattern": "es", "carrier": "quick", "priority": "3"}},
         (Call("+34911234567", ["quick/a"]), Call("+34911234567", ["bestel/a"], client="shop"))),
    Case("3 a stopper for faxes does not stop calls",
         {"stop": {"pattern": "es", "fax": "yes", "carrier": "bestel", "stopper": "yes"},
          "after": {"pattern": "es", "carrier": "quick", "priority": "3"}},
         (Call("+34911234567", ["quick/a"]), Call("+34911234567", ["bestel/a"], fax=True))),
    Case("4 carriers by what five minutes cost",
         {"r": {"pattern": "es", "cheapest_of": ["quick", "onda", "bestel"]}},
         (Call("+34911234567", ["bestel/a", "onda", "onda", "quick/a"]),
          Call("+34600000001", ["onda", "onda", "quick/a", "bestel/a"]))),
    Case("4 a carrier without a price is not asked",
         {"r": {**ANY, "cheapest_of": ["free", "bestel", "onda", "quick"]}},
         (Call("+33123456789", ["onda", "onda", "bestel/a"]), Call("+4930123456", "503 no_server"))),
    Case("4 a route by cost stands where its priority says",
         {"first": {"pattern": "es", "carrier": "quick", "priority": "1"},
          "cost": {"pattern": "es", "cheapest_of": ["onda", "bestel"], "priority": "2"},
          "last": {"pattern": "es", "carrier": "free", "priority": "3"}},
         (Call("+34911234567", ["quick/a", "bestel/a", "onda", "onda", "free/a"]),)),
    Case("4 a static route needs no price", {"r": {"pattern": "de", "carrier": "bestel"}},
         (Call("+4930123456", ["bestel/a"]),)),
    Case("5 a blocking route counts whatever its priority",
         {"ok": {"pattern": "es", "carrier": "bestel", "priority": "1"},
          "no": {"pattern": "mobile", "block": "yes", "priority": "1000"}},
         (Call("+34600000001", "403 blocked"), Call("+34911234567", ["bestel/a"]))),
    Case("5 a blocking route counts behind a stopper too",
         {"stop": {"pattern": "es", "carrier": "bestel", "stopper": "yes"},
          "no": {"pattern": "mobile", "block": "yes", "priority": "9"}},
         (Call("+34600000001", "403 blocked"),)),
    Case("5 a blocking route for one client", {"ok": {"pattern": "es", "carrier": "bestel"},
                                               "no": {"group": "europe", "block": "yes", "client": "shop"}},
         (Call("+34911234567", ["bestel/a"]), Call("+34911234567", "403 blocked", client="shop"))),
    Case("5 a blocking route for faxes only", {"ok": {"pattern": "es", "carrier": "bestel"},
                                               "no": {"fax": "yes", "block": "yes"}},
         (Call("+34911234567", ["bestel/a"]), Call("+34911234567", "403 blocked", fax=True))),
    Case("5 a blocking route with a tag", {"ok": {"pattern": "es", "carrier": "bestel"},
                                           "tagged": {"pattern": "es", "carrier": "quick", "tag": "premium"},
                                           "no": {"pattern": "es", "tag": "premium", "block": "yes"}},
         (Call("+34911234567", ["bestel/a"]), Call("+34911234567", "403 blocked", tag="12#"))),
    Case("6 every server once, whatever routes lead to it",
         {"a": {"pattern": "es", "carrier": "onda", "priority": "1"},
          "b": {"pattern": "es", "cheapest_of": ["bestel", "onda"], "priority": "2"},
          "c": {"pattern": "es", "carrier": "bestel", "priority": "3"}},
         (Call("+34911234567", ["onda", "onda", "bestel/a"]),)),
    Case("6 a carrier without servers", {"a": {"pattern": "es", "carrier": "empty"},
                                         "b": {"pattern": "es", "carrier": "bestel", "priority": "2"},
                                         "c": {"pattern": "fr", "carrier": "empty"}},
         (Call("+34911234567", ["bestel/a"]), Call("+33123456789", "503 no_server"))),
    Case("8 a tag chooses among routes, and none does too",
         {"plain": {"pattern": "es", "carrier": "bestel"},
          "tagged": {"pattern": "es", "carrier": "quick", "tag": "premium"}},
         (Call("+34911234567", ["bestel/a"]), Call("+34911234567", ["quick/a"], tag="12#"))),
    Case("8 a tag that is not enabled for the client, or nobody's",
         {"tagged": {"pattern": "es", "carrier": "quick", "tag": "premium"},
          "other": {"pattern": "es", "carrier": "quick", "tag": "other"}},
         (Call("+34911234567", "403 tag", client="shop", tag="12#"), Call("+34911234567", "403 tag", tag="7#"),
          Call("+34911234567", "403 tag", tag="99#"), Call("+34911234567", "403 tag", tag="12"))),
    Case("8 a tag without routes", {"plain": {"pattern": "es", "carrier": "bestel"}},
         (Call("+34911234567", "503 no_route", tag="12#"),)),
    Case("10 a number of the platform stays inside, blocked or not",
         {"r": {"pattern": "es", "carrier": "bestel"}, "no": {"pattern": "pt", "block": "yes"}},
         (Call("+34911230001", "inside"), Call("+351210000001", "inside"),
          Call("+34911230002", ["bestel/a"]), Call("+34911230001", "403 tag", tag="7#"))),
    Case("a client that does not exist", {"r": {"pattern": "es", "carrier": "bestel"}},
         (Call("+34911234567", "404 no_client", client="nobody"),)),
]  # fmt: skip


def _brand(routes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return what a brand's file says, beside what all cases share."""
    return {
        "country": "ES",
        "carriers": CARRIERS,
        "price_lists": PRICES,
        "routing_patterns": {
            "all": {"prefixes": ["+"]},
            "mobile": {"prefixes": ["+346", "+347"]},
            "it": {"prefixes": ["+393"]},
        },
        "routing_groups": {"iberia": {"patterns": ["es", "pt"]}},
        "routing_tags": {"premium": {"tag": "12#"}, "other": {"tag": "7#"}},
        "outgoing_routes": routes,
    }


def _clients(place: int) -> dict[str, Any]:
    """Return the clients of a case; their addresses and domains are its own."""
    return {
        "transit": {"type": "wholesale", "routing_tags": ["premium"], "sources": {f"198.51.{place}.0/24": {}}},
        "shop": {"type": "retail"},
    }


@pytest.fixture(scope="module")
def routed(shared_database: Database) -> Database:
    """Give a database with a brand per case."""
    inside = {"+34911230001": {}, "+34911230002": {"direction": "out"}, "+351210000001": {}}
    tree = {
        f"case{place}": {"brand": _brand(case.routes), "clients": _clients(place)} for place, case in enumerate(CASES)
    }
    tree["zz"] = {"brand": {}, "clients": {"shop": {"type": "retail", "ddis": inside}}}
    do_apply(shared_database, compiled(tree))
    return shared_database


def _ask(database: Database, function: str, case: Case, call: Call, *more: Any) -> list[dict[str, Any]]:
    with psycopg.connect(database.dsn("trunkline_proxy"), row_factory=psycopg.rows.dict_row) as connection:
        brand = f"case{CASES.index(case)}"
        found = connection.execute(
            "select client.id from config.client join config.brand on brand.id = brand_id"
            " where brand.name = %s and client.name = %s",
            (brand, call.client),
        ).fetchone()
        client = found["id"] if found else "00000000-0000-0000-0000-000000000000"
        values = (client, call.number, call.tag, call.fax, *more)
        marks = sql.SQL(", ").join([sql.Placeholder()] * len(values))
        query = sql.SQL("select * from {}({})").format(sql.Identifier("routing", function), marks)
        return connection.execute(query, values).fetchall()


def _shown(rows: Sequence[dict[str, Any]]) -> list[str] | str:
    first = rows[0]
    if first["attempt"] == 0:
        assert len(rows) == 1
        return "inside" if first["outcome"] == "inside" else f"{first['code']} {first['reason']}"
    assert [row["attempt"] for row in rows] == list(range(1, len(rows) + 1))
    assert {row["outcome"] for row in rows} == {"carrier"}
    # servers of one carrier come in any order
    return [row["carrier"] if row["carrier"] == "onda" else f"{row['carrier']}/{row['server']}" for row in rows]


@pytest.mark.parametrize(
    ("case", "call"), [pytest.param(case, call, id=f"{case.rule}, {place}") for case in CASES
                       for place, call in enumerate(case.calls)]
)  # fmt: skip
def test_who_gets_a_call(routed: Database, case: Case, call: Call) -> None:
    rows = _ask(routed, "attempts", case, call, 0.5)
    assert _shown(rows) == call.expected
    assert len({row["server_id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_what_explain_shows_is_what_gets_the_call(routed: Database, case: Case) -> None:
    for call in case.calls:
        attempts = _ask(routed, "attempts", case, call, 0.25)
        if attempts[0]["attempt"] == 0:
            continue
        candidates = _ask(routed, "candidates", case, call)
        taking = {row["server_id"] for row in candidates if row["dropped"] is None}
        assert taking == {row["server_id"] for row in attempts}
