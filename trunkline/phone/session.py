"""What happens within an established call: re-INVITE, UPDATE, PRACK, glare, session timers."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from trunkline.phone.errors import MessageError, NegotiationError, PhoneError, RequestFailedError
from trunkline.phone.message import Message
from trunkline.phone.transaction import ServerTransaction
from trunkline.phone.uri import split_quoted

if TYPE_CHECKING:
    from trunkline.phone.call import Call

SHORTEST_SESSION = 90
_LAST_CHANCE = 32.0
_GLARE_ATTEMPTS = 4
_PENDING = 491


async def renegotiate(call: Call, direction: str, *, method: str = "INVITE") -> Message:
    """Send an offer with a direction by re-INVITE or UPDATE; repeat it after glare (RFC 3261 section 14.1).

    Returns:
        The final response.

    Raises:
        RequestFailedError: The other side refused; the direction is as before.
        PhoneError: The call is not established.
    """
    if call.dialog is None or call.state == "ended" or (method == "INVITE" and call.state != "answered"):
        raise PhoneError(f"{call.ua.name}: the call is {call.state}, there is nothing to renegotiate")
    before, call.media.local.direction = call.media.local.direction, direction
    for attempt in range(_GLARE_ATTEMPTS):
        response = await _offer(call, method)
        if response.code != _PENDING or attempt == _GLARE_ATTEMPTS - 1:
            break
        # who made the Call-ID waits 2.1 to 4 s, the other one 0 to 2 s, in units of 10 ms
        low, high = (210, 400) if call.outgoing else (0, 200)
        scale = call.ua.timers.t1 / 0.5
        await asyncio.sleep(random.SystemRandom().randint(low, high) / 100 * scale)
    if not response.is_success:
        call.media.local.direction = before
        raise RequestFailedError(method, response.code, response.reason)
    return response


async def _offer(call: Call, method: str) -> Message:
    assert call.dialog is not None  # noqa: S101 - the caller looked
    request = call.dialog.request(method)
    request.headers += [*call.ua.common_headers(), *call.timer.offer(), ("Content-Type", "application/sdp")]
    request.body = call.media.offer()
    call.offering = True
    try:
        response = await call.ua.transact_in(call, request)
        if response.is_success:
            call.dialog.refresh_target(response)
            if method == "INVITE":
                acknowledge(call, response)
            if response.body:
                call.media.take_answer(response.body)
            call.timer.agreed(response)
    finally:
        call.offering = False
    if response.is_success:
        await call.start_media()
    return response


def acknowledge(call: Call, response: Message, body: bytes = b"") -> None:
    """Send the ACK of a 2xx, or repeat it (RFC 3261 section 13.2.2.4)."""
    key = (response.to.tag, response.cseq[0])
    ack = call.acks.get(key)
    if ack is None and call.dialog:
        ack = call.dialog.request("ACK", sequence=response.cseq[0])
        sent = call.invite
        ack.headers += [(name, sent.get(name)) for name in ("Authorization", "Proxy-Authorization") if sent.get(name)]
        if body:
            ack.headers.append(("Content-Type", "application/sdp"))
            ack.body = body
        call.acks[key] = ack
    if ack:
        call.ua.send_in(call, ack)


def received_offer(call: Call, request: Message, server: ServerTransaction) -> None:
    """Answer a re-INVITE or UPDATE of the other side."""
    invite = request.method == "INVITE"
    if call.offering or any(repeater.running for repeater in call.repeaters.values()):
        server.respond(call.build_response(request, _PENDING))
        return
    too_small = call.timer.refusal(request)
    if too_small:
        server.respond(call.build_response(request, 422, headers=too_small))
        return
    body = b""
    try:
        if request.body:
            body = call.media.answer(request.body)
        elif invite:
            body = call.media.offer()
            call.offered_in_answer.add(request.cseq[0])
    except (NegotiationError, MessageError) as error:
        warning = [("Warning", f'399 {call.ua.transport.ip} "{error.message}"')]
        server.respond(call.build_response(request, 488, headers=warning))
        return
    if call.dialog:
        call.dialog.refresh_target(request)
    response = call.build_response(request, 200, headers=call.timer.accept(request), body=body)
    if invite:
        call.accept(server, response)
    else:
        server.respond(response)
    if request.body:
        call.spawn(call.start_media(), "media")
    call.changes.notify()


def received_ack(call: Call, request: Message) -> None:
    """Take the ACK of a 2xx: stop repeating it, take the answer that it may carry."""
    number = request.cseq[0]
    repeater = call.repeaters.get(number)
    if repeater:
        repeater.stop()
    if number in call.offered_in_answer and request.body:
        call.offered_in_answer.discard(number)
        try:
            call.media.take_answer(request.body)
        except (NegotiationError, MessageError) as error:
            call.media.failure = error
            call.spawn(call.hangup(), "hang up: the answer in ACK cannot be accepted")
            return
        call.spawn(call.start_media(), "media")
    call.changes.notify()


def received_prack(call: Call, request: Message, server: ServerTransaction) -> None:
    """Take a PRACK (RFC 3262 section 3)."""
    number, _, rest = request.get("RAck").partition(" ")
    repeater = call.reliable.get(int(number)) if number.isdigit() else None
    invite_number = rest.split(" ")[0]
    if repeater is None or invite_number != str(call.invite.cseq[0]):
        server.respond(call.build_response(request, 481))
        return
    repeater.stop()
    server.respond(call.build_response(request, 200))
    call.changes.notify()


class SessionTimer:
    """The session timer of a call (RFC 4028): refreshes it, or ends it when nobody does."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._handle: asyncio.TimerHandle | None = None
        self.interval = 0
        self.refreshes = False

    def offer(self) -> list[tuple[str, str]]:
        """Return the headers of a request of ours that begins or refreshes a session."""
        wanted = self.interval or self._call.ua.session_expires
        if not wanted:
            return []
        refresher = f";refresher={'uac' if self.refreshes else 'uas'}" if self.interval else ""
        return [("Session-Expires", f"{wanted}{refresher}"), ("Min-SE", str(SHORTEST_SESSION))]

    def refusal(self, request: Message) -> list[tuple[str, str]]:
        """Return the headers of a 422 when the interval of a request is too short, else nothing."""
        seconds, _ = _session_expires(request)
        return [("Min-SE", str(SHORTEST_SESSION))] if 0 < seconds < SHORTEST_SESSION else []

    def accept(self, request: Message) -> list[tuple[str, str]]:
        """Agree to the interval of a request, and return the headers of its 2xx."""
        seconds, refresher = _session_expires(request)
        if not seconds:
            return []
        theirs = request.has_option("Supported", "timer")
        refresher = refresher or ("uac" if theirs else "uas")
        self._begin(seconds, refreshes=refresher == "uas")
        require = [("Require", "timer")] if theirs else []
        return [("Session-Expires", f"{seconds};refresher={refresher}"), *require]

    def agreed(self, response: Message) -> None:
        """Take the interval of a 2xx to a request of ours; without one there is no timer."""
        seconds, refresher = _session_expires(response)
        if seconds:
            self._begin(seconds, refreshes=refresher != "uas")
        else:
            self.stop()

    def _begin(self, seconds: int, *, refreshes: bool) -> None:
        self.stop()
        self.interval, self.refreshes = seconds, refreshes
        delay = seconds / 2 if refreshes else seconds - min(_LAST_CHANCE, seconds / 3)
        self._handle = asyncio.get_running_loop().call_later(delay, self._due)

    def _due(self) -> None:
        if self.refreshes:
            self._call.spawn(self._refresh(), "refresh the session")
        else:
            self._call.spawn(self._call.hangup(), "hang up: the session was not refreshed")

    async def _refresh(self) -> None:
        call = self._call
        method = "UPDATE" if "UPDATE" in call.allows else "INVITE"
        try:
            await renegotiate(call, call.media.local.direction, method=method)
        except PhoneError:
            await call.hangup()

    def stop(self) -> None:
        """Stop."""
        if self._handle:
            self._handle.cancel()
        self.interval = 0


def _session_expires(message: Message) -> tuple[int, str]:
    first, *parameters = split_quoted(message.get("Session-Expires"), ";")
    refresher = next(
        (text.partition("=")[2].strip().lower() for text in parameters if text.startswith("refresher")), ""
    )
    return (int(first) if first.isdigit() else 0), refresher
