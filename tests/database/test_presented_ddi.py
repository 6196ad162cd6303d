"""Which DDI a caller presents: its own, or what an outgoing DDI rule says (seed 004 section 10.1.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.support.engine import compiled, do_apply

if TYPE_CHECKING:
    from tests.support.databases import Database

OWN, MAIN, SALES = "+34911234501", "+34911234500", "+34911234502"
LISTS = {"mobiles": {"patterns": [r"^\+34[67]"]}, "friends": {"numbers": ["+33123456789"]}}
TREE: dict[str, dict[str, Any]] = {
    "atlas": {
        "brand": {"match_lists": {**LISTS, "colleagues": {"numbers": ["+34600000009"]}}},
        "clients": {
            "acme": {
                "type": "vpbx",
                "domain": "acme.example",
                "users": {"alice": {"name": "Alice", "extension": "101", "ddi": OWN}},
                "ddis": {MAIN: {}, SALES: {}},
                "match_lists": {"colleagues": {"numbers": ["+34600000001"]}},
                "outgoing_ddi_rules": {
                    "by-destination": {
                        "ddi": MAIN,
                        "cases": [
                            {"match_list": "colleagues"},
                            {"match_list": "mobiles", "ddi": SALES},
                            {"match_list": "europe", "ddi": SALES},
                        ],
                    },
                    "by-prefix": {"cases": [{"prefix": "111*", "ddi": MAIN}, {"prefix": "2*", "ddi": SALES}]},
                    "empty": {},
                },
            }
        },
    }
}


@pytest.fixture(scope="module")
def filled(shared_database: Database) -> Database:
    """Give a database with a client that has rules."""
    platform = {"match_lists": {"europe": {"numbers": ["+33123456789"]}}}
    do_apply(shared_database, compiled(TREE, platform=platform))
    return shared_database


@pytest.mark.parametrize(
    ("rule", "dialled", "expected"),
    [
        pytest.param("by-destination", "+34911111111", MAIN, id="nothing fits"),
        pytest.param("by-destination", "+34600000001", OWN, id="a case that keeps the own one"),
        pytest.param("by-destination", "+34600000002", SALES, id="a pattern of the brand"),
        pytest.param("by-destination", "+34600000009", SALES, id="the client's list hides the brand's"),
        pytest.param("by-destination", "+33123456789", SALES, id="a list of the platform"),
        pytest.param("by-prefix", "+34600000001", OWN, id="no prefix"),
        pytest.param("by-prefix", "111*+34600000001", MAIN, id="a prefix"),
        pytest.param("by-prefix", "2*+34600000001", SALES, id="a short prefix"),
        pytest.param("by-prefix", "3*+34600000001", OWN, id="a prefix of no case"),
        pytest.param("empty", "+34600000001", OWN, id="a rule without cases"),
        pytest.param(None, "+34600000001", OWN, id="no rule"),
    ],
)
def test_what_is_presented(filled: Database, rule: str | None, dialled: str, expected: str) -> None:
    query = """
        select presented.number
          from config.client
          join config.ddi own on own.client_id = client.id and own.number = %s
          left join config.outgoing_ddi_rule rule on rule.client_id = client.id and rule.name = %s
         cross join routing.split_prefix(%s) as dialled
          join config.ddi presented
            on presented.id = routing.outgoing_ddi(client.id, rule.id, own.id, dialled.number, dialled.prefix)
    """
    with psycopg.connect(filled.dsn("trunkline_callflow")) as connection:
        assert connection.execute(query.encode(), (OWN, rule, dialled)).fetchall() == [(expected,)]


@pytest.mark.parametrize(
    ("function", "dialled", "expected"),
    [
        ("split_tag", "12#0034911234567", ("12#", "0034911234567")),
        ("split_tag", "1234#911", ("", "1234#911")),
        ("split_tag", "911234567", ("", "911234567")),
        ("split_tag", "#911234567", ("", "#911234567")),
        ("split_prefix", "111*911", ("111*", "911")),
        ("split_prefix", "*93", ("", "*93")),
        ("split_prefix", "1111*911", ("", "1111*911")),
    ],
)
def test_what_stands_before_a_number(filled: Database, function: str, dialled: str, expected: tuple[str, str]) -> None:
    query = f"select * from routing.{function}(%s)"  # noqa: S608 - one of two names from above
    with psycopg.connect(filled.dsn("trunkline_proxy")) as connection:
        assert connection.execute(query.encode(), (dialled,)).fetchall() == [expected]
