"""What a plan may not do without being told to, and what it may be limited to."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest

from tests.support.engine import ACME, acme, compiled, crowd, do_apply, do_plan, do_rollback, held, rows, titles
from trunkline.compile import object_id
from trunkline.errors import ConfigurationError, PlatformError
from trunkline.plan import Guard, GuardError, Guards
from trunkline.plan._live import LIVE

if TYPE_CHECKING:
    from tests.support.databases import Database
    from tests.support.inventories import Tree

# Columns of schema live that hold ids of live objects, not of declared ones.
_OWN_IDS = {("call", "id"), ("call_leg", "id"), ("call_leg", "call_id")}
_OWN_IDS |= {("unrecorded_call", "id"), ("place", "holder"), ("call_leg", "held")}


def test_a_plan_that_removes_much_of_a_brand_is_stopped(database: Database) -> None:
    do_apply(database, compiled(crowd(20)))
    before = held(database)
    with pytest.raises(GuardError, match="brand atlas loses 45 of its 63 objects, more than 20 % of them") as caught:
        do_apply(database, compiled(crowd(5)), allowed=())
    assert caught.value.remedy == "if that is what you want, say so: --allow mass-deletion"
    assert held(database) == before
    assert do_apply(database, compiled(crowd(5)), allowed=["mass-deletion"]).changed


@pytest.mark.parametrize(
    ("left", "guard", "stopped"),
    [
        (17, Guard(20, 10), False),  # 9 of 63 objects go
        (16, Guard(20, 10), False),  # 12: 19 %
        (15, Guard(20, 10), True),  # 15: 24 %
        (15, Guard(20, 16), False),
        (15, Guard(24, 10), False),
        (15, Guard(100, 0), False),
        (19, Guard(0, 0), True),
    ],
)
def test_the_guard_of_a_brand(database: Database, left: int, guard: Guard, stopped: bool) -> None:
    do_apply(database, compiled(crowd(20)))
    plan = do_plan(database, compiled(crowd(left)), guards=Guards({"atlas": guard}, Guard(0, 0)))
    assert bool(plan.excesses) is stopped


def test_a_brand_that_goes_is_stopped_by_the_guard_of_the_platform(database: Database) -> None:
    do_apply(database, compiled(crowd(20)))
    with pytest.raises(GuardError, match="brand atlas loses 63 of its 63 objects"):
        do_apply(database, compiled({}), allowed=())
    do_apply(database, compiled({}), allowed=(), guards=Guards(default=Guard(100, 0)))


def test_a_rollback_is_guarded_as_well(database: Database) -> None:
    do_apply(database, compiled(crowd(1)))
    do_apply(database, compiled(crowd(20)))
    with pytest.raises(GuardError, match="brand atlas loses"):
        do_rollback(database, allowed=())


def test_who_is_in_a_call_is_not_removed_unless_that_is_said(database: Database) -> None:
    do_apply(database, compiled())
    bob = object_id("brand", "atlas", "client", "acme", "terminal", "bob")
    rows(
        database,
        "insert into live.call_leg"
        " (id, call_id, side, endpoint_id, endpoint, sip_call_id, sip_from_tag, started_at, proxy)"
        " values (md5('1')::uuid, md5('2')::uuid, 'callee', %s, 'bob@acme.example', 'x', 'y', now(), 'px1')",
        bob,
    )
    alice = acme(users={"alice": {"name": "Alice", "extension": "101"}})
    with pytest.raises(GuardError, match="client acme: terminal bob still has 1 calls in progress") as caught:
        do_apply(database, compiled(alice), allowed=["mass-deletion"])
    assert caught.value.allowances == ("live-state",)
    rows(database, "update live.call_leg set ended_at = now(), reason = 'answered'")
    assert do_apply(database, compiled(alice), allowed=()).changed


def test_every_live_column_that_may_hold_an_id_is_known(database: Database) -> None:
    found = set(
        rows(
            database,
            "select table_name, column_name from information_schema.columns"
            " join information_schema.tables using (table_schema, table_name)"
            " where table_schema = 'live' and data_type = 'uuid' and table_type = 'BASE TABLE'",
        )
    )
    known = {(table.name, column) for table in LIVE for column in table.columns}
    assert found == known | _OWN_IDS
    for table in LIVE:
        for column in table.columns:
            may = rows(
                database,
                "select has_column_privilege('trunkline_apply', %s, %s, 'update')",
                f"live.{table.name}",
                column,
            )
            assert may == [(True,)]


def _two_changes() -> Tree:
    tree = crowd(2)
    tree["atlas"]["clients"]["globex"] = {**tree["atlas"]["clients"]["globex"], "users": {"zed": {"name": "Zed"}}}
    tree["boreas"] = {
        "brand": {},
        "clients": {"acme": {"type": "vpbx", "domain": "acme.boreas.example", "users": {"yan": {"name": "Yan"}}}},
    }
    return tree


@pytest.mark.parametrize(
    ("targets", "clients"),
    [
        (["atlas/acme"], {("atlas", "acme")}),
        (["atlas/globex"], {("atlas", "globex")}),
        (["atlas"], {("atlas", "acme"), ("atlas", "globex")}),
        (["boreas/acme"], {("boreas", ""), ("boreas", "acme")}),
        (["atlas/globex", "boreas"], {("atlas", "globex"), ("boreas", ""), ("boreas", "acme")}),
    ],
)
def test_targets_limit_a_plan(database: Database, targets: list[str], clients: set[tuple[str, str]]) -> None:
    do_apply(database, compiled())
    wanted = compiled(_two_changes())
    plan = do_plan(database, wanted, targets=targets)
    assert {(change.brand, change.client) for change in plan.changes} == clients
    do_apply(database, wanted, targets=targets)
    assert rows(database, "select targets from config.revision order by id desc limit 1") == [(targets,)]
    assert not do_plan(database, wanted, targets=targets, full=True).changed
    do_apply(database, wanted)
    assert not do_plan(database, wanted, full=True).changed


def test_a_target_on_an_empty_database_brings_what_it_stands_on(database: Database) -> None:
    wanted = compiled()
    do_apply(database, wanted, targets=["atlas/globex"])
    assert rows(database, "select name from config.client") == [("globex",)]
    assert "add client acme" in titles(do_plan(database, wanted).changes)


def test_a_target_that_goes(database: Database) -> None:
    do_apply(database, compiled())
    tree = copy.deepcopy(ACME)
    del tree["atlas"]["clients"]["globex"]
    do_apply(database, compiled(tree), targets=["atlas/globex"])
    assert rows(database, "select name from config.client") == [("acme",)]


def test_an_unknown_target_is_an_error_with_a_remedy(database: Database) -> None:
    do_apply(database, compiled())
    with pytest.raises(ConfigurationError, match="there is no brand or client 'atlas/acmee'") as caught:
        do_plan(database, compiled(), targets=["atlas/acmee"])
    assert caught.value.remedy == "did you mean atlas/acme?"


def test_a_target_that_needs_more_than_itself_is_an_error_and_changes_nothing(database: Database) -> None:
    do_apply(database, compiled())
    before = held(database)
    tree = acme(domain="other.example")
    tree["atlas"]["clients"]["globex"]["domain"] = "acme.example"
    with pytest.raises(PlatformError, match="without --target"):
        do_apply(database, compiled(tree), targets=["atlas/globex"])
    assert held(database) == before
