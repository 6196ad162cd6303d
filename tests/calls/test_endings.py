"""Calls that end without a conversation, or in the middle of one: what the caller is told, and what is recorded."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.calls.case import Batch, Case
from tests.calls.lab import number_of
from tests.calls.stage import Stage
from trunkline.phone.clock import Clock

NUMBERS = ("101", "102", "103", "104")  # for those that wait long: others stay free
NO_ANSWER_SECONDS = 75.0
CUT_OFF_SECONDS = 100.0


@dataclass(frozen=True)
class Refused(Case):
    """The callee's phone refuses.

    Attributes:
        phone_code: What it says.
        code: What the caller is told, and the record says.
        reason: What the record says.
    """

    phone_code: int
    code: int
    reason: str

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob = await stage.users(2)
        first, second = await stage.phone(alice), await stage.phone(bob)
        out, into = await stage.ring(first, second, number_of(bob))
        await into.reject(self.phone_code)
        await out.wait("ended")
        assert out.code == self.code
        await stage.expect_record(out, into, person=alice, dialled=number_of(bob), reason=self.reason, code=self.code)


@dataclass(frozen=True)
class Cancelled(Case):
    """The caller gives up while it rings."""

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob = await stage.users(2)
        first, second = await stage.phone(alice), await stage.phone(bob)
        out, into = await stage.ring(first, second, number_of(bob))
        await out.cancel()
        await into.wait("ended")
        assert (out.code, into.code) == (487, 487)
        record = await stage.expect_record(
            out, into, person=alice, dialled=number_of(bob), reason="cancelled", code=487
        )
        assert record.leg("callee")["reason"] == "cancelled"


@dataclass(frozen=True)
class NoAnswer(Case):
    """It rings until the platform gives up."""

    @property
    def waits(self) -> bool:
        """It takes a minute."""
        return True

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob = await stage.users(2, "globex", NUMBERS)
        first, second = await stage.phone(alice), await stage.phone(bob)
        out, into = await stage.ring(first, second, number_of(bob))
        await out.wait("ended", seconds=NO_ANSWER_SECONDS)
        await into.wait("ended")
        assert (out.code, into.code) == (480, 487)
        await stage.expect_record(out, into, person=alice, dialled=number_of(bob), reason="no_answer", code=480)


@dataclass(frozen=True)
class NotRegistered(Case):
    """The callee has no phone."""

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob = await stage.users(2)
        first, second = await stage.phone(alice), await stage.phone(bob)
        await second.unregister()
        out = await first.call(number_of(bob))
        await out.wait("ended")
        assert out.code == 480
        await stage.expect_record(out, person=alice, dialled=number_of(bob), reason="no_answer", code=480)
        assert second.incoming.empty()


@dataclass(frozen=True)
class NoSuchNumber(Case):
    """Nobody has the number.

    Attributes:
        number: What is dialled.
    """

    number: str

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        (alice,) = await stage.users(1)
        first = await stage.phone(alice)
        out = await first.call(self.number)
        await out.wait("ended")
        assert out.code == 404
        await stage.expect_record(out, person=alice, dialled=self.number, reason="refused", code=404)


@dataclass(frozen=True)
class CutOff(Case):
    """A phone vanishes in the middle of a conversation; the other one is freed, and the record says so.

    Attributes:
        who: ``caller`` or ``callee``.
        client: Whose users they are.
    """

    who: str
    client: str

    @property
    def waits(self) -> bool:
        """It takes until the platform notices."""
        return True

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob = await stage.users(2, self.client, NUMBERS)
        first, second = await stage.phone(alice), await stage.phone(bob)
        out, into = await stage.connect(first, second, number_of(bob))
        await stage.talk(out, into)
        gone, left = (out, into) if self.who == "caller" else (into, out)
        Clock.of_this_loop().remove(gone.media)
        await gone.ua.transport.close()
        await left.wait("ended", seconds=CUT_OFF_SECONDS)
        assert left.ended_by == "remote"
        record = await stage.records.of(out.call_id, seconds=CUT_OFF_SECONDS)
        assert record.call["reason"] == "cut_off", record
        assert record.leg(self.who)["reason"] == "cut_off", record.legs
        gone.ua.registered = False  # it cannot say goodbye


CASES = (
    CutOff("the caller vanishes", "caller", "globex"),
    CutOff("the callee vanishes", "callee", "acme"),
    NoAnswer("nobody answers"),
    Refused("busy", 486, 486, "busy"),
    Refused("busy everywhere", 600, 486, "busy"),
    Refused("declined", 603, 603, "refused"),
    Refused("a phone that is not available", 480, 480, "no_answer"),
    Refused("a phone that does not know itself", 404, 480, "no_answer"),
    Refused("a phone that breaks", 500, 480, "no_answer"),
    Refused("a phone that has no service", 503, 480, "no_answer"),
    Refused("a phone that redirects", 302, 486, "busy"),
    Cancelled("the caller gives up"),
    NotRegistered("nobody is registered"),
    NoSuchNumber("nobody has the number", "999"),
    NoSuchNumber("not even a number", "nobody"),
    NoSuchNumber("a long number", "1" * 40),
)


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("case", CASES, ids=str)
async def test_ending(case: Case, batch: Batch) -> None:
    await batch.outcome(case)
