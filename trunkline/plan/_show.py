"""A plan for people, and for programs (docs/reference/plan.md)."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.plan._changes import Change, FieldChange, Plan

SIGNS = {"add": "+", "change": "~", "remove": "-"}
HIDDEN = "(hidden)"
LINES = 500


def plan_lines(plan: Plan, *, limit: int = LINES) -> Iterator[str]:
    """Yield the lines of a plan.

    Args:
        plan: The plan.
        limit: Most changes to list; the counts are of all of them.
    """
    shown = plan.changes[:limit]
    for (brand, client), changes in groupby(shown, key=lambda change: (change.brand, change.client)):
        yield f"brand {brand}, client {client}" if client else f"brand {brand}" if brand else "platform"
        for change in changes:
            yield f"  {SIGNS[change.action]} {_title(change)}{_details(change)}"
    if len(plan.changes) > limit:
        yield f"... and {len(plan.changes) - limit} more; --json lists all of them"
    if not plan.changes:
        yield f"nothing to do: revision {plan.revision} is what the inventory says"
        return
    count = plan.count
    yield f"reload: {_reload(plan)}"
    yield f"plan: {count['add']} to add, {count['change']} to change, {count['remove']} to remove"


def plan_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as ``--json`` prints it."""
    return {
        "changed": bool(plan.changes),
        "revision": plan.revision,
        "digest": plan.digest,
        "counts": plan.count,
        "reload": plan.reload,
        "changes": [
            {
                "action": change.action,
                "kind": change.kind,
                "brand": change.brand or None,
                "client": change.client or None,
                "name": change.name or None,
                "fields": {field.label or change.kind: _field_json(field) for field in change.fields},
            }
            for change in plan.changes
        ],
    }


def _field_json(field: FieldChange) -> dict[str, str | None]:
    return {"old": HIDDEN, "new": HIDDEN} if field.secret else {"old": field.old, "new": field.new}


def _title(change: Change) -> str:
    return f"{change.kind} {change.name}" if change.name else change.kind


def _details(change: Change) -> str:
    parts = []
    for field in change.fields:
        label = f"{field.label} " if field.label else ""
        if field.secret:
            parts.append(f"{label}changed {HIDDEN}")
        elif change.action == "change":
            parts.append(f"{label}{_value(field.old)} -> {_value(field.new)}")
        elif field.new is not None:
            parts.append(f"{label}{_value(field.new)}")
    return ": " + "; ".join(parts) if parts else ""


def _value(value: str | None) -> str:
    return "none" if value is None else value


def _reload(plan: Plan) -> str:
    parts = [
        text
        for flag, text in (
            ("identities", "identities (users proxy)"),
            ("application_servers", "application servers (users proxy)"),
            ("relays", "media relays (users proxy)"),
        )
        if plan.reload[flag]
    ]
    clients = len(plan.reload["clients"])
    if clients:
        parts.append(f"{clients} client{'s' if clients > 1 else ''} (call-flow service)")
    return ", ".join(parts) or "nothing"
