"""Calls to the outside and from it, as the trunks proxy decides them: numbers, routes, carriers, attempts, prices.

All answers are those of the database functions that it asks itself (templates/kamailio/trunks, schema ``routing``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.callflow.numbers import Dial
from trunkline.explain.decision import TRUNKS, Call, Decision

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.explain.answers import Answers, Attempt, Candidate

_DROPPED = {
    "fax": "it is for faxes",
    "normal": "a route for faxes fits",
    "blocked": "a blocking route fits",
    "stopper": "a stopper comes before it",
    "no_price": "its carrier has no price for this number",
    "no_server": "its carrier has no server",
    "inactive": "the server does not answer",
}
_REFUSED = {
    "blocked": "a route blocks this number",
    "tag": "the routing tag is not enabled for the client",
    "no_route": "no route leads there",
    "no_server": "no carrier is left",
    "no_client": "the client is not known",
}


def numbers(by: str, dial: Dial, dialled: str, presented: str, *causes: str) -> Iterator[Decision]:
    """Yield what an endpoint's number means towards the outside.

    Args:
        by: Who asks: the users proxy, or call logic.
        dial: The answer.
        dialled: The number before the transformation.
        presented: What the endpoint wants to present; empty for nothing.
        causes: Paths of the configuration.
    """
    if dial.tag:
        yield Decision(by, f"routing tag {dial.tag}", causes)
    if dial.fax:
        yield Decision(by, "a fax: routes for faxes come first", causes)
    if dial.callee:
        yield Decision(by, f"{dialled} is {dial.callee}", causes)
    if dial.code:
        yield Decision(by, f"refuses the call with {dial.code}: {dial.sentence}", causes, dial.code)
        return
    before = f" instead of {presented}" if presented and presented != dial.caller else ""
    yield Decision(by, f"presents {dial.caller or 'no number'}{before}", causes)


def outgoing(call: Call, answers: Answers, dial: Dial) -> Iterator[Decision]:
    """Yield the candidate routes with what becomes of each, and the attempts in their order."""
    brand = call.path.partition("/")[0]
    attempts = answers.attempts(call.client, dial)
    first = attempts[0]
    if first.outcome != "inside":
        for candidate in answers.candidates(call.client, dial):
            yield _candidate(brand, candidate)
    if first.outcome == "refused":
        why = _REFUSED.get(first.reason, first.reason)
        yield Decision(TRUNKS, f"refuses the call with {first.code}: {why}", (call.path,), first.code or 503)
        return
    if first.outcome == "inside":
        text = f"{dial.callee} is a number of the platform: the call stays inside"
        yield Decision(TRUNKS, text, (f"{answers.owner(dial.callee)}/ddi/{dial.callee}",))
        return
    for attempt in attempts:
        yield _attempt(brand, attempt)
    call.attempts = tuple(attempts)


def _candidate(brand: str, candidate: Candidate) -> Decision:
    route = f"brand/{brand}/outgoing_routes/{candidate.route}"
    causes = [route]
    what = f"route {candidate.route} ({candidate.matched}, {candidate.prefix}, priority {candidate.priority}"
    what += f", weight {candidate.weight}{', stopper' if candidate.stopper else ''})"
    if candidate.type == "block":
        return Decision(TRUNKS, f"{what} blocks", tuple(causes))
    if candidate.carrier:
        what += f": {candidate.carrier}/{candidate.server}" if candidate.server else f": {candidate.carrier}"
        causes.append(f"brand/{brand}/carriers/{candidate.carrier}")
    if candidate.cost is not None:
        what += f", {_money(candidate.cost, candidate.currency)} for five minutes"
    if candidate.dropped:
        what += f" - left out: {_DROPPED.get(candidate.dropped, candidate.dropped)}"
    return Decision(TRUNKS, what, tuple(causes))


def _attempt(brand: str, attempt: Attempt) -> Decision:
    text = f"attempt {attempt.attempt}: {attempt.carrier}/{attempt.server} at {attempt.uri}"
    text += f", {attempt.callee} from {attempt.caller or 'nobody'}, media set {attempt.media_set}"
    if attempt.cost is not None:
        text += f", {_money(attempt.cost, attempt.currency)} for five minutes"
    return Decision(TRUNKS, text, (f"brand/{brand}/carriers/{attempt.carrier}",))


def _money(amount: object, currency: str) -> str:
    return f"{amount} {currency}".strip()


def incoming(call: Call, answers: Answers) -> Iterator[Decision]:
    """Yield whose call it is that comes from an address outside (seed 004 section 9.6.3)."""
    asked = call.question
    found = answers.detected(asked.domain, asked.number)
    if found.provider:
        provider = f"brand/{found.brand}/ddi_providers/{found.provider}" if found.brand else ""
        text = f"{asked.domain} is an address of DDI provider {found.provider}"
        yield Decision(TRUNKS, text, (provider,) if provider else ())
    if found.code:
        reasons = {
            "no_provider": f"{asked.domain} is no DDI provider's address",
            "no_ddi": f"no provider of this address leads {asked.number} to a DDI",
            "only_out": f"{asked.number} is only presented, calls to it are refused",
        }
        why = reasons.get(found.reason, found.reason)
        yield Decision(TRUNKS, f"refuses the call with {found.code}: {why}", (), found.code)
        return
    call.client, call.path, call.media_set = found.client_id, f"{found.brand}/{found.client}", found.media_set
    call.caller, call.ddi, call.client_type, call.target = asked.user, found.number, found.client_type, found.target
    cause = f"{call.path}/ddi/{found.number}"
    yield Decision(TRUNKS, f"{asked.number} is DDI {found.number} of client {call.path}", (cause,))
