"""Numbers of clients in a real database: whose set counts, what is internal, which numbers leave no trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.support.engine import compiled, do_apply, do_plan, rows, titles
from trunkline.compile import object_id

if TYPE_CHECKING:
    from tests.support.databases import Database
    from tests.support.inventories import Tree

PLATFORM = {
    "country": "ES",
    "transformation_sets": {
        "pt": {"callee_in": {"150": {"pattern": "^1820$", "replacement": "+351211234567"}}},
        "ukraine-810": {"country": "UA", "international_prefix": "810"},
    },
    "special_numbers": {
        "+34016": {"description": "Violence against women"},
        "+34112": {"emergency": "yes", "call_record": "yes"},
    },
}
ACME: dict[str, Any] = {
    "type": "vpbx",
    "domain": "acme.example",
    "users": {
        "alice": {"name": "Alice", "extension": "101"},
        "bob": {"name": "Bob", "extension": "102", "country": "FR"},
        "carol": {"name": "Carol", "extension": "103", "transformation_set": "carriers"},
    },
    "friends": {
        "depot": {"patterns": ["3[0-9]{2}", r"\+4930[0-9]+"], "always_transform": "yes"},
        "yard": {"patterns": ["4[0-9]{2}"], "country": "PT"},
        "globex": {"client": "globex"},
    },
    "corporation": "umbrella",
    "services": {"voicemail": "*97", "group_pickup": "off"},
}
TREE: Tree = {
    "atlas": {
        "brand": {
            "corporations": {"umbrella": {}},
            "services": {"direct_pickup": "95"},
            "transformation_sets": {
                "fr": {"callee_in": {"500": {"off": "yes"}}},
                "carriers": {"callee_out": {"100": {"pattern": r"^\+34", "replacement": "7788"}}},
            },
            "special_numbers": {"+34016": {"rating": "yes"}},
        },
        "clients": {
            "acme": ACME,
            "globex": {
                "type": "vpbx",
                "domain": "globex.example",
                "corporation": "umbrella",
                "users": {"dave": {"name": "Dave", "extension": "555"}},
            },
            "home": {"type": "retail", "country": "GB", "accounts": {"gateway": {}, "other": {"country": "US"}}},
        },
    },
    "boreas": {
        "brand": {"domain": "b.example"},
        "clients": {"far": {"type": "retail", "country": "FR", "accounts": {}}},
    },
}
TREE["atlas"]["brand"]["domain"] = "a.example"


def _client(name: str, *path: str, brand: str = "atlas") -> str:
    return object_id("brand", brand, "client", name, *path)


def _set(*path: str) -> str:
    return object_id(*path[:-1], "transformation_set", path[-1])


@pytest.fixture(scope="module")
def numbers(shared_database: Database) -> Database:
    """Give a database with clients of several countries; the tests only ask it."""
    do_apply(shared_database, compiled(TREE, platform=PLATFORM))
    return shared_database


def _ask(target: Database, call: str, *parameters: Any, role: str = "trunkline_proxy") -> Any:
    ((found,),) = rows(target, f"select {call}", *parameters, role=role)
    return found


@pytest.mark.parametrize(
    ("client", "endpoint", "expected"),
    [
        (("acme",), None, _set("platform", "es")),
        (("acme",), ("terminal", "alice"), _set("platform", "es")),
        (("acme",), ("terminal", "bob"), _set("brand", "atlas", "fr")),
        (("acme",), ("terminal", "carol"), _set("brand", "atlas", "carriers")),
        (("acme",), ("friend", "yard"), _set("platform", "pt")),
        (("home",), ("account", "gateway"), _set("platform", "gb")),
        (("home",), ("account", "other"), _set("platform", "us")),
        (("home",), ("terminal", "bob"), _set("platform", "gb")),  # of another client
    ],
)
def test_whose_set_counts(
    numbers: Database, client: tuple[str], endpoint: tuple[str, str] | None, expected: str
) -> None:
    own = None if endpoint is None else _client(client[0], *endpoint)
    found = _ask(numbers, "routing.transformation_set(%s, %s)", _client(client[0]), own)
    assert str(found) == expected


def test_a_set_of_one_brand_is_not_anothers(numbers: Database) -> None:
    found = _ask(numbers, "routing.transformation_set(%s)", _client("far", brand="boreas"))
    assert str(found) == _set("platform", "fr")
    assert _ask(numbers, "routing.transform(%s, 'callee_in', '0123456789')", found) == "+33123456789"
    own = _set("brand", "atlas", "fr")
    assert _ask(numbers, "routing.transform(%s, 'callee_in', '0123456789')", own) == "0123456789"  # 500 is off
    assert _ask(numbers, "routing.transform(%s, 'callee_in', '33123456789')", own) == "+33123456789"  # 600 is not


def test_declared_rules_stand_among_those_of_the_country(numbers: Database) -> None:
    for dialled, meaning in (("1820", "+351211234567"), ("211234567", "+351211234567"), ("112", "+351112")):
        found = _ask(numbers, "routing.transform(%s, 'callee_in', %s)", _set("platform", "pt"), dialled)
        assert found == meaning
    ukraine = _set("platform", "ukraine-810")
    assert _ask(numbers, "routing.transform(%s, 'callee_in', '81033123456789')", ukraine) == "+33123456789"
    assert _ask(numbers, "routing.transform(%s, 'callee_out', '+33123456789')", ukraine) == "81033123456789"
    carriers = _set("brand", "atlas", "carriers")
    assert _ask(numbers, "routing.transform(%s, 'callee_out', '+34911234567')", carriers) == "7788911234567"
    assert _ask(numbers, "routing.transform(%s, 'callee_out', '+33123456789')", carriers) == "+33123456789"


@pytest.mark.parametrize(
    ("number", "internal"),
    [
        *(("101", True), ("301", True), ("401", True), ("555", True), ("+493012345", True)),
        *(("*97", True), ("*97101", True), ("95101", True), ("*70", True), ("*93", False), ("*95", False)),
        *(("*701", False), ("104", False), ("911234567", False), ("3011", False), ("112", False), ("", False)),
    ],
)
def test_what_is_internal(numbers: Database, number: str, internal: bool) -> None:
    assert _ask(numbers, "routing.is_internal(%s, %s)", _client("acme"), number) is internal
    assert _ask(numbers, "routing.is_internal(%s, %s)", _client("home"), number) is False


def test_internal_numbers_are_transformed_only_for_a_friend_that_asks(numbers: Database) -> None:
    acme, call = _client("acme"), "routing.transform_for(%s, %s, 'callee_in', %s)"
    assert _ask(numbers, call, acme, _client("acme", "terminal", "alice"), "301") == "301"
    assert _ask(numbers, call, acme, _client("acme", "terminal", "alice"), "911234567") == "+34911234567"
    assert _ask(numbers, call, acme, _client("acme", "friend", "yard"), "112") == "+351112"
    out = "routing.transform_for(%s, %s, 'callee_out', %s)"
    assert _ask(numbers, out, acme, _client("acme", "friend", "yard"), "+4930123456") == "+4930123456"
    assert _ask(numbers, out, acme, _client("acme", "friend", "depot"), "+4930123456") == "004930123456"


def test_special_numbers(numbers: Database) -> None:
    atlas, boreas = object_id("brand", "atlas"), object_id("brand", "boreas")
    query = "select * from routing.special(%s, %s)"
    assert rows(numbers, query, atlas, "+34016", role="trunkline_proxy") == [(True, False, False, True, False)]
    assert rows(numbers, query, boreas, "+34016", role="trunkline_callflow") == [(True, False, False, False, False)]
    assert rows(numbers, query, boreas, "+34112", role="trunkline_proxy") == [(True, True, True, False, False)]
    assert rows(numbers, query, atlas, "+34911234567", role="trunkline_proxy") == [(False, False, True, True, True)]


def test_nobody_else_may_ask(numbers: Database) -> None:
    numbers.server.execute("create role stranger login")
    try:
        with psycopg.connect(numbers.dsn("stranger")) as connection, pytest.raises(psycopg.Error, match="permission"):
            connection.execute("select routing.transform(null, 'callee_in', '1')")
    finally:
        numbers.server.execute("drop role stranger")


def test_a_plan_counts_the_sets_of_countries_as_one(database: Database) -> None:
    plan = do_plan(database, compiled(TREE, platform=PLATFORM))
    shown = [each for each in titles(plan.changes) if "transformation" in each]
    assert "add transformation set (250 generated)" in shown
    assert len(shown) < 60
    do_apply(database, compiled(TREE, platform=PLATFORM))
    edited = {**PLATFORM, "transformation_sets": {}}
    changed = titles(do_plan(database, compiled(TREE, platform=edited)).changes)
    assert "remove transformation set ukraine-810" in changed
    assert [each for each in changed if "generated" in each] == ["remove transformation rule (15 generated)"]
