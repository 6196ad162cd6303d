"""Call records: what the events of proxies become, in any order, twice, or after a restart."""

from __future__ import annotations

import base64
import itertools
import json
import uuid
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Database

Row = dict[str, Any]
BRAND, CLIENT, SERVER = (str(uuid.uuid5(uuid.NAMESPACE_DNS, name)) for name in ("brand", "client", "server"))
CALL = str(uuid.uuid5(uuid.NAMESPACE_DNS, "call"))


@pytest.fixture
def records(database: Database) -> Iterator[psycopg.Connection[Row]]:
    """Give a connection as the proxy, to a database that knows one brand, one client and one server."""
    with psycopg.connect(database.dsn("trunkline_apply")) as connection:
        connection.execute("insert into config.brand values (%s, 'atlas')", [BRAND])
        connection.execute(
            "insert into config.client values (%s, %s, 'acme', 'vpbx', 'acme.example', 'en')", [CLIENT, BRAND]
        )
        connection.execute("insert into config.application_server values (%s, 'as1', '192.0.2.1', 6060)", [SERVER])
    with _proxy(database, "users@px1") as connection:
        yield connection


def _proxy(database: Database, name: str) -> psycopg.Connection[Row]:
    """Connect as a proxy does."""
    return psycopg.connect(
        database.dsn("trunkline_proxy"),
        autocommit=True,
        application_name=name,
        options="-c search_path=kamailio,live",
        row_factory=dict_row,
    )


def leg(side: str = "caller", **changes: object) -> dict[str, object]:
    known = {
        "call": CALL,
        "side": side,
        "brand": BRAND,
        "client": CLIENT,
        "endpoint": "",
        "account": "alice@acme.example",
        "caller": "101",
        "callee": "102" if side == "caller" else "bob",
        "sip_call_id": f"call-{side}",
        "from_tag": "tag",
        "cseq": "2",
        "address": "udp:192.0.2.9:5060",
        "started": "1000.25" if side == "caller" else "1000.5",
    }
    return {**known, **changes}


def event(kind: str, at: float, side: str = "caller", **changes: object) -> dict[str, object]:
    known = {
        "event": kind,
        "at": at,
        "proxy": "users@px1",
        "code": {"start": 100, "answer": 200, "end": 200}[kind],
        "reason": "answered" if kind == "end" else "",
        "ended_by": "",
        "relay": "mr1" if side == "caller" else "mr2",
        "server": "sip:192.0.2.1:6060",
        "leg": leg(side),
    }
    return {**known, **changes}


def report(connection: psycopg.Connection[Row], *events: object) -> None:
    """Report events as a proxy does."""
    text = base64.b64encode(json.dumps(events).encode()).decode()
    connection.execute("select live.record_events(kamailio.text(%s))", [text])


def read(database: Database, table: str) -> list[Row]:
    statement = sql.SQL("select * from live.{} order by {}").format(
        sql.Identifier(table), sql.Identifier("side" if table == "call_leg" else "id")
    )
    with psycopg.connect(database.dsn("trunkline_monitor"), row_factory=dict_row) as connection:
        return connection.execute(statement).fetchall()


WHOLE_CALL = (
    event("start", 1000.25),
    event("start", 1000.5, "callee"),
    event("answer", 1003, "callee"),
    event("answer", 1003.5),
    event("end", 1010, ended_by="caller"),
    event("end", 1010.5, "callee", ended_by="caller"),
)


def test_a_call(records: psycopg.Connection[Row], database: Database) -> None:
    report(records, *WHOLE_CALL)
    (call,) = read(database, "call")
    expected = {
        "brand": "atlas",
        "client": "acme",
        "caller": "101",
        "callee": "102",
        "code": 200,
        "reason": "answered",
        "relay": "mr1",
        "application_server": "as1",
        "proxy": "users@px1",
        "direction": "internal",
    }
    assert {key: call[key] for key in expected} == expected
    times = (call["started_at"], call["answered_at"], call["ended_at"])
    assert [time.timestamp() for time in times] == [1000.25, 1003.5, 1010]
    callee, caller = read(database, "call_leg")
    assert (caller["relay"], callee["relay"], caller["ended_by"]) == ("mr1", "mr2", "caller")
    assert caller["call_id"] == callee["call_id"] == call["id"]


def test_the_order_of_events_does_not_matter(records: psycopg.Connection[Row], database: Database) -> None:
    report(records, *WHOLE_CALL)
    expected = (read(database, "call"), read(database, "call_leg"))
    for order in itertools.islice(itertools.permutations(WHOLE_CALL), 0, None, 37):
        with psycopg.connect(database.dsn("trunkline_owner")) as owner:
            owner.execute("truncate live.call, live.call_leg")
        report(records, *order)
        assert (read(database, "call"), read(database, "call_leg")) == expected


def test_a_batch_is_what_its_events_are_one_by_one(records: psycopg.Connection[Row], database: Database) -> None:
    other = str(uuid.uuid5(uuid.NAMESPACE_DNS, "other call"))
    lost = {side: leg(side, call=other, sip_call_id=f"lost-{side}") for side in ("caller", "callee")}
    events = (
        *WHOLE_CALL[:4],
        event("start", 1000.25, server="sip:192.0.2.2:6060", relay="mr9", leg=lost["caller"]),
        event("answer", 1002, leg=lost["caller"]),
        event("end", 1040, "callee", reason="cut_off", ended_by="proxy", leg=lost["callee"]),
        event("end", 1040.1, ended_by="callee", leg=lost["caller"]),
        event("end", 1001, code=403, reason="", server="", leg=leg(call=str(uuid.UUID(int=7)), sip_call_id="x")),
        WHOLE_CALL[4],
    )
    for turn in range(len(events)):
        order = (*events[turn:], *events[:turn]) if turn % 2 else (*events[:turn][::-1], *events[turn:])
        outcomes = []
        for size in (0, 1, 3, len(order)):
            with psycopg.connect(database.dsn("trunkline_owner")) as owner:
                owner.execute("truncate live.call, live.call_leg")
                for one in order if size == 0 else ():
                    owner.execute("select live.record_event(%s)", [json.dumps(one)])
            for first in range(0, len(order), size or len(order)):
                if size:
                    report(records, *order[first : first + size])
            legs = sorted(read(database, "call_leg"), key=lambda row: str(row["id"]))
            outcomes.append((read(database, "call"), legs))
        assert outcomes[1:] == outcomes[:1] * 3
    assert not read(database, "rejected_event")


def test_an_event_twice_changes_nothing(records: psycopg.Connection[Row], database: Database) -> None:
    report(records, *WHOLE_CALL)
    before = (read(database, "call"), read(database, "call_leg"))
    report(records, *WHOLE_CALL)
    assert (read(database, "call"), read(database, "call_leg")) == before


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (403, "refused"),
        (404, "refused"),
        (408, "no_answer"),
        (480, "no_answer"),
        (486, "busy"),
        (487, "cancelled"),
        (500, "failed"),
        (503, "failed"),
        (600, "busy"),
        (603, "refused"),
    ],
)
def test_reason_of_a_refusal(records: psycopg.Connection[Row], database: Database, code: int, reason: str) -> None:
    report(records, event("end", 1001, code=code, reason="", relay="", server=""))
    (call,) = read(database, "call")
    assert (call["code"], call["reason"], call["relay"], call["application_server"]) == (code, reason, None, None)


def test_a_stranger_has_no_client(records: psycopg.Connection[Row], database: Database) -> None:
    report(records, event("end", 1001, code=403, reason="", leg=leg(brand="", client="", account="x@elsewhere")))
    (call,) = read(database, "call")
    assert (call["client"], call["brand"], call["reason"]) == (None, None, "refused")


def test_the_next_server_is_the_one_on_record(records: psycopg.Connection[Row], database: Database) -> None:
    report(records, event("start", 1000.25, server="sip:192.0.2.2:6060"), event("answer", 1006))
    (call,) = read(database, "call")
    assert call["application_server"] == "as1"


def test_a_lost_callee_cuts_the_call_off(records: psycopg.Connection[Row], database: Database) -> None:
    lost = event("end", 1040, "callee", reason="cut_off", ended_by="proxy")
    hung_up = event("end", 1040.1, ended_by="callee")
    for order in ((lost, hung_up), (hung_up, lost)):
        with psycopg.connect(database.dsn("trunkline_owner")) as owner:
            owner.execute("truncate live.call, live.call_leg")
        report(records, *order)
        (call,) = read(database, "call")
        assert call["reason"] == "cut_off"
        assert {row["reason"] for row in read(database, "call_leg")} == {"cut_off"}


def test_an_unreadable_event_is_put_aside(records: psycopg.Connection[Row], database: Database) -> None:
    report(records, event("start", 1000.25), {"event": "end"}, event("end", 1001, code=486, reason=""))
    (call,) = read(database, "call")
    assert call["reason"] == "busy"
    (rejected,) = read(database, "rejected_event")
    assert json.loads(rejected["event"]) == {"event": "end"}


def test_text_of_phones_is_only_text(records: psycopg.Connection[Row], database: Database) -> None:
    nasty = """x'); drop table live.call; -- \\ " $$ %s"""
    report(records, event("end", 1001, code=404, reason="", leg=leg(callee=nasty, sip_call_id=nasty)))
    (call,) = read(database, "call")
    assert call["callee"] == nasty


def test_a_restarted_proxy_closes_what_it_lost(records: psycopg.Connection[Row], database: Database) -> None:
    kept, lost, ringing = (str(uuid.uuid4()) for _ in range(3))
    for call, answered in ((kept, True), (lost, True), (ringing, False)):
        known = leg(call=call, sip_call_id=call)
        report(records, event("start", 1000.25, leg=known))
        if answered:
            report(records, event("answer", 1001, leg=known))
    insert = """
        insert into dialog (hash_entry, hash_id, callid, from_uri, from_tag, to_uri, to_tag, caller_cseq, callee_cseq,
                            caller_contact, callee_contact, caller_sock, callee_sock, state, start_time, req_uri)
        values (1, %s, %s, '', 'tag', '', '', '1', '1', '', '', '', '', 4, 0, '')
    """
    for number, call in enumerate((kept, ringing)):
        records.execute(insert, [number, call])
        variable = "insert into dialog_vars (hash_entry, hash_id, dialog_key, dialog_value) values (1, %s, 'leg', '')"
        records.execute(variable, [number])
    assert records.execute("select live.close_lost_calls('users@px1') as closed").fetchone() == {"closed": 2}
    reasons = {str(call["id"]): call["reason"] for call in read(database, "call")}
    assert reasons == {kept: None, lost: "cut_off", ringing: "cut_off"}


def test_a_proxy_sees_its_own_calls_in_progress_only(records: psycopg.Connection[Row], database: Database) -> None:
    records.execute("insert into dialog_vars (hash_entry, hash_id, dialog_key, dialog_value) values (1, 1, 'a', 'b')")
    assert records.execute("select dialog_key from dialog_vars").fetchall() == [{"dialog_key": "a"}]
    with _proxy(database, "users@px2") as connection:
        assert connection.execute("select * from dialog_vars").fetchall() == []
        assert connection.execute("delete from dialog_vars").rowcount == 0


def test_a_proxy_cannot_touch_records(records: psycopg.Connection[Row]) -> None:
    for statement in ("delete from live.call", "update live.call_leg set reason = null", "select ha1 from config.user"):
        with pytest.raises(psycopg.Error):
            records.execute(statement.encode())


def _relays(database: Database, *weights: int, state: str = "active") -> list[str]:
    """Return the relays in the order in which they get calls."""
    with psycopg.connect(database.dsn("trunkline_apply")) as connection:
        for number, weight in enumerate(weights):
            row = (str(uuid.uuid4()), f"mr{number}", f"192.0.2.{10 + number}", weight, state)
            connection.execute("insert into config.media_relay values (%s, %s, 'default', %s, 2223, %s, %s)", row)
    with psycopg.connect(database.dsn("trunkline_proxy")) as connection:
        rows: dict[str, str] = dict(connection.execute("select key_name, key_value from kamailio.relay").fetchall())
    length = int(rows.pop("default", 0))
    assert len(rows) == length
    return [rows[f"default:{place}"].partition("|")[2] for place in range(length)]


def test_relays_take_turns_by_weight(database: Database) -> None:
    turns = _relays(database, 1, 1, 2)
    assert sorted(turns) == ["mr0", "mr1", "mr2", "mr2"]
    assert "mr2 mr2" not in " ".join(turns)


def test_relays_without_weight_get_nothing(database: Database) -> None:
    assert _relays(database, 0, 3) == ["mr1"] * 3


def test_drained_relays_get_nothing_and_stay_reachable(database: Database) -> None:
    assert _relays(database, 1, 2, state="drained") == []
    with psycopg.connect(database.dsn("trunkline_proxy")) as connection:
        reachable = connection.execute("select setid, url, disabled from kamailio.rtpengine").fetchall()
    assert {row[1:] for row in reachable} == {("udp:192.0.2.10:2223", 0), ("udp:192.0.2.11:2223", 0)}
    assert len({row[0] for row in reachable}) == 2


def test_large_weights_are_scaled(database: Database) -> None:
    turns = _relays(database, 1, 5000, 5000)
    assert len(turns) <= 1001
    assert turns.count("mr0") == 1
    assert turns.count("mr1") == turns.count("mr2")
