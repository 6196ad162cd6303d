"""The user agent: one account on one transport, its registration, its calls."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Iterable
from typing import Self

from trunkline.phone import caller, session, transfer
from trunkline.phone.call import Call
from trunkline.phone.core import ALLOW, SUPPORTED, Core
from trunkline.phone.dialog import Dialog
from trunkline.phone.errors import PhoneError, PhoneTimeoutError, RequestFailedError
from trunkline.phone.media import MediaSession
from trunkline.phone.message import Message
from trunkline.phone.negotiation import MediaOptions
from trunkline.phone.transaction import ServerTransaction
from trunkline.phone.uri import Uri

REGISTRATION_SECONDS = 900
_TOO_BRIEF = 423
_STOP_SECONDS = 5.0


class UserAgent(Core):
    """A phone; the arguments are those of `Core`.

    Attributes:
        calls: Every call since the start, ended ones too.
        incoming: Incoming calls that nobody took yet.
        registered: True while a registration of ours is in force.
    """

    def prepare(self) -> None:
        """Make what a phone keeps."""
        self.calls: list[Call] = []
        self.incoming: asyncio.Queue[Call] = asyncio.Queue()
        self.registered = False
        self._registration_id = secrets.token_hex(10)
        self._registration_sequence = 0
        self._refresh: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Open the phone."""
        return await self.start()

    async def __aexit__(self, *_exception: object) -> None:
        """Stop the phone."""
        await self.stop()

    async def start(self) -> Self:
        """Bind, and connect to the proxy where the transport has connections.

        Raises:
            ConnectionLostError: That was not possible.
        """
        await self.transport.open(proxy=self.proxy)
        return self

    async def stop(self) -> None:
        """End every call and every task, unregister, close the transport; safe to call twice."""
        if self._refresh:
            self._refresh.cancel()
            await asyncio.gather(self._refresh, return_exceptions=True)
        for call in [call for call in self.calls if call.state != "ended"]:
            with contextlib.suppress(PhoneError, TimeoutError):
                await asyncio.wait_for(call.hangup(seconds=_STOP_SECONDS), _STOP_SECONDS)
            await call.end()
        if self.registered:
            with contextlib.suppress(PhoneError, TimeoutError):
                await asyncio.wait_for(self.unregister(), _STOP_SECONDS)
        tasks = [task for call in self.calls for task in call.tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for call in self.calls:
            await call.media.close()  # also of those whose end was among the tasks
        self.transactions.close()
        await self.transport.close()

    # ------------------------------------------------------- registration

    async def register(self, *, expires: int = REGISTRATION_SECONDS, keep: bool = True) -> Message:
        """Register our Contact (RFC 3261 section 10.2).

        Args:
            expires: Seconds; raised once when the registrar finds it too short.
            keep: Whether to renew it in the background.

        Returns:
            The 200.

        Raises:
            RequestFailedError: The registrar refused.
            PhoneTimeoutError: It did not answer.
        """
        response = await self._register(str(self.contact), expires)
        if response.code == _TOO_BRIEF and response.get("Min-Expires").isdigit():
            expires = int(response.get("Min-Expires"))
            response = await self._register(str(self.contact), expires)
        if not response.is_success:
            raise RequestFailedError("REGISTER", response.code, response.reason)
        self.registered = expires > 0
        if keep and expires and self._refresh is None:
            self._refresh = asyncio.create_task(self._renew(expires), name=f"{self.name}: renew the registration")
        return response

    async def unregister(self, *, everything: bool = False) -> Message:
        """Remove our Contact, or every Contact of the account (RFC 3261 section 10.2.2)."""
        response = await self._register("*" if everything else str(self.contact), 0)
        self.registered = False
        if not response.is_success:
            raise RequestFailedError("REGISTER", response.code, response.reason)
        return response

    async def _register(self, contact: str, expires: int) -> Message:
        registrar = Uri("", self.account.domain)
        request = self.build_request("REGISTER", registrar)
        request.set("To", str(self.account.address))
        request.set("Call-ID", self._registration_id)
        self._registration_sequence += 1
        request.set("CSeq", f"{self._registration_sequence} REGISTER")
        request.headers += [("Contact", contact), ("Expires", str(expires)), ("User-Agent", "trunkline-phone")]

        def sequence(number: int) -> None:
            self._registration_sequence = number

        return await self.transact(request, on_sequence=sequence)

    async def _renew(self, expires: int) -> None:
        while True:
            await asyncio.sleep(expires * 0.8)
            try:
                await self.register(expires=expires, keep=False)
            except PhoneError as error:
                self.registered = False
                self.errors.append(error)
                return

    # -------------------------------------------------------------- calls

    async def call(
        self,
        target: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        media: MediaOptions | None = None,
        tone: float | None = None,
        like: Call | None = None,
        from_: str = "",
    ) -> Call:
        """Call somebody; returns when the INVITE is under way.

        Args:
            target: ``102``, ``bob@acme.example`` or a SIP URI.
            headers: Further headers of the INVITE.
            media: How to do media; as the phone does it when absent.
            tone: Hz of a tone to send.
            like: A call whose audio to send, and whose way of media to use.
            from_: URI for From, to pretend to be somebody else; our address of record when empty.

        Raises:
            ConnectionLostError: No sockets could be bound.
        """
        options = media or (like.media.options if like else self.media)
        audio = MediaSession(self.transport.ip, options)
        await audio.open(offering=True)
        if tone is not None:
            await audio.prepare_tone(tone)
            audio.play_tone(tone)
        elif like:
            audio.sending.play_like(like.media.sending)
        sender = self.account.address
        if from_:
            sender = type(sender)(Uri.parse(from_), sender.name)
        invite = self.build_request("INVITE", self.target(target), from_=sender)
        made = Call(self, audio, invite, outgoing=True)
        self.calls.append(made)
        made.spawn(caller.place(made, list(headers)), "INVITE")
        return made

    async def next_call(self, *, seconds: float = 10.0) -> Call:
        """Return the next incoming call.

        Raises:
            PhoneTimeoutError: None came in time.
        """
        try:
            return await asyncio.wait_for(self.incoming.get(), seconds)
        except TimeoutError:
            raise PhoneTimeoutError(f"{self.name}: no call came within {seconds:g} s") from None

    async def transact_in(self, call: Call, request: Message, dialog: Dialog | None = None) -> Message:
        """Send a request of a dialog and return its final response."""
        used = dialog or call.dialog
        if used is None:
            raise PhoneError(f"{self.name}: the call has no dialog")

        def sequence(number: int) -> None:
            used.local_sequence = max(used.local_sequence, number)

        return await self.transact(request, hop=used.next_hop(), on_sequence=sequence)

    def send_in(self, call: Call, ack: Message, dialog: Dialog | None = None) -> None:
        """Send the ACK of a 2xx in a dialog."""
        used = dialog or call.dialog
        if used is None:
            return
        hop = used.next_hop().address(secure=self.transport.secure)

        async def send() -> None:
            self.send_alone(ack, await self.transport.flow_to(hop))

        call.spawn(send(), "ACK")

    # ----------------------------------------------------------- requests

    def on_request(self, request: Message, server: ServerTransaction) -> None:
        """Take a request of the other side (RFC 3261 section 8.2)."""
        method = request.method
        if method == "CANCEL":
            self._cancelled(request, server)
        elif request.to.tag:
            call = self._call_of(request)
            if call:
                self._within(call, request, server)
            elif method != "ACK":
                server.respond(request.reply(481))
        elif method == "INVITE":
            self._invited(request, server)
        elif method in {"OPTIONS", "MESSAGE"}:
            response = request.reply(200, to_tag=secrets.token_hex(6))
            response.headers += self.common_headers()
            server.respond(response)
        elif method != "ACK":
            response = request.reply(405, to_tag=secrets.token_hex(6))
            response.headers.append(("Allow", ALLOW))
            server.respond(response)

    def _call_of(self, request: Message) -> Call | None:
        for call in reversed(self.calls):
            if call.call_id == request.call_id and call.tag == request.to.tag:
                return call
        return None

    def _invited(self, request: Message, server: ServerTransaction) -> None:
        unknown = [option for option in request.get_all("Require") if option.lower() not in SUPPORTED]
        if unknown:
            response = request.reply(420, to_tag=secrets.token_hex(6))
            response.headers.append(("Unsupported", ", ".join(unknown)))
            server.respond(response)
            return
        call = Call(self, MediaSession(self.transport.ip, self.media), request, outgoing=False)
        call.dialog = Dialog.as_callee(request, call.tag)
        call.server = server
        server.respond(request.reply(100))
        refusal = call.timer.refusal(request)
        if refusal:
            call.respond(422, headers=refusal)
            return
        self.calls.append(call)
        call.spawn(self._prepare(call), "incoming call")

    async def _prepare(self, call: Call) -> None:
        await call.media.open(offering=not call.invite.body)
        replaces = call.invite.get("Replaces")
        if replaces:
            old = transfer.find_replaced(self.calls, replaces)
            if old is None:
                await call.reject(481)
                return
            call.replaced = old
            call.media.sending.play_like(old.media.sending)
            call.move("incoming")
            await call.answer()
            self.incoming.put_nowait(call)
            await old.hangup()
            return
        if call.state != "ended":
            call.move("incoming")
            self.incoming.put_nowait(call)

    def _cancelled(self, request: Message, server: ServerTransaction) -> None:
        invite = self.transactions.invite_of(request)
        call = next((call for call in self.calls if invite and call.server is invite), None)
        if call is None or invite is None:
            server.respond(request.reply(481, to_tag=secrets.token_hex(6)))
            return
        server.respond(request.reply(200, to_tag=call.tag))
        if call.state not in {"answered", "ended"}:
            call.respond(487)
            call.spawn(call.end(487, "Request Terminated", by="remote"), "end: cancelled")

    def _within(self, call: Call, request: Message, server: ServerTransaction) -> None:
        """Take a request of a dialog."""
        method = request.method
        if method == "ACK":
            session.received_ack(call, request)
            return
        if call.dialog is None or (call.state == "ended" and method != "NOTIFY"):
            server.respond(request.reply(481))
        elif not call.dialog.accepts(request):
            server.respond(call.build_response(request, 500, "Out of order"))
        elif method in {"INVITE", "UPDATE"}:
            session.received_offer(call, request, server)
        elif method == "BYE":
            server.respond(call.build_response(request, 200))
            call.spawn(call.end(by="remote"), "end: BYE")
        elif method == "PRACK":
            session.received_prack(call, request, server)
        elif method == "REFER":
            transfer.received_refer(call, request, server)
        elif method == "NOTIFY":
            transfer.received_notify(call, request, server)
        else:
            server.respond(call.build_response(request, 200))
            call.changes.notify()
