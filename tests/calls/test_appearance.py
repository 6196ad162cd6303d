"""What a phone sees of the other end: a name and a number in its own domain, which it can call back."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.calls.case import Batch, Case
from tests.calls.lab import number_of
from tests.calls.stage import CALLEE_TONE, Kind, Stage, check_appearance
from tests.support.waiting import until_async
from trunkline.phone.message import Message
from trunkline.phone.ua import UserAgent
from trunkline.phone.uri import NameAddress

KEEPALIVE_SECONDS = 45.0  # kamailio_keepalive_seconds, and the module's own clock


def check_way(message: Message, phone: UserAgent) -> None:
    """Check that what a phone keeps leads to its client's domain by the proxy's public address."""
    assert phone.proxy
    routes = message.get_all("Record-Route")
    first = NameAddress.parse(routes[0] if message.is_request else routes[-1]).uri
    assert (first.host, first.port or 5060) == phone.proxy, routes
    assert NameAddress.parse(message.get("Contact")).uri.host == phone.account.domain


@dataclass(frozen=True)
class CallBack(Case):
    """Bob sees who calls, they talk, bob holds; then he calls what his phone showed.

    Attributes:
        caller: Alice's phone.
        callee: Bob's phone.
    """

    caller: Kind
    callee: Kind

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob = await stage.users(2)
        first, second = await stage.phone(alice, self.caller), await stage.phone(bob, self.callee)
        out, into = await stage.connect(first, second, number_of(bob))
        domain = second.account.domain
        shown = into.invite.from_
        asserted = NameAddress.parse(into.invite.get("P-Asserted-Identity"))
        for address in (shown, asserted):
            assert (address.uri.user, address.uri.host, address.uri.port) == (number_of(alice), domain, None)
            assert address.name == first.account.display_name
        assert out.final
        check_way(into.invite, second)
        check_way(out.final, first)
        await stage.talk(out, into)
        assert (await into.hold()).is_success
        await out.changes.wait(
            lambda: out.media.direction == "recvonly", 5, lambda: f"the held phone is {out.media.direction}"
        )
        await out.hangup()
        await into.wait("ended")

        back = await second.call(str(shown.uri.without_headers()), tone=CALLEE_TONE)
        again = await first.next_call()
        assert again.invite.from_.uri.user == number_of(bob)
        await again.media.prepare_tone(1000.0)
        again.media.play_tone(1000.0)
        await again.answer()
        await back.wait("answered")
        await stage.talk(again, back)
        await again.hangup()
        await back.wait("ended")
        for phone in (first, second):
            for entry in phone.log:
                if not entry.sent:
                    check_appearance(entry.message, stage.lab.inside)


@dataclass(frozen=True)
class Asked(Case):
    """The platform's own question, whether a phone is still in its call, shows no more than the call did."""

    @property
    def waits(self) -> bool:
        """It takes until the platform asks."""
        return True

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob = await stage.users(2)
        first, second = await stage.phone(alice), await stage.phone(bob)
        out, into = await stage.connect(first, second, number_of(bob))

        def questions(phone: UserAgent) -> list[Message]:
            received = [entry.message for entry in phone.log if not entry.sent and entry.message.is_request]
            return [message for message in received if message.method == "OPTIONS" and message.to.tag]

        both = (first, second)
        await until_async(lambda: all(map(questions, both)), KEEPALIVE_SECONDS, "a question to both phones")
        for phone in both:
            for message in questions(phone):
                check_appearance(message, stage.lab.inside)
                assert message.from_.uri.host == phone.account.domain, message.get("From")
        await stage.talk(out, into)
        await out.hangup()
        await into.wait("ended")


CASES = (
    Asked("the platform asks whether they are there"),
    CallBack("udp to tls", Kind("udp"), Kind("tls")),
    CallBack("tcp to wss", Kind("tcp"), Kind("wss", ("opus",))),
    CallBack("tls to tcp", Kind("tls"), Kind("tcp")),
)
SMOKE = (CallBack("both udp", Kind("udp"), Kind("udp")),)


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("case", [*CASES, *(pytest.param(case, marks=pytest.mark.smoke) for case in SMOKE)], ids=str)
async def test_appearance(case: Case, batch: Batch) -> None:
    await batch.outcome(case)
