"""Attempts: shares by weight, servers that do not answer, and everything that the proxy needs to know of each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.support.engine import compiled, do_apply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Database

DRAWS = 1000
POINTS = 0.03
BRAND: dict[str, Any] = {
    "country": "ES",
    "currency": "EUR",
    "routing_patterns": {f"p{number}": {"prefixes": [f"+9{number}"]} for number in range(10)},
    "price_lists": {"bestel": {"prices": {"+": {"rate": "0.02", "connection_fee": "0.01"}}}},
    "carriers": {
        "bestel": {
            "prices": "bestel",
            "max_calls": "30",
            "socket": "second",
            "externally_rated": "yes",
            "servers": {
                "main": {
                    "address": "sip.bestel.example",
                    "port": "5062",
                    "transport": "tcp",
                    "outbound_proxy": "192.0.2.51:5070",
                    "credentials": {"user": "atlas", "realm": "bestel"},
                    "from_user": "atlas",
                    "from_domain": "bestel.example",
                    "identity": "both",
                }
            },
        },
        "onda": {"media_set": "far", "servers": {"one": {"address": "192.0.2.1"}, "two": {"address": "2001:db8::2"}}},
        "third": {
            "transformation_set": "fr",
            "servers": {"only": {"address": "192.0.2.3", "health": "no", "identity": "from"}},
        },
        "fourth": {"servers": {"only": {"address": "192.0.2.4"}}},
    },
    "outgoing_routes": {
        "even-a": {"pattern": "p0", "carrier": "bestel"},
        "even-b": {"pattern": "p0", "carrier": "fourth"},
        "two-a": {"pattern": "p1", "carrier": "bestel"},
        "two-b": {"pattern": "p1", "carrier": "onda", "weight": "2"},
        "three-a": {"pattern": "p2", "carrier": "fourth"},
        "three-b": {"pattern": "p2", "carrier": "third", "weight": "3"},
        "servers": {"pattern": "p3", "carrier": "onda"},
        "many-a": {"pattern": "p4", "carrier": "bestel"},
        "many-b": {"pattern": "p4", "cheapest_of": ["bestel"], "weight": "2"},
        "many-c": {"pattern": "p4", "carrier": "fourth", "weight": "3", "priority": "2"},
        "many-d": {"pattern": "p4", "carrier": "third", "weight": "6", "priority": "2"},
        "es": {"pattern": "es", "carrier": "third"},
        "fr": {"pattern": "fr", "carrier": "fourth"},
    },
}
CLIENTS = {
    "transit": {"type": "wholesale", "media_set": "near", "sources": {"198.51.100.0/24": {}}},
    "shop": {"type": "retail"},
}


@pytest.fixture(scope="module")
def filled(shared_database: Database) -> Database:
    """Give a database with one brand."""
    do_apply(shared_database, compiled({"atlas": {"brand": BRAND, "clients": CLIENTS}}))
    return shared_database


@pytest.fixture
def proxy(filled: Database) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """Give the session of a proxy, which is undone."""
    dsn = f"{filled.dsn('trunkline_proxy')} application_name=px1-trunks"
    with psycopg.connect(dsn, row_factory=psycopg.rows.dict_row) as connection:
        yield connection
        connection.rollback()


def _attempts(
    connection: psycopg.Connection[dict[str, Any]], number: str, client: str = "transit", **more: Any
) -> list[dict[str, Any]]:
    query = (
        "select attempts.* from config.client, routing.attempts(client.id, %(number)s, a_seed => %(seed)s,"
        " a_caller => %(caller)s) as attempts where client.name = %(client)s order by attempt"
    )
    values = {"number": number, "client": client, "seed": 0.5, "caller": None, **more}
    return connection.execute(query, values).fetchall()


@pytest.mark.parametrize(
    ("number", "attempt", "column", "expected"),
    [
        pytest.param("+90123456789", 1, "carrier", {"bestel": 1 / 2, "fourth": 1 / 2}, id="1:1"),
        pytest.param("+91123456789", 1, "carrier", {"bestel": 1 / 3, "onda": 2 / 3}, id="1:2"),
        pytest.param("+92123456789", 1, "carrier", {"fourth": 1 / 4, "third": 3 / 4}, id="1:3"),
        pytest.param("+93123456789", 1, "server", {"one": 1 / 2, "two": 1 / 2}, id="servers of a carrier"),
        pytest.param("+94123456789", 1, "carrier", {"bestel": 1}, id="two routes to one carrier"),
        pytest.param("+94123456789", 2, "carrier", {"fourth": 1 / 3, "third": 2 / 3}, id="1:2 of the next priority"),
    ],
)
def test_shares_are_those_of_the_weights(
    proxy: psycopg.Connection[dict[str, Any]], number: str, attempt: int, column: str, expected: dict[str, float]
) -> None:
    found: Counter[str] = Counter()
    for draw in range(DRAWS):
        rows = _attempts(proxy, number, seed=draw / DRAWS)
        found[rows[attempt - 1][column]] += 1
    assert set(found) == set(expected)
    for name, share in expected.items():
        assert abs(found[name] / DRAWS - share) <= POINTS, found


def test_a_carrier_with_two_servers_gets_no_more_than_its_weight(proxy: psycopg.Connection[dict[str, Any]]) -> None:
    first = Counter(_attempts(proxy, "+91123456789", seed=draw / 300)[0]["server"] for draw in range(300))
    assert abs(first["one"] - first["two"]) < 60
    assert abs((first["one"] + first["two"]) / 300 - 2 / 3) < 0.06


def test_without_a_seed_calls_differ(proxy: psycopg.Connection[dict[str, Any]]) -> None:
    query = (
        "select (select carrier from routing.attempts(client.id, '+90123456789') limit 1) as carrier"
        " from config.client where client.name = 'transit'"
    )
    assert len({proxy.execute(query).fetchall()[0]["carrier"] for _ in range(60)}) == 2


def test_an_attempt_says_all_that_the_proxy_needs(proxy: psycopg.Connection[dict[str, Any]]) -> None:
    rows = _attempts(proxy, "+90123456789", caller="+34911234567")
    bestel, fourth = sorted(rows, key=lambda row: str(row["carrier"]))
    expected = {
        "uri": "sip:sip.bestel.example:5062;transport=tcp",
        "outbound_proxy": "sip:192.0.2.51:5070;transport=tcp",
        "transport": "tcp",
        "socket": "second",
        "auth_user": "atlas",
        "auth_realm": "bestel",
        "from_user": "atlas",
        "from_domain": "bestel.example",
        "identity": "pai rpid",
        "media_set": "near",
        "externally_rated": True,
        "carrier_max_calls": 30,
        "currency": "EUR",
        "callee": "0090123456789",
        "caller": "911234567",
    }
    secret = bestel.pop("auth_ha1")
    assert {name: bestel[name] for name in expected} == expected
    assert secret == proxy.execute("select md5('atlas:bestel:carrier/atlas/bestel/main') as it").fetchall()[0]["it"]
    assert str(bestel["cost"]) == "0.11"
    nothing = ("outbound_proxy", "socket", "auth_user", "auth_realm", "auth_ha1", "from_user", "from_domain", "cost")
    assert {name: fourth[name] for name in nothing} == dict.fromkeys(nothing)
    assert (fourth["uri"], fourth["identity"]) == ("sip:192.0.2.4;transport=udp", "pai")


def test_an_ipv6_address_stands_in_brackets(proxy: psycopg.Connection[dict[str, Any]]) -> None:
    uris = {row["server"]: row["uri"] for row in _attempts(proxy, "+93123456789")}
    assert uris == {"one": "sip:192.0.2.1;transport=udp", "two": "sip:[2001:db8::2];transport=udp"}


def test_every_attempt_has_the_numbers_as_its_carrier_writes_them(proxy: psycopg.Connection[dict[str, Any]]) -> None:
    third = _attempts(proxy, "+34911234567", caller="+33123456789")[0]
    assert (third["callee"], third["caller"]) == ("0034911234567", "0123456789")
    fourth = _attempts(proxy, "+33123456789", caller="+33123456788")[0]
    assert (fourth["callee"], fourth["caller"]) == ("0033123456789", "0033123456788")
    assert _attempts(proxy, "+33123456789")[0]["caller"] is None


@pytest.mark.parametrize(
    ("number", "client", "expected"),
    [
        ("+91123456789", "transit", {"bestel": "near", "onda": "far"}),
        ("+91123456789", "shop", {"bestel": "default", "onda": "far"}),
    ],
)
def test_the_relays_are_the_carriers_else_the_clients(
    proxy: psycopg.Connection[dict[str, Any]], number: str, client: str, expected: dict[str, str]
) -> None:
    assert {row["carrier"]: row["media_set"] for row in _attempts(proxy, number, client)} == expected


def _seen(
    connection: psycopg.Connection[dict[str, Any]], server: str, *, active: bool, proxy: str = "px1-trunks"
) -> None:
    connection.execute("select set_config('application_name', %s, true)", (proxy,))
    connection.execute(
        "select live.carrier_server_seen(server.id, %s, 408) from config.carrier_server server"
        " join config.carrier on carrier.id = carrier_id where carrier.name || '/' || server.name = %s",
        (active, server),
    )
    connection.execute("select set_config('application_name', 'px1-trunks', true)")


def _servers(connection: psycopg.Connection[dict[str, Any]], number: str) -> set[str]:
    return {f"{row['carrier']}/{row['server']}" for row in _attempts(connection, number)}


def test_a_server_that_does_not_answer_is_left_out_and_comes_back(proxy: psycopg.Connection[dict[str, Any]]) -> None:
    _seen(proxy, "onda/one", active=False)
    assert _servers(proxy, "+91123456789") == {"bestel/main", "onda/two"}
    _seen(proxy, "onda/one", active=True)
    assert _servers(proxy, "+91123456789") == {"bestel/main", "onda/one", "onda/two"}


def test_without_a_server_that_answers_the_call_is_refused(proxy: psycopg.Connection[dict[str, Any]]) -> None:
    for server in ("onda/one", "onda/two"):
        _seen(proxy, server, active=False)
    [refused] = _attempts(proxy, "+93123456789")
    assert (refused["attempt"], refused["code"], refused["reason"]) == (0, 503, "no_server")


def test_a_server_that_is_not_pinged_is_always_there(proxy: psycopg.Connection[dict[str, Any]]) -> None:
    _seen(proxy, "third/only", active=False)
    assert "third/only" in _servers(proxy, "+92123456789")


def test_what_this_proxy_sees_counts_before_what_others_see(proxy: psycopg.Connection[dict[str, Any]]) -> None:
    _seen(proxy, "fourth/only", active=False, proxy="px2-trunks")
    assert _servers(proxy, "+90123456789") == {"bestel/main"}
    _seen(proxy, "fourth/only", active=True)
    assert _servers(proxy, "+90123456789") == {"bestel/main", "fourth/only"}


@pytest.mark.parametrize(
    ("price", "seconds", "expected"),
    [
        (("0", "0.02", "60"), 300, "0.1"),
        (("0.01", "0.02", "60"), 300, "0.11"),
        (("0", "0.02", "60"), 61, "0.04"),
        (("0", "0.02", "1"), 61, "0.020333"),
        (("0", "0.06", "240"), 300, "0.48"),
        (("0.5", "0", "60"), 300, "0.5"),
    ],
)
def test_what_a_call_costs(database: Database, price: tuple[str, str, str], seconds: int, expected: str) -> None:
    fee, rate, interval = price
    prices = {"+34": {"rate": rate, "connection_fee": fee, "interval": interval}, "+3491": {"rate": "9"}}
    tree = {"atlas": {"brand": {"price_lists": {"one": {"prices": prices}}}, "clients": {}}}
    do_apply(database, compiled(tree))
    with psycopg.connect(database.dsn("trunkline_monitor")) as connection:
        query = "select routing.price(id, %s, %s)::text from config.price_list"
        assert connection.execute(query, ("+34600000001", seconds)).fetchall() == [(expected,)]
        assert connection.execute(query, ("+33123456789", seconds)).fetchall() == [(None,)]


def test_only_those_who_make_calls_see_the_hashes_of_passwords(filled: Database) -> None:
    query = "select auth_ha1 from routing.attempts(null, '+34911234567')"
    for role in ("trunkline_callflow", "trunkline_monitor"):
        with psycopg.connect(filled.dsn(role)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(query)
        with psycopg.connect(filled.dsn(role)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select auth_ha1 from config.carrier_server")
        with psycopg.connect(filled.dsn(role)) as connection:
            assert connection.execute("select * from routing.candidates(null, '+34911234567')").fetchall() == []
