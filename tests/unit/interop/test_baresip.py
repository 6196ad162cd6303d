"""The control client against a server of our own that speaks netstrings like baresip, in awkward pieces."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.interop.baresip import Baresip, BaresipError, frame, frames


def reader_of(data: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


async def collect(data: bytes) -> list[dict[str, Any]]:
    return [message async for message in frames(reader_of(data))]


class Server:
    """Answers every command; ``refuse`` is refused, ``silence`` is not answered, ``event`` tells its parameter."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for message in frames(reader):
            self.seen.append(message)
            name, params = message["command"], message["params"]
            if name == "silence":
                continue
            if name == "close":
                break
            out = b""
            if name == "uanew":
                kind = "REGISTER_FAIL" if "wrong" in params else "REGISTER_OK"
                out += frame({"event": True, "type": "REGISTERING"})
                out += frame({"event": True, "type": kind, "param": "403 Forbidden" if "wrong" in params else "200 OK"})
            if name == "event":
                out += frame({"event": True, "type": params, "id": "call-1", "param": "detail", "peeruri": "sip:b@x"})
            answer = {
                "response": True,
                "ok": name != "refuse",
                "data": f"\x1b[32m{name}\x1b[;m\n",
                "token": message["token"],
            }
            out = frame(answer) + out
            for start in range(0, len(out), 7):  # in pieces, as long answers come
                writer.write(out[start : start + 7])
                await writer.drain()
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    behaviour = Server()
    listener = await asyncio.start_server(behaviour.serve, "127.0.0.1", 0)
    behaviour.port = listener.sockets[0].getsockname()[1]
    yield behaviour
    listener.close()
    await listener.wait_closed()


@pytest.fixture
async def phone(server: Server) -> AsyncIterator[Baresip]:
    async with Baresip(*await asyncio.open_connection("127.0.0.1", server.port)) as client:
        yield client


def test_a_frame_counts_bytes_not_characters() -> None:
    body = json.dumps({"params": "é"}, separators=(",", ":")).encode()
    assert frame({"params": "é"}) == b"%d:%s," % (len(body), body)


async def test_frames_come_back_as_they_went() -> None:
    messages: list[dict[str, object]] = [{"a": 1}, {"b": "x" * 5000}, {}]
    assert await collect(b"".join(frame(message) for message in messages)) == messages


@pytest.mark.parametrize("data", [b"x:{},", b"2:{};", b"99:{}", b"9999999:{},", b"2:[],", b"-1:{},"])
async def test_a_broken_stream_is_said_to_be_broken(data: bytes) -> None:
    with pytest.raises(BaresipError):
        await collect(data)


async def test_a_command_returns_its_text_without_colours(phone: Baresip, server: Server) -> None:
    assert await phone.command("reginfo", "all") == "reginfo"
    assert server.seen == [{"command": "reginfo", "params": "all", "token": "1"}]


async def test_a_refused_command_is_an_error(phone: Baresip) -> None:
    with pytest.raises(BaresipError, match="refuse now: refuse"):
        await phone.command("refuse", "now")
    assert await phone.command("refuse", refusal_is_error=False) == "refuse"


async def test_commands_that_overlap_get_their_own_answers(phone: Baresip) -> None:
    names = [f"command{number}" for number in range(20)]
    assert await asyncio.gather(*(phone.command(name) for name in names)) == names


async def test_events_are_kept_and_found_from_a_mark_on(phone: Baresip) -> None:
    await phone.command("event", "CALL_RINGING")
    first = await phone.wait("CALL_RINGING")
    mark = phone.mark()
    await phone.command("event", "CALL_ESTABLISHED")
    second = await phone.wait("CALL_RINGING", "CALL_ESTABLISHED", after=mark, param="detail")
    assert (first.kind, second.kind, second.call, second.peer) == (
        "CALL_RINGING",
        "CALL_ESTABLISHED",
        "call-1",
        "sip:b@x",
    )


async def test_an_event_that_does_not_come_names_what_came(phone: Baresip) -> None:
    await phone.command("event", "CALL_RINGING")
    with pytest.raises(BaresipError, match="no CALL_ESTABLISHED within 0 s; there was: CALL_RINGING detail"):
        await phone.wait("CALL_ESTABLISHED", seconds=0.05)


async def test_registration_waits_for_the_outcome(phone: Baresip) -> None:
    await phone.register("<sip:a@x>;auth_pass=right")
    with pytest.raises(BaresipError, match="403 Forbidden"):
        await phone.register("<sip:a@x>;auth_pass=wrong")


async def test_a_connection_that_ends_fails_what_waits_for_it(phone: Baresip) -> None:
    with pytest.raises(BaresipError, match="closed the control connection"):
        await phone.command("close")
    with pytest.raises(BaresipError, match="closed the control connection"):
        await phone.wait("CALL_CLOSED")


async def test_no_answer_is_an_error(phone: Baresip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.interop.baresip.ANSWER_SECONDS", 0.05)
    with pytest.raises(BaresipError, match="no answer to silence"):
        await phone.command("silence")
