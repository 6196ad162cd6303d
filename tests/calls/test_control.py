"""Hold, transfers, and several phones of one account."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from tests.calls.case import Batch, Case
from tests.calls.lab import number_of
from tests.calls.stage import CALLEE_TONE, Kind, Stage
from trunkline.phone.errors import PhoneTimeoutError

QUIET_SECONDS = 0.6


@dataclass(frozen=True)
class Hold(Case):
    """One side holds the other and takes it back.

    Attributes:
        who: ``caller`` or ``callee``.
    """

    who: str

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob = await stage.users(2)
        first, second = await stage.phone(alice), await stage.phone(bob)
        out, into = await stage.connect(first, second, number_of(bob))
        await stage.talk(out, into)
        holder, held = (out, into) if self.who == "caller" else (into, out)
        assert (await holder.hold()).is_success
        await held.changes.wait(
            lambda: held.media.direction == "recvonly", 5, lambda: f"the held phone is {held.media.direction}"
        )
        await self._quiet(holder.media.wait_packets)
        assert (await holder.resume()).is_success
        await held.changes.wait(
            lambda: held.media.direction == "sendrecv", 5, lambda: f"the freed phone is {held.media.direction}"
        )
        await stage.talk(out, into)
        await out.hangup()
        await into.wait("ended")
        await stage.expect_record(out, into, person=alice, dialled=number_of(bob), reason="answered", code=200)

    @staticmethod
    async def _quiet(wait_packets: object) -> None:
        """Check that no audio comes to the side that holds."""
        assert callable(wait_packets)
        with pytest.raises(PhoneTimeoutError):
            await wait_packets(20, seconds=QUIET_SECONDS)


@dataclass(frozen=True)
class BlindTransfer(Case):
    """One side sends the other to carol.

    Attributes:
        who: ``caller`` or ``callee``: who transfers.
    """

    who: str

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob, carol = await stage.users(3)
        first, second, third = [await stage.phone(person) for person in (alice, bob, carol)]
        out, into = await stage.connect(first, second, number_of(bob))
        await stage.talk(out, into)
        leaving, staying = (out, into) if self.who == "caller" else (into, out)
        transfer = asyncio.create_task(leaving.blind_transfer(number_of(carol)))
        last = await third.next_call()
        await last.media.prepare_tone(CALLEE_TONE)
        last.media.play_tone(CALLEE_TONE if staying is out else 1000.0)
        await last.ring()
        await last.answer()
        assert await transfer == 200
        await leaving.hangup()
        if staying is out:
            await stage.talk(out, last)
        else:
            await stage.talk(last, into)
        await staying.hangup()
        await last.wait("ended")
        record = await stage.records.of(last.call_id)
        assert {leg["sip_call_id"] for leg in record.legs} == {out.call_id, into.call_id, last.call_id}
        assert record.call["reason"] == "answered"


@dataclass(frozen=True)
class AttendedTransfer(Case):
    """Bob asks carol first, and then connects alice and her."""

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob, carol = await stage.users(3)
        first, second, third = [await stage.phone(person) for person in (alice, bob, carol)]
        out, into = await stage.connect(first, second, number_of(bob))
        await stage.talk(out, into)
        assert (await into.hold()).is_success
        asked, last = await stage.connect(second, third, number_of(carol))
        await stage.talk(asked, last)
        assert await into.attended_transfer(asked) == 200
        await asyncio.gather(into.hangup(), asked.hangup())  # unless the platform was quicker
        await stage.talk(out, last)
        await out.hangup()
        await last.wait("ended")
        for call in (out, asked):
            record = await stage.records.of(call.call_id)
            assert record.call["reason"] == "answered", record.call


@dataclass(frozen=True)
class FourPhones(Case):
    """Four phones of one account ring; one answers, the others stop.

    Attributes:
        answers: Index of the one that answers.
    """

    answers: int

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob = await stage.users(2)
        first = await stage.phone(alice)
        kinds = (Kind("udp"), Kind("tcp"), Kind("tls"), Kind("udp"))
        phones = [await stage.phone(bob, kind, name=f"bob{index}" if index else "") for index, kind in enumerate(kinds)]
        out = await first.call(number_of(bob), tone=1000.0)
        ringing = await asyncio.gather(*(phone.next_call() for phone in phones))
        for call in ringing:
            await call.ring()
        await out.wait("ringing")
        chosen = ringing[self.answers]
        await chosen.media.prepare_tone(CALLEE_TONE)
        chosen.media.play_tone(CALLEE_TONE)
        await chosen.answer()
        others = [call for call in ringing if call is not chosen]
        await asyncio.gather(*(call.wait("ended") for call in others))
        assert {call.code for call in others} == {487}
        await stage.talk(out, chosen)
        await chosen.hangup()
        await out.wait("ended")
        await stage.expect_record(out, chosen, person=alice, dialled=number_of(bob), reason="answered", code=200)


@dataclass(frozen=True)
class AllBusy(Case):
    """Two phones of one account ring; one refuses, the call goes on; the other refuses, it ends."""

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob = await stage.users(2)
        first = await stage.phone(alice)
        phones = [await stage.phone(bob, name=name) for name in ("", "bob1")]
        out = await first.call(number_of(bob))
        ringing = await asyncio.gather(*(phone.next_call() for phone in phones))
        for call in ringing:
            await call.ring()
        await out.wait("ringing")
        await ringing[0].reject(486)
        with pytest.raises(PhoneTimeoutError):
            await out.wait("ended", seconds=QUIET_SECONDS)
        await ringing[1].reject(486)
        await out.wait("ended")
        assert out.code == 486


CASES = (
    Hold("the caller holds", "caller"),
    Hold("the callee holds", "callee"),
    BlindTransfer("the callee transfers", "callee"),
    BlindTransfer("the caller transfers", "caller"),
    AttendedTransfer("an attended transfer"),
    FourPhones("four phones, the first answers", 0),
    FourPhones("four phones, the one on TLS answers", 2),
    AllBusy("two phones refuse"),
)


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("case", CASES, ids=str)
async def test_control(case: Case, batch: Batch) -> None:
    await batch.outcome(case)
