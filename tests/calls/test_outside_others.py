"""Calls with the outside that other calls must not disturb, that never leave the platform, and faxes of users."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from tests.calls.client_tenants import GATE, HOME, OFFICE, OFFICE_DDI, ddi_of
from tests.calls.outside import OutsideBatch, OutsideCase, OutsideStage
from tests.calls.outside_phones import NATIONAL, gateway, phone_of, talk
from tests.calls.outside_tenants import CLIENT, inbound
from tests.calls.stage import CALLER_TONE
from tests.support.scripted import Script
from trunkline.phone.call import Call

WAITING, OTHERS = 40, 10


@dataclass(frozen=True)
class Slow(OutsideCase):
    """Many calls wait at a carrier that never comes to an end; calls through another one neither wait nor go astray.

    Attributes:
        ringing: What the slow carrier says, besides 100; 0 for nothing.
    """

    ringing: int

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        phone = await gateway(stage, "gate", "three")
        host = stage.lab.directory.proxy("udp")[0]
        script = Script(ringing=self.ringing, hold=120)

        async def call(number: str) -> Call:
            return await phone.call(f"sip:{number}@{host}", from_="sip:+4915112345678@gate.test", tone=CALLER_TONE)

        slow = [stage.outside.number("101") for _ in range(WAITING)]
        for number in slow:
            stage.outside.script(number, {"one": script})
        waiting = [await call(number) for number in slow]
        there = [await stage.outside.servers["one"].call_to(number) for number in slow]
        for _ in range(OTHERS):
            number = stage.outside.number("124")
            out = await call(number)
            into = await stage.answered_by("two", number, out)
            await into.hangup()
            await out.wait("ended")
            await stage.record_of(out, [("two", "two", 200)], client=GATE, direction="outbound", reason="answered")
        assert {one.state for one in waiting} == {"ringing" if self.ringing else "calling"}
        assert not {"answered", "ended"} & {one.state for one in there}
        await asyncio.gather(*(one.cancel() for one in waiting))
        await asyncio.gather(*(one.wait("ended") for one in there))
        for one in waiting:
            await stage.record_of(one, [("one", "one", 487)], client=GATE, direction="outbound", reason="cancelled")


@dataclass(frozen=True)
class TurnsInside(OutsideCase):
    """Somebody calls a DDI of the platform: the call comes in to its owner, and no carrier sees it.

    Attributes:
        caller: A ``user`` of a vPBX client, or a ``gateway`` of a wholesale client.
        callee: A ``user`` of the same vPBX client, or a ``device`` of another client.
    """

    caller: str
    callee: str

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        if self.callee == "device":
            number, second = ddi_of("h2"), await phone_of(stage, HOME, "h2")
        else:
            (person,) = await stage.users(1, CLIENT)
            number, second = inbound(int(person.user[1:])), await stage.phone(person)
        if self.caller == "user":
            client, (own, first) = CLIENT, await stage.caller()
            out = await first.call(number[NATIONAL], tone=CALLER_TONE)
        else:
            client, own, first = GATE, "+34600111222", await gateway(stage, "gate", "three")
            host = stage.lab.directory.proxy("udp")[0]
            out = await first.call(f"sip:{number}@{host}", from_=f"sip:{own}@gate.test", tone=CALLER_TONE)
        into = await second.next_call()
        await talk(stage, out, into)
        assert into.invite.from_.uri.user == own[NATIONAL]
        await out.hangup()
        await into.wait("ended")
        assert not stage.outside.invites(number)
        record = await stage.record_of(out, client=client, direction="outbound", carrier=None)
        assert [leg["callee_number"] for leg in record.legs if leg["direction"] == "outbound"] == [number]


@dataclass(frozen=True)
class UsersFax(OutsideCase):
    """What a user's T.38 terminal sends is a fax: it takes the route for faxes."""

    async def play(self, stage: OutsideStage) -> None:
        """Play the case."""
        (person,) = await stage.users(1, OFFICE)
        phone = await stage.phone(person)
        number = stage.outside.number("101")
        out = await phone.call(number[NATIONAL], tone=CALLER_TONE)
        await stage.answered_by("two", number, out)
        await out.hangup()
        record = await stage.record_of(out, [("two", "two", 200)], client=OFFICE, direction="outbound", fax=True)
        assert record.call["ddi"] == OFFICE_DDI


CASES: tuple[OutsideCase, ...] = (
    Slow("a carrier that rings for ever", 180),
    Slow("a carrier that says 100 and nothing more", 0),
    *(
        TurnsInside(f"a {caller} calls the number of a {callee}", caller, callee)
        for caller in ("user", "gateway")
        for callee in ("user", "device")
    ),
    UsersFax("a user sends a fax"),
)


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("outside_case", CASES, ids=str)
async def test_others(outside_case: OutsideCase, outside_batch: OutsideBatch) -> None:
    await outside_batch.outcome(outside_case)
