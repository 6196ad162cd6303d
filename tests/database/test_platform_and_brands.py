"""What the platform and brands declare, in a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg

from tests.support import inventories
from trunkline.compile import object_id
from trunkline.database import migrate
from trunkline.database.connect import connect
from trunkline.plan import ALLOWANCES, Options, Provenance, apply, database, make_plan

if TYPE_CHECKING:
    from tests.support.databases import Database
    from trunkline.compile import Compiled

LISTS = {"spain": {"numbers": ["+34600000001"], "patterns": [r"^\+34", r"a\\b|c"]}}
PLATFORM: dict[str, Any] = {
    "time_zone": "Europe/Madrid",
    "contacts": {"atlas": {"email": "office@atlas.example"}},
    "contracts": {"atlas": {"type": "reseller", "contact": "atlas"}},
    "terminal_models": {"t23": {"manufacturer": "Yealink", "specific_file": "{mac}.cfg"}},
    "match_lists": LISTS,
}
BRAND: dict[str, Any] = {
    "contract": "atlas",
    "domain": "phones.atlas.example",
    "features": ["friends", "vpbx"],
    "services": {"voicemail": "off"},
    "corporations": {"umbrella": {"description": "All; of them"}},
    "contacts": {"acme": {"email": "office@acme.example", "street": "Zeil 1"}},
    "match_lists": LISTS,
}
ACME: dict[str, Any] = {
    "type": "vpbx",
    "domain": "acme.example",
    "contact": "acme",
    "corporation": "umbrella",
    "users": {"alice": {"name": "Alice", "extension": "101", "location": "madrid"}},
    "terminals": {"alice": {"model": "t23"}},
    "locations": {"madrid": {}},
    "address_book": {"wanda": {"name": "Wanda", "work": "+34910000001"}},
    "match_lists": LISTS,
}


def _compiled(platform: dict[str, Any], brand: dict[str, Any]) -> Compiled:
    return inventories.compiled({"atlas": {"brand": brand, "clients": {"acme": ACME}}}, platform=platform)


def _apply(target: Database, compiled: Compiled) -> None:
    with database(target.dsn()) as connection:
        apply(connection, compiled, Provenance(None, "tests"), Options(allowed=ALLOWANCES))


def test_what_was_applied_is_not_planned_again(database: Database) -> None:
    compiled = _compiled(PLATFORM, BRAND)
    _apply(database, compiled)
    with psycopg.connect(database.dsn("trunkline_callflow")) as connection:
        found = connection.execute(
            "select pattern from config.match_list_entry where pattern is not null order by pattern"
        ).fetchall()
    assert sorted(pattern for (pattern,) in found) == sorted([r"^\+34", r"a\\b|c"] * 3)
    assert _changes(database, compiled) == []


def test_changes_of_a_brand_are_shown_with_names(database: Database) -> None:
    _apply(database, _compiled(PLATFORM, BRAND))
    changed = {
        **BRAND,
        "language": "es",
        "services": {"voicemail": "*97"},
        "match_lists": {"spain": {"patterns": [r"^\+346"]}},
        "contacts": {"acme": {"email": "new@acme.example", "street": "Zeil 1"}},
    }
    platform = {**PLATFORM, "terminal_models": {"t23": {"manufacturer": "Yealink AG", "specific_file": "{mac}.cfg"}}}
    found = _changes(database, _compiled(platform, changed))
    assert ("change", "brand", "atlas", ["language: en -> es"]) in found
    assert ("change", "client", "acme", ["language: en -> es"]) in found
    assert ("change", "service", "voicemail", ["code: None -> *97"]) in found
    assert ("change", "contact", "acme", ["email: office@acme.example -> new@acme.example"]) in found
    assert ("change", "terminal model", "t23", ["manufacturer: Yealink -> Yealink AG"]) in found
    assert {(action, name) for action, kind, name, _ in found if kind == "entry of match list"} == {
        ("add", "spain"),
        ("remove", "spain"),
    }


def test_what_a_carrier_and_a_provider_do_not_do_is_shown(database: Database) -> None:
    outside = {
        "carriers": {"bestel": {"servers": {name: {"address": "192.0.2.50", "health": "no"} for name in ("a", "b")}}},
        "ddi_providers": {"numbers": {"plus": "no", "sources": {"192.0.2.60": {}}}},
        "price_lists": {name: {"prices": {"+34": {"rate": "0.01", "interval": "1"}}} for name in ("cheap", "dear")},
    }
    found = _changes(database, _compiled(PLATFORM, {**BRAND, **outside}))
    assert ("add", "server of carrier", "bestel/a", ["address: None -> 192.0.2.50", "health: None -> false"]) in found
    assert ("add", "price", "dear/+34", ["rate: None -> 0.01", "interval: None -> 1"]) in found
    provider = next(each for each in found if each[1] == "DDI provider")
    assert "plus: None -> false" in provider[3]
    _apply(database, _compiled(PLATFORM, {**BRAND, **outside}))
    servers = {"a": {"address": "192.0.2.50", "health": "no"}, "b": {"address": "192.0.2.50"}}
    carriers = {"bestel": {"servers": servers}}
    assert _changes(database, _compiled(PLATFORM, {**BRAND, **outside, "carriers": carriers})) == [
        ("change", "server of carrier", "bestel/b", ["health: false -> true"])
    ]


def test_everything_may_go_again(database: Database) -> None:
    _apply(database, _compiled(PLATFORM, BRAND))
    _apply(database, inventories.compiled({}))
    with psycopg.connect(database.dsn("trunkline_monitor")) as connection:
        for table in ("brand", "contact", "contract", "corporation", "terminal_model", "match_list", "location"):
            query = psycopg.sql.SQL("select count(*) from config.{}").format(psycopg.sql.Identifier(table))
            assert connection.execute(query).fetchone() == (0,), table


def test_rows_of_the_first_release_are_taken_over(empty_database: Database) -> None:
    first = [migration for migration in migrate.shipped() if migration.number < 30]
    with connect(empty_database.dsn("trunkline_owner"), application="test", autocommit=True) as connection:
        migrate.apply(connection, first)
    atlas, acme, alice = (
        object_id("brand", "atlas", *path) for path in ((), ("client", "acme"), ("client", "acme", "user", "alice"))
    )
    with psycopg.connect(empty_database.dsn()) as session:
        session.execute("insert into config.brand values (%s, 'atlas')", [atlas])
        session.execute(
            "insert into config.client values (%s, %s, 'acme', 'vpbx', 'acme.example', 'es')", [acme, atlas]
        )
        session.execute('insert into config."user" values (%s, %s, %s, %s)', [alice, acme, "alice", "Alice"])
        session.execute("insert into config.scope values (%s, 'old'), (%s, 'old')", [atlas, acme])
    with connect(empty_database.dsn("trunkline_owner"), application="test", autocommit=True) as connection:
        migrate.apply(connection, migrate.shipped())
    compiled = _compiled(PLATFORM, {**BRAND, "language": "es"})
    assert {(action, kind) for action, kind, _, _ in _changes(empty_database, compiled)} >= {
        ("change", "brand"),
        ("change", "client"),
        ("change", "user"),
        ("add", "contact"),
    }
    _apply(empty_database, compiled)
    assert _changes(empty_database, compiled) == []


def _changes(target: Database, compiled: Compiled) -> list[tuple[str, str, str, list[str]]]:
    with database(target.dsn()) as connection:
        plan = make_plan(connection, compiled)
    return [
        (change.action, change.kind, change.name, [f"{each.label}: {each.old} -> {each.new}" for each in change.fields])
        for change in plan.changes
    ]
