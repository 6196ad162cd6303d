"""An explanation as text for people and as JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trunkline.explain.decision import Decision, Explanation

NOT_THERE = "not in the inventory"


def lines(explanation: Explanation, inventory: Path) -> Iterator[tuple[str, bool]]:
    """Yield every line, and whether it ends the call.

    Args:
        explanation: What to show.
        inventory: Its folder, for places that editors and terminals can open.
    """
    asked = explanation.call.question
    called = asked.number if asked.target == asked.domain else f"{asked.number}@{asked.target}"
    shown = "" if asked.from_user == asked.user and asked.from_domain == asked.domain else " as {}@{}"
    yield f"{asked.user}@{asked.domain} calls {called}{shown.format(asked.from_user, asked.from_domain)}", False
    for decision in explanation.decisions:
        condition = f"if {decision.when}: " if decision.when else ""
        text = f"  {decision.by}: {condition}{decision.text}"
        places = _places(explanation, decision, inventory)
        yield f"{text}  <- {places}" if places else text, bool(decision.code) and not decision.when
    for note in explanation.notes:
        yield f"note: {note}", False


def _places(explanation: Explanation, decision: Decision, inventory: Path) -> str:
    found = []
    for cause in decision.causes:
        place = explanation.places[cause]
        where = f"{inventory}/{place.file}:{place.line}" if place else f"{cause} ({NOT_THERE})"
        if where not in found:
            found.append(where)
    return ", ".join(found)


def as_json(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as ``--json`` prints it."""
    call, asked, refusal = explanation.call, explanation.call.question, explanation.refusal
    ring = call.ring if call.contacts else None
    return {
        "from": f"{asked.user}@{asked.domain}",
        "caller_id": f"{asked.from_user}@{asked.from_domain}",
        "to": f"{asked.number}@{asked.target}",
        "at": asked.at.isoformat() if asked.at else None,
        "client": call.path or None,
        "application_servers": list(call.server_names),
        "media_set": call.media_set or None,
        "relays": call.relays,
        "rings": {
            "address": ring.address,
            "contacts": list(call.contacts),
            "seconds": ring.seconds,
            "shows": {"number": ring.caller.number, "name": ring.caller.name},
        }
        if ring
        else None,
        "attempts": [
            {
                "carrier": attempt.carrier,
                "server": attempt.server,
                "uri": attempt.uri,
                "callee": attempt.callee,
                "caller": attempt.caller,
                "media_set": attempt.media_set,
                "cost": None if attempt.cost is None else str(attempt.cost),
                "currency": attempt.currency or None,
            }
            for attempt in call.attempts
        ],
        "refused": {"by": refusal.by, "code": refusal.code, "reason": explanation.reasons[refusal.code]}
        if refusal
        else None,
        "record": {"client": call.path or None, "caller": call.caller, "callee": asked.number},
        "decisions": [
            {
                "by": decision.by,
                "text": decision.text,
                "when": decision.when or None,
                "code": decision.code or None,
                "reason": explanation.reasons.get(decision.code),
                "causes": [_cause(explanation, cause) for cause in decision.causes],
            }
            for decision in explanation.decisions
        ],
        "notes": list(explanation.notes),
    }


def _cause(explanation: Explanation, cause: str) -> dict[str, Any]:
    place = explanation.places[cause]
    return {"path": cause, "file": place.file if place else None, "line": place.line if place else None}
