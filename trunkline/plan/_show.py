"""A plan for people, and for programs (docs/reference/plan.md)."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

from trunkline.plan._changes import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from trunkline.plan._changes import Change, FieldChange, Plan

SIGNS = {"add": "+", "change": "~", "move": "~", "remove": "-"}
HIDDEN = "(hidden)"
FORMAT = 1  # of the documents; another one when a key changes its meaning
LINES = 500


def plan_lines(plan: Plan, *, limit: int = LINES) -> Iterator[str]:
    """Yield the lines of a plan.

    Args:
        plan: The plan.
        limit: Most changes to list; the counts are of all of them.
    """
    total = sum(plan.count.values())
    yield from change_lines(plan.changes[:limit])
    if total > min(limit, len(plan.changes)):
        yield f"... and {total - min(limit, len(plan.changes))} more; --json lists all of them"
    if plan.restored is not None and total:
        yield f"note: revision {plan.revision} brought revision {plan.restored} back; this replaces it"
    if not total:
        yield f"nothing to do: revision {plan.revision} is what the inventory says"
        return
    for excess in plan.excesses:
        yield f"stop: {excess}"
    for held in plan.held:
        yield f"stop: {held}"
    yield f"reload: {_reload(plan)}"
    yield f"plan: {counts_line(plan.count)}"


def change_lines(changes: Iterable[Change]) -> Iterator[str]:
    """Yield a line per change, below a line per platform, brand and client.

    Args:
        changes: In the order in which people read them.
    """
    for (brand, client), found in groupby(changes, key=lambda change: (change.brand, change.client)):
        yield f"brand {brand}, client {client}" if client else f"brand {brand}" if brand else "platform"
        for change in found:
            yield f"  {SIGNS[change.action]} {_title(change)}{_details(change)}"


def counts_line(count: Mapping[str, int]) -> str:
    """Return how many objects are added, changed and removed, and moved if any are."""
    parts = [f"{count[action]} to {action}" for action in ACTIONS if action != "move" or count[action]]
    return ", ".join(parts)


def plan_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as ``--json`` prints it."""
    return {**plan_head(plan), "changes": [change_json(change) for change in plan.changes]}


def plan_head(plan: Plan) -> dict[str, Any]:
    """Return a plan as ``--json`` prints it, without its changes."""
    return {
        "format": FORMAT,
        "changed": plan.changed,
        "revision": plan.revision,
        "restored": plan.restored,
        "state": plan.state,
        "digest": plan.digest,
        "targets": list(plan.targets),
        "counts": dict(plan.count),
        "reload": dict(plan.reload),
        "excesses": [asdict(excess) for excess in plan.excesses],
        "held": [asdict(held) for held in plan.held],
    }


def change_json(change: Change) -> dict[str, Any]:
    """Return a change as ``--json`` prints it."""
    return {
        "action": change.action,
        "kind": change.kind,
        "brand": change.brand or None,
        "client": change.client or None,
        "name": change.name or None,
        "was": change.was or None,
        "fields": {field.label or change.kind: _field_json(field) for field in change.fields},
    }


def _field_json(field: FieldChange) -> dict[str, str | None]:
    return {"old": HIDDEN, "new": HIDDEN} if field.secret else {"old": field.old, "new": field.new}


def _title(change: Change) -> str:
    if change.action == "move":
        return f"{change.kind} {change.was} -> {change.name}"
    return f"{change.kind} {change.name}" if change.name else change.kind


def _details(change: Change) -> str:
    parts = []
    for field in change.fields:
        label = f"{field.label} " if field.label else ""
        if field.secret:
            parts.append(f"{label}changed {HIDDEN}")
        elif change.action in {"change", "move"}:
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
