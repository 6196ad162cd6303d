"""Whose call it is that comes from outside (seed 004 section 9.6.3), and where its DDI leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.support.engine import compiled, do_apply

if TYPE_CHECKING:
    from tests.support.databases import Database

SHARED = "192.0.2.50"
TREE: dict[str, dict[str, Any]] = {
    "atlas": {
        "brand": {
            "country": "ES",
            "domain": "phones.atlas.example",
            "ddi_providers": {
                "alpha": {"sources": {SHARED: {}, "192.0.2.64/28": {}}, "media_set": "far", "max_calls": "10"},
                "beta": {"sources": {SHARED: {}, "2001:db8::/64": {}}, "plus": "no"},
                "france": {"sources": {"192.0.2.80": {}}, "transformation_set": "fr"},
                "asked": {
                    "sources": {"192.0.2.90": {}},
                    "credentials": {"user": "asked", "realm": "atlas"},
                    "socket": "second",
                },
            },
        },
        "clients": {
            "acme": {
                "type": "vpbx",
                "domain": "acme.example",
                "users": {"alice": {"name": "Alice", "extension": "101", "ddi": "+34911234501"}},
                "extensions": {"102": {}},
                "friends": {"pbx": {"patterns": ["2[0-9]{3}"]}},
                "ddis": {
                    "+34911234502": {"extension": "102", "max_calls": "3"},
                    "+34911234503": {"friends": "2001"},
                    "+34911234504": {"number": "+34600000001"},
                    "+34911234505": {"provider": "beta"},
                    "+34911234506": {"provider": "asked"},
                    "+34911234507": {"direction": "out"},
                    "+34911234508": {},
                },
            },
            "smith": {"type": "residential", "devices": {"home": {"ddi": "+34911234601"}}},
            "shop": {"type": "retail", "media_set": "near", "accounts": {"till": {"ddi": "+33123456789"}}},
        },
    },
    "boreas": {
        "brand": {"country": "ES", "ddi_providers": {"alpha": {"sources": {SHARED: {}}}}},
        "clients": {
            "cafe": {"type": "vpbx", "domain": "cafe.example", "users": {}, "ddis": {"+34911234701": {}}},
        },
    },
}


@pytest.fixture(scope="module")
def filled(shared_database: Database) -> Database:
    """Give a database with two brands whose DDI providers share an address."""
    do_apply(shared_database, compiled(TREE))
    return shared_database


def _one(database: Database, query: str, *values: Any, role: str = "trunkline_proxy") -> dict[str, Any]:
    with psycopg.connect(database.dsn(role), row_factory=psycopg.rows.dict_row) as connection:
        [row] = connection.execute(query.encode(), values).fetchall()
        return row


def _detect(database: Database, source: str, number: str) -> dict[str, Any]:
    return _one(database, "select * from routing.detect(%s::inet, %s)", source, number)


@pytest.mark.parametrize(
    ("source", "number", "provider", "ddi"),
    [
        pytest.param(SHARED, "911234501", "atlas/alpha", "+34911234501", id="as the country writes it"),
        pytest.param(SHARED, "+34911234501", "atlas/alpha", "+34911234501", id="with plus"),
        pytest.param("192.0.2.70", "0034911234501", "atlas/alpha", "+34911234501", id="a range"),
        pytest.param("192.0.2.80", "0034911234501", "atlas/france", "+34911234501", id="from another country"),
        pytest.param("192.0.2.80", "0123456789", "atlas/france", "+33123456789", id="a number of that country"),
        pytest.param("2001:db8::7", "34911234501", "atlas/beta", "+34911234501", id="without plus, by IPv6"),
        pytest.param(SHARED, "911234505", "atlas/beta", "+34911234505", id="the linked provider of the address wins"),
        pytest.param(SHARED, "911234506", "atlas/alpha", "+34911234506", id="a linked one of elsewhere does not"),
        pytest.param("192.0.2.90", "911234505", "atlas/asked", "+34911234505", id="nor when another one calls"),
        pytest.param(SHARED, "911234701", "boreas/alpha", "+34911234701", id="the loop goes on to another brand"),
    ],
)
def test_a_call_is_the_providers_that_its_number_tells(
    filled: Database, source: str, number: str, provider: str, ddi: str
) -> None:
    found = _detect(filled, source, number)
    assert (found["code"], found["reason"]) == (None, None)
    assert (f"{found['brand']}/{found['provider']}", found["number"]) == (provider, ddi)


@pytest.mark.parametrize(
    ("source", "number", "code", "reason"),
    [
        pytest.param("198.51.100.1", "911234501", 403, "no_provider", id="nobody's address"),
        pytest.param("192.0.2.51", "911234501", 403, "no_provider", id="beside it"),
        pytest.param("2001:db9::7", "911234501", 403, "no_provider", id="nobody's IPv6 address"),
        pytest.param(SHARED, "911234599", 404, "no_ddi", id="nobody's number"),
        pytest.param("192.0.2.70", "911234701", 404, "no_ddi", id="a number of another brand"),
        pytest.param("192.0.2.80", "911234501", 404, "no_ddi", id="as another country writes it"),
        pytest.param(SHARED, "911234507", 404, "only_out", id="a number that is only presented"),
        pytest.param(SHARED, "", 404, "no_ddi", id="no number"),
        pytest.param(SHARED, "'; drop table config.ddi; --", 404, "no_ddi", id="something else"),
    ],
)
def test_other_calls_are_refused(filled: Database, source: str, number: str, code: int, reason: str) -> None:
    found = _detect(filled, source, number)
    assert (found["code"], found["reason"]) == (code, reason)
    known = _one(filled, "select routing.is_provider(%s::inet) as it", source)["it"]
    assert known == (code != 403) == (found["provider_id"] is not None)
    assert found["client_id"] is None


@pytest.mark.parametrize(
    ("number", "kind", "target", "domain"),
    [
        ("+34911234501", "user", "alice", "acme.example"),
        ("+34911234502", "extension", "102", "acme.example"),
        ("+34911234503", "friends", "2001", "acme.example"),
        ("+34911234504", "number", "+34600000001", "acme.example"),
        ("+34911234508", "none", None, "acme.example"),
        ("+34911234601", "device", "home", "phones.atlas.example"),
        ("+33123456789", "account", "till", "phones.atlas.example"),
    ],
)
def test_where_a_ddi_leads(filled: Database, number: str, kind: str, target: str | None, domain: str) -> None:
    found = _one(filled, "select * from routing.ddi(%s)", number, role="trunkline_callflow")
    assert (found["kind"], found["target"], found["target_domain"]) == (kind, target, domain)
    assert sorted(found["application_servers"].split()) == ["sip:10.0.0.3:6060", "sip:10.0.0.4:6060"]


def test_what_else_is_said_of_an_accepted_call(filled: Database) -> None:
    alpha = _detect(filled, SHARED, "911234502")
    assert (alpha["media_set"], alpha["provider_max_calls"], alpha["ddi_max_calls"]) == ("far", 10, 3)
    shop = _detect(filled, "192.0.2.80", "0123456789")
    assert (shop["media_set"], shop["client_type"]) == ("near", "retail")
    asked = _detect(filled, "192.0.2.90", "911234501")
    assert (asked["auth_user"], asked["auth_realm"], asked["socket"]) == ("asked", "atlas", "second")
    expected = _one(filled, "select md5('asked:atlas:provider/atlas/asked') as it")["it"]
    assert (asked["auth_ha1"], alpha["auth_ha1"]) == (expected, None)


@pytest.mark.parametrize(
    ("provider", "outside", "inside"),
    [
        ("alpha", "911234567", "+34911234567"),
        ("alpha", "0033123456789", "+33123456789"),
        ("beta", "34911234567", "+34911234567"),
        ("beta", "33123456789", "+33123456789"),
        ("france", "0123456789", "+33123456789"),
        ("france", "0034911234567", "+34911234567"),
    ],
)
def test_numbers_of_a_provider_there_and_back(filled: Database, provider: str, outside: str, inside: str) -> None:
    query = (
        "select routing.from_provider(id, 'caller_in', %s) as inside, routing.to_provider(id, 'caller_out', %s)"
        " as outside from config.ddi_provider where name = %s and brand_id ="
        " (select id from config.brand where name = 'atlas')"
    )
    assert _one(filled, query, outside, inside, provider) == {"inside": inside, "outside": outside}


def test_a_provider_without_plus_sends_other_numbers_too(filled: Database) -> None:
    assert _detect(filled, "2001:db8::7", "0034911234501")["number"] == "+34911234501"
    assert _detect(filled, "2001:db8::7", "+34911234501")["number"] == "+34911234501"
