"""Limits: how many calls with the outside there are at once, counted by the database for all proxies together."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Database

Connection = psycopg.Connection[tuple[Any, ...]]
BRAND, CLIENT, OTHER, DEVICE, DDI, PROVIDER, FIRST, SECOND = (
    str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
    for name in ("brand", "client", "other", "device", "ddi", "provider", "first", "second")
)
BURST, WORKERS = 200, 20
_TENANTS = f"""
    insert into config.brand (id, name, max_calls) values ('{BRAND}', 'atlas', 3);
    insert into config.client (id, brand_id, name, type, language, max_calls) values
        ('{CLIENT}', '{BRAND}', 'home', 'residential', 'en', 2),
        ('{OTHER}', '{BRAND}', 'other', 'residential', 'en', 0);
    insert into config.device (id, client_id, name, ha1, multi_contact, encryption, t38, called_number, call_waiting,
                               max_calls)
        values ('{DEVICE}', '{CLIENT}', 'hall', md5(''), true, false, false, false, 0, 1);
    insert into config.ddi_provider (id, brand_id, name, max_calls, plus)
        values ('{PROVIDER}', '{BRAND}', 'in', 1, true);
    insert into config.ddi (id, brand_id, client_id, number, direction, max_calls)
        values ('{DDI}', '{BRAND}', '{OTHER}', '+34911234567', 'both', 1);
    insert into config.carrier (id, brand_id, name, max_calls, externally_rated) values
        ('{FIRST}', '{BRAND}', 'first', 1, false), ('{SECOND}', '{BRAND}', 'second', 0, false);
"""  # noqa: S608 - constants of this file


def connect(database: Database, proxy: str = "trunks@px1") -> Connection:
    """Connect as a proxy does."""
    return psycopg.connect(database.dsn("trunkline_proxy"), autocommit=True, application_name=proxy)


@pytest.fixture
def proxy(database: Database) -> Iterator[Connection]:
    """Give a connection as a proxy, to a database with limits of every kind."""
    with psycopg.connect(database.dsn("trunkline_owner")) as owner:
        owner.execute(_TENANTS.encode())
    with connect(database) as connection:
        yield connection


def ask(connection: Connection, query: str, *values: object) -> Any:
    row = connection.execute(query.encode(), values or None).fetchone()
    assert row is not None
    return row[0]


def admit(connection: Connection, leg: str, client: str = CLIENT, **more: str) -> str | None:
    names = {"endpoint": "a_endpoint", "provider": "a_provider", "ddi": "a_ddi"}
    extra = "".join(f", {names[name]} => %s" for name in more)
    found: str | None = ask(connection, f"select routing.admit(%s, %s{extra})", leg, client, *more.values())
    return found


def used(database: Database) -> dict[str, int]:
    with psycopg.connect(database.dsn("trunkline_monitor")) as connection:
        return dict(connection.execute("select kind || ':' || id, used from live.place_in_use").fetchall())


def legs(count: int) -> list[str]:
    return [str(uuid.uuid4()) for _ in range(count)]


def test_a_client_has_so_many_calls_and_no_more(proxy: Connection, database: Database) -> None:
    first, second, third = legs(3)
    assert [admit(proxy, leg) for leg in (first, second, third)] == [None, None, "client"]
    assert used(database) == {f"brand:{BRAND}": 2, f"client:{CLIENT}": 2}
    ask(proxy, "select routing.release(%s)::text", first)
    assert admit(proxy, third) is None


def test_the_limits_of_brand_and_client_are_independent(proxy: Connection, database: Database) -> None:
    assert [admit(proxy, leg, OTHER) for leg in legs(3)] == [None] * 3
    assert admit(proxy, legs(1)[0]) == "brand"
    assert f"client:{CLIENT}" not in used(database), "a refused call holds nothing"


def test_an_endpoint_a_provider_and_a_ddi_have_limits_of_their_own(proxy: Connection) -> None:
    assert admit(proxy, legs(1)[0], endpoint=DEVICE) is None
    assert admit(proxy, legs(1)[0], endpoint=DEVICE) == "endpoint"
    assert admit(proxy, legs(1)[0], OTHER, provider=PROVIDER, ddi=DDI) is None
    assert admit(proxy, legs(1)[0], OTHER, ddi=DDI) == "ddi"
    assert admit(proxy, legs(1)[0], OTHER, provider=PROVIDER) == "provider"


def test_to_ask_twice_takes_one_place(proxy: Connection, database: Database) -> None:
    (leg,) = legs(1)
    assert [admit(proxy, leg), admit(proxy, leg)] == [None, None]
    assert used(database)[f"client:{CLIENT}"] == 1
    for _ in range(2):
        ask(proxy, "select routing.release(%s)::text", leg)
    assert used(database) == {}


def test_the_place_of_a_carrier_follows_the_attempts(proxy: Connection, database: Database) -> None:
    ours, theirs = legs(2)
    query = "select routing.admit_carrier(%s, %s)"
    assert ask(proxy, query, ours, FIRST) is True
    assert ask(proxy, query, theirs, FIRST) is False
    assert ask(proxy, query, theirs, SECOND) is True, "a carrier without a limit takes everybody"
    assert ask(proxy, query, ours, SECOND) is True
    assert used(database) == {}, "the next attempt has given the place of the one before back"
    assert ask(proxy, query, theirs, FIRST) is True


@pytest.mark.parametrize("limit", [1, 17, BURST])
def test_of_a_burst_exactly_as_many_as_allowed_get_through(database: Database, limit: int) -> None:
    keys, limits = ["brand:b", "client:c", f"endpoint:{limit}"], [BURST * 2, limit, BURST]
    ready = threading.Barrier(WORKERS)
    query = b"select routing.reserve(%s, %s, %s)"

    def burst(number: int) -> list[str | None]:
        answers = []
        with connect(database, f"trunks@px{number % 3}") as connection:
            ready.wait()
            for _ in range(BURST // WORKERS):
                mixed = list(zip(keys, limits, strict=True))[:: 1 if number % 2 else -1]
                row = connection.execute(
                    query, (uuid.uuid4(), [key for key, _ in mixed], [places for _, places in mixed])
                ).fetchone()
                assert row is not None
                answers.append(row[0])
        return answers

    with ThreadPoolExecutor(WORKERS) as pool:
        answers = [answer for found in pool.map(burst, range(WORKERS)) for answer in found]
    assert (answers.count(None), answers.count("client:c")) == (limit, BURST - limit)
    with psycopg.connect(database.dsn("trunkline_owner")) as owner:
        owner.execute("select live.release_places((select array_agg(distinct holder) from live.place))")
        assert owner.execute("select distinct used from live.place_count").fetchall() == [(0,)]


def test_places_taken_and_given_back_by_many_add_up(database: Database) -> None:
    ready = threading.Barrier(WORKERS)

    def come_and_go(number: int) -> None:
        with connect(database, f"trunks@px{number}") as connection:
            ready.wait()
            for turn in range(10):
                leg = uuid.uuid4()
                keys = [f"brand:{turn % 2}", "client:c"][:: 1 if turn % 3 else -1]
                connection.execute("select routing.reserve(%s, %s, %s)", (leg, keys, [5, 5]))
                connection.execute("select routing.release(%s)", (leg,))

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(come_and_go, range(WORKERS)))
    assert used(database) == {}


def test_a_dead_proxy_does_not_keep_its_places(proxy: Connection, database: Database) -> None:
    with connect(database, "trunks@px2") as dying:
        ask(dying, "select live.alive()::text")
        assert [admit(dying, leg) for leg in legs(2)] == [None, None]
    assert admit(proxy, legs(1)[0]) == "client", "it may still be there"
    with psycopg.connect(database.dsn("trunkline_owner")) as owner:
        owner.execute("update live.proxy set seen_at = now() - interval '2 minutes' where proxy = 'trunks@px2'")
        owner.execute(_SERVER_OF_YESTERDAY.encode())
    (leg,) = legs(1)
    assert admit(proxy, leg) is None
    assert used(database) == {f"brand:{BRAND}": 3, f"client:{CLIENT}": 1}, "only where somebody needs the place"


def test_a_place_that_is_older_than_any_call_is_given_to_the_next(proxy: Connection, database: Database) -> None:
    assert [admit(proxy, leg) for leg in legs(2)] == [None, None]
    with psycopg.connect(database.dsn("trunkline_owner")) as owner:
        owner.execute("update live.place set taken_at = now() - interval '5 hours'")
    assert admit(proxy, legs(1)[0]) is None


def test_nobody_reads_or_writes_places_but_by_these_functions(proxy: Connection) -> None:
    for statement in ("select * from live.place", "delete from live.place_count", "select live.release_places('{}')"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            proxy.execute(statement.encode())


# A server that was started just now knows nothing about who was silent: in this database it counts as an old one.
_SERVER_OF_YESTERDAY = """
    create schema yesterday;
    create function yesterday.pg_postmaster_start_time() returns timestamptz language sql as $$
        select now() - interval '1 day'
    $$;
    grant usage on schema yesterday to public;
    alter function live.reclaim_places set search_path = yesterday, pg_catalog, live;
"""
