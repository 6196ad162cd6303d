"""A client for baresip's control port: one phone of a test phone host, driven over ssh.

The port (module ctrl_tcp) listens on the loopback address of its host, so each client is one ``ssh -W``. Both ways a
message is JSON in a netstring: ``<length>:<json>,``. baresip serves one client: a second connection silently takes the
place of the first.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any, Self

# baresip answers a command at once; what it starts is told by events.
ANSWER_SECONDS = 5.0
# No message of a phone comes near this; a longer one means that the stream is out of step.
MAX_FRAME_BYTES = 1 << 20

_COLOUR = re.compile(r"\x1b\[[;\d]*m")


class BaresipError(Exception):
    """A command was refused, an event did not come, or the connection broke."""


@dataclasses.dataclass(frozen=True)
class Event:
    """Something that happened to a phone.

    Attributes:
        kind: Its type as baresip names it, such as ``CALL_ESTABLISHED``.
        call: The SIP Call-ID, empty when no call is concerned.
        param: Detail: the reason of a closed call, the key of a DTMF event.
        peer: URI of the other side.
        fields: The whole message.
    """

    kind: str
    call: str
    param: str
    peer: str
    fields: dict[str, Any]

    @classmethod
    def read(cls, fields: dict[str, Any]) -> Self:
        """Make an event of a decoded message."""
        return cls(
            kind=str(fields.get("type", "")),
            call=str(fields.get("id", "")),
            param=str(fields.get("param", "")),
            peer=str(fields.get("peeruri", "")),
            fields=fields,
        )


def frame(message: dict[str, Any]) -> bytes:
    """Return a message as it goes over the wire."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return b"%d:%s," % (len(body), body)


async def frames(reader: asyncio.StreamReader) -> AsyncIterator[dict[str, Any]]:
    """Yield every message of a stream until it ends.

    Raises:
        BaresipError: What came is no netstring, is too long, or ended in the middle.
    """
    while True:
        try:
            head = await reader.readuntil(b":")
            if not head[:-1].isdigit() or int(head[:-1]) > MAX_FRAME_BYTES:
                raise BaresipError(f"not the length of a message: {head!r}")
            body = await reader.readexactly(int(head[:-1]))
            end = await reader.readexactly(1)
        except asyncio.IncompleteReadError as error:
            if error.partial:
                raise BaresipError(f"the connection ended within a message: {error.partial!r}") from error
            return
        if end != b",":
            raise BaresipError(f"a message ended with {end!r}, not with a comma")
        message = json.loads(body)
        if not isinstance(message, dict):
            raise BaresipError(f"a message is no object: {body!r}")
        yield message


class Baresip:
    """One phone. Open it with :meth:`connect`; it is also an asynchronous context manager.

    Attributes:
        events: Everything that happened since the connection, in order. Remember ``mark()`` before a step and wait for
            events after it.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.events: list[Event] = []
        self._reader = reader
        self._writer = writer
        self._tokens = itertools.count(1)
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._news = asyncio.Condition()
        self._broken: BaresipError | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._task = asyncio.create_task(self._receive())

    @classmethod
    async def connect(cls, ssh: Sequence[str], port: int) -> Self:
        """Open the control port of a phone on another host.

        Args:
            ssh: The ssh command up to and including the destination.
            port: TCP port of the phone on the loopback address of that host.
        """
        process = await asyncio.create_subprocess_exec(
            ssh[0],
            "-o",
            "ControlPath=none",
            "-W",
            f"127.0.0.1:{port}",
            *ssh[1:],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        phone = cls(process.stdout, process.stdin)
        phone._process = process
        return phone

    async def __aenter__(self) -> Self:
        """Return the client itself; it is connected already."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close, however the block ended."""
        await self.close()

    async def close(self) -> None:
        """Hang up whatever is there, forget the accounts, and close the connection."""
        if self._broken is None:
            with contextlib.suppress(BaresipError):
                await self.command("hangupall", "all")
                await self.command("uadelall")
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._writer.close()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            await self._process.wait()

    async def _receive(self) -> None:
        """Sort what comes: answers to whom they belong, events to the list."""
        try:
            async for message in frames(self._reader):
                if message.get("response"):
                    waiting = self._answers.pop(str(message.get("token", "")), None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(message)
                elif message.get("event"):
                    self.events.append(Event.read(message))
                    async with self._news:
                        self._news.notify_all()
            self._broken = BaresipError("the phone closed the control connection")
        except (BaresipError, OSError, ValueError) as error:
            self._broken = BaresipError(f"the control connection broke: {error}")
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(self._broken)
        async with self._news:
            self._news.notify_all()

    async def command(self, name: str, params: str = "", *, refusal_is_error: bool = True) -> str:
        """Run a command of baresip's menu and return what it printed, without colours.

        Args:
            name: The command's long name, such as ``dial``.
            params: Everything after the name.
            refusal_is_error: False for ``resume``, which baresip 1.1.0 does although it answers that it failed.

        Raises:
            BaresipError: Refused, not answered in time, or no connection.
        """
        if self._broken is not None:
            raise self._broken
        token = str(next(self._tokens))
        waiting = asyncio.get_running_loop().create_future()
        self._answers[token] = waiting
        self._writer.write(frame({"command": name, "params": params, "token": token}))
        await self._writer.drain()
        try:
            answer = await asyncio.wait_for(waiting, ANSWER_SECONDS)
        except TimeoutError:
            self._answers.pop(token, None)
            raise BaresipError(f"no answer to {name} {params} within {ANSWER_SECONDS:.0f} s") from None
        text = _COLOUR.sub("", str(answer.get("data", ""))).strip()
        if refusal_is_error and not answer.get("ok"):
            raise BaresipError(f"{name} {params}: {text or 'refused'}")
        return text

    def mark(self) -> int:
        """Return the place in ``events`` from which on everything is new."""
        return len(self.events)

    async def wait(self, *kinds: str, after: int = 0, param: str = "", seconds: float = 10.0) -> Event:
        """Return the first event of some kinds from a mark on, waiting for it if needed.

        Args:
            kinds: Types of events, one of which is wanted.
            after: A mark.
            param: What the event's detail must contain.
            seconds: How long to wait.

        Raises:
            BaresipError: It did not come in time; the message lists what did.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            for event in self.events[after:]:
                if event.kind in kinds and param in event.param:
                    return event
            left = deadline - asyncio.get_running_loop().time()
            if self._broken is not None:
                raise self._broken
            if left <= 0:
                seen = ", ".join(f"{event.kind} {event.param}".strip() for event in self.events[after:]) or "nothing"
                raise BaresipError(f"no {' or '.join(kinds)} within {seconds:.0f} s; there was: {seen}")
            async with self._news:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), left)

    async def register(self, account: str) -> None:
        """Add an account (a line of baresip's ``accounts`` file) and wait until it is registered.

        It goes over the control connection because an account in the file registers before anybody listens.
        """
        mark = self.mark()
        await self.command("uanew", account)
        event = await self.wait("REGISTER_OK", "REGISTER_FAIL", after=mark)
        if event.kind != "REGISTER_OK":
            raise BaresipError(f"not registered: {event.param}")
