"""The way of a call through the platform, step by step.

A step is a function that looks at the call, asks the database what the deciding program asks it, notes what it learned
in the call, and yields its decisions; a decision with a SIP status ends the call. A capability that has a word in
calls adds its step here, at the place where calls meet it:

``WHO``      who calls: routes IDENTIFY and AUTHENTICATE of the users proxy (templates/kamailio/users)
``SERVED``   of vPBX and residential clients, to an application server: CALL_FROM_PHONE, then the call-flow engine
``STRAIGHT`` of retail clients, straight to the trunks proxy: CALL_TO_OUTSIDE, then `trunkline.explain.outside`
``SOURCE``   of wholesale clients: ORIGIN, then the same
``ARRIVED``  a call from outside: the trunks proxy (templates/kamailio/trunks), then the call-flow engine or the account
``CALLEE``   from the application server to a telephone: route CALL_FROM_SERVER
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING

from trunkline.callflow.dry import describe, walk
from trunkline.callflow.steps import Arrived, CallState, Dialled, Outside, OutsideEnded, Reject, Ring, RingEnded
from trunkline.explain.decision import LOGIC, PROXY, Call, Decision
from trunkline.explain.outside import incoming, numbers, outgoing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

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
    address = call.question.domain
    if not _is_address(address):
        refused = yield from _walk(WHO, call, answers)
        if not refused:
            yield from _walk(STRAIGHT if call.kind == "account" else SERVED, call, answers)
    elif answers.at_address(address) is not None:
        yield from _walk(SOURCE, call, answers)
    else:
        yield from _walk(ARRIVED, call, answers)


def _walk(steps: Iterable[Step], call: Call, answers: Answers) -> Generator[Decision, None, bool]:
    """Yield the decisions of steps; return whether one of them ended the call."""
    for step in steps:
        for decision in step(call, answers):
            yield decision
            if decision.code and not decision.when:
                return True
    return False


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


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
    if not found.client:
        text = f"{asked.from_domain} is the domain of a brand, for its devices and accounts"
        yield Decision(PROXY, text, (f"brand/{answers.brand_of(asked.from_domain.lower())}/domain",))
        return
    call.path = answers.path_of(found.client)
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
    call.endpoint, call.extension, call.servers, call.kind = found.endpoint, found.extension, found.servers, found.kind
    call.client, call.media_set, call.path = found.client, found.media_set, answers.path_of(found.client)
    article = "an" if found.kind == "account" else "a"
    who = f"{account} is {article} {found.kind}, its password is asked for"
    if found.trusted:
        who += f" unless it calls from {found.trusted}"
    if found.filter:
        who += f"; it may call from {found.filter.replace(',', ', ')} only"
    yield Decision(PROXY, who, (call.terminal,))
    if asked.from_user != asked.user:
        yield _refuse("Forged Identity", f"{account} may not call itself {asked.from_user}", call.terminal)


def _source(call: Call, answers: Answers) -> Iterator[Decision]:
    asked = call.question
    found = answers.at_address(asked.domain)
    if found is not None:
        call.client, call.path, call.media_set = found
        call.kind, call.caller = "wholesale", asked.user
        yield Decision(PROXY, f"{asked.domain} is an address of wholesale client {call.path}", (call.terminal,))


def _straight(call: Call, answers: Answers) -> Iterator[Decision]:
    """Yield what the users proxy makes of a call that it hands to the trunks proxy itself."""
    asked = call.question
    presented = asked.presented or (asked.user if call.kind == "wholesale" else "")
    dial = answers.dial(call.client, call.endpoint, asked.number, presented)
    call.caller = dial.caller or presented or asked.user
    yield from numbers(PROXY, dial, asked.number, presented, call.terminal)
    if not dial.code:
        yield from _media(call, answers)
        yield from outgoing(call, answers, dial)


def _account(call: Call, answers: Answers) -> Iterator[Decision]:
    """Yield what becomes of a call from outside to a retail account; nothing for other clients."""
    if call.client_type != "retail":
        return
    cause = f"{call.path}/account/{call.target}"
    domain = answers.brand_domain(call.path.partition("/")[0])
    account = answers.account(call.target, domain) if call.target else None
    if account is None:
        yield _refuse("Not Found", "nothing answers this number", f"{call.path}/ddi/{call.ddi}")
        return
    found = answers.to_account(account.endpoint, call.ddi, call.caller)
    if found.always:
        yield Decision(PROXY, f"every call goes to {found.always} instead", (cause,))
        return
    called = found.called or call.target
    yield Decision(PROXY, f"account {call.target} is called as {called}, by {found.shown}", (cause,))
    contacts = answers.contacts(call.target, domain)
    if contacts or account.trusted:
        yield Decision(PROXY, f"it is reached at {', '.join(contacts) or account.trusted}", (cause,))
    elif found.missing:
        yield Decision(PROXY, f"it is not registered, the call goes to {found.missing}", (cause,))
    else:
        yield _refuse("Not Registered", f"nobody is registered as {call.target}@{domain}", cause)


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
    if call.client_type == "retail":
        return
    configuration = answers.configuration(call.client)
    if configuration is None:  # as the live driver does
        yield Decision(LOGIC, "refuses the call with 404: unknown client", (), 404)
        return
    logic = _Logic(call, answers, configuration)
    asked = call.question
    first: Event = Dialled(call.endpoint, call.caller, asked.number, presented=asked.presented)
    if call.ddi:
        first = Arrived(call.ddi, call.caller)
    yield from logic.decisions(first)
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
        for step in walk(self._configuration, CallState(), event, self._outcome):
            yield from self._leg
            self._leg = []
            if isinstance(step, Ring) and self._call.ring is None:
                self._call.ring = step
            code = step.code if isinstance(step, Reject) else 0
            for line in describe(step):
                yield Decision(LOGIC, line.text, (line.cause or self._call.terminal,), code, self.when)
        yield from self._leg
        self._leg = []

    def _outcome(self, step: Ring | Outside) -> RingEnded | OutsideEnded:
        return self._ring_ended(step) if isinstance(step, Ring) else self._outside_ended(step)

    def _outside_ended(self, step: Outside) -> OutsideEnded:
        """Follow a call to the outside to the carriers; where it gets to one, somebody answers."""
        dial = self._answers.dial(self._call.client, step.endpoint, step.number, step.presented)
        way = [*numbers(LOGIC, dial, step.number, step.presented, step.cause or self._call.terminal)]
        if not dial.code:
            way += outgoing(self._call, self._answers, dial)
        code = next((one.code for one in way if one.code), 0)
        self._leg += [replace(one, code=0, when=self.when) for one in way]
        return OutsideEnded(step, answered=not code, code=code, reason=dial.sentence)

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


WHO: tuple[Step, ...] = (_identify, _authenticate)
SERVED: tuple[Step, ...] = (_dialled, _servers, _media, _logic)
STRAIGHT: tuple[Step, ...] = (_straight,)
SOURCE: tuple[Step, ...] = (_source, _straight)
ARRIVED: tuple[Step, ...] = (incoming, _account, _logic)
CALLEE: tuple[LegStep, ...] = (_callee_domain, _registered, _media_of_callee)
