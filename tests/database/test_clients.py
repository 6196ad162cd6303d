"""Clients of all types in a real database: what is declared arrives, and keys keep apart what must not meet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import errors

from tests.support import inventories
from tests.support.engine import HOSTS, ME
from trunkline.compile import compile_platform
from trunkline.pipeline import check_inventory
from trunkline.plan import ALLOWANCES, Options, apply, database, make_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.databases import Database
    from trunkline.compile import Compiled
    from trunkline.plan import Change

EXAMPLE = Path(__file__).parents[2] / "inventories/production.example"


def _example() -> Compiled:
    tenants = check_inventory(EXAMPLE).tenants
    return compile_platform(tenants, HOSTS, inventories.passwords(tenants))


def _tree(acme: dict[str, Any], globex: dict[str, Any]) -> Compiled:
    return inventories.compiled({"atlas": {"brand": {}, "clients": {"acme": acme, "globex": globex}}})


def _apply(target: Database, compiled: Compiled) -> None:
    with database(target.dsn()) as connection:
        apply(connection, compiled, ME, Options(allowed=ALLOWANCES))


def _changes(target: Database, compiled: Compiled) -> Sequence[Change]:
    with database(target.dsn()) as connection:
        return make_plan(connection, compiled).changes


def _query(target: Database, query: str, role: str = "trunkline_monitor") -> list[tuple[Any, ...]]:
    with psycopg.connect(target.dsn(role)) as connection:
        return connection.execute(query.encode()).fetchall()


def test_the_example_of_every_type_arrives(database: Database) -> None:
    compiled = _example()
    _apply(database, compiled)
    assert _changes(database, compiled) == ()
    types = _query(database, "select type, count(*) from config.client group by type order by type")
    assert types == [("residential", 1), ("retail", 1), ("vpbx", 2), ("wholesale", 1)]
    routes = _query(
        database,
        "select ddi.number, coalesce(person.name, device.name, account.name, ddi.direction) from config.ddi"
        ' left join config."user" person on person.id = ddi.user_id'
        " left join config.device on device.id = ddi.device_id"
        " left join config.account on account.id = ddi.account_id order by ddi.number",
    )
    expected = {"+34911234500": "reception", "+34911234599": "out", "+34911234601": "home-1001"}
    assert expected.items() <= dict(routes).items()
    presented = _query(
        database,
        "select ddi.number from config.client join config.ddi on ddi.id = client.outgoing_ddi_id"
        " where client.name = 'acme'",
    )
    assert presented == [("+34911234500",)]


def test_proxies_see_the_domains_of_vpbx_clients_and_of_brands(database: Database) -> None:
    _apply(database, _example())
    domains = _query(database, "select domain from kamailio.domain order by domain", "trunkline_proxy")
    assert domains == [("acme.voice.example.net",), ("globex.voice.example.net",), ("phones.atlas.example.net",)]


def test_clients_whose_calls_may_need_an_application_server_have_an_order_of_them(database: Database) -> None:
    _apply(database, _example())
    query = "select distinct type from config.client join config.client_application_server s on s.client_id = client.id"
    assert sorted(_query(database, query)) == [("residential",), ("retail",), ("vpbx",)]


def test_numbers_and_addresses_wander_between_clients_in_one_apply(database: Database) -> None:
    def shop(name: str, ddi: str) -> dict[str, Any]:
        return {"type": "retail", "accounts": {name: {"ddi": ddi}}}

    _apply(database, _tree(shop("a", "+34911234501"), shop("b", "+34911234502")))
    _apply(database, _tree(shop("a", "+34911234502"), shop("b", "+34911234501")))
    query = "select account.name, number from config.ddi join config.account on account.id = account_id order by 1"
    assert _query(database, query) == [("a", "+34911234502"), ("b", "+34911234501")]

    def carrier(*networks: str) -> dict[str, Any]:
        return {"type": "wholesale", "sources": {network: {} for network in networks}}

    _apply(database, _tree(carrier("192.0.2.0/25"), carrier("192.0.2.128/25")))
    _apply(database, _tree(carrier("192.0.2.0/24"), carrier("198.51.100.1")))
    assert _query(database, "select abbrev(network) from config.source order by network") == [
        ("192.0.2.0/24",),
        ("198.51.100.1",),
    ]


@pytest.mark.parametrize(
    ("acme", "globex", "error"),
    [
        (
            {"type": "wholesale", "sources": {"192.0.2.0/24": {}}},
            {"type": "wholesale", "sources": {"192.0.2.7": {}}},
            errors.ExclusionViolation,
        ),
        (
            {"type": "retail", "accounts": {"a": {"ddi": "+34911234501"}}},
            {"type": "retail", "accounts": {"b": {"ddi": "+34911234501"}}},
            errors.UniqueViolation,
        ),
        (
            {"type": "vpbx", "domain": "a.example", "friends": {"x": {"client": "nobody"}}},
            {"type": "vpbx", "domain": "b.example"},
            errors.ForeignKeyViolation,
        ),
        (
            {"type": "vpbx", "domain": "a.example", "terminals": {"x": {"mac": "00:1a:2b:3c:4d:5e"}}},
            {"type": "vpbx", "domain": "b.example", "terminals": {"x": {"mac": "00:1a:2b:3c:4d:5e"}}},
            errors.UniqueViolation,
        ),
    ],
    ids=["sources", "ddis", "friends", "macs"],
)
def test_what_no_check_saw_the_database_refuses_as_a_whole(
    database: Database, acme: dict[str, Any], globex: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the engine may wrap what the database says
        _apply(database, _tree(acme, globex))
    assert isinstance(caught.value, error) or isinstance(caught.value.__cause__, error)
    assert _query(database, "select * from config.client") == []
