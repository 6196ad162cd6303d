"""How a plan is shown."""

from __future__ import annotations

from trunkline.plan import Change, FieldChange, Plan, plan_json, plan_lines

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
    return Plan(changes, ("scope",), 3, RELOAD, "digest", 7)


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


def test_json_is_what_the_reference_page_says() -> None:
    body = plan_json(_plan(CHANGES))
    assert list(body) == ["changed", "revision", "digest", "counts", "reload", "changes"]
    assert body["counts"] == {"add": 1, "change": 3, "remove": 1}
    assert body["changes"][0] == {
        "action": "remove",
        "kind": "media relay",
        "brand": None,
        "client": None,
        "name": "mr9",
        "fields": {},
    }
    assert body["changes"][3]["fields"] == {"password": {"old": "(hidden)", "new": "(hidden)"}}
