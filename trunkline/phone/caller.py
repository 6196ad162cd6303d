"""The calling side of an INVITE: provisional responses, early media, forks, the answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from trunkline.phone.dialog import Dialog
from trunkline.phone.errors import MessageError, NegotiationError, PhoneError
from trunkline.phone.message import Message
from trunkline.phone.session import acknowledge
from trunkline.phone.transaction import ClientTransaction

if TYPE_CHECKING:
    from trunkline.phone.call import Call

_TOO_SMALL = 422


async def place(call: Call, headers: Iterable[tuple[str, str]]) -> None:
    """Send the INVITE of a call and see it through to its answer or its end."""
    ua = call.ua
    call.invite.headers += [*ua.common_headers(), *call.timer.offer(), *headers, ("Content-Type", "application/sdp")]
    call.invite.body = call.media.offer()
    call.move("calling")

    def started(transaction: ClientTransaction) -> None:
        call.transaction, call.invite = transaction, transaction.request
        call.changes.notify()

    def arrived(response: Message) -> None:
        if response.is_provisional:
            _provisional(call, response)
        elif response.is_success and call.final is not None:
            _repeated(call, response)

    try:
        response = await ua.transact(call.invite, on_response=arrived, on_transaction=started)
        if response.code == _TOO_SMALL and response.get("Min-SE").isdigit():
            again = call.invite.copy()
            again.set("Session-Expires", response.get("Min-SE"))
            again.set("Min-SE", response.get("Min-SE"))
            again.set("CSeq", f"{again.cseq[0] + 1} INVITE")
            response = await ua.transact(again, on_response=arrived, on_transaction=started)
    except PhoneError as error:
        await call.end(408, error.message, by="timeout")
        return
    call.final = response
    if response.is_success:
        await _answered(call, response)
    else:
        await call.end(response.code, response.reason, by="remote")


def _provisional(call: Call, response: Message) -> None:
    if response.code == 100:  # noqa: PLR2004 - Trying is hop by hop, it says nothing of the call
        call.changes.notify()
        return
    tag = response.to.tag
    if tag and tag not in call.early and response.get("Contact"):
        call.early[tag] = Dialog.as_caller(call.invite, response)
        call.dialog = call.dialog or call.early[tag]
    if response.has_option("Require", "100rel") and tag in call.early:
        prack = call.early[tag].request("PRACK")
        prack.headers.append(("RAck", f"{response.get('RSeq')} {response.cseq[0]} INVITE"))
        call.spawn(call.ua.transact_in(call, prack), "PRACK")
    if response.body and call.media.remote is None:
        try:
            call.media.take_answer(response.body)
        except (NegotiationError, MessageError) as error:
            call.media.failure = error
        else:
            call.spawn(call.start_media(), "early media")
    if "ringing" not in call.reached:
        call.code, call.reason = response.code, response.reason
    call.move("ringing")


async def _answered(call: Call, response: Message) -> None:
    tag = response.to.tag
    early = call.early.get(tag)
    call.dialog = Dialog.as_caller(call.invite, response)
    if early:
        call.dialog.local_sequence = max(early.local_sequence, call.dialog.local_sequence)
        call.dialog.remote_sequence = early.remote_sequence
    acknowledge(call, response)
    try:
        if response.body:
            call.media.take_answer(response.body)
    except (NegotiationError, MessageError) as error:
        call.media.failure = error
        call.move("answered", response.code, response.reason)
        await call.hangup()
        return
    call.timer.agreed(response)
    call.move("answered", response.code, response.reason)
    call.spawn(call.start_media(), "media")
    if call.cancelled:  # the answer crossed our CANCEL (RFC 3261 section 9.1)
        await call.hangup()


def _repeated(call: Call, response: Message) -> None:
    """Acknowledge a repeated 2xx; end the dialog of a second fork (RFC 3261 section 13.2.2.4)."""
    if call.dialog and response.to.tag == call.dialog.remote.tag:
        acknowledge(call, response)
        return
    other = Dialog.as_caller(call.invite, response)
    call.ua.send_in(call, other.request("ACK", sequence=response.cseq[0]), other)
    call.spawn(call.ua.transact_in(call, other.request("BYE"), other), "end a second fork")
