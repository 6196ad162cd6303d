"""Phones of tests on a deployed platform, and calls between them that were proven."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.support.deployed import DeployedPlatform
from tests.support.waiting import until_async
from trunkline.phone.call import Call
from trunkline.phone.ladder import ladder
from trunkline.phone.negotiation import MediaOptions
from trunkline.phone.ua import UserAgent

CALLER_HZ, CALLEE_HZ = 1000.0, 1400.0
ANSWER_SECONDS = 15.0  # one application server that does not answer costs five of them
RECORD_SECONDS = 10.0


@dataclass(frozen=True)
class Connected:
    """Both ends of a call that was answered."""

    caller: Call
    callee: Call

    async def hear(self, *, seconds: float = 8.0) -> None:
        """Wait until each side hears the other's tone in what arrives from now on."""
        ends = ((self.caller, CALLEE_HZ, CALLER_HZ), (self.callee, CALLER_HZ, CALLEE_HZ))
        await asyncio.gather(
            *(
                call.media.wait_tone(wanted, over=[other], seconds=seconds, since=len(call.media.received.packets))
                for call, wanted, other in ends
            )
        )

    async def hangup(self) -> None:
        """The caller hangs up, the callee sees it."""
        await self.caller.hangup()
        await self.callee.wait("ended")


class Phones:
    """Makes phones, stops them, and shows what they said when a test fails.

    Args:
        platform: Where they register.
    """

    def __init__(self, platform: DeployedPlatform) -> None:
        self.platform = platform
        self.made: list[UserAgent] = []

    async def make(
        self,
        address: str,
        *,
        transport: str = "udp",
        register: bool = True,
        password: str | None = None,
        media: MediaOptions | None = None,
    ) -> UserAgent:
        """Return a phone of ``terminal@client``, registered unless told otherwise."""
        platform = self.platform
        phone = UserAgent(
            platform.account(address, password=password),
            transport,
            ip=platform.controller,
            proxy=platform.users_proxy,
            media=media,
            name=address,
        )
        self.made.append(phone)
        await phone.start()
        if register:
            await phone.register()
        return phone

    async def connect(
        self, caller: UserAgent, callee: UserAgent, *, seconds: float = ANSWER_SECONDS, tones: bool = True
    ) -> Connected:
        """Call from one phone to another by extension, and answer.

        Args:
            caller: Calls.
            callee: Answers; its extension is dialled.
            seconds: How long the call may need to reach the callee, and to be answered.
            tones: Whether each side sends its tone.
        """
        incoming = asyncio.create_task(callee.next_call(seconds=seconds))
        made = await caller.call(self.platform.number(callee.name), tone=CALLER_HZ if tones else None)
        over = asyncio.create_task(made.wait("ended", seconds=seconds))
        try:
            await asyncio.wait({incoming, over}, return_when=asyncio.FIRST_COMPLETED)
            if not incoming.done():
                raise AssertionError(f"the call to {callee.name} ended: {made.code} {made.reason}")
            taken = incoming.result()
        finally:
            for task in (incoming, over):
                task.cancel()
            await asyncio.gather(incoming, over, return_exceptions=True)
        if tones:
            await taken.media.prepare_tone(CALLEE_HZ)
            taken.media.play_tone(CALLEE_HZ)
        await taken.ring()
        await taken.answer()
        await made.wait("answered", seconds=seconds)
        self.assert_relayed(made, taken)
        return Connected(made, taken)

    def assert_relayed(self, *calls: Call) -> None:
        """Assert that media goes to relays and comes from relays only."""
        relays = self.platform.relay_addresses
        for call in calls:
            assert call.media.remote, f"{call.ua.name}: nothing was agreed\n{call.ua.ladder(bodies=True)}"
            address = call.media.remote.address
            assert address, f"{call.ua.name}: no address for media\n{call.ua.ladder(bodies=True)}"
            used = {address[0]} | {source for source, _ in call.media.received.sources}
            assert used <= set(relays), f"{call.ua.name}: media with {used}, relays are {relays}"

    async def prove(self, caller: UserAgent, callee: UserAgent, *, seconds: float = ANSWER_SECONDS) -> dict[str, Any]:
        """Make a whole call: both tones heard, media by relays, hang up; return its record once that is closed."""
        call = await self.connect(caller, callee, seconds=seconds)
        await call.hear()
        self.assert_relayed(call.caller, call.callee)
        await call.hangup()
        return await self.record(call.caller)

    async def record(self, call: Call, *, seconds: float = RECORD_SECONDS) -> dict[str, Any]:
        """Return the closed record of a call that a phone made."""
        found = await until_async(
            lambda: [row for row in self.records([call.call_id]) if row["ended_at"]],
            seconds,
            lambda: f"a closed record of {call.call_id}; there is {self.records([call.call_id])}",
        )
        assert len(found) == 1, found
        return found[0]

    def records(self, sip_call_ids: list[str]) -> list[dict[str, Any]]:
        """Return the records of calls by the Call-IDs of their callers' legs, open ones too."""
        query = """
            select call.*, leg.sip_call_id, leg.relay as caller_relay
              from live.call join live.call_leg leg on leg.call_id = call.id
             where leg.side = 'caller' and leg.sip_call_id = any(%s) order by call.started_at
        """
        return self.platform.rows(query, sip_call_ids)

    async def legs(self, record: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the closed legs of a call's record, the caller's last; each is reported when it ends."""

        def legs() -> list[dict[str, Any]]:
            return self.platform.rows("select * from live.call_leg where call_id = %s order by side", record["id"])

        return await until_async(
            lambda: legs() if all(leg["ended_at"] for leg in legs()) else [],
            RECORD_SECONDS,
            lambda: f"closed legs of {record['id']}; there are {legs()}",
        )

    def ladder(self) -> str:
        """Return everything that all phones of the test sent and received."""
        return ladder([entry for phone in self.made for entry in phone.log], bodies=True)

    async def stop(self) -> None:
        """Stop every phone."""
        for phone in self.made:
            await phone.stop()


@asynccontextmanager
async def phones_of(platform: DeployedPlatform) -> AsyncIterator[Phones]:
    """Give phones that are stopped at the end, whatever happened."""
    phones = Phones(platform)
    try:
        yield phones
    finally:
        await phones.stop()
