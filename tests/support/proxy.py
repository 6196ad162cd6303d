"""A stand-in for the users proxy, towards a real Asterisk: sends calls to it and takes the legs that come back.

One UDP socket, one message at a time: a test reads like the ladder it wants to see. It has no timers: on the lab's own
bridge no packet is lost. What a telephone answers by itself inside a call is answered and noted: bodies of NOTIFY in
`notified`, later INVITEs in `renewed`, calls that Asterisk hung up in `ended`.
"""

from __future__ import annotations

import re
import socket
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

PATIENCE_SECONDS = 8.0
_OPPOSITE = {"sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}


@dataclass(frozen=True)
class Message:
    """One SIP message as received.

    Attributes:
        first: Request or status line.
        headers: Name in lower case -> values in the order of the message.
        body: Everything after the empty line.
        source: Who sent it.
    """

    first: str
    headers: Mapping[str, tuple[str, ...]]
    body: str
    source: tuple[str, int]

    @property
    def status(self) -> int:
        """Status of a reply, 0 for a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        """Method of a request; of a reply, that of the request it answers."""
        return self["cseq"].split()[1] if self.status else self.first.split()[0]

    @property
    def uri(self) -> str:
        """Request URI."""
        return self.first.split()[1]

    def __getitem__(self, name: str) -> str:
        """Return the first value of a header; empty when there is none."""
        return next(iter(self.headers.get(name.lower(), ())), "")


def parse(data: bytes, source: tuple[str, int]) -> Message:
    """Read one message; no line folding, no compact names: Asterisk sends neither."""
    head, _, body = data.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers: dict[str, tuple[str, ...]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = (*headers.get(name.strip().lower(), ()), value.strip())
    return Message(first, headers, body, source)


def session(address: str, payloads: str = "8 0 101", direction: str = "sendrecv") -> str:
    """Return a session description that offers or answers with these payload types."""
    return (
        f"v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\nm=audio 40000 RTP/AVP {payloads}\r\n"
        f"a=rtpmap:101 telephone-event/8000\r\na=rtpmap:96 opus/48000/2\r\na={direction}\r\n"
    )


class Proxy:
    """The stand-in.

    Args:
        address: Where it listens; an address Asterisk knows as a proxy's.
        port: Where it listens.
        server: Asterisk's address and port.
    """

    def __init__(self, address: str, port: int, server: tuple[str, int]) -> None:
        self.address = address
        self.port = port
        self._server = server
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._waiting: list[Message] = []
        self._invites: dict[str, list[str]] = {}
        self.ended: set[str] = set()
        self.notified: list[str] = []
        self.renewed: list[Message] = []

    def __enter__(self) -> Self:
        """Start to listen."""
        self._socket.bind((self.address, self.port))
        return self

    def __exit__(self, *_: object) -> None:
        """Close the socket."""
        self._socket.close()

    def request(
        self,
        method: str,
        uri: str,
        *,
        call: str = "",
        to: str = "",
        own: str = "<sip:alice@acme.test>;tag=a",
        sequence: int = 1,
        headers: Mapping[str, str] | None = None,
        body: str = "",
    ) -> str:
        """Send a request to Asterisk; return its Call-ID."""
        call = call or f"{uuid.uuid4()}@stand-in"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address}:{self.port};branch=z9hG4bK{uuid.uuid4().hex}",
            f"From: {own}",
            f"To: {to or '<' + uri + '>'}",
            f"Call-ID: {call}",
            f"CSeq: {sequence} {method}",
            f"Contact: <sip:stand-in@{self.address}:{self.port}>",
            "Max-Forwards: 70",
            "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, REFER, NOTIFY",
            *(f"{name}: {value}" for name, value in (headers or {}).items()),
        ]
        if method == "INVITE":
            self._invites[call] = lines[:6]
        self._send(lines, body)
        return call

    def cancel(self, call: str) -> None:
        """Cancel an INVITE of ours: the same branch and sequence number (RFC 3261 section 9.1)."""
        lines = [line.replace("INVITE", "CANCEL") for line in self._invites[call]]
        self._send([*lines, "Max-Forwards: 70"], "")
        self.expect(status=200, method="CANCEL", call=call)

    def reply(self, request: Message, status: int, reason: str = "x", *, tag: str = "b", body: str = "") -> None:
        """Answer a request of Asterisk."""
        to = request["to"]
        lines = [f"SIP/2.0 {status} {reason}", *(f"Via: {via}" for via in request.headers["via"])]
        lines += [f"From: {request['from']}", f"To: {to}" if ";tag=" in to else f"To: {to};tag={tag}"]
        lines += [f"Call-ID: {request['call-id']}", f"CSeq: {request['cseq']}"]
        lines += [
            f"Contact: <sip:stand-in@{self.address}:{self.port}>",
            "Allow: INVITE, ACK, BYE, CANCEL, REFER, NOTIFY",
        ]
        self._send(lines, body)

    def acknowledge(self, answer: Message) -> None:
        """Acknowledge a final answer to an INVITE of ours."""
        contact = answer["contact"].strip("<>") or f"sip:{self._server[0]}:{self._server[1]}"
        number = int(answer["cseq"].split()[0])
        self.request("ACK", contact, call=answer["call-id"], to=answer["to"], own=answer["from"], sequence=number)

    def expect(self, *, status: int = 0, method: str = "", call: str = "") -> Message:
        """Return the next message of this kind; others wait for their turn.

        Raises:
            AssertionError: It did not come; names what came instead.
        """
        return self.expect_any((method, status), call=call)

    def expect_any(self, *kinds: tuple[str, int], call: str = "") -> Message:
        """Return the next message that is one of these kinds, given as method and status (0: a request).

        Raises:
            AssertionError: None came; names what came instead.
        """

        def found() -> Message | None:
            for message in self._waiting:
                fits_call = not call or message["call-id"] == call
                if fits_call and {(message.method, message.status), ("", message.status)} & set(kinds):
                    self._waiting.remove(message)
                    return message
            return None

        return self._until(found, " or ".join(f"{method} {status or ''}" for method, status in kinds))

    def hung_up(self, call: str) -> None:
        """Wait until Asterisk has ended a call.

        Raises:
            AssertionError: It did not.
        """
        self._until(lambda: call in self.ended, f"BYE in {call}")

    def heard(self, news: str) -> None:
        """Wait for the news of a transfer, the status line in the body of a NOTIFY.

        Raises:
            AssertionError: It did not come.
        """
        self._until(lambda: news in self.notified, f"NOTIFY with {news}")

    def _until(self, condition: Callable[[], T | None], what: str) -> T:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (answer := condition()):
            left = deadline - time.monotonic()
            came = [f"{message.first} ({message['cseq']})" for message in self._waiting]
            assert left > 0, f"no {what}; came: {came}, ended: {self.ended}, notified: {self.notified}"
            self._socket.settimeout(left)
            try:
                data, source = self._socket.recvfrom(65535)
            except TimeoutError:
                continue
            message = parse(data, source)
            if not self._kept_up(message):
                self._waiting.append(message)
        return answer

    def _kept_up(self, message: Message) -> bool:
        """Answer what a telephone answers by itself: news of a transfer, and a new session description."""
        if message.method == "NOTIFY" and not message.status:
            self.reply(message, 200, "OK")
            self.notified.append(message.body.strip())
            return True
        if message.method == "BYE" and not message.status:
            self.reply(message, 200, "OK")
            self.ended.add(message["call-id"])
            return True
        if message.method == "INVITE" and not message.status and ";tag=" in message["to"]:
            payloads = re.findall(r"^m=audio \d+ RTP/AVP (.*?)\r?$", message.body, re.MULTILINE)
            directions = re.findall(r"^a=(sendonly|recvonly|inactive)\r?$", message.body, re.MULTILINE)
            answer = _OPPOSITE[directions[0]] if directions else "sendrecv"
            body = session(self.address, payloads[0] if payloads else "8 101", answer)
            self.reply(message, 200, "OK", body=body)
            self.renewed.append(message)
            return True
        return False

    def _send(self, lines: list[str], body: str) -> None:
        if body:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body.encode())}")
        self._socket.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self._server)
