"""The way of a call through the platform, step by step.

A step is a function that looks at the call, asks the database what the deciding program asks it, notes what it learned
in the call, and yields its decisions; a decision with a SIP status ends the call. A capability that has a word in
calls adds its step here, at the place where calls meet it:

``CALLER``  from the caller's telephone to an application server: routes IDENTIFY, AUTHENTICATE and CALL_FROM_PHONE of
            the users proxy (templates/kamailio/users), then the call-flow engine
``CALLEE``  from the application server to a telephone: route CALL_FROM_SERVER
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from trunkline.callflow.dry import describe, walk
from trunkline.callflow.steps import CallState, Dialled, Reject, Ring, RingEnded
from trunkline.explain.decision import LOGIC, PROXY, Call, Decision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from trunkline.callflow.configuration import ClientConfiguration
    from trunkline.callflow.steps import Event
    from trunkline.explain.answers import Answers

    Step = Callable[[Call, Answers], Iterator[Decision]]
    LegStep = Callable[[Ring, Call, Answers], Iterator[Decision]]

# What the proxy says when it refuses, and with which status: $var(refusal) and $var(code) of its routes.
REFUSALS = {
    "Unknown Domain": 403,
    "Forbidden": 403,
    "Address Not Allowed": 403,
    "Forged Identity": 403,
    "Not Found": 404,
    "Not Registered": 480,
    "No Application Server": 503,
    "No Media Relay": 503,
}
# Refusals that follow from what only the memory of a proxy knows, or where it is reached.
UNSEEN = {"Banned": 403, "Database Unavailable": 503, "No Trunks Proxy": 503}
_NAMEABLE = re.compile(r"[!-~]{1,100}")
# How a ring may end otherwise than by silence: condition, status of the called leg (RFC 3261 section 21).
_ENDINGS = (("the telephone is busy", 486), ("the callee declines", 603))
NO_ANSWER = "nobody answers"


def way(call: Call, answers: Answers) -> Iterator[Decision]:
    """Walk the whole way of a call; nothing follows a decision that ends it.

    Args:
        call: With the question; is filled on the way.
        answers: Of the platform's database.
    """
    yield from _walk(CALLER, call, answers)


def _walk(steps: Iterable[Step], call: Call, answers: Answers) -> Iterator[Decision]:
    for step in steps:
        for decision in step(call, answers):
            yield decision
            if decision.code and not decision.when:
                return


def _refuse(refusal: str, why: str, *causes: str, what: str = "call") -> Decision:
    code = REFUSALS[refusal]
    return Decision(PROXY, f"refuses the {what} with {code} {refusal}: {why}", causes, code)


def _identify(call: Call, answers: Answers) -> Iterator[Decision]:
    asked = call.question
    call.caller = asked.from_user
    found = answers.domain(asked.from_domain.lower())
    if found is None:
        yield _refuse("Unknown Domain", f"{asked.from_domain} is nobody's domain")
        return
    call.client, call.media_set = found.client, found.media_set
    configuration = answers.configuration(found.client)
    call.path = configuration.path if configuration else ""
    yield Decision(PROXY, f"{asked.from_domain} is the domain of client {call.path}", (f"{call.path}/domain",))


def _authenticate(call: Call, answers: Answers) -> Iterator[Decision]:
    asked = call.question
    account = f"{asked.user}@{asked.from_domain}"
    if asked.from_domain.lower() != asked.domain.lower():
        why = f"the password of {asked.user}@{asked.domain} is none of client {call.path}"
        yield _refuse("Forbidden", why, f"{call.path}/domain")
        return
    found = answers.account(asked.user, asked.domain) if _NAMEABLE.fullmatch(asked.user) else None
    if found is None:
        yield _refuse("Forbidden", f"{account} is no terminal", call.terminal)
        return
    call.endpoint, call.extension, call.servers = found.endpoint, found.extension, found.servers
    who = f"{account} is a terminal, its password is asked for"
    yield Decision(PROXY, who, (call.terminal,))
    if asked.from_user != asked.user:
        yield _refuse("Forged Identity", f"{account} may not call itself {asked.from_user}", call.terminal)


def _dialled(call: Call, _: Answers) -> Iterator[Decision]:
    asked = call.question
    if call.extension:
        call.caller = call.extension
        yield Decision(PROXY, f"the caller counts as {call.caller}", (f"{call.path}/extension/{call.caller}",))
    else:
        call.caller = asked.user
        yield Decision(PROXY, f"the caller counts as {call.caller}: no extension is its user's", (call.terminal,))
    if asked.target.lower() != asked.domain.lower():
        yield _refuse("Not Found", f"{asked.target} is not the caller's domain", f"{call.path}/domain")
    elif not asked.number:
        yield _refuse("Not Found", "nothing is dialled", call.terminal)


def _servers(call: Call, answers: Answers) -> Iterator[Decision]:
    call.server_names = tuple(answers.server(uri) for uri in call.servers)
    if not call.servers:
        yield _refuse("No Application Server", f"there is none for client {call.path}", "host")
        return
    first, *others = call.server_names
    rest = f", without an answer {', then '.join(others)}" if others else ""
    yield Decision(PROXY, f"application server {first}{rest}", tuple(f"host/{name}" for name in call.server_names))


def _media(call: Call, answers: Answers) -> Iterator[Decision]:
    call.relays = answers.relays(call.media_set)
    if not call.relays:
        yield _refuse("No Media Relay", f"no relay of the set {call.media_set} is active", "host")
        return
    total = sum(call.relays.values())
    shares = ", ".join(f"{name} ({100 * places / total:.0f} %)" for name, places in call.relays.items())
    relays = f"a media relay of the set {call.media_set}, in turn: {shares}"
    yield Decision(PROXY, relays, tuple(f"host/{name}" for name in call.relays))


def _logic(call: Call, answers: Answers) -> Iterator[Decision]:
    configuration = answers.configuration(call.client)
    if configuration is None:  # as the live driver does
        yield Decision(LOGIC, "refuses the call with 404: unknown client", (), 404)
        return
    logic = _Logic(call, answers, configuration)
    dialled = Dialled(endpoint=call.endpoint, caller=call.caller, number=call.question.number)
    yield from logic.decisions(dialled)
    if call.ring is not None and call.contacts:
        for logic.when, code in _ENDINGS:
            yield from logic.decisions(RingEnded(call.ring, code=code))


class _Logic:
    """The call-flow engine in the hands of the dry driver: every ring is followed to the telephones.

    Attributes:
        when: The condition under which the present steps are taken.
    """

    def __init__(self, call: Call, answers: Answers, configuration: ClientConfiguration) -> None:
        self.when = ""
        self._call = call
        self._answers = answers
        self._configuration = configuration
        self._leg: list[Decision] = []

    def decisions(self, event: Event) -> Iterator[Decision]:
        """Yield what follows an event."""
        for step in walk(self._configuration, CallState(), event, self._ring_ended):
            yield from self._leg
            self._leg = []
            if isinstance(step, Ring) and self._call.ring is None:
                self._call.ring = step
            code = step.code if isinstance(step, Reject) else 0
            for line in describe(step):
                yield Decision(LOGIC, line.text, (line.cause or self._call.terminal,), code, self.when)
        yield from self._leg
        self._leg = []

    def _ring_ended(self, ring: Ring) -> RingEnded:
        """Follow a ring to the telephones; where it gets to one, nobody answers."""
        code = 0
        for decision in _walk(tuple(partial(step, ring) for step in CALLEE), self._call, self._answers):
            self._leg.append(replace(decision, code=0))  # ends the leg; what becomes of the call is the engine's matter
            code = decision.code
        if code == 0:
            self.when = NO_ANSWER
        return RingEnded(ring, code=code)


def _callee_domain(ring: Ring, _: Call, answers: Answers) -> Iterator[Decision]:
    if answers.domain(_domain(ring)) is None:
        yield _refuse("Not Found", f"{_domain(ring)} is nobody's domain", ring.cause, what="leg")


def _registered(ring: Ring, call: Call, answers: Answers) -> Iterator[Decision]:
    user = ring.address.partition("@")[0]
    terminal = f"{call.path}/terminal/{user}"
    contacts = answers.contacts(user, _domain(ring))
    if not contacts:
        yield _refuse("Not Registered", f"no telephone is registered as {ring.address}", terminal, what="leg")
        return
    if ring is call.ring:
        call.contacts = contacts
    many = "a telephone is" if len(contacts) == 1 else f"{len(contacts)} telephones are"
    yield Decision(PROXY, f"{many} registered as {ring.address}: {', '.join(contacts)}", (terminal,))


def _media_of_callee(ring: Ring, _: Call, answers: Answers) -> Iterator[Decision]:
    found = answers.domain(_domain(ring))
    media_set = found.media_set if found else ""
    if not answers.relays(media_set):
        yield _refuse("No Media Relay", f"no relay of the set {media_set} is active", "host", what="leg")


def _domain(ring: Ring) -> str:
    return ring.address.partition("@")[2]


CALLER: tuple[Step, ...] = (_identify, _authenticate, _dialled, _servers, _media, _logic)
CALLEE: tuple[LegStep, ...] = (_callee_domain, _registered, _media_of_callee)
