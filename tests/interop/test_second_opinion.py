"""Calls between our phone and baresip, an implementation of others, through the platform.

Both ends of the other tests are ours, so a mistake in our reading of a standard could hide at both. Here it cannot.
"""

from __future__ import annotations

import dataclasses

import pytest

from tests.interop.second_opinion import Maker, Manner, SecondPhone
from tests.support.phones import CALLER_HZ, Phones
from tests.support.waiting import until_async
from trunkline.phone.call import Call
from trunkline.phone.negotiation import MediaOptions

OURS_HZ = CALLER_HZ
TALK_PACKETS = 100  # two seconds


@dataclasses.dataclass(frozen=True)
class Case:
    """One call.

    Attributes:
        manner: How baresip talks.
        codec: Codec of our phone.
        calling: Whether baresip calls; our phone does otherwise.
        protocol: Media protocol that must stand in the descriptions baresip sees.
    """

    manner: Manner
    codec: str
    calling: bool
    protocol: str


CASES = {
    "PCMA over UDP, baresip is called": Case(Manner(), "PCMA", calling=False, protocol="RTP/AVP"),
    "Opus over TCP, baresip calls": Case(Manner("tcp", "opus/48000/2"), "opus", calling=True, protocol="RTP/AVP"),
    "G.722 over UDP, baresip calls": Case(Manner("udp", "G722/16000/1"), "G722", calling=True, protocol="RTP/AVP"),
    "SDES over TLS, baresip is called": Case(
        Manner("tls", encryption="srtp-mand"), "PCMA", calling=False, protocol="RTP/SAVP"
    ),
    "DTLS and ICE over TLS, baresip calls": Case(
        Manner("tls", encryption="dtls_srtp", ice=True), "PCMA", calling=True, protocol="UDP/TLS/RTP/SAVP"
    ),
}


async def talk(phones: Phones, ours: Call, theirs: SecondPhone) -> None:
    """Let both sides hear each other for a while; the call is answered."""
    await ours.media.wait_tone(theirs.tone, over=[OURS_HZ], seconds=10)
    await ours.media.wait_packets(TALK_PACKETS)
    phones.assert_relayed(ours)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_a_call_in_which_both_hear_each_other(case: Case, phones: Phones, second_phone: Maker) -> None:
    ours = await phones.make("alice@acme", media=MediaOptions(codecs=(case.codec,)))
    theirs = await second_phone("bob@acme", case.manner)
    mark = theirs.control.mark()
    if case.calling:
        await theirs.control.command("dial", phones.platform.number("alice@acme"))
        call = await ours.next_call()
        await call.media.prepare_tone(OURS_HZ)
        call.media.play_tone(OURS_HZ)
        await call.answer()
    else:
        call = await ours.call(phones.platform.number("bob@acme"), tone=OURS_HZ)
        await theirs.control.wait("CALL_INCOMING", after=mark)
        await theirs.control.command("accept")
        await call.wait("answered")
    established = await theirs.control.wait("CALL_ESTABLISHED", after=mark)
    await talk(phones, call, theirs)
    assert call.media.remote
    assert call.media.remote.codec.name == case.codec
    assert f" {case.protocol}" in await theirs.messages()

    # Whoever was called hangs up, so each way of ending a call comes up.
    if case.calling:
        await call.hangup()
    else:
        await theirs.control.command("hangup")
        await call.wait("ended")
    await theirs.control.wait("CALL_CLOSED", after=mark)
    await theirs.assert_heard(OURS_HZ, theirs.tone)
    record = await phones.record(call) if not case.calling else await record_of(phones, established.call)
    assert record["reason"] == "answered"
    assert record["relay"] in phones.platform.relay_addresses.values()


async def record_of(phones: Phones, sip_call_id: str) -> dict[str, object]:
    """Return the closed record of a call that baresip made."""
    found = await until_async(
        lambda: [row for row in phones.records([sip_call_id]) if row["ended_at"]], 10, f"a record of {sip_call_id}"
    )
    return found[0]


async def test_a_blind_transfer_by_baresip(phones: Phones, second_phone: Maker) -> None:
    """Alice calls Bob; Bob, a baresip phone, sends her on to Carol; Alice and Carol hear each other."""
    alice = await phones.make("alice@acme")
    carol = await phones.make("carol@acme")
    bob = await second_phone("bob@acme")
    mark = bob.control.mark()
    call = await alice.call(phones.platform.number("bob@acme"), tone=OURS_HZ)
    await bob.control.wait("CALL_INCOMING", after=mark)
    await bob.control.command("accept")
    await call.wait("answered")
    await call.media.wait_tone(bob.tone, over=[OURS_HZ], seconds=10)

    number = phones.platform.number("carol@acme")
    await bob.control.command("transfer", f"sip:{number}@{phones.platform.account('bob@acme').domain}")
    taken = await carol.next_call()
    await taken.media.prepare_tone(1800.0)
    taken.media.play_tone(1800.0)
    await taken.answer()
    since = len(call.media.received.packets)
    await call.media.wait_tone(1800.0, over=[OURS_HZ, bob.tone], seconds=10, since=since)
    await taken.media.wait_tone(OURS_HZ, over=[bob.tone], seconds=10)
    phones.assert_relayed(call, taken)
    await bob.control.wait("CALL_CLOSED", after=mark)
    await call.hangup()
    await taken.wait("ended")
