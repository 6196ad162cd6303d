"""The stage of one case: users, phones, and what is always true of a call."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Self

from tests.calls.lab import Lab, number_of
from tests.calls.records import Record, Records, check_times
from trunkline.errors import TrunklineError
from trunkline.phone.call import Call
from trunkline.phone.directory import Person
from trunkline.phone.errors import MessageError
from trunkline.phone.ladder import ladder
from trunkline.phone.message import Message
from trunkline.phone.negotiation import MediaOptions
from trunkline.phone.rtp import lost_packets
from trunkline.phone.sdp import SessionDescription
from trunkline.phone.ua import UserAgent

CALLER_TONE, CALLEE_TONE = 1000.0, 1400.0
HIGHEST_LOSS = 0.02


@dataclass(frozen=True)
class Kind:
    """What a phone is like.

    Attributes:
        transport: Of its SIP.
        codecs: In the order of preference.
        security: Of its media; empty for what its transport does as a rule.
        suites: For SDES.
    """

    transport: str = "udp"
    codecs: tuple[str, ...] = ("PCMA",)
    security: str = ""
    suites: tuple[str, ...] = ("AES_CM_128_HMAC_SHA1_80",)

    @property
    def media(self) -> MediaOptions:
        """How it does media."""
        usual = replace(MediaOptions.usual(self.transport, self.codecs), suites=self.suites)
        return replace(usual, security=self.security) if self.security else usual

    def __str__(self) -> str:
        """Return its name in the name of a case."""
        parts = [self.transport, *self.codecs, self.security]
        parts += [suite for suite in self.suites if suite != Kind().suites[0]]
        return "-".join(filter(None, parts))


@dataclass
class Stage:
    """Users and phones of one case; everything ends with it.

    Attributes:
        lab: The platform.
        records: Its call records.
        phones: Every phone that was made.
    """

    lab: Lab
    records: Records
    phones: list[UserAgent] = field(default_factory=list)
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    _cleared: set[str] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Stop the phones; add the ladder and the journals to a failure."""
        if error is not None:
            entries = [entry for phone in self.phones for entry in phone.log]
            error.add_note(ladder(entries, bodies=isinstance(error, TrunklineError)))
            error.add_note(await self.lab.journals())
        for phone in self.phones:
            await phone.stop()
        await self._stack.aclose()
        if error is None:
            problems = [problem for phone in self.phones for problem in (*phone.errors, *phone.malformed)]
            assert not problems, problems

    async def users(self, count: int, client: str = "acme", numbers: Collection[str] | None = None) -> list[Person]:
        """Borrow users until the case ends, of certain extensions if they are named."""
        return await self._stack.enter_async_context(self.lab.users.borrow(client, count, numbers))

    async def alone(self, lock: asyncio.Lock) -> None:
        """Hold a lock until the case ends."""
        await self._stack.enter_async_context(lock)

    async def phone(
        self, person: Person, kind: Kind | None = None, *, register: bool = True, name: str = ""
    ) -> UserAgent:
        """Return a phone of a user, registered alone unless the case registers several."""
        chosen = kind or Kind()
        label = f"{name or person.user}@{person.client.name}"
        made = await self.lab.directory.phone(
            f"{person.user}@{person.client.declared.domain}", chosen.transport, chosen.media, self.lab.ip
        ).make(label)
        self.phones.append(made)
        if register:
            if label not in self._cleared and not name:
                await made.unregister(everything=True)  # what a run left behind that was killed
            self._cleared.add(label)
            await made.register(keep=False)
        return made

    async def ring(self, caller: UserAgent, callee: UserAgent, number: str) -> tuple[Call, Call]:
        """Let one phone call a number, and another one ring."""
        out = await caller.call(number, tone=CALLER_TONE)
        into = await callee.next_call()
        await into.media.prepare_tone(CALLEE_TONE)
        into.media.play_tone(CALLEE_TONE)
        await into.ring()
        await out.wait("ringing")
        return out, into

    async def connect(self, caller: UserAgent, callee: UserAgent, number: str) -> tuple[Call, Call]:
        """Let one phone call a number, and another one answer; both send their tone."""
        out, into = await self.ring(caller, callee, number)
        await into.answer()
        await out.wait("answered")
        return out, into

    async def talk(self, out: Call, into: Call) -> None:
        """Prove that both hear each other from now on, by the relays and by no other path."""
        since = [len(call.media.received.packets) for call in (out, into)]
        await into.media.wait_tone(CALLER_TONE, over=[CALLEE_TONE], since=since[1])
        await out.media.wait_tone(CALLEE_TONE, over=[CALLER_TONE], since=since[0])
        for call, first in zip((out, into), since, strict=True):
            self.check_path(call, first)

    def check_path(self, call: Call, since: int = 0) -> None:
        """Check what is true of every call: relay addresses only, nothing of the inside shown, hardly any loss.

        Args:
            call: The call.
            since: Index of the first packet that counts for loss; what comes while a hold begins is dropped.
        """
        assert call.media.remote is not None
        for entry in call.messages:
            if not entry.sent:
                check_message(entry.message, self.lab.relays)
                check_appearance(entry.message, self.lab.inside)
        received = call.media.received
        assert {address for address, _ in received.sources} <= self.lab.relays, received.sources
        if not call.media.options.ice:
            assert call.media.remote.address in received.sources
        assert call.media.path.counters.rejected <= 2, call.media.path.counters  # before the keys were agreed
        packets = [one.packet for one in received.packets[since:]]
        assert lost_packets(packets) <= max(1, HIGHEST_LOSS * len(packets)), lost_packets(packets)

    async def expect_record(
        self,
        out: Call,
        into: Call | None = None,
        *,
        person: Person,
        dialled: str,
        reason: str,
        code: int,
        seconds: float = 8.0,
    ) -> Record:
        """Wait for the record of a call, and check it against what the phones know.

        Args:
            out: The caller's call.
            into: The callee's, if a phone was rung.
            person: Who called.
            dialled: What was dialled.
            reason: Why it ended.
            code: Final SIP code.
            seconds: Deadline.
        """
        record = await self.records.of(out.call_id, seconds=seconds)
        call, leg = record.call, record.leg("caller")
        expected = {
            "brand": person.client.brand,
            "client": person.client.name,
            "caller": number_of(person),
            "callee": dialled,
            "reason": reason,
            "code": code,
        }
        assert {key: call[key] for key in expected} == expected
        answered = "answered" in out.reached
        check_times(record, answered=answered)
        assert (leg["sip_call_id"], leg["reason"], leg["code"]) == (out.call_id, reason, code)
        assert leg["endpoint"] == f"{person.terminal}@{person.client.declared.domain}"
        if answered:
            relays = self.lab.directory.platform.members("media_relays")
            servers = self.lab.directory.platform.members("application_servers")
            assert call["relay"] in relays
            assert call["application_server"] in servers
            assert out.media.remote is not None
            assert out.media.remote.address is not None
            assert self.lab.directory.name_of(out.media.remote.address[0]) == leg["relay"]
        if into:
            other = record.leg("callee")
            assert other["sip_call_id"] == into.call_id
            assert other["endpoint"] == f"{into.ua.account.username}@{into.ua.account.domain}"
            if answered:
                assert into.media.remote is not None
                assert into.media.remote.address is not None
                assert self.lab.directory.name_of(into.media.remote.address[0]) == other["relay"]
        return record


def check_appearance(message: Message, inside: Collection[str]) -> None:
    """Check that no header of a received message shows an internal address, but for those of the way back.

    Via and all but the first Record-Route are repeated by a phone and mean nothing to it (docs/decisions/0021).
    """
    routes = message.get_all("Record-Route")
    shown = [(name, value) for name, value in message.headers if name not in {"Via", "Record-Route"}]
    if routes:
        shown.append(("Record-Route", routes[0] if message.is_request else routes[-1]))
    for name, value in shown:
        found = [address for address in inside if re.search(rf"(?<![\d.]){re.escape(address)}(?![\d.]*\d)", value)]
        assert not found, f"{name} of {message.start} shows {found}: {value}"


def check_message(message: Message, relays: set[str]) -> None:
    """Check that a message names no media address but relays', and has no header of the inside."""
    inside = [name for name, _ in message.headers if name.upper().startswith("X-TL-")]
    assert not inside, f"{inside} in {message.start}"
    if "sdp" not in message.get("Content-Type"):
        return
    try:
        description = SessionDescription.parse(message.body)
    except MessageError as error:
        raise AssertionError(f"{message.start}: {error}") from error
    named = {description.origin_address, *(description.address_of(section) for section in description.media)}
    for section in description.media:
        named |= {value.split(" ")[4] for value in section.get_all("candidate")}
        named |= {value.split(" ")[-1] for value in section.get_all("rtcp") if " " in value}
    assert named - {"0.0.0.0"} <= relays, f"{named - relays} in the description of {message.start}"  # noqa: S104
