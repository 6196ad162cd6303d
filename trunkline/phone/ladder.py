"""The log of a phone, and its picture for a failed test: a ladder of messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trunkline.phone.message import Message


@dataclass(frozen=True)
class LogEntry:
    """One message that was sent or received.

    Attributes:
        time: Monotonic seconds.
        phone: Name of the phone whose log this is.
        sent: True when the phone sent it.
        peer: Address of the other side.
        transport: ``UDP``, ``TCP``, ``TLS``, ``WS`` or ``WSS``.
        message: The message.
    """

    time: float
    phone: str
    sent: bool
    peer: tuple[str, int]
    transport: str
    message: Message


def ladder(entries: Iterable[LogEntry], *, bodies: bool = False) -> str:
    """Return a readable ladder of one or several phones' logs, in the order of time.

    Args:
        entries: Log entries.
        bodies: Whether to print bodies too.
    """
    ordered = sorted(entries, key=lambda entry: entry.time)
    if not ordered:
        return "(no SIP message was sent or received)"
    width = max(len(entry.phone) for entry in ordered)
    lines = []
    for entry in ordered:
        message = entry.message
        arrow = "──▶" if entry.sent else "◀──"
        peer = f"{entry.peer[0]}:{entry.peer[1]}"
        body = f" [{message.get('Content-Type') or 'body'}, {len(message.body)} bytes]" if message.body else ""
        sequence = message.get("CSeq") if not message.is_request else f"CSeq {message.get('CSeq').split(' ')[0]}"
        when = f"{entry.time - ordered[0].time:8.3f}"
        lines.append(
            f"{when} {entry.phone:>{width}} {arrow} {peer:<21} {entry.transport:<3} {message.start}"
            f" ({sequence}; {message.call_id[:12]}){body}"
        )
        if bodies and message.body:
            lines += [f"{'':{width + 10}}  | {line}" for line in message.body.decode("utf-8", "replace").splitlines()]
    return "\n".join(lines)
