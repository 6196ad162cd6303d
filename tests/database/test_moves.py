"""Objects that get another name: their rows, their live state, and what a plan says."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.support.engine import ACME, acme, compiled, do_apply, do_plan, do_rollback, held, rows, titles
from trunkline.compile import object_id
from trunkline.plan import plan_lines

if TYPE_CHECKING:
    from tests.support.databases import Database
    from tests.support.inventories import Tree

ALICE = object_id("brand", "atlas", "client", "acme", "terminal", "alice")
ALICIA = object_id("brand", "atlas", "client", "acme", "terminal", "alicia")
CLIENT = object_id("brand", "atlas", "client", "acme")
RENTALS = object_id("brand", "atlas", "client", "acme-rentals")
ATLAS = object_id("brand", "atlas")


def _alicia() -> Tree:
    users = ACME["atlas"]["clients"]["acme"]["users"]
    return acme(users={"alicia": users["alice"], "bob": users["bob"]}, moved={"users": {"alice": "alicia"}})


def _rentals(**edit: Any) -> Tree:
    tree = copy.deepcopy(ACME)
    tree["atlas"]["clients"]["acme-rentals"] = {**tree["atlas"]["clients"].pop("acme"), **edit}
    tree["atlas"]["brand"]["moved"] = {"clients": {"acme": "acme-rentals"}}
    return tree


_CALL = """
insert into live.call (id, brand_id, brand, client_id, client, direction, started_at, ended_at, reason, proxy)
values (md5(%(name)s)::uuid, %(brand)s, 'atlas', %(client)s, 'acme', 'internal', now(), %(ended)s, %(reason)s, 'px1')
"""
_LEG = """
insert into live.call_leg (id, call_id, side, endpoint_id, endpoint, sip_call_id, sip_from_tag, started_at, ended_at,
                           reason, proxy)
values (md5(%(name)s)::uuid, md5(%(name)s)::uuid, 'caller', %(endpoint)s, 'alice@acme.example', 'x', 'y', now(),
        %(ended)s, %(reason)s, 'px1')
"""


def _call(target: Database) -> None:
    """Have alice be in a call, and in one that is over."""
    ids = {"brand": ATLAS, "client": CLIENT, "endpoint": ALICE}
    with psycopg.connect(target.dsn("trunkline_owner")) as connection:
        for name, ended, reason in (("now", None, None), ("over", "2026-11-23T08:00:00Z", "answered")):
            for statement in (_CALL, _LEG):
                connection.execute(statement, {**ids, "name": name, "ended": ended, "reason": reason})


def _live(target: Database) -> set[tuple[str, str, str]]:
    return set(
        rows(
            target,
            "select call.brand_id::text, call.client_id::text, call_leg.endpoint_id::text"
            " from live.call join live.call_leg on call_id = call.id",
        )
    )


def test_a_renamed_user_is_one_line_and_keeps_its_calls(database: Database) -> None:
    do_apply(database, compiled())
    _call(database)
    plan = do_plan(database, compiled(_alicia()))
    assert list(plan_lines(plan))[:3] == [
        "brand atlas, client acme",
        "  ~ user alice -> alicia",
        "  ~ terminal alice -> alicia: password changed (hidden)",
    ]
    assert not plan.held
    applied = do_apply(database, compiled(_alicia()), allowed=())
    assert applied.plan.moved["terminal"] == {ALICE: ALICIA}
    assert _live(database) == {(ATLAS, CLIENT, ALICIA)}
    assert not do_plan(database, compiled(_alicia()), full=True).changed


def test_without_moved_a_renamed_user_is_another_one(database: Database) -> None:
    do_apply(database, compiled())
    _call(database)
    tree = _alicia()
    del tree["atlas"]["clients"]["acme"]["moved"]
    plan = do_plan(database, compiled(tree))
    assert {"remove user alice", "add user alicia"} <= set(titles(plan.changes))
    assert [str(each) for each in plan.held] == [
        "brand atlas, client acme: terminal alice still has 1 calls in progress"
    ]


def test_a_renamed_client_is_one_line_and_everything_follows(database: Database) -> None:
    do_apply(database, compiled())
    _call(database)
    plan = do_plan(database, compiled(_rentals()))
    assert titles(plan.changes)[0] == "move client acme acme-rentals"
    assert plan.count["add"] == plan.count["remove"] == 0
    assert set(plan.reload["clients"]) == {CLIENT, RENTALS}
    do_apply(database, compiled(_rentals()), allowed=())
    moved = object_id("brand", "atlas", "client", "acme-rentals", "terminal", "alice")
    assert _live(database) == {(ATLAS, RENTALS, moved)}
    assert not do_plan(database, compiled(_rentals()), full=True).changed


def test_a_client_and_its_user_move_at_once(database: Database) -> None:
    do_apply(database, compiled())
    _call(database)
    users = ACME["atlas"]["clients"]["acme"]["users"]
    tree = _rentals(users={"alicia": users["alice"], "bob": users["bob"]}, moved={"users": {"alice": "alicia"}})
    applied = do_apply(database, compiled(tree), allowed=())
    assert {"move client acme acme-rentals", "move user alice alicia"} <= set(titles(applied.plan.changes))
    assert applied.plan.count["remove"] == 0
    moved = object_id("brand", "atlas", "client", "acme-rentals", "terminal", "alicia")
    assert _live(database) == {(ATLAS, RENTALS, moved)}


def test_a_renamed_brand_takes_its_clients_along(database: Database, empty_copy: Database) -> None:
    do_apply(database, compiled())
    _call(database)
    tree = {"atlas-telecom": copy.deepcopy(ACME["atlas"])}
    wanted = compiled(tree, {"moved": {"brands": {"atlas": "atlas-telecom"}}})
    plan = do_plan(database, wanted)
    assert "move brand atlas atlas-telecom" in titles(plan.changes)
    assert plan.count["add"] == plan.count["remove"] == 0
    do_apply(database, wanted, allowed=())
    brand = object_id("brand", "atlas-telecom")
    ((brand_id, client_id, _),) = _live(database)
    assert (brand_id, client_id) == (brand, object_id("brand", "atlas-telecom", "client", "acme"))
    do_apply(empty_copy, wanted)
    assert held(database) == held(empty_copy)


def test_a_move_may_stay_in_the_file_and_means_nothing_on_an_empty_database(
    database: Database, empty_copy: Database
) -> None:
    do_apply(database, compiled())
    for target in (database, empty_copy):
        for _ in range(2):
            do_apply(target, compiled(_alicia()))
    assert held(database) == held(empty_copy)
    # The name is free again for somebody else, whom the old entry does not concern.
    tree = _alicia()
    assert not do_plan(database, compiled(tree)).changed


def test_a_name_that_is_taken_in_the_database_is_not_moved_to(database: Database) -> None:
    both = acme(users={"alice": {"name": "Alice"}, "alicia": {"name": "Alicia"}})
    do_apply(database, compiled(both))
    plan = do_plan(database, compiled(acme(users={"alicia": {"name": "Alicia"}}, moved={"users": {"alice": "alicia"}})))
    assert set(titles(plan.changes)) == {"remove user alice", "remove terminal alice"}


def test_a_rollback_moves_live_state_back(database: Database) -> None:
    first = do_apply(database, compiled())
    before = held(database)
    _call(database)
    do_apply(database, compiled(_rentals()))
    users = ACME["atlas"]["clients"]["acme"]["users"]
    do_apply(
        database,
        compiled(_rentals(users={"alicia": users["alice"], "bob": users["bob"]}, moved={"users": {"alice": "alicia"}})),
    )
    alicia = object_id("brand", "atlas", "client", "acme-rentals", "terminal", "alicia")
    applied = do_rollback(database, first.revision, allowed=())
    assert {"move client acme-rentals acme", "move user alicia alice"} <= set(titles(applied.plan.changes))
    assert _live(database) == {(ATLAS, CLIENT, ALICE)}
    assert held(database) == before
    again = do_rollback(database, allowed=())  # what the rollback undid
    assert "move user alice alicia" in titles(again.plan.changes)
    assert _live(database) == {(ATLAS, RENTALS, alicia)}


@pytest.mark.parametrize("role", ["trunkline_apply"])
def test_apply_may_change_ids_of_live_rows_and_nothing_else(database: Database, role: str) -> None:
    rows(database, "update live.call set client_id = null", role=role)
    for statement in (
        "update live.call set code = 200",
        "delete from live.call",
        "update live.location set contact = ''",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            rows(database, statement, role=role)


@pytest.mark.parametrize("steps", [("both",), ("brand", "both"), ("client", "both")])
def test_a_brand_and_a_client_of_it_move_at_once_or_one_after_the_other(
    database: Database, empty_copy: Database, steps: tuple[str, ...]
) -> None:
    platform = {"moved": {"brands": {"atlas": "atlas-telecom"}}}
    client = _rentals()["atlas"]
    states = {
        "brand": compiled({"atlas-telecom": copy.deepcopy(ACME["atlas"])}, platform),
        "client": compiled({"atlas": client}),
        "both": compiled({"atlas-telecom": client}, platform),
    }
    do_apply(database, compiled())
    _call(database)
    for step in steps:
        applied = do_apply(database, states[step], allowed=())
        assert (applied.plan.count["add"], applied.plan.count["remove"]) == (0, 0)
    path = ("brand", "atlas-telecom", "client", "acme-rentals")
    assert _live(database) == {(object_id(*path[:2]), object_id(*path), object_id(*path, "terminal", "alice"))}
    do_apply(empty_copy, states["both"])
    assert held(database) == held(empty_copy)
    do_rollback(database, 1, allowed=())
    assert _live(database) == {(ATLAS, CLIENT, ALICE)}


def test_what_has_no_name_of_its_own_moves_with_its_client(database: Database) -> None:
    forwards = [{"when": reason, "number": "+34600000000"} for reason in ("busy", "no_answer")]
    users = {
        name: {"name": name, "extension": str(number), "forwards": forwards}
        for number, name in enumerate(("alice", "bob"), 101)
    }
    do_apply(database, compiled(acme(users=users)))
    plan = do_plan(database, compiled(_rentals(users=users)))
    assert (plan.count["add"], plan.count["change"], plan.count["remove"]) == (0, 2, 0)
