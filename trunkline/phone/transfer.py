"""Call transfer: REFER and its NOTIFY (RFC 3515), Replaces (RFC 3891), for all three parts in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from trunkline.phone.errors import MessageError, PhoneError, RequestFailedError
from trunkline.phone.message import Message
from trunkline.phone.transaction import ServerTransaction
from trunkline.phone.uri import NameAddress, Uri, split_quoted

if TYPE_CHECKING:
    from trunkline.phone.call import Call

_SIPFRAG = "message/sipfrag;version=2.0"
_FINAL = 200


async def refer(call: Call, target: Uri, *, seconds: float) -> int:
    """Ask the other side to call a target, and wait for what becomes of it.

    Returns:
        The final status code that its NOTIFY reported.

    Raises:
        RequestFailedError: It refused the REFER.
        PhoneTimeoutError: It reported nothing final in time.
    """
    if call.dialog is None or call.state != "answered":
        raise PhoneError(f"{call.ua.name}: the call is {call.state}, it cannot be transferred")
    request = call.dialog.request("REFER")
    request.headers += [
        *call.ua.common_headers(),
        ("Refer-To", f"<{target}>"),
        ("Referred-By", f"<{call.dialog.local.uri}>"),
    ]
    before = len(call.notifications)
    response = await call.ua.transact_in(call, request)
    if not response.is_success:
        raise RequestFailedError("REFER", response.code, response.reason)

    def reported() -> int:
        codes = [
            int(found[1]) for text in call.notifications[before:] if (found := re.match(r"SIP/2\.0 (\d{3})", text))
        ]
        return next((code for code in codes if code >= _FINAL), 0)

    await call.changes.wait(
        reported, seconds, lambda: f"{call.ua.name}: no final NOTIFY for {target}; so far {call.notifications[before:]}"
    )
    return reported()


def replacing(other: Call) -> Uri:
    """Return the Refer-To of an attended transfer: the other side of a call, and which of its calls to replace."""
    dialog = other.dialog
    if dialog is None:
        raise PhoneError("an attended transfer needs a second call that is established")
    value = f"{dialog.call_id};to-tag={dialog.remote.tag};from-tag={dialog.local.tag}"
    uri = dialog.remote.uri
    return Uri(uri.user, uri.host, uri.port, uri.scheme, uri.parameters, headers=f"Replaces={quote(value, safe='')}")


def received_notify(call: Call, request: Message, server: ServerTransaction) -> None:
    """Keep what a NOTIFY says."""
    call.notifications.append(request.body.decode("utf-8", "replace").strip())
    server.respond(call.build_response(request, 200))
    call.changes.notify()


def received_refer(call: Call, request: Message, server: ServerTransaction) -> None:
    """Follow a REFER: call its target and report."""
    try:
        target = NameAddress.parse(request.get("Refer-To")).uri
    except MessageError:
        server.respond(call.build_response(request, 400, "No valid Refer-To"))
        return
    server.respond(call.build_response(request, 202))
    call.spawn(_follow(call, target, request), "follow a REFER")


async def _follow(call: Call, target: Uri, request: Message) -> None:
    headers = [(name, request.get(name)) for name in ("Referred-By",) if request.get(name)]
    for part in filter(None, target.headers.split("&")):
        name, _, value = part.partition("=")
        headers.append((unquote(name), unquote(value)))
    await _notify(call, "SIP/2.0 100 Trying", "active;expires=60")
    follower = await call.ua.call(str(target.without_headers()), headers=headers, like=call)
    call.transferred = follower
    call.changes.notify()
    try:
        await follower.wait("answered", "ended", seconds=call.ua.timers.timeout)
        code, reason = follower.code, follower.reason
    except PhoneError as error:
        code, reason = 500, error.message
    if call.state != "ended":
        await _notify(call, f"SIP/2.0 {code or 500} {reason}", "terminated;reason=noresource")


async def _notify(call: Call, status: str, state: str) -> None:
    if call.dialog is None:
        return
    request = call.dialog.request("NOTIFY")
    request.headers += [
        *call.ua.common_headers(),
        ("Event", "refer"),
        ("Subscription-State", state),
        ("Content-Type", _SIPFRAG),
    ]
    request.body = f"{status}\r\n".encode()
    await call.ua.transact_in(call, request)


def find_replaced(calls: list[Call], value: str) -> Call | None:
    """Return the call that a Replaces header means (RFC 3891 section 3), or None."""
    call_id, *parameters = split_quoted(value, ";")
    tags = dict(part.split("=", 1) for part in parameters if "=" in part)
    for call in calls:
        dialog = call.dialog
        if (
            dialog
            and call.state != "ended"
            and dialog.call_id == call_id
            and dialog.local.tag == tags.get("to-tag")
            and dialog.remote.tag == tags.get("from-tag")
        ):
            return call
    return None
