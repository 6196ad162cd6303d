"""One call: its state, and what a person can do with it. Incoming and outgoing alike."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from trunkline.phone import session, transfer
from trunkline.phone.dialog import Dialog
from trunkline.phone.errors import MessageError, NegotiationError, PhoneError, PhoneTimeoutError
from trunkline.phone.ladder import LogEntry
from trunkline.phone.media import MediaSession
from trunkline.phone.message import Message
from trunkline.phone.session import SessionTimer
from trunkline.phone.transaction import ClientTransaction, Repeater, ServerTransaction
from trunkline.phone.waiting import Changes

if TYPE_CHECKING:
    from trunkline.phone.ua import UserAgent

SDP = "application/sdp"
STATES = ("new", "incoming", "calling", "ringing", "answered", "ended")
_BUSY = 486


class Call:
    """One call.

    Attributes:
        ua: The phone it belongs to.
        media: Its audio.
        outgoing: True when this phone called.
        call_id: Call-ID.
        tag: Our tag.
        state: One of `STATES`.
        code: Status code that ended or answered it; 0 before, and 0 for a call that ended by BYE from here.
        reason: Reason phrase of that code.
        invite: The INVITE, as it was sent or received last.
        final: The final response to our INVITE.
        dialog: The dialog, once there is one.
        notifications: Bodies of NOTIFY requests, in order.
        transferred: The call that a REFER to us made.
        replaced: The call that this one replaced (RFC 3891).
        ended_by: ``local``, ``remote``, ``timeout``, or empty.
    """

    def __init__(self, ua: UserAgent, media: MediaSession, invite: Message, *, outgoing: bool) -> None:
        self.ua = ua
        self.media = media
        self.outgoing = outgoing
        self.call_id = invite.call_id
        self.tag = invite.from_.tag if outgoing else secrets.token_hex(6)
        self.state = "new"
        self.reached = ["new"]
        self.code = 0
        self.reason = ""
        self.invite = invite
        self.final: Message | None = None
        self.dialog: Dialog | None = None
        self.early: dict[str, Dialog] = {}
        self.notifications: list[str] = []
        self.transferred: Call | None = None
        self.replaced: Call | None = None
        self.ended_by = ""
        self.changes = Changes()
        # the parts below belong to the phone's own modules
        self.transaction: ClientTransaction | None = None
        self.server: ServerTransaction | None = None
        self.repeaters: dict[int, Repeater] = {}
        self.reliable: dict[int, Repeater] = {}
        self.acks: dict[tuple[str, int], Message] = {}
        self.answer_body = b""
        self.offered_in_answer: set[int] = set()
        self.offering = False
        self.cancelled = False
        self.reliable_sequence = 0
        self.timer = SessionTimer(self)
        self.tasks: set[asyncio.Task[Any]] = set()

    # ------------------------------------------------------------------ state

    def move(self, state: str, code: int = 0, reason: str = "") -> None:
        """Go to a state; once a call has ended it stays so."""
        if self.state == "ended":
            return
        self.state = state
        self.reached.append(state)
        if code:
            self.code, self.reason = code, reason
        self.changes.notify()

    def spawn(self, work: Coroutine[Any, Any, object], name: str) -> None:
        """Run something in the background; it ends with the phone at the latest."""
        task = asyncio.create_task(work, name=f"{self.ua.name}: {name}")
        self.tasks.add(task)
        task.add_done_callback(self.ua.task_done)
        task.add_done_callback(self.tasks.discard)

    async def wait(self, *states: str, seconds: float = 10.0) -> Call:
        """Wait until the call has reached one of some states, even if it is past it by now.

        Raises:
            PhoneError: The call ended without reaching one.
            PhoneTimeoutError: It reached none in time.
        """

        def describe() -> str:
            return f"{self.ua.name}: the call is {self.state} ({self.code} {self.reason}), not {' or '.join(states)}"

        def ready() -> bool:
            return bool(set(states) & set(self.reached)) or self.state == "ended"

        await self.changes.wait(ready, seconds, describe)
        if not set(states) & set(self.reached):
            raise PhoneError(describe())
        return self

    async def end(self, code: int = 0, reason: str = "", *, by: str = "local") -> None:
        """End the call on this side: stop timers and media, tell those who wait."""
        if self.state == "ended":
            return
        self.ended_by = by
        self.timer.stop()
        for repeater in (*self.repeaters.values(), *self.reliable.values()):
            repeater.stop()
        self.move("ended", code, reason)
        await self.media.close()

    @property
    def messages(self) -> list[LogEntry]:
        """Every message of this call, both directions."""
        return [entry for entry in self.ua.log if entry.message.call_id == self.call_id]

    @property
    def allows(self) -> set[str]:
        """Methods that the other side allows, as far as it told us."""
        received = [entry.message for entry in self.messages if not entry.sent]
        lists = [message.get_all("Allow") for message in received if message.get("Allow")]
        return {method.upper() for method in lists[-1]} if lists else set()

    async def start_media(self) -> None:
        """Begin to send and receive; a failure is kept in ``media.failure``."""
        try:
            await self.media.start()
        except PhoneError as error:
            self.media.failure = error
            self.media.received.changes.notify()

    def respond(
        self, code: int, reason: str = "", *, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> Message:
        """Send a response to the INVITE of an incoming call."""
        response = self.build_response(self.invite, code, reason, headers=headers, body=body)
        if self.server:
            self.server.respond(response)
        return response

    def build_response(
        self,
        request: Message,
        code: int,
        reason: str = "",
        *,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> Message:
        """Return a response to a request of this call."""
        response = request.reply(code, reason, to_tag=self.tag)
        response.headers += [*self.ua.common_headers(), *headers]
        if body:
            response.headers.append(("Content-Type", SDP))
            response.body = body
        return response

    # ------------------------------------------------------- an incoming call

    async def ring(self, code: int = 180, *, early_media: bool = False, reliable: bool = False) -> None:
        """Send a provisional response.

        Args:
            code: 180, 181, 183.
            early_media: Whether to answer the offer now, and to start media (RFC 3960).
            reliable: Whether to repeat it until its PRACK (RFC 3262).

        Raises:
            PhoneError: The caller does not support what is asked for.
        """
        if early_media and not self.answer_body:
            self.answer_body = self.media.answer(self.invite.body)
            self.spawn(self.start_media(), "early media")
        body = self.answer_body if early_media else b""
        self.move("ringing")
        if not reliable:
            self.respond(code, body=body)
            return
        if not (self.invite.has_option("Supported", "100rel") or self.invite.has_option("Require", "100rel")):
            raise PhoneError("the caller does not support reliable provisional responses (100rel)")
        self.reliable_sequence += 1
        headers = [("Require", "100rel"), ("RSeq", str(self.reliable_sequence))]
        response = self.build_response(self.invite, code, headers=headers, body=body)
        server = self.server
        repeater = Repeater(
            self.ua.timers,
            self.ua.timers.timeout,
            lambda: server.respond(response) if server else None,
            lambda: self.spawn(self.reject(504, "No PRACK"), "refuse: no PRACK came"),
        )
        self.reliable[self.reliable_sequence] = repeater
        repeater.start()

    async def answer(self, *, headers: Iterable[tuple[str, str]] = ()) -> Call:
        """Answer an incoming call with 200; an INVITE without offer gets ours.

        Raises:
            NegotiationError: The offer cannot be accepted; the call was refused with 488.
            PhoneError: The call is not one that waits for an answer.
        """
        if self.outgoing or self.server is None or self.state not in {"incoming", "ringing"}:
            raise PhoneError(f"{self.ua.name}: there is nothing to answer, the call is {self.state}")
        try:
            if not self.answer_body:
                self.answer_body = self.media.answer(self.invite.body) if self.invite.body else self.media.offer()
        except (NegotiationError, MessageError):
            await self.reject(488)
            raise
        if not self.invite.body:
            self.offered_in_answer.add(self.invite.cseq[0])
        extra = [*self.timer.accept(self.invite), *headers]
        response = self.build_response(self.invite, 200, headers=extra, body=self.answer_body)
        self.accept(self.server, response)
        self.move("answered", 200, "OK")
        if self.invite.body:
            self.spawn(self.start_media(), "media")
        return self

    def accept(self, server: ServerTransaction, response: Message) -> None:
        """Send a 2xx to an INVITE and repeat it until its ACK (RFC 3261 section 13.3.1.4)."""
        server.respond(response)

        def gave_up() -> None:
            self.spawn(self.hangup(), "hang up: no ACK came")

        first = True

        def send() -> None:
            nonlocal first
            if not first:
                self.ua.transmit(response, server.flow)
            first = False

        repeater = Repeater(self.ua.timers, self.ua.timers.t2, send, gave_up)
        self.repeaters[response.cseq[0]] = repeater
        repeater.start()

    async def reject(self, code: int = _BUSY, reason: str = "", *, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Refuse an incoming call with a code of 300 to 699."""
        self.respond(code, reason, headers=headers)
        await self.end(code, reason)

    # ------------------------------------------------------------ both kinds

    async def cancel(self, *, seconds: float = 10.0) -> None:
        """Cancel an outgoing call that is not answered yet, and wait for its end (487 as a rule)."""
        if not self.outgoing or self.transaction is None:
            raise PhoneError(f"{self.ua.name}: there is no INVITE to cancel")
        self.cancelled = True
        if self.state not in {"answered", "ended"}:
            # a CANCEL may go out only after a provisional response (RFC 3261 section 9.1)
            transaction = self.transaction
            await self.changes.wait(
                lambda: transaction.state != "calling" or self.state == "ended",
                seconds,
                lambda: f"{self.ua.name}: no provisional response came, so CANCEL could not be sent",
            )
            if transaction.state == "proceeding":
                self.ua.transactions.cancel(transaction)
        await self.wait("ended", seconds=seconds)

    async def hangup(self, *, seconds: float = 10.0) -> Message | None:
        """End the call, in whatever state it is: BYE, CANCEL, or a refusal.

        Returns:
            The response to BYE; None when none was sent.
        """
        if self.state == "ended":
            return None
        if self.state != "answered" or self.dialog is None:
            if self.outgoing:
                await self.cancel(seconds=seconds)
            else:
                await self.reject()
            return None
        # the call is over for the person who hangs up; what the network says comes later
        bye = self.dialog.request("BYE")
        await self.end()
        try:
            return await asyncio.wait_for(self.ua.transact_in(self, bye), seconds)
        except TimeoutError:
            raise PhoneTimeoutError(f"{self.ua.name}: no answer to BYE within {seconds:g} s") from None

    async def hold(self) -> Message:
        """Put the other side on hold (RFC 3264 section 8.4)."""
        return await session.renegotiate(self, "sendonly")

    async def resume(self) -> Message:
        """Take the other side back from hold."""
        return await session.renegotiate(self, "sendrecv")

    async def update(self) -> Message:
        """Send an UPDATE with an offer (RFC 3311)."""
        return await session.renegotiate(self, self.media.local.direction, method="UPDATE")

    def send_dtmf(self, digits: str, *, milliseconds: int = 100) -> None:
        """Queue digits as telephone events (RFC 4733)."""
        self.media.send_dtmf(digits, milliseconds=milliseconds)

    async def blind_transfer(self, target: str, *, seconds: float = 20.0) -> int:
        """Transfer the other side to a target (RFC 3515); returns the final code that it reported."""
        return await transfer.refer(self, self.ua.target(target), seconds=seconds)

    async def attended_transfer(self, other: Call, *, seconds: float = 20.0) -> int:
        """Connect the other side with that of another call of this phone (RFC 3891); returns the reported code."""
        return await transfer.refer(self, transfer.replacing(other), seconds=seconds)
