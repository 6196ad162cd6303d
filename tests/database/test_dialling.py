"""Who calls from where, what its endpoint dials, what it presents: the functions that proxies and call logic ask."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Database

Connection = psycopg.Connection[tuple[Any, ...]]
PLATFORM = "9dc62ca8-2f72-5a30-8d05-24f0f2a95d48"  # config.platform_id()


def id_of(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


BRAND, SPAIN, ACME, HOME, SHOP, GATE = (id_of(name) for name in ("brand", "es", "acme", "home", "shop", "gate"))
_PEER = "name, ha1, multi_contact, encryption, t38, called_number"
_VALUES = "md5(''), true, false, false, false"
_ROWS = f"""
    insert into config.scope (id, digest) values ('{PLATFORM}', '');
    insert into config.brand (id, name, domain) values ('{BRAND}', 'atlas', 'atlas.example');
    insert into config.transformation_set (id, scope_id, name, generated) values ('{SPAIN}', '{PLATFORM}', 'es', true);
    insert into config.transformation_rule (id, scope_id, set_id, list, metric, pattern, replacement, begins,
                                            shortest, generated)
    select gen_random_uuid(), '{PLATFORM}', '{SPAIN}', list, metric, pattern, replacement, '', 0, true
      from (values ('callee_in', 1, '^\\+', '+'), ('callee_in', 2, '^00', '+'),
                   ('callee_in', 3, '^([0-9]{{3,9}})$', '+34\\1'),
                   ('caller_in', 1, '^00', '+'), ('caller_in', 2, '^([0-9]{{9}})$', '+34\\1'),
                   ('caller_out', 1, '^\\+34', ''), ('caller_out', 2, '^\\+', '00'),
                   ('callee_out', 1, '^\\+34', '')) as rule (list, metric, pattern, replacement);
    insert into config.client (id, brand_id, name, type, domain, language, transformation_set_id) values
        ('{ACME}', '{BRAND}', 'acme', 'vpbx', 'acme.example', 'en', '{SPAIN}'),
        ('{HOME}', '{BRAND}', 'home', 'residential', null, 'en', '{SPAIN}'),
        ('{SHOP}', '{BRAND}', 'shop', 'retail', null, 'en', '{SPAIN}'),
        ('{GATE}', '{BRAND}', 'gate', 'wholesale', null, 'en', null);
    insert into config.terminal (id, client_id, name, ha1) values
        ('{id_of("t-alice")}', '{ACME}', 'alice', md5('')), ('{id_of("t-bob")}', '{ACME}', 'bob', md5('')),
        ('{id_of("t-carol")}', '{ACME}', 'carol', md5(''));
    insert into config."user" (id, client_id, name, display_name, terminal_id) values
        ('{id_of("alice")}', '{ACME}', 'alice', 'Alice', '{id_of("t-alice")}'),
        ('{id_of("bob")}', '{ACME}', 'bob', 'Bob', '{id_of("t-bob")}'),
        ('{id_of("carol")}', '{ACME}', 'carol', 'Carol', '{id_of("t-carol")}');
    insert into config.extension (id, client_id, number) values ('{id_of("101")}', '{ACME}', '101');
    insert into config.device (id, client_id, call_waiting, {_PEER}) values
        ('{id_of("hall")}', '{HOME}', 0, 'hall', {_VALUES});
    insert into config.account (id, client_id, {_PEER}) values
        ('{id_of("till")}', '{SHOP}', 'till', {_VALUES}), ('{id_of("safe")}', '{SHOP}', 'safe', {_VALUES});
    insert into config.ddi (id, brand_id, client_id, number, direction, user_id, device_id, account_id) values
        ('{id_of("d-acme")}', '{BRAND}', '{ACME}', '+34911000000', 'both', null, null, null),
        ('{id_of("d-alice")}', '{BRAND}', '{ACME}', '+34911000001', 'both', '{id_of("alice")}', null, null),
        ('{id_of("d-out")}', '{BRAND}', '{ACME}', '+34911000002', 'out', null, null, null),
        ('{id_of("d-hall")}', '{BRAND}', '{HOME}', '+34922000000', 'both', null, '{id_of("hall")}', null),
        ('{id_of("d-hall2")}', '{BRAND}', '{HOME}', '+34922000001', 'both', null, '{id_of("hall")}', null),
        ('{id_of("d-till")}', '{BRAND}', '{SHOP}', '+34933000000', 'both', null, null, '{id_of("till")}');
    update config.client set outgoing_ddi_id = '{id_of("d-acme")}' where id = '{ACME}';
    update config."user" set outgoing_ddi_id = '{id_of("d-out")}' where name = 'bob';
    insert into config.routing_tag (id, brand_id, name, tag) values
        ('{id_of("premium")}', '{BRAND}', 'premium', '12#'), ('{id_of("cheap")}', '{BRAND}', 'cheap', '7#');
    insert into config.client_routing_tag (id, client_id, brand_id, tag_id) values
        ('{id_of("shop-tag")}', '{SHOP}', '{BRAND}', '{id_of("premium")}'),
        ('{id_of("gate-tag")}', '{GATE}', '{BRAND}', '{id_of("premium")}');
    insert into config.source (id, client_id, network) values
        ('{id_of("s1")}', '{GATE}', '198.51.100.7'), ('{id_of("s2")}', '{GATE}', '203.0.113.0/28');
"""  # noqa: S608 - constants of this file


@pytest.fixture
def owner(database: Database) -> Iterator[Connection]:
    """Give a connection to a database with a client of every type, Spanish numbers and a few DDIs."""
    with psycopg.connect(database.dsn("trunkline_owner"), autocommit=True) as connection:
        connection.execute(_ROWS.encode())
        yield connection


@pytest.fixture
def proxy(owner: Connection, database: Database) -> Iterator[Connection]:
    """Give a connection as a proxy to the same database."""
    assert not owner.closed
    with psycopg.connect(
        database.dsn("trunkline_proxy"), autocommit=True, options="-c search_path=kamailio,live"
    ) as connection:
        yield connection


class Dial(NamedTuple):
    """A case: who dials what and presents what, and what comes out."""

    client: str
    endpoint: str | None
    dialled: str
    presented: str | None
    expected: tuple[object, ...]


ALICE, BOB, CAROL, HALL, TILL, SAFE = (id_of(name) for name in ("t-alice", "t-bob", "t-carol", "hall", "till", "safe"))
LOCAL, E164 = "600111222", "+34600111222"
DIALS = {
    "a user presents its own DDI": Dial(ACME, ALICE, LOCAL, None, (None, "", "+34911000001", E164)),
    "international": Dial(ACME, ALICE, "0033123456789", None, (None, "", "+34911000001", "+33123456789")),
    "with plus": Dial(ACME, ALICE, "+33123456789", None, (None, "", "+34911000001", "+33123456789")),
    "an emergency": Dial(ACME, ALICE, "112", None, (None, "", "+34911000001", "+34112")),
    "a user with an outgoing DDI": Dial(ACME, BOB, LOCAL, None, (None, "", "+34911000002", E164)),
    "a user without presents the client's": Dial(ACME, CAROL, LOCAL, None, (None, "", "+34911000000", E164)),
    "whoever is not known presents the client's": Dial(ACME, None, LOCAL, None, (None, "", "+34911000000", E164)),
    "an extension is no number outside": Dial(ACME, ALICE, "101", None, (404, "", None, None)),
    "letters are none": Dial(ACME, ALICE, "alice", None, (404, "", None, None)),
    "nothing is none": Dial(ACME, ALICE, "", None, (404, "", None, None)),
    "a tag means nothing to a vPBX client": Dial(ACME, ALICE, "12#600111222", None, (404, "", None, None)),
    "a device": Dial(HOME, HALL, LOCAL, None, (None, "", "+34922000000", E164)),
    "a device presents a DDI of its client": Dial(HOME, HALL, LOCAL, "922000001", (None, "", "+34922000001", E164)),
    "a device presents another's DDI": Dial(HOME, HALL, LOCAL, "911000000", (None, "", "+34922000000", E164)),
    "a device presents nonsense": Dial(HOME, HALL, LOCAL, "anonymous", (None, "", "+34922000000", E164)),
    "an account": Dial(SHOP, TILL, LOCAL, None, (None, "", "+34933000000", E164)),
    "an account with a tag": Dial(SHOP, TILL, "12#600111222", None, (None, "12#", "+34933000000", E164)),
    "a tag that is not enabled": Dial(SHOP, TILL, "7#600111222", None, (403, "7#", None, None)),
    "a tag that nobody has": Dial(SHOP, TILL, "999#600111222", None, (403, "999#", None, None)),
    "an account without DDI": Dial(SHOP, SAFE, LOCAL, None, (403, "", None, E164)),
    "an account without DDI presents one": Dial(SHOP, SAFE, LOCAL, "933000000", (None, "", "+34933000000", E164)),
    "wholesale passes through": Dial(GATE, None, E164, "+4915112345678", (None, "", "+4915112345678", E164)),
    "wholesale may hide": Dial(GATE, None, E164, None, (None, "", None, E164)),
    "wholesale with a tag": Dial(GATE, None, "12#+34600111222", "0", (None, "12#", "0", E164)),
    "wholesale without plus has no transformation": Dial(GATE, None, "34600111222", None, (404, "", None, None)),
}


@pytest.mark.parametrize("case", DIALS.values(), ids=DIALS.keys())
def test_what_is_dialled(proxy: Connection, case: Dial) -> None:
    query = b"select code, tag, caller, callee from routing.dial(%s, %s, %s, %s)"
    found = proxy.execute(query, (case.client, case.endpoint, case.dialled, case.presented)).fetchall()
    assert found == [case.expected]


def test_what_a_t38_endpoint_sends_is_a_fax(proxy: Connection, owner: Connection) -> None:
    owner.execute(b"update config.terminal set t38 = true where name = 'alice'")
    for table in (b"device", b"account"):
        owner.execute(b"update config." + table + b" set t38 = true where name in ('hall', 'till')")
    query = b"select fax from routing.dial(%s, %s, %s, null)"
    for client, endpoint, fax in (
        *((ACME, ALICE, True), (ACME, BOB, False), (ACME, None, False)),
        *((HOME, HALL, True), (SHOP, TILL, True), (SHOP, SAFE, False), (GATE, None, False), (HOME, TILL, False)),
    ):
        assert proxy.execute(query, (client, endpoint, E164)).fetchall() == [(fax,)], (client, endpoint)


def test_how_numbers_are_shown(proxy: Connection) -> None:
    query = b"select routing.shown(%s, %s, %s), routing.called(%s, %s, %s)"
    found = proxy.execute(query, (ACME, ALICE, "+34600111222", HOME, HALL, "+34922000000")).fetchone()
    assert found == ("600111222", "922000000")
    found = proxy.execute(query, (ACME, ALICE, "+33123456789", GATE, None, "+34922000000")).fetchone()
    assert found == ("0033123456789", "+34922000000")


def test_who_is_behind_an_account(proxy: Connection) -> None:
    query = b"select kind, client_name, filter, direct, trusted, coalesce(ha1, '') <> '' from kamailio.identity(%s, %s)"
    for user, domain, expected in (
        ("alice", "acme.example", ("terminal", "acme", None, None, None, True)),
        ("hall", "atlas.example", ("device", "home", None, None, None, True)),
        ("till", "ATLAS.example", ("account", "shop", None, None, None, True)),
    ):
        assert proxy.execute(query, (user, domain)).fetchall() == [expected]
    for user, domain in (("alice", "atlas.example"), ("hall", "acme.example"), ("acme", "acme.example")):
        assert proxy.execute(query, (user, domain)).fetchall() == []


def test_domains_of_clients_and_brands(proxy: Connection) -> None:
    rows = proxy.execute(b"select domain, client_id::text, brand_id::text from domain order by domain").fetchall()
    assert rows == [("acme.example", ACME, BRAND), ("atlas.example", None, BRAND)]


def test_an_address_filter(proxy: Connection, owner: Connection) -> None:
    query = b"select filter from kamailio.identity('hall', 'atlas.example')"
    owner.execute(
        "insert into config.allowed_source (id, client_id, name, network) values"
        " (gen_random_uuid(), %s, 'a', '192.0.2.0/24'), (gen_random_uuid(), %s, 'b', '198.51.100.1')",
        (HOME, HOME),
    )
    (found,) = proxy.execute(query).fetchall()
    assert sorted(found[0].split(",")) == ["192.0.2.0/24", "198.51.100.1/32"]
    owner.execute(b"delete from config.allowed_source")
    owner.execute(
        "insert into config.allowed_source (id, client_id, name, country) values (gen_random_uuid(), %s, 'ES', 'ES')",
        (HOME,),
    )
    assert proxy.execute(query).fetchall() == [("192.0.2.0/32",)], "countries are not looked up: nobody gets in"


def test_addresses_that_stand_for_somebody(proxy: Connection, owner: Connection) -> None:
    query = b"select kind, client_id::text, username, domain from kamailio.at_address(%s, %s)"
    assert proxy.execute(query, ("198.51.100.7", 5060)).fetchall() == [("wholesale", GATE, None, None)]
    assert proxy.execute(query, ("203.0.113.9", 4321)).fetchall() == [("wholesale", GATE, None, None)]
    assert proxy.execute(query, ("192.0.2.10", 5060)).fetchall() == []
    owner.execute(
        b"update config.account set address = '192.0.2.10', port = 5060, transport = 'udp', trusted = true"
        b" where name = 'till'"
    )
    assert proxy.execute(query, ("192.0.2.10", 5060)).fetchall() == [("account", None, "till", "atlas.example")]
    assert proxy.execute(query, ("192.0.2.10", 5062)).fetchall() == []
    owner.execute(
        b"update config.account set address = '192.0.2.10', port = 5060, transport = 'udp', trusted = true"
        b" where name = 'safe'"
    )
    assert proxy.execute(query, ("192.0.2.10", 5060)).fetchall() == [], "two: only From tells them apart"
    identity = b"select direct, trusted from kamailio.identity('safe', 'atlas.example')"
    assert proxy.execute(identity).fetchall() == [("sip:192.0.2.10:5060;transport=udp", "192.0.2.10:5060")]
    origins = proxy.execute(b"select key_name, key_value from origin order by key_name").fetchall()
    assert origins == [("192.0.2.10", "1"), ("198.51.100.7", "1"), ("ranges", "203.0.113.0/28")]


def test_a_call_to_an_account(proxy: Connection, owner: Connection) -> None:
    query = b"select * from kamailio.call_to_account(%s, '+34933000000', '+34600111222')"
    assert proxy.execute(query, (TILL,)).fetchall() == [("600111222", None, None, None)]
    owner.execute(b"update config.account set called_number = true where name = 'till'")
    forward = (
        "insert into config.forward (id, client_id, account_id, reason, calls, called_ddi_id, to_number, to_account_id,"
        " to_voicemail) values (gen_random_uuid(), %s, %s, %s, 'external', %s, %s, %s, false)"
    )
    owner.execute(forward, (SHOP, TILL, "not_registered", None, "+34600999999", None))
    owner.execute(forward, (SHOP, TILL, "not_registered", id_of("d-till"), None, SAFE))
    assert proxy.execute(query, (TILL,)).fetchall() == [("600111222", "933000000", None, "account:safe")]
    owner.execute(b"update config.account set t38 = true where name = 'till'")
    assert proxy.execute(query, (TILL,)).fetchall() == [("600111222", "933000000", None, None)]


def test_the_call_flow_service_may_ask_and_sees_no_secret(owner: Connection, database: Database) -> None:
    assert not owner.closed
    with psycopg.connect(database.dsn("trunkline_callflow"), autocommit=True) as service:
        (row,) = service.execute("select callflow.client_configuration(%s)", [HOME]).fetchall()
        assert row[0]["ddis"]["+34922000000"] == {"direction": "both", "kind": "device", "target": HALL}
        assert row[0]["devices"][HALL]["address"] == "hall@atlas.example"
        found = service.execute("select callee from routing.dial(%s, %s, '600111222')", [HOME, HALL]).fetchone()
        assert found == ("+34600111222",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            service.execute(b"select * from kamailio.identity('hall', 'atlas.example')")


def test_nobody_but_the_proxies_sees_a_hash(owner: Connection, database: Database) -> None:
    assert not owner.closed
    for role in ("trunkline_monitor", "trunkline_callflow", "trunkline_apply"):
        with psycopg.connect(database.dsn(role), autocommit=True) as connection:
            for query in ("select ha1 from kamailio.account_of_domain", "select ha1 from kamailio.identity('a', 'b')"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(query.encode())
