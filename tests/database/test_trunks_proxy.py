"""What the trunks proxy reads: attempts ready to be sent, destinations of calls in, servers left out, registrations."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.support.engine import compiled, do_apply, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Database

Session = psycopg.Connection[dict[str, Any]]
BRAND: dict[str, Any] = {
    "country": "ES",
    "domain": "atlas.example",
    "carriers": {
        "bestel": {
            "socket": "of-atlas",
            "max_calls": "3",
            "servers": {
                "main": {
                    "address": "192.0.2.50",
                    "port": "5062",
                    "transport": "tcp",
                    "outbound_proxy": "192.0.2.51:5070",
                    "credentials": {"user": "atlas", "realm": "bestel"},
                    "identity": "both",
                }
            },
        },
        "onda": {"servers": {"only": {"address": "192.0.2.60", "health": "no"}}},
    },
    "outgoing_routes": {
        "first": {"pattern": "es", "carrier": "bestel"},
        "second": {"pattern": "es", "carrier": "onda", "priority": "2"},
    },
    "ddi_providers": {
        "numbers": {
            "sources": {"192.0.2.70": {}},
            "plus": "no",
            "transformation_set": "fr",
            "registrations": {
                "main": {"user": "account", "domain": "192.0.2.70"},
                "named": {"user": "other", "domain": "192.0.2.70", "contact_user": "34911000001"},
            },
        },
        "far": {
            "sources": {"192.0.2.71": {}},
            "socket": "of-atlas",
            "registrations": {"main": {"user": "far", "domain": "192.0.2.71", "transport": "tcp"}},
        },
    },
}
CLIENTS: dict[str, Any] = {
    "acme": {
        "type": "vpbx",
        "domain": "acme.example",
        "max_calls": "1",
        "users": {"alice": {"name": "Alice", "extension": "101"}},
        "ddis": {"+34911234567": {"user": "alice"}},
    },
    "shop": {"type": "retail", "accounts": {"till": {}}, "ddis": {"+34911234568": {"account": "till"}}},
}
ADDRESSES = json.dumps({"": "198.51.100.1:7060", "of-atlas": "198.51.100.2:7060"})


@pytest.fixture(scope="module")
def filled(shared_database: Database) -> Database:
    """Give a database with one brand."""
    do_apply(shared_database, compiled({"atlas": {"brand": BRAND, "clients": CLIENTS}}))
    return shared_database


def connect(database: Database, proxy: str) -> Session:
    """Return a session as a proxy has it, which is undone."""
    dsn = f"{database.dsn('trunkline_proxy')} application_name={proxy}"
    return psycopg.connect(dsn, row_factory=psycopg.rows.dict_row)


@pytest.fixture
def proxy(filled: Database) -> Iterator[Session]:
    """Give the session of a trunks proxy, which is undone."""
    with connect(filled, "trunks@px1") as connection:
        yield connection
        connection.rollback()


def outgoing(proxy: Session, database: Database, number: str = "+34600123456", **more: str) -> list[dict[str, Any]]:
    ((client,),) = rows(database, "select id from config.client where name = 'acme'")
    values = {"leg": str(uuid.uuid4()), "client": str(client), "number": number, "tag": "", "fax": "", "diverted": ""}
    values |= {"caller": "+34911234567", **more}
    query = (
        "select * from kamailio.outgoing(%(leg)s, %(client)s, '', %(number)s,"
        " %(tag)s, %(fax)s, %(caller)s, %(diverted)s)"
    )
    return proxy.execute(query, values).fetchall()


def incoming(proxy: Session, source: str, called: str, **more: str) -> dict[str, Any]:
    values = {"source": source, "called": called, "to": called, "caller": "", "asserted": "", "diverted": "", **more}
    query = "select * from kamailio.incoming(%(source)s, %(called)s, %(to)s, %(caller)s, %(asserted)s, %(diverted)s)"
    (found,) = proxy.execute(query, values).fetchall()
    return found


def keep(session: Session, states: str = "") -> dict[str, Any]:
    session.execute("select from live.alive()")
    found = session.execute("select * from kamailio.keep_registrations(%s, %s)", (ADDRESSES, states)).fetchone()
    assert found
    return found


def test_attempts_are_ready_to_be_sent(proxy: Session, filled: Database) -> None:
    first, second = outgoing(proxy, filled, diverted="+34911234568")
    assert {
        key: first[key]
        for key in ("outcome", "uri", "callee_uri", "next_hop", "socket", "label", "caller", "diverted", "identity")
    } == {
        "outcome": "carrier",
        "uri": "sip:600123456@192.0.2.50:5062;transport=tcp",
        "callee_uri": "sip:600123456@192.0.2.50:5062",
        "next_hop": "sip:192.0.2.51:5070;transport=tcp",
        "socket": "of_atlas_tcp",
        "label": "bestel/main",
        "caller": "911234567",
        "diverted": "911234568",
        "identity": "pai rpid",
    }
    assert (first["auth_user"], first["auth_realm"], len(first["auth_ha1"])) == ("atlas", "bestel", 32)
    assert (first["limited"], first["health"]) == (1, 1)
    assert (second["socket"], second["next_hop"], second["limited"], second["health"]) == ("udp", "", 0, 0)
    assert None not in {*first.values(), *second.values()}


def test_a_full_client_gets_nothing_and_another_leg_holds_its_place(proxy: Session, filled: Database) -> None:
    assert len(outgoing(proxy, filled)) == 2
    (refused,) = outgoing(proxy, filled)
    assert (refused["outcome"], refused["code"]) == ("refused", 403)


@pytest.mark.parametrize(
    ("number", "outcome", "code"),
    [("+34911234567", "inside", 0), ("+33123456789", "refused", 503)],
)
def test_one_row_says_why_there_is_no_attempt(
    proxy: Session, filled: Database, number: str, outcome: str, code: int
) -> None:
    (found,) = outgoing(proxy, filled, number)
    assert (found["outcome"], found["code"]) == (outcome, code)


def test_a_call_of_a_provider_finds_its_client(proxy: Session) -> None:
    found = incoming(proxy, "192.0.2.70", "34911234567", caller="33123456789", diverted="34911000009")
    assert (found["code"], found["ddi"], found["client_type"]) == (0, "+34911234567", "vpbx")
    assert (found["caller"], found["diverted"]) == ("+33123456789", "+34911000009")
    assert found["servers"].startswith("sip:")
    assert found["servers"].endswith(";")
    assert None not in found.values()


def test_a_call_for_a_retail_account_names_it(proxy: Session) -> None:
    found = incoming(proxy, "192.0.2.70", "34911234568", caller="anonymous")
    assert (found["client_type"], found["target"], found["target_domain"]) == ("retail", "till", "atlas.example")
    assert found["caller"] == "anonymous"


def test_a_provider_that_calls_our_registration_names_the_number_in_to(proxy: Session) -> None:
    assert incoming(proxy, "192.0.2.70", "34911000001")["code"] == 404
    assert incoming(proxy, "192.0.2.70", "34911000001", to="34911234567")["code"] == 0
    assert incoming(proxy, "192.0.2.70", "34911000002", to="34911234567")["code"] == 404


def test_others_and_unknown_numbers_are_sent_away(proxy: Session) -> None:
    assert incoming(proxy, "192.0.2.99", "34911234567")["code"] == 403
    assert incoming(proxy, "192.0.2.70", "34911999999")["code"] == 404
    assert incoming(proxy, "", "+34911999999")["code"] == 404


def test_a_call_that_turns_inside_keeps_its_numbers(proxy: Session) -> None:
    found = incoming(proxy, "", "+34911234567", caller="+34911234568")
    assert (found["code"], found["caller"], found["provider_id"]) == (0, "+34911234568", "")


def test_a_server_that_is_left_out_says_how_it_is_asked(proxy: Session, filled: Database) -> None:
    first, _ = outgoing(proxy, filled)
    proxy.execute("select from live.carrier_server_seen(%s, false, 408)", (first["server_id"],))
    (kept,) = proxy.execute("select * from kamailio.inactive_server").fetchall()
    assert (kept["key_name"], kept["key_value"]) == (first["server_id"], first["ping"])
    proxy.execute("select from live.carrier_server_seen(%s, true, 200)", (first["server_id"],))
    assert proxy.execute("select * from kamailio.inactive_server").fetchall() == []


def test_each_registration_is_kept_by_one_proxy_that_lives(filled: Database) -> None:
    with connect(filled, "trunks@px1") as one, connect(filled, "trunks@px2") as two:
        assert len(keep(one)["list"].split(",")) == 4
        one.commit()
        keep(two)
        two.commit()
        lists = [keep(session)["list"] for session in (one, two)]
        one.commit()
        two.commit()
        kept = [name for each in lists for name in each.split(",") if name]
        assert len(kept) == len(set(kept)) == 3
        rows(filled, "update live.proxy set seen_at = now() - interval '1 hour' where proxy = 'trunks@px1'")
        assert len([name for name in keep(two)["list"].split(",") if name]) == 3
        two.rollback()


def test_registrations_are_in_the_form_of_the_module(filled: Database) -> None:
    with connect(filled, "trunks@px3") as session:
        rows(filled, "delete from live.proxy")
        digest = keep(session)["digest"]
        found = {row["r_username"]: row for row in session.execute("select * from kamailio.uacreg").fetchall()}
        assert found["account"]["contact_addr"] == "198.51.100.1:7060"
        assert found["account"]["socket"] == "udp:198.51.100.1:7060"
        assert found["other"]["l_uuid"] == "34911000001"
        assert found["far"]["contact_addr"] == "198.51.100.2:7060;transport=tcp"
        assert found["far"]["auth_proxy"] == "sip:192.0.2.71;transport=tcp"
        states = ",".join(f"{row['l_uuid']}={state}" for row, state in zip(found.values(), (1, -2, -99), strict=True))
        assert keep(session, f"{states},")["digest"] == digest
        seen = session.execute("select state from live.registration order by state").fetchall()
        assert [row["state"] for row in seen] == ["failed", "registered", "trying"]
        session.rollback()
