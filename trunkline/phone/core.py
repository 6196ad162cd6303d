"""The part of a user agent that every request passes: transport, log, transactions, digest."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from trunkline.phone.digest import Challenge, Credentials, strongest
from trunkline.phone.errors import MessageError, PhoneError
from trunkline.phone.ladder import LogEntry, ladder
from trunkline.phone.message import Message
from trunkline.phone.negotiation import MediaOptions
from trunkline.phone.transaction import (
    ClientTransaction,
    ServerTransaction,
    Timers,
    TransactionLayer,
    add_via,
    note_source,
)
from trunkline.phone.transport import Address, Flow, StreamTransport, TlsSettings, Transport, UdpTransport
from trunkline.phone.uri import NameAddress, Uri
from trunkline.phone.websocket import WebSocketTransport

ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, REFER, NOTIFY, INFO, UPDATE, PRACK, MESSAGE"
SUPPORTED = ("100rel", "replaces", "timer")
TRANSPORTS = ("udp", "tcp", "tls", "ws", "wss")


@dataclass(frozen=True)
class Account:
    """A SIP account.

    Attributes:
        username: User part of the address of record, and user name of the digest.
        domain: SIP domain, the realm.
        password: Password.
        display_name: Name in From.
    """

    username: str
    domain: str
    password: str = field(default="", repr=False)
    display_name: str = ""

    @property
    def address(self) -> NameAddress:
        """The address of record."""
        return NameAddress(Uri(self.username, self.domain), self.display_name)


class Core(ABC):
    """What `trunkline.phone.ua.UserAgent` is built on.

    Args:
        account: Its account.
        transport: ``udp``, ``tcp``, ``tls``, ``ws`` or ``wss``.
        ip: Own IPv4 address; everything is bound to it.
        proxy: Where requests outside of dialogs go; None sends them to the host of their URI.
        media: How to do media.
        tls: For ``tls`` and ``wss``.
        timers: The basic timers of SIP.
        session_expires: Session-Expires of own calls in seconds; 0 for none.
        name: Name in logs; the account's user name when empty.

    Attributes:
        log: Every SIP message, both directions.
        malformed: Bytes that were no SIP message, and why.
        errors: Exceptions of background work.
    """

    def __init__(
        self,
        account: Account,
        transport: str = "udp",
        *,
        ip: str = "127.0.0.1",
        proxy: Address | None = None,
        media: MediaOptions | None = None,
        tls: TlsSettings | None = None,
        timers: Timers | None = None,
        session_expires: int = 0,
        name: str = "",
    ) -> None:
        self.account = account
        self.name = name or account.username
        self.proxy = proxy
        self.media = media or MediaOptions()
        self.timers = timers or Timers()
        self.session_expires = session_expires
        self.log: list[LogEntry] = []
        self.malformed: list[tuple[bytes, MessageError]] = []
        self.errors: list[BaseException] = []
        self.credentials = Credentials(account.username, account.password)
        self.transport = self._make_transport(transport, ip, tls)
        self.transactions = TransactionLayer(
            self.timers,
            reliable=self.transport.reliable,
            transmit=self.transmit,
            on_request=self.on_request,
        )
        self.prepare()

    def _make_transport(self, name: str, ip: str, tls: TlsSettings | None) -> Transport:
        if name not in TRANSPORTS:
            raise PhoneError(f"unknown transport {name!r}", remedy=f"use one of {', '.join(TRANSPORTS)}")
        settings = tls or TlsSettings()
        if self.proxy and not settings.server_name:
            settings = replace(settings, server_name=self.proxy[0])
        if name == "udp":
            return UdpTransport(ip, self._received, self._lost)
        kind = StreamTransport if name in {"tcp", "tls"} else WebSocketTransport
        return kind(ip, self._received, self._lost, settings if name in {"tls", "wss"} else None)

    def prepare(self) -> None:  # noqa: B027 - not every subclass keeps something
        """Make what a subclass keeps; called once, at the end of the constructor."""

    @abstractmethod
    def on_request(self, request: Message, server: ServerTransaction) -> None:
        """Take a request of the other side."""

    # ---------------------------------------------------------------- headers

    @property
    def contact(self) -> NameAddress:
        """Our Contact."""
        host, _, port = self.transport.contact_host.partition(":")
        parameters = (("transport", self.transport.contact_transport),)
        return NameAddress(Uri(self.account.username, host, int(port) if port else None, parameters=parameters))

    def common_headers(self) -> list[tuple[str, str]]:
        """Headers of every request and response that makes or keeps a dialog."""
        return [
            ("Contact", str(self.contact)),
            ("Allow", ALLOW),
            ("Supported", ", ".join(SUPPORTED)),
            ("User-Agent", "trunkline-phone"),
        ]

    def target(self, text: str) -> Uri:
        """Return the URI of ``102``, ``bob@acme.example`` or ``sip:...``; a bare user belongs to our domain."""
        if text.startswith(("sip:", "sips:")):
            return Uri.parse(text)
        return Uri.parse(f"sip:{text}" if "@" in text else f"sip:{text}@{self.account.domain}")

    def build_request(
        self, method: str, uri: Uri | str, headers: Iterable[tuple[str, str]] = (), *, from_: NameAddress | None = None
    ) -> Message:
        """Return a request outside of any dialog, with a fresh Call-ID and tag.

        Args:
            method: The method.
            uri: Request-URI, also the To.
            headers: Further headers.
            from_: From; our address of record when absent.
        """
        sender = from_ or self.account.address
        base = [
            ("Max-Forwards", "70"),
            ("From", str(sender if sender.tag else sender.with_tag(secrets.token_hex(6)))),
            ("To", f"<{uri}>"),
            ("Call-ID", secrets.token_hex(12)),
            ("CSeq", f"1 {method}"),
        ]
        return Message.request(method, uri, [*base, *headers])

    # ------------------------------------------------------------ sending

    def transmit(self, message: Message, flow: Flow) -> None:
        """Send a message on a flow and log it."""
        self._note(message, flow, sent=True)
        flow.send(bytes(message))

    def _note(self, message: Message, flow: Flow, *, sent: bool) -> None:
        entry = LogEntry(time.monotonic(), self.name, sent, flow.peer, self.transport.protocol, message.copy())
        self.log.append(entry)

    async def transact(
        self,
        request: Message,
        *,
        hop: Uri | None = None,
        authenticate: bool = True,
        on_response: Callable[[Message], None] | None = None,
        on_transaction: Callable[[ClientTransaction], None] | None = None,
        on_sequence: Callable[[int], None] | None = None,
    ) -> Message:
        """Send a request and return its final response; answer a digest challenge.

        Args:
            request: The request, without Via.
            hop: Where to send it; the proxy or the host of the Request-URI when absent.
            authenticate: Whether to answer 401 and 407.
            on_response: Called with every response.
            on_transaction: Called with the transaction of every attempt.
            on_sequence: Called with the CSeq number of every attempt after the first.

        Raises:
            PhoneTimeoutError: No final response came.
            ConnectionLostError: The other side cannot be reached.
        """
        if hop is None and self.proxy:
            address = self.proxy
        else:
            address = (hop or Uri.parse(request.uri)).address(secure=self.transport.secure)
        flow = await self.transport.flow_to(address)
        seen: set[str] = set()
        while True:
            transaction = self.transactions.request(request, flow, self.sent_by, on_response)
            if on_transaction:
                on_transaction(transaction)
            response = await transaction.final
            again = self._authorized(request, response, seen) if authenticate else None
            if again is None:
                return response
            request = again
            if on_sequence:
                on_sequence(request.cseq[0])

    def _authorized(self, request: Message, response: Message, seen: set[str]) -> Message | None:
        """Return the request with credentials; None when they would not help."""
        names = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}
        if response.code not in names:
            return None
        asked, answered = names[response.code]
        challenges = []
        for text in response.get_all(asked):
            with contextlib.suppress(MessageError):
                challenges.append(Challenge.parse(text))
        challenge = strongest(challenges)
        # a second challenge of the same realm helps only when the nonce was merely too old (RFC 7616 section 3.3)
        if challenge is None or (challenge.realm in seen and not challenge.stale) or challenge.nonce in seen:
            return None
        seen |= {challenge.realm, challenge.nonce}
        again = request.copy()
        number, method = again.cseq
        again.set("CSeq", f"{number + 1} {method}")
        again.set(answered, self.credentials.authorize(challenge, method, request.uri, request.body))
        return again

    def send_alone(self, request: Message, flow: Flow) -> None:
        """Send a request without transaction: the ACK of a 2xx."""
        add_via(request, self.sent_by)
        self.transmit(request, flow)

    @property
    def sent_by(self) -> str:
        """Transport and address for Via."""
        return f"{self.transport.protocol} {self.transport.sent_by}"

    # ---------------------------------------------------------- receiving

    def _received(self, data: bytes, flow: Flow) -> None:
        try:
            message = Message.parse(data)
            self._note(message, flow, sent=False)
            if message.is_request:
                note_source(message, flow)
            self.transactions.receive(message, flow)
        except MessageError as error:
            self.malformed.append((data, error))

    def _lost(self, flow: Flow) -> None:
        self.transactions.flow_lost(flow)

    def task_done(self, task: asyncio.Task[Any]) -> None:
        """Keep the exception of background work, so that a test can look for it."""
        if not task.cancelled() and (error := task.exception()):
            self.errors.append(error)

    def ladder(self, *, bodies: bool = False) -> str:
        """Return the picture of everything this phone sent and received."""
        return ladder(self.log, bodies=bodies)
