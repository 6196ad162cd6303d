"""Two phones of a client talk: every transport, codec and way of media, seen from both ends and from the records."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.calls.case import Batch, Case
from tests.calls.lab import number_of
from tests.calls.stage import CALLEE_TONE, CALLER_TONE, Kind, Stage
from trunkline.phone.uri import NameAddress

GCM = ("AEAD_AES_256_GCM",)
PLAIN = Kind()
OPUS, WIDE, ALAW, ULAW = ("opus",), ("G722",), ("PCMA",), ("PCMU",)


@dataclass(frozen=True)
class Conversation(Case):
    """Alice calls bob, they talk, one of them hangs up.

    Attributes:
        caller: Alice's phone.
        callee: Bob's phone.
        ends: ``caller`` or ``callee``: who hangs up.
        digits: What both dial while they talk.
        client: Whose users they are.
    """

    caller: Kind = PLAIN
    callee: Kind = PLAIN
    ends: str = "caller"
    digits: str = ""
    client: str = "acme"

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob = await stage.users(2, self.client)
        first, second = await stage.phone(alice, self.caller), await stage.phone(bob, self.callee)
        out, into = await stage.connect(first, second, number_of(bob))
        shown = into.invite.from_
        assert (shown.uri.user, shown.name) == (number_of(alice), first.account.display_name)
        asserted = NameAddress.parse(into.invite.get("P-Asserted-Identity"))
        assert asserted.uri.user == number_of(alice)
        await stage.talk(out, into)
        if self.digits:
            out.send_dtmf(self.digits)
            into.send_dtmf(self.digits[::-1])
            await into.media.wait_digits(self.digits)
            await out.media.wait_digits(self.digits[::-1])
            await stage.talk(out, into)
        for call, kind in ((out, self.caller), (into, self.callee)):
            assert call.media.codec
            assert call.media.codec.name in kind.codecs
        ending, other = (out, into) if self.ends == "caller" else (into, out)
        response = await ending.hangup()
        assert response
        assert response.code == 200
        await other.wait("ended")
        assert other.ended_by == "remote"
        record = await stage.expect_record(out, into, person=alice, dialled=number_of(bob), reason="answered", code=200)
        assert record.leg(self.ends)["ended_by"] == self.ends, record.legs
        assert record.leg("caller")["answered_at"]
        assert record.leg("callee")["answered_at"]


@dataclass(frozen=True)
class EarlyMedia(Case):
    """Bob's phone sends audio before he answers; it reaches alice, by the relays and by no other path.

    Attributes:
        code: Of the reply that has a session description.
    """

    code: int

    async def play(self, stage: Stage) -> None:
        """Play the case."""
        alice, bob = await stage.users(2)
        first, second = await stage.phone(alice), await stage.phone(bob)
        out = await first.call(number_of(bob), tone=CALLER_TONE)
        into = await second.next_call()
        await into.media.prepare_tone(CALLEE_TONE)
        into.media.play_tone(CALLEE_TONE)
        await into.ring(self.code, early_media=True)
        await out.wait("ringing")
        await out.media.wait_tone(CALLEE_TONE, over=[CALLER_TONE])
        for call in (out, into):
            stage.check_path(call)
        await into.answer()
        await out.wait("answered")
        await stage.talk(out, into)
        await into.hangup()
        await out.wait("ended")


SMOKE = (
    Conversation("the caller hangs up", digits="15*0#"),
    Conversation("the callee hangs up", ends="callee"),
)
CASES = (
    Conversation("the other client", client="globex"),
    *(Conversation(f"both {kind}", kind, kind) for kind in (Kind("udp", ULAW), Kind("udp", WIDE))),
    Conversation("both udp-opus", Kind("udp", OPUS), Kind("udp", OPUS), digits="42#"),
    Conversation("opus to PCMA", Kind("udp", OPUS), Kind("udp", ALAW), digits="7"),
    Conversation("PCMA to opus", Kind("udp", ALAW), Kind("udp", OPUS), digits="8"),
    Conversation("G722 to PCMU", Kind("udp", WIDE), Kind("udp", ULAW)),
    Conversation("opus to G722", Kind("udp", OPUS), Kind("udp", WIDE)),
    Conversation("tcp to udp", Kind("tcp"), Kind("udp"), ends="callee"),
    Conversation("udp to tcp", Kind("udp"), Kind("tcp"), ends="callee"),
    Conversation("tls to udp", Kind("tls"), Kind("udp"), digits="1"),
    Conversation("udp to tls", Kind("udp"), Kind("tls"), digits="2"),
    Conversation("both tls", Kind("tls"), Kind("tls"), ends="callee"),
    Conversation("tls with GCM keys", Kind("tls", suites=GCM), Kind("tls", suites=GCM)),
    Conversation("wss to udp", Kind("wss", OPUS), Kind("udp"), digits="3"),
    Conversation("udp to wss", Kind("udp"), Kind("wss", OPUS), digits="4"),
    Conversation("both wss", Kind("wss", OPUS), Kind("wss", OPUS), ends="callee"),
    Conversation("ws to tls", Kind("ws", OPUS), Kind("tls")),
    Conversation("SDES over udp", Kind("udp", security="sdes"), Kind("udp")),
    Conversation("DTLS over udp", Kind("udp", security="dtls"), Kind("udp")),
    EarlyMedia("audio before the answer", 183),
    EarlyMedia("audio while it rings", 180),
)


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("case", [*(pytest.param(case, marks=pytest.mark.smoke) for case in SMOKE), *CASES], ids=str)
async def test_conversation(case: Case, batch: Batch) -> None:
    await batch.outcome(case)
