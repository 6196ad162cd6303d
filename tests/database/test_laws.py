"""What holds for any inventories: laws of compile, plan, apply and rollback, on a real database."""

from __future__ import annotations

import copy
import random
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support import inventories
from tests.support.engine import do_apply, do_plan, do_rollback, held, titles
from trunkline.plan import changes_of, drift
from trunkline.plan import database as open_database

if TYPE_CHECKING:
    from tests.support.databases import Database
    from tests.support.inventories import Tree
    from trunkline.compile import Compiled, Infrastructure

# Shrinking what a database is involved in takes minutes; the example that failed says enough.
LAW = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
STATES = st.tuples(inventories.trees(), inventories.infrastructures(), st.sampled_from(["", "new"]))


def _compiled(state: tuple[Tree, Infrastructure, str]) -> Compiled:
    return inventories.compiled(*state)


def _images(compiled: Compiled) -> dict[str, tuple[str, bytes]]:
    return {identity: (scope.digest, scope.load()) for identity, scope in compiled.scopes.items()}


def _shuffled(value: Any, chance: random.Random) -> Any:
    """Return mappings in another order of keys, all the way down."""
    if not isinstance(value, dict):
        return value
    keys = list(value)
    chance.shuffle(keys)
    return {key: _shuffled(value[key], chance) for key in keys}


@given(state=STATES, seed=st.integers())
@settings(max_examples=60, deadline=None)
def test_compiling_is_pure_and_does_not_see_the_order_of_files_and_keys(
    state: tuple[Tree, Infrastructure, str], seed: int
) -> None:
    tree, hosts, salt = state
    once = inventories.compiled(tree, hosts, salt)
    again = inventories.compiled(_shuffled(tree, random.Random(seed)), hosts, salt)  # noqa: S311
    assert once.digest == again.digest
    assert _images(once) == _images(again)


@given(state=STATES)
@LAW
def test_after_an_apply_there_is_nothing_to_do_and_nothing_strayed(
    database: Database, state: tuple[Tree, Infrastructure, str]
) -> None:
    compiled = _compiled(state)
    do_apply(database, compiled)
    assert not do_plan(database, compiled).changed
    assert not do_plan(database, compiled, full=True).changed
    with open_database(database.dsn(), read_only=True) as connection:
        assert list(drift(connection)) == []


@given(first=STATES, second=STATES)
@LAW
def test_what_was_there_before_leaves_no_trace(
    database: Database,
    empty_copy: Database,
    first: tuple[Tree, Infrastructure, str],
    second: tuple[Tree, Infrastructure, str],
) -> None:
    do_apply(database, _compiled(first))
    do_apply(database, _compiled(second))
    do_apply(empty_copy, inventories.compiled({}))
    do_apply(empty_copy, _compiled(second))
    assert held(database) == held(empty_copy)


@given(first=STATES, second=STATES)
@LAW
def test_a_rollback_is_the_inverse_of_an_apply(
    database: Database, first: tuple[Tree, Infrastructure, str], second: tuple[Tree, Infrastructure, str]
) -> None:
    old = do_apply(database, _compiled(first))
    before = held(database)
    new = do_apply(database, _compiled(second))
    after = held(database)
    if new.changed and old.revision:
        back = do_rollback(database, old.revision)
        assert held(database) == before
        assert do_plan(database, _compiled(second)).changes == new.plan.changes
        # The other way round, a change is the same change with old and new exchanged.
        assert back.plan.count["add"] == new.plan.count["remove"]
        assert back.plan.count["remove"] == new.plan.count["add"]
        assert back.plan.count["change"] == new.plan.count["change"]
        do_rollback(database)
        assert held(database) == after


@given(states=st.lists(STATES, min_size=1, max_size=4), data=st.data())
@LAW
def test_every_revision_can_be_brought_back_and_is_shown_as_it_was_planned(
    database: Database, states: list[tuple[Tree, Infrastructure, str]], data: st.DataObject
) -> None:
    kept = {}
    for state in states:
        applied = do_apply(database, _compiled(state))
        if applied.changed:
            kept[applied.revision] = held(database)
            with open_database(database.dsn(), read_only=True) as connection:
                assert tuple(changes_of(connection, applied.revision)) == applied.plan.changes
    if kept:
        number = data.draw(st.sampled_from(sorted(kept)))
        do_rollback(database, number)
        assert held(database) == kept[number]


@given(state=STATES, data=st.data())
@LAW
def test_targets_one_after_the_other_end_where_a_whole_apply_does(
    database: Database, empty_copy: Database, state: tuple[Tree, Infrastructure, str], data: st.DataObject
) -> None:
    tree, hosts, _ = state
    compiled = _compiled(state)
    for target in (database, empty_copy):
        do_apply(target, inventories.compiled({}, hosts))
    for brand in data.draw(st.permutations(sorted(tree))):
        for client in data.draw(st.permutations(sorted(tree[brand]["clients"]))):
            do_apply(database, compiled, targets=[f"{brand}/{client}"])
        do_apply(database, compiled, targets=[brand])
    do_apply(empty_copy, compiled)
    assert held(database) == held(empty_copy)
    assert not do_plan(database, compiled, full=True).changed


@given(state=STATES, data=st.data())
@LAW
def test_a_rename_that_is_declared_adds_and_removes_nothing(
    database: Database, empty_copy: Database, state: tuple[Tree, Infrastructure, str], data: st.DataObject
) -> None:
    tree, hosts, _ = state
    clients = [(brand, client) for brand in sorted(tree) for client in sorted(tree[brand]["clients"])]
    if not clients:
        return
    brand, client = data.draw(st.sampled_from(clients))
    do_apply(database, inventories.compiled(tree, hosts))
    renamed = copy.deepcopy(tree)
    renamed[brand]["clients"]["renamed"] = renamed[brand]["clients"].pop(client)
    renamed[brand]["brand"] = {**renamed[brand]["brand"], "moved": {"clients": {client: "renamed"}}}
    compiled = inventories.compiled(renamed, hosts)
    plan = do_plan(database, compiled)
    assert "move client " + client + " renamed" in titles(plan.changes)
    # Friends of other clients of the corporation name the client, so they may change.
    assert (plan.count["add"], plan.count["remove"]) == (0, 0)
    do_apply(database, compiled, allowed=())
    do_apply(empty_copy, compiled)
    assert held(database) == held(empty_copy)
    do_rollback(database)
    assert not do_plan(database, inventories.compiled(tree, hosts), full=True).changed
