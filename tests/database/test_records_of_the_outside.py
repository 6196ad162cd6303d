"""Call records of calls with the outside: what is rated later, and that its places are given back."""

from __future__ import annotations

import json
import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.rows import dict_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Database

Row = dict[str, Any]
Connection = psycopg.Connection[Row]
BRAND, CLIENT, TERMINAL, DDI, FIRST, SECOND = (
    str(uuid.uuid5(uuid.NAMESPACE_DNS, name)) for name in ("brand", "client", "terminal", "ddi", "first", "second")
)
ONE, TWO, PROVIDER, CALL, HELD, OTHER = (
    str(uuid.uuid5(uuid.NAMESPACE_DNS, name)) for name in ("one", "two", "provider", "call", "held", "other")
)
DEVICE = str(uuid.uuid5(uuid.NAMESPACE_DNS, "device"))
PLATFORM = "9dc62ca8-2f72-5a30-8d05-24f0f2a95d48"  # config.platform_id()
_ROWS = f"""
    insert into config.scope (id, digest) values ('{PLATFORM}', '');
    insert into config.brand (id, name) values ('{BRAND}', 'atlas');
    insert into config.client (id, brand_id, name, type, domain, language)
        values ('{CLIENT}', '{BRAND}', 'acme', 'vpbx', 'acme.example', 'en');
    insert into config.terminal (id, client_id, name, ha1) values ('{TERMINAL}', '{CLIENT}', 'alice', md5(''));
    insert into config.ddi (id, brand_id, client_id, number, direction)
        values ('{DDI}', '{BRAND}', '{CLIENT}', '+34911234567', 'both');
    insert into config.carrier (id, brand_id, name, max_calls, externally_rated) values
        ('{FIRST}', '{BRAND}', 'first', 0, false), ('{SECOND}', '{BRAND}', 'second', 0, true);
    insert into config.carrier_server (id, brand_id, carrier_id, name, host, transport, identity, health) values
        ('{ONE}', '{BRAND}', '{FIRST}', 'one', '192.0.2.1', 'udp', 'pai', true),
        ('{TWO}', '{BRAND}', '{SECOND}', 'two', '192.0.2.2', 'udp', 'pai', true);
    insert into config.ddi_provider (id, brand_id, name, max_calls, plus)
        values ('{PROVIDER}', '{BRAND}', 'in', 0, true);
    insert into config.special_number (id, scope_id, number, emergency, call_record, rating, recording) values
        ('{HELD}', '{PLATFORM}', '+34112', true, false, false, false),
        ('{OTHER}', '{PLATFORM}', '+34016', false, true, false, false);
"""  # noqa: S608 - constants of this file
INSIDE = {
    "call": CALL,
    "side": "caller",
    "brand": BRAND,
    "client": CLIENT,
    "endpoint": TERMINAL,
    "account": "alice@acme.example",
    "caller": "101",
    "callee": "600111222",
    "sip_call_id": "inside",
    "from_tag": "tag",
    "cseq": "2",
    "address": "udp:192.0.2.9:5060",
    "started": "1000",
}
OUT = {
    **INSIDE,
    "side": "callee",
    "account": "+34600111222",
    "caller": "+34911234567",
    "callee": "+34600111222",
    "sip_call_id": "out",
    "started": "1001",
    "direction": "outbound",
    "from": "+34911234567",
    "to": "+34600111222",
    "ddi": "+34911234567",
    "held": HELD,
}
IN = {
    **INSIDE,
    "endpoint": "",
    "account": "+33612345678",
    "caller": "+33612345678",
    "callee": "+34911234567",
    "sip_call_id": "in",
    "direction": "inbound",
    "from": "+33612345678",
    "to": "+34911234567",
    "ddi": "+34911234567",
}
FAILED = {"carrier": FIRST, "server": ONE, "code": 503, "at": 1001}
ANSWERED = {"carrier": SECOND, "server": TWO, "code": 200, "at": 1003}


@pytest.fixture
def proxy(database: Database) -> Iterator[Connection]:
    """Give a connection as a trunks proxy."""
    with psycopg.connect(database.dsn("trunkline_owner")) as owner:
        owner.execute(_ROWS.encode())
    with psycopg.connect(
        database.dsn("trunkline_proxy"), autocommit=True, application_name="trunks@px1", row_factory=dict_row
    ) as connection:
        yield connection


def event(leg: dict[str, str], kind: str, at: float, **more: object) -> dict[str, object]:
    outside = "direction" in leg
    known = {
        "event": kind,
        "at": at,
        "proxy": "trunks@px1" if outside else "users@px1",
        "code": {"start": 100, "answer": 200, "end": 200}[kind],
        "reason": "answered" if kind == "end" else "",
        "ended_by": "",
        "relay": "mr1",
        "server": "",
        "leg": leg,
    }
    return {**known, **more}


def report(connection: Connection, *events: object) -> None:
    connection.execute("select live.record_events(%s)", [json.dumps(events)])


def read(database: Database, table: str) -> list[Row]:
    with psycopg.connect(database.dsn("trunkline_monitor"), row_factory=dict_row) as connection:
        order = "side desc, started_at, id" if table == "call_leg" else "started_at, id"
        return connection.execute(f"select * from live.{table} order by {order}".encode()).fetchall()  # noqa: S608


LAST = {"carrier": SECOND, "carrier_server": TWO, "media_set": "own"}
OUTBOUND = (
    event(INSIDE, "start", 1000),
    event(OUT, "start", 1001, media_set="own"),
    event(OUT, "answer", 1003, attempts=[FAILED, ANSWERED], **LAST),
    event(INSIDE, "answer", 1003),
    event(INSIDE, "end", 1010, ended_by="caller"),
    event(OUT, "end", 1010, attempts=[FAILED, ANSWERED], **LAST),
)


def test_a_call_out_says_all_that_rating_needs(proxy: Connection, database: Database) -> None:
    report(proxy, *OUTBOUND)
    (call,) = read(database, "call")
    expected = {
        "direction": "outbound",
        "brand": "atlas",
        "client": "acme",
        "caller": "101",
        "callee": "600111222",
        "caller_number": "+34911234567",
        "callee_number": "+34600111222",
        "ddi": "+34911234567",
        "carrier": "second",
        "endpoint": "alice@acme.example",
        "endpoint_type": "user",
        "media_set": "own",
        "ddi_provider": None,
        "tag": None,
        "fax": False,
    }
    assert {key: call[key] for key in expected} == expected
    assert [str(call[key]) for key in ("endpoint_id", "ddi_id", "carrier_id")] == [TERMINAL, DDI, SECOND]
    assert [(one["carrier"], one["server"], one["code"]) for one in call["attempts"]] == [
        ("first", "one", 503),
        ("second", "two", 200),
    ]
    caller, callee = read(database, "call_leg")
    assert (caller["direction"], caller["rating"], caller["attempts"]) == (None, None, [])
    assert (callee["direction"], callee["rating"], callee["carrier_server"]) == ("outbound", "external", "two")
    assert str(callee["client_id"]) == CLIENT
    assert callee["attempts"] == call["attempts"]


def test_the_order_of_events_and_batches_does_not_matter(proxy: Connection, database: Database) -> None:
    report(proxy, *OUTBOUND)
    expected = (read(database, "call"), read(database, "call_leg"))
    chance = random.Random(5)  # noqa: S311
    for _ in range(12):
        with psycopg.connect(database.dsn("trunkline_owner")) as owner:
            owner.execute("truncate live.call, live.call_leg")
        order = [*OUTBOUND]
        chance.shuffle(order)
        cut = chance.randrange(len(order))
        report(proxy, *order[:cut])
        report(proxy, *order[cut:])
        assert (read(database, "call"), read(database, "call_leg")) == expected


def test_a_call_that_comes_in_and_goes_out_again_has_two_legs_to_rate(proxy: Connection, database: Database) -> None:
    first = {"carrier": FIRST, "carrier_server": ONE, "attempts": [{**FAILED, "code": 200}]}
    provider = {"provider": PROVIDER, "media_set": "default"}
    forwarded = {**OUT, "endpoint": DEVICE}
    report(
        proxy,
        event(IN, "start", 1000, **provider),
        event(forwarded, "start", 1001),
        event(forwarded, "answer", 1002, **first),
        event(IN, "answer", 1002, **provider),
        event(forwarded, "end", 1010, **first),
        event(IN, "end", 1010, ended_by="callee", **provider),
    )
    (call,) = read(database, "call")
    assert (call["direction"], call["ddi_provider"], call["carrier"]) == ("inbound", "in", "first")
    assert (call["caller_number"], call["callee_number"], call["ddi"]) == (
        "+33612345678",
        "+34911234567",
        "+34911234567",
    )
    into, out = read(database, "call_leg")
    assert (into["direction"], into["rating"], into["ddi_provider"]) == ("inbound", "none", "in")
    assert (out["direction"], out["rating"], out["carrier"], out["callee_number"]) == (
        "outbound",
        "platform",
        "first",
        "+34600111222",
    )


def test_a_call_in_belongs_to_the_endpoint_that_answered(proxy: Connection, database: Database) -> None:
    rung = {**INSIDE, "side": "callee", "caller": "+33612345678", "callee": "alice", "sip_call_id": "rung"}
    report(
        proxy,
        event(IN, "start", 1000, provider=PROVIDER),
        event(rung, "start", 1001),
        event(rung, "answer", 1002),
        event(IN, "answer", 1002, provider=PROVIDER),
    )
    (call,) = read(database, "call")
    assert (call["direction"], call["endpoint"], str(call["endpoint_id"])) == (
        "inbound",
        "alice@acme.example",
        TERMINAL,
    )


def test_a_refused_call_that_went_straight_to_the_outside_is_outbound(proxy: Connection, database: Database) -> None:
    refused = {**INSIDE, "way": "outbound"}
    report(proxy, event(refused, "end", 1000, code=403, reason="", relay=""))
    (call,) = read(database, "call")
    assert (call["direction"], call["reason"]) == ("outbound", "refused")


def test_what_is_declared_free_is_not_rated(proxy: Connection, database: Database) -> None:
    report(proxy, event({**OUT, "to": "+34016", "callee": "+34016"}, "end", 1002, **LAST))
    (leg,) = read(database, "call_leg")
    assert leg["rating"] == "none"


@pytest.mark.parametrize("turn", range(4))
def test_a_number_without_record_leaves_none(proxy: Connection, database: Database, turn: int) -> None:
    special = {**OUT, "to": "+34112", "callee": "+34112"}
    events = [
        event(INSIDE, "start", 1000),
        event(special, "start", 1001),
        event(INSIDE, "end", 1005),
        event(special, "end", 1005, **LAST),
    ]
    for one in (*events[turn:], *events[:turn]):
        report(proxy, one)
    assert read(database, "call") == read(database, "call_leg") == []


def admitted(database: Database) -> int:
    with psycopg.connect(database.dsn("trunkline_monitor")) as connection:
        row = connection.execute("select coalesce(sum(used), 0) from live.place_in_use").fetchone()
        assert row is not None
        return int(row[0])


@pytest.mark.parametrize("code", [200, 403, 408, 480, 486, 487, 500, 503, 603])
def test_every_end_gives_the_places_back(proxy: Connection, database: Database, code: int) -> None:
    proxy.execute("select routing.reserve(%s, '{brand:a,client:b}', '{1,1}')", [HELD])
    report(proxy, event(OUT, "start", 1001))
    assert admitted(database) == 2
    end = event(OUT, "end", 1003, code=code, reason="")
    report(proxy, end)
    report(proxy, end)
    assert admitted(database) == 0


def test_a_proxy_that_starts_again_gives_back_what_it_lost(proxy: Connection, database: Database) -> None:
    kept, silent, new = (str(uuid.uuid4()) for _ in range(3))
    for holder in (HELD, kept, silent, new):
        proxy.execute("select routing.reserve(%s, '{brand:a}', '{9}')", [holder])
    report(proxy, event(OUT, "start", 1001))
    stays = {**OUT, "sip_call_id": "stays", "held": kept}
    report(proxy, event(stays, "start", 1001), event(stays, "answer", 1002))
    with psycopg.connect(database.dsn("trunkline_owner")) as owner:
        owner.execute(
            "insert into live.dialog (proxy, hash_entry, hash_id, callid, from_uri, from_tag, to_uri, to_tag,"
            " caller_cseq, callee_cseq, caller_contact, callee_contact, caller_sock, callee_sock, state, start_time,"
            " req_uri) values ('trunks@px1', 1, 1, 'stays', '', 'tag', '', '', '1', '1', '', '', '', '', 4, 0, '')"
        )
        owner.execute(
            "insert into live.dialog_vars (proxy, hash_entry, hash_id, dialog_key, dialog_value)"
            " values ('trunks@px1', 1, 1, 'leg', '')"
        )
        owner.execute("update live.place set taken_at = now() + interval '1 minute' where holder = %s", [new])
    proxy.execute("select live.close_lost_calls('trunks@px1', extract(epoch from now())::numeric + 1)")
    with psycopg.connect(database.dsn("trunkline_owner")) as owner:
        left = {str(holder) for (holder,) in owner.execute("select holder from live.place").fetchall()}
    assert left == {kept, new}
    assert admitted(database) == 2


def test_proxies_that_write_legs_of_the_same_calls_do_not_hinder_each_other(
    proxy: Connection, database: Database
) -> None:
    calls = [str(uuid.uuid4()) for _ in range(40)]
    assert not proxy.closed

    def write(number: int) -> None:
        chance = random.Random(number)  # noqa: S311
        name = f"{'users' if number % 2 else 'trunks'}@px{number}"
        with psycopg.connect(database.dsn("trunkline_proxy"), autocommit=True, application_name=name) as connection:
            for _ in range(15):
                events = []
                for call in chance.sample(calls, 8):
                    leg = INSIDE if chance.random() < 0.5 else OUT
                    events.append(event({**leg, "call": call, "sip_call_id": f"{call}-{number}"}, "start", 1000))
                connection.execute("select live.record_events(%s)", [json.dumps(events)])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))  # a deadlock would be an error
    assert {str(call["id"]) for call in read(database, "call")} <= set(calls)
    assert not read_rejected(database)


def read_rejected(database: Database) -> list[Row]:
    with psycopg.connect(database.dsn("trunkline_owner"), row_factory=dict_row) as connection:
        return connection.execute("select * from live.rejected_event").fetchall()
