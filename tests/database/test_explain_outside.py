"""`trunkline explain` of calls to the outside and from it, against a real database: numbers, routes, prices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.database.test_explain import Paper
from tests.support.paper import make

if TYPE_CHECKING:
    from tests.support.databases import Database

FILES = {
    "brand.yml": """\
country: ES
domain: phones.atlas.example
carriers:
  first: {prices: cheap, servers: {main: {address: 192.0.2.51}}}
  second: {prices: elsewhere, servers: {main: {address: 192.0.2.52}}}
price_lists:
  elsewhere: {currency: EUR, prices: {"+33": {rate: 0.02}}}
  cheap: {currency: EUR, prices: {"+34": {rate: 0.02, connection_fee: 0.01}}}
ddi_providers:
  numbers: {sources: {192.0.2.61: {}}}
routing_tags:
  premium: {tag: "12#"}
  cheap: {tag: "7#"}
outgoing_routes:
  spain: {pattern: es, carrier: first, stopper: yes}
  spare: {pattern: es, carrier: second, priority: 2}
  cheapest: {pattern: es, cheapest_of: [first, second]}
  far: {pattern: fr, block: yes}
  tagged: {pattern: es, carrier: second, tag: premium}
  faxes: {fax: yes, carrier: second}
""",
    "acme.yml": """\
type: vpbx
domain: acme.example
users:
  alice: {name: Alice Example, extension: 101, ddi: +34911000001}
""",
    "home.yml": """\
type: residential
devices:
  copier: {ddi: +34911000004, t38: yes}
  hall: {ddi: +34911000002, forwards: [{when: not_registered, number: +34600111222}]}
""",
    "shop.yml": """\
type: retail
routing_tags: [premium]
address_filter: {sources: [192.0.2.0/24]}
accounts:
  till: {ddi: +34911000003}
  scan: {ddi: +34911000005, t38: yes}
""",
    "gate.yml": "type: wholesale\nsources: {198.51.100.7: {}}\n",
}


@pytest.fixture
def paper(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Paper:
    """Give an inventory with a client of every type, carriers and a DDI provider, applied."""
    folder = make(tmp_path, database.dsn(), monkeypatch)
    for name, text in FILES.items():
        (folder / "tenants" / "atlas" / name).write_text(text)
    made = Paper(folder, database)
    made.apply()
    return made


def texts(found: Any, by: str = "") -> list[str]:
    return [decision["text"] for decision in found["decisions"] if by in decision["by"]]


def test_a_user_calls_outside(paper: Paper) -> None:
    found = paper.explain("alice@acme", "600111222")
    assert texts(found, "call logic") == [
        "calls 600111222 outside",
        "600111222 is +34600111222",
        "presents +34911000001",
    ]
    trunks = texts(found, "trunks proxy")
    assert any("route spare" in text and "left out: a stopper comes before it" in text for text in trunks)
    assert any("route cheapest" in text and "second" in text and "no price" in text for text in trunks)
    (attempt,) = {text for text in trunks if text.startswith("attempt 1")}
    assert "first/main at sip:192.0.2.51" in attempt
    assert "600111222 from 911000001" in attempt, "numbers as the carrier's set, the country's, writes them"
    assert "0.11" in attempt
    assert "EUR" in attempt
    (listed,) = found["attempts"]
    expected = {"carrier": "first", "server": "main", "callee": "600111222", "caller": "911000001", "currency": "EUR"}
    assert {key: listed[key] for key in expected} == expected
    places = {cause["file"] for decision in found["decisions"] for cause in decision["causes"]}
    assert "tenants/atlas/brand.yml" in places
    assert all(cause["line"] for decision in found["decisions"] for cause in decision["causes"])


@pytest.mark.parametrize(("caller", "by"), [("copier@home", "call logic"), ("scan@shop", "users proxy")])
def test_a_fax_takes_the_route_for_faxes(paper: Paper, caller: str, by: str) -> None:
    found = paper.explain(caller, "600111222")
    assert "a fax: routes for faxes come first" in texts(found, by)
    trunks = texts(found, "trunks proxy")
    assert any("route spain" in text and "left out: a route for faxes fits" in text for text in trunks)
    assert [(one["carrier"], one["server"]) for one in found["attempts"]] == [("second", "main")]


@pytest.mark.parametrize(
    ("caller", "dialled", "code", "why"),
    [
        ("alice@acme", "0033123456789", 403, "a route blocks this number"),
        ("alice@acme", "004915112345678", 503, "no route leads there"),
        ("alice@acme", "*94", 404, "no extension and no number outside"),
        ("till@shop", "7#600111222", 403, "the routing tag is not enabled"),
        ("+34600000000@198.51.100.7", "12#+34600111222", 403, "the routing tag is not enabled"),
        ("+34600000000@198.51.100.9", "+34911000001", 403, "198.51.100.9 is no DDI provider's address"),
        ("+34600000000@192.0.2.61", "+34911999999", 404, "leads +34911999999 to a DDI"),
    ],
)
def test_a_call_that_does_not_come_through(paper: Paper, caller: str, dialled: str, code: int, why: str) -> None:
    found = paper.explain(caller, dialled)
    assert found["refused"]["code"] in {code, 502 if code == 503 else code}
    assert any(why in text for text in texts(found)), texts(found)


def test_an_account_goes_straight_to_the_trunks_proxy(paper: Paper) -> None:
    found = paper.explain("till@shop", "12#600111222", "--presents", "+34600999999")
    first = texts(found, "users proxy")
    assert (
        "till@phones.atlas.example is an account, its password is asked for; it may call from 192.0.2.0/24 only"
        in first
    )
    assert "routing tag 12#" in first
    assert "presents +34911000003 instead of +34600999999" in first
    assert [text for text in texts(found, "trunks") if text.startswith("route tagged")]
    assert found["application_servers"] == []


def test_a_wholesale_client_presents_what_it_likes(paper: Paper) -> None:
    found = paper.explain("+4915112345678@198.51.100.7", "+34600111222")
    assert "198.51.100.7 is an address of wholesale client atlas/gate" in texts(found)
    assert "presents +4915112345678" in texts(found)


def test_a_number_of_the_platform_stays_inside(paper: Paper) -> None:
    found = paper.explain("hall@home", "911000001")
    assert "+34911000001 is a number of the platform: the call stays inside" in texts(found)
    assert not [text for text in texts(found) if text.startswith(("attempt", "route"))]


def test_a_call_comes_in_and_goes_on(paper: Paper) -> None:
    found = paper.explain("+34600123456@192.0.2.61", "+34911000002")
    assert texts(found)[:2] == [
        "192.0.2.61 is an address of DDI provider numbers",
        "+34911000002 is DDI +34911000002 of client atlas/home",
    ]
    assert "calls +34600111222 outside by way of +34911000002" in texts(found)
    assert "presents +34911000002" in texts(found)
    assert found["refused"] is None


def test_a_call_comes_in_to_an_account(paper: Paper) -> None:
    paper.register("till", "phones.atlas.example", "sip:till@192.0.2.7:5060")
    found = paper.explain("+34600123456@192.0.2.61", "+34911000003")
    assert "account till is called as 911000003, by 600123456" in texts(found)
    assert "it is reached at sip:till@192.0.2.7:5060" in texts(found)
