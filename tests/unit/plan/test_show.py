"""How a plan is shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from trunkline.plan import ACTIONS, Change, Excess, FieldChange, Held, Plan, plan_json, plan_lines

RELOAD = {"identities": True, "relays": False, "application_servers": False, "clients": ["one", "two"]}
CHANGES = (
    Change("remove", "media relay", "media_relay", "", "", "mr9"),
    Change("add", "brand", "brand", "atlas", "", "atlas"),
    Change("change", "client", "client", "atlas", "acme", "acme", (FieldChange("domain", "a.example", "b.example"),)),
    Change(
        "change", "terminal", "terminal", "atlas", "acme", "alice", (FieldChange("password", None, None, secret=True),)
    ),
    Change("change", "user", "user", "atlas", "acme", "alice", (FieldChange("extension", "101", None),)),
)


def _plan(changes: tuple[Change, ...]) -> Plan:
    count: dict[str, int] = {action: sum(change.action == action for change in changes) for action in ACTIONS}
    return Plan(changes, count, ("scope",), 3, RELOAD, "digest", 7)


def test_lines() -> None:
    assert list(plan_lines(_plan(CHANGES))) == [
        "platform",
        "  - media relay mr9",
        "brand atlas",
        "  + brand atlas",
        "brand atlas, client acme",
        "  ~ client acme: domain a.example -> b.example",
        "  ~ terminal alice: password changed (hidden)",
        "  ~ user alice: extension 101 -> none",
        "reload: identities (users proxy), 2 clients (call-flow service)",
        "plan: 1 to add, 3 to change, 1 to remove",
    ]


def test_a_long_plan_is_cut_but_counted() -> None:
    lines = list(plan_lines(_plan(CHANGES), limit=2))
    assert lines[-3] == "... and 3 more; --json lists all of them"
    assert lines[-1] == "plan: 1 to add, 3 to change, 1 to remove"


def test_nothing() -> None:
    assert list(plan_lines(_plan(()))) == ["nothing to do: revision 7 is what the inventory says"]


def test_a_move_is_one_line_and_counted() -> None:
    fields = (FieldChange("name", "Alice", "Alicia"),)
    move = Change("move", "user", "user", "atlas", "acme", "alicia", fields, was="alice")
    assert list(plan_lines(_plan((move,)))) == [
        "brand atlas, client acme",
        "  ~ user alice -> alicia: name Alice -> Alicia",
        "reload: identities (users proxy), 2 clients (call-flow service)",
        "plan: 0 to add, 0 to change, 1 to move, 0 to remove",
    ]


def test_guards_and_rollbacks_are_told() -> None:
    plan = replace(
        _plan(CHANGES),
        restored=3,
        excesses=(Excess("atlas", 30, 40, 20),),
        held=(Held("atlas", "acme", "terminal", "alice", "calls in progress", 2),),
    )
    lines = list(plan_lines(plan))
    assert lines[-5:-2] == [
        "note: revision 7 brought revision 3 back; this replaces it",
        "stop: brand atlas loses 30 of its 40 objects, more than 20 % of them",
        "stop: brand atlas, client acme: terminal alice still has 2 calls in progress",
    ]


def test_json_is_what_the_reference_page_says() -> None:
    body = plan_json(_plan(CHANGES))
    page = (Path(__file__).parents[3] / "docs/reference/plan.md").read_text()
    assert all(f"| `{key}`" in page or f", `{key}`" in page for key in body)
    assert body["counts"] == {"add": 1, "change": 3, "move": 0, "remove": 1}
    assert body["changes"][0] == {
        "action": "remove",
        "kind": "media relay",
        "brand": None,
        "client": None,
        "name": "mr9",
        "was": None,
        "fields": {},
    }
    assert body["changes"][3]["fields"] == {"password": {"old": "(hidden)", "new": "(hidden)"}}
