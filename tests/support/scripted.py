"""Scripted carriers and DDI providers: what a server does with a call is data, chosen by the number that is called.

Each is a user agent of `trunkline.phone` that listens at an address of its own. What it was sent is kept, also what it
did not answer; calls that it took can be heard like those of any phone.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from trunkline.phone import sockets
from trunkline.phone.call import Call
from trunkline.phone.core import Account
from trunkline.phone.digest import Challenge, verify
from trunkline.phone.errors import PhoneError
from trunkline.phone.message import COMPACT_FORMS, Message
from trunkline.phone.transaction import ServerTransaction
from trunkline.phone.transport import Flow, TlsSettings
from trunkline.phone.ua import UserAgent

ANSWER_TONE = 1400.0
SIP_PORT, SIPS_PORT = 5060, 5061
_SIGNIFICANT_DIGITS = 9
_NONCE = "a-nonce-of-a-scripted-carrier"


@dataclass(frozen=True)
class Script:
    """What a server does with one call.

    Attributes:
        code: Its final answer; 0: none at all.
        after: Seconds of silence before it says anything.
        ringing: A provisional answer before: 180, 183, or 0 for none (but 100).
        early: Whether that has audio.
        hold: Seconds between the provisional answer and the final one.
        headers: Of the final answer.
        challenge: 401 or 407: asks for a password first; 0: does not.
        patience: How often it asks; an answer that is right ends it.
        trying: Whether it says 100 first.
        compact: Whether it writes headers in their compact forms, and folds those that name a party.
    """

    code: int = 200
    after: float = 0.0
    ringing: int = 0
    early: bool = False
    hold: float = 0.0
    headers: tuple[tuple[str, str], ...] = ()
    challenge: int = 0
    patience: int = 1
    trying: bool = True
    compact: bool = False

    def __str__(self) -> str:
        """Return its part of the name of a case."""
        words = [str(self.code) if self.code else "silence"]
        words += [f"after {self.after:g} s"] if self.after else []
        words += [f"{'early media' if self.early else self.ringing} before"] if self.ringing else []
        words += [f"asks with {self.challenge}"] if self.challenge else []
        return ", ".join(words)


ANSWERS, SILENT = Script(), Script(0)


def compact(message: Message) -> bytes:
    """Return a message in the shortest and oddest way to write it (RFC 3261 sections 7.3.1 and 7.3.3)."""
    short = {name: letter for letter, name in COMPACT_FORMS.items()}
    lines = [message.start]
    for name, value in [*message.headers, ("Content-Length", str(len(message.body)))]:
        folded = value.replace(";tag=", "\r\n\t ;tag=") if name in {"From", "To"} else value
        lines.append(f"{short.get(name, name.lower())}:{folded}")
    return "\r\n".join([*lines, "", ""]).encode() + message.body


def significant(number: str) -> str:
    """Return what is the same in every way to write a number: its last nine digits."""
    return re.sub(r"\D", "", number)[-_SIGNIFICANT_DIGITS:]


@dataclass
class Taken:
    """What a server knows of the calls to one number.

    Attributes:
        script: What it does with them.
        invites: Every INVITE, also those that it did not answer; repetitions are not counted.
        calls: The calls that it took.
        proven: For each question for a password, whether the answer was right.
    """

    script: Script = ANSWERS
    invites: list[Message] = field(default_factory=list)
    calls: asyncio.Queue[Call] = field(default_factory=asyncio.Queue)
    proven: list[bool] = field(default_factory=list)


class ScriptedServer(UserAgent):
    """A server of a carrier or a DDI provider.

    Attributes:
        taken: By number, see `significant`.
        pings: OPTIONS outside of calls that it got.
        registrations: REGISTER requests that it accepted.
        alive: False: it answers nothing, as if it were not there.
        password: For the questions of scripts, and for REGISTER when `asks` is set.
        realm: Of these questions.
        compact_calls: Ids of the calls whose messages are written by `compact`.
    """

    def prepare(self) -> None:
        """Make what a server keeps."""
        super().prepare()
        self.taken: defaultdict[str, Taken] = defaultdict(Taken)
        self.pings: list[Message] = []
        self.registrations: list[Message] = []
        self.alive = True
        self.asks = True
        self.password = ""
        self.compact_calls: set[str] = set()
        self.realm = self.account.domain
        self._dispatcher: asyncio.Task[None] | None = None

    @classmethod
    async def listening(
        cls, name: str, ip: str, transport: str = "udp", *, port: int = 0, tls: TlsSettings | None = None
    ) -> ScriptedServer:
        """Return a server that listens at an address, at the usual port unless another one is named."""
        made = cls(Account(name, ip), transport, ip=ip, tls=tls, name=name)
        made.transport.port = port or (SIPS_PORT if transport == "tls" else SIP_PORT)
        await made.start()
        made._dispatcher = asyncio.create_task(made._dispatch(), name=f"{name}: calls")
        return made

    async def stop(self) -> None:
        """Stop everything."""
        if self._dispatcher:
            self._dispatcher.cancel()
            await asyncio.gather(self._dispatcher, return_exceptions=True)
        await super().stop()

    async def call_to(self, number: str, *, seconds: float = 15.0) -> Call:
        """Wait for a call to a number.

        Raises:
            AssertionError: None came.
        """
        try:
            return await asyncio.wait_for(self.taken[significant(number)].calls.get(), seconds)
        except TimeoutError:
            raise AssertionError(f"{self.name}: no call to {number} within {seconds:g} s") from None

    def transmit(self, message: Message, flow: Flow) -> None:
        """Send a message on a flow and log it."""
        if message.get("Call-ID") not in self.compact_calls:
            super().transmit(message, flow)
            return
        self._note(message, flow, sent=True)
        flow.send(compact(message))

    # ----------------------------------------------------------- requests

    def on_request(self, request: Message, server: ServerTransaction) -> None:
        """Take a request: what opens a call goes by its script."""
        if not self.alive:
            return
        if request.to.tag or request.method in {"CANCEL", "ACK"}:
            super().on_request(request, server)
        elif request.method == "INVITE":
            taken = self.taken[significant(request.uri.partition(":")[2].partition("@")[0])]
            taken.invites.append(request)
            task = asyncio.create_task(self._begin(taken, request, server), name=f"{self.name}: INVITE")
            task.add_done_callback(self.task_done)
        elif request.method == "REGISTER":
            self._register_asked(request, server)
        else:
            if request.method == "OPTIONS":
                self.pings.append(request)
            super().on_request(request, server)

    async def _begin(self, taken: Taken, request: Message, server: ServerTransaction) -> None:
        script = taken.script
        if not script.code:
            return
        await asyncio.sleep(script.after)
        if script.challenge and not self._proven(taken, request, server):
            return
        if script.compact:
            self.compact_calls.add(request.get("Call-ID"))
        if not script.trying:
            respond = server.respond
            server.respond = lambda response: None if response.code == 100 else respond(response)  # type: ignore[method-assign]
        super().on_request(request, server)

    def _proven(self, taken: Taken, request: Message, server: ServerTransaction) -> bool:
        """Tell whether an INVITE shows the password; asks for it if not."""
        code = taken.script.challenge
        given = request.get("Authorization" if code == 401 else "Proxy-Authorization")
        if given:
            taken.proven.append(verify(given, self._question, self.password, "INVITE"))
            if taken.proven[-1] and len(taken.proven) >= taken.script.patience:
                return True
        self._ask(code, request, server)
        return False

    @property
    def _question(self) -> Challenge:
        return Challenge(self.realm, _NONCE, qop=("auth",))

    def _ask(self, code: int, request: Message, server: ServerTransaction) -> None:
        response = request.reply(code, to_tag="challenge")
        response.headers.append(("WWW-Authenticate" if code == 401 else "Proxy-Authenticate", str(self._question)))
        server.respond(response)

    def _register_asked(self, request: Message, server: ServerTransaction) -> None:
        given = request.get("Authorization")
        if self.asks and not (given and verify(given, self._question, self.password, "REGISTER")):
            self._ask(401, request, server)
            return
        self.registrations.append(request)
        response = request.reply(200, to_tag="registrar")
        response.headers += [("Contact", f"{contact};expires=60") for contact in request.get_all("Contact")]
        server.respond(response)

    async def _dispatch(self) -> None:
        while True:
            call = await self.incoming.get()
            taken = self.taken[significant(call.invite.uri.partition(":")[2].partition("@")[0])]
            call.spawn(self._follow(taken, call), "script")

    async def _follow(self, taken: Taken, call: Call) -> None:
        """Do with a call what its script says."""
        script = taken.script
        taken.calls.put_nowait(call)
        with contextlib.suppress(PhoneError):  # it was cancelled meanwhile
            if script.early or script.code < 300:
                await call.media.prepare_tone(ANSWER_TONE)
                call.media.play_tone(ANSWER_TONE)
            if script.ringing:
                await call.ring(script.ringing, early_media=script.early)
            if script.hold:
                await asyncio.sleep(script.hold)
            if call.state == "ended":
                return
            if script.code < 300:
                await call.answer(headers=script.headers)
            else:
                await call.reject(script.code, headers=script.headers)


class ResettingServer:
    """A TCP server that takes connections, waits for a request, and resets them (RST)."""

    def __init__(self) -> None:
        self.connections = 0
        self._server: asyncio.Server | None = None

    async def start(self, ip: str, port: int = SIP_PORT) -> ResettingServer:
        """Listen."""
        self._server = await asyncio.start_server(self._accepted, sock=sockets.listening(ip, port))
        return self

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        self.connections += 1
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def stop(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.close()


def user_of(header: str) -> str:
    """Return the user part of the URI in a header."""
    found = re.search(r"sips?:([^@>;]*)@", header)
    return found.group(1) if found else ""


def shown(message: Message) -> Mapping[str, str]:
    """Return what an INVITE says of caller and callee, header by header."""
    names = ("From", "To", "P-Asserted-Identity", "Remote-Party-ID", "Diversion")
    return {"R-URI": user_of(message.uri), **{name: user_of(message.get(name)) for name in names}}
