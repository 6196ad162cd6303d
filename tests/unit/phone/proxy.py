"""The smallest SIP proxy that two phones can register at and call through: stateless, UDP, digest, for tests."""

from __future__ import annotations

import asyncio
import hashlib

from trunkline.phone.digest import Challenge, parse_fields, verify
from trunkline.phone.message import Message
from trunkline.phone.uri import NameAddress, Uri

DOMAIN = "phones.example"
PASSWORD = "correct horse"  # noqa: S105 - of accounts that live for one test
NONCE = "n-1"


class Proxy(asyncio.DatagramProtocol):
    """Keeps contacts by user, forwards requests to them, and responses back.

    Attributes:
        address: Where it listens, once it is started.
        contacts: Contact URI by user.
        numbers: User by dialled number.
    """

    def __init__(self) -> None:
        self.address = ("", 0)
        self.contacts: dict[str, Uri] = {}
        self.numbers: dict[str, str] = {}
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Listen on a free port of the loopback address."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.address = self._transport.get_extra_info("sockname")

    def stop(self) -> None:
        """Stop listening."""
        if self._transport:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take a message."""
        message = Message.parse(data)
        if not message.is_request:
            message.set("Via", ", ".join(message.get_all("Via")[1:]))
            host, _, port = message.via.sent_by.partition(":")
            self._send(message, (host, int(port)))
            return
        challenge = Challenge(DOMAIN, NONCE, qop=("auth",))
        used = message.get("Authorization")
        proved = bool(used) and parse_fields(used).get("nonce") == NONCE
        if message.method == "REGISTER" and not (proved and verify(used, challenge, PASSWORD, "REGISTER")):
            reply = message.reply(401, to_tag="p")
            reply.headers.append(("WWW-Authenticate", str(challenge)))
            self._send(reply, addr)
        elif message.method == "REGISTER":
            self._register(message, addr)
        else:
            self._forward(message, addr)

    def _register(self, message: Message, addr: tuple[str, int]) -> None:
        user = message.to.uri.user
        self.contacts.pop(user, None)
        if message.get("Expires") != "0":
            self.contacts[user] = NameAddress.parse(message.get("Contact")).uri
        self._send(message.reply(200, to_tag="p"), addr)

    def _forward(self, message: Message, addr: tuple[str, int]) -> None:
        wanted = Uri.parse(message.uri)
        target = self.contacts.get(self.numbers.get(wanted.user, wanted.user))
        if target is None:
            if message.method != "ACK":
                self._send(message.reply(404, to_tag="p"), addr)
            return
        branch = hashlib.sha256((message.via.parameter("branch") or "").encode()).hexdigest()[:16]
        own = f"SIP/2.0/UDP {self.address[0]}:{self.address[1]};branch=z9hG4bK{branch}"
        forwarded = Message.request(message.method, target, message.headers, message.body)
        forwarded.headers.insert(0, ("Via", own))
        self._send(forwarded, target.address())

    def _send(self, message: Message, address: tuple[str, int]) -> None:
        if self._transport:
            self._transport.sendto(bytes(message), address)
