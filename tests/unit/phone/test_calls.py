"""Two phones call each other directly: every transport, every way of media, every end of a call."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.phone.conftest import MakePhone
from trunkline.phone.call import Call
from trunkline.phone.errors import NegotiationError, PhoneError, PhoneTimeoutError, RequestFailedError
from trunkline.phone.negotiation import MediaOptions
from trunkline.phone.transaction import Timers
from trunkline.phone.ua import UserAgent

LOW, HIGH = 1000, 1400
QUICK = Timers(t1=0.05, t2=0.2, t4=0.25)


def at(agent: UserAgent) -> str:
    """Return the URI that reaches a phone without a proxy."""
    return str(agent.contact.uri)


async def connect(alice: UserAgent, bob: UserAgent) -> tuple[Call, Call]:
    """Let alice call bob, who answers; alice sends the low tone, bob the high one."""
    out = await alice.call(at(bob), tone=LOW)
    into = await bob.next_call()
    into.media.play_tone(HIGH)
    await into.ring()
    await out.wait("ringing")
    await into.answer()
    await out.wait("answered")
    return out, into


async def talk(out: Call, into: Call) -> None:
    """Prove that both sides hear each other."""
    await asyncio.gather(
        out.media.wait_tone(HIGH, over=[LOW], since=len(out.media.received.packets)),
        into.media.wait_tone(LOW, over=[HIGH], since=len(into.media.received.packets)),
    )


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls", "ws", "wss"])
async def test_transport(phone: MakePhone, transport: str) -> None:
    alice, bob = await phone("alice", transport), await phone("bob", transport)
    out, into = await connect(alice, bob)
    await talk(out, into)
    assert out.media.received.lost == into.media.received.lost == 0
    assert out.media.received.sources == {("127.0.0.1", into.media.path.port)}
    response = await out.hangup()
    assert response is not None
    assert response.code == 200
    await into.wait("ended")
    assert (out.ended_by, into.ended_by) == ("local", "remote")


@pytest.mark.parametrize("codec", ["PCMA", "PCMU", "G722", "opus"])
async def test_codec_and_digits(phone: MakePhone, codec: str) -> None:
    options = MediaOptions(codecs=(codec,))
    out, into = await connect(await phone("alice", media=options), await phone("bob", media=options))
    await talk(out, into)
    out.send_dtmf("15*0#D")
    await into.media.wait_digits("15*0#D")
    assert {digit.milliseconds for digit in into.media.received.digits} == {100}
    assert into.media.received.lost == 0
    assert into.media.codec is not None
    assert into.media.codec.name == codec


@pytest.mark.parametrize(
    "options",
    [
        MediaOptions(security="sdes"),
        MediaOptions(security="sdes", suites=("AEAD_AES_256_GCM", "AES_CM_128_HMAC_SHA1_32")),
        MediaOptions(security="sdes", suites=("AES_CM_128_HMAC_SHA1_32",)),
        MediaOptions(security="sdes", suites=("AEAD_AES_128_GCM",)),
        MediaOptions(security="dtls"),
        MediaOptions(security="dtls", ice=True, codecs=("opus", "PCMA")),
        MediaOptions(ice=True),
    ],
    ids=["sdes", "sdes-gcm256", "sdes-32", "sdes-gcm128", "dtls", "dtls-ice-opus", "ice"],
)
async def test_media_security(phone: MakePhone, options: MediaOptions) -> None:
    out, into = await connect(await phone("alice", media=options), await phone("bob", media=options))
    await talk(out, into)
    assert out.media.path.counters.rejected == 0
    for call in (out, into):
        reports = call.media.received
        await reports.changes.wait(lambda: reports.reports, 5, lambda: "no RTCP came")  # noqa: B023
        assert reports.reports[0].kind == 200
    await into.hold()
    assert out.media.direction == "recvonly"
    await into.resume()
    await talk(out, into)


async def test_security_is_not_given_up(phone: MakePhone) -> None:
    alice = await phone("alice", media=MediaOptions(security="sdes"))
    bob = await phone("bob")
    out = await alice.call(at(bob))
    into = await bob.next_call()
    with pytest.raises(NegotiationError, match="RTP/SAVP"):
        await into.answer()
    await out.wait("ended")
    assert out.code == 488


async def test_no_common_codec(phone: MakePhone) -> None:
    alice = await phone("alice", media=MediaOptions(codecs=("G722",)))
    bob = await phone("bob", media=MediaOptions(codecs=("opus",)))
    out = await alice.call(at(bob))
    with pytest.raises(NegotiationError, match="G722"):
        await (await bob.next_call()).answer()
    with pytest.raises(PhoneError, match="488"):
        await out.wait("answered")


async def test_hold_and_resume(phone: MakePhone) -> None:
    out, into = await connect(await phone("alice"), await phone("bob"))
    await talk(out, into)
    response = await out.hold()
    assert response.is_success
    assert (out.media.direction, into.media.direction) == ("sendonly", "recvonly")
    with pytest.raises(PhoneTimeoutError):  # the clock ticks on, but bob says nothing
        await out.media.wait_packets(10, seconds=0.5)
    await out.resume()
    assert (out.media.direction, into.media.direction) == ("sendrecv", "sendrecv")
    await talk(out, into)
    await into.hangup()
    await out.wait("ended")
    assert out.ended_by == "remote"


async def test_offer_by_update(phone: MakePhone) -> None:
    out, into = await connect(await phone("alice"), await phone("bob"))
    response = await into.update()
    assert response.cseq[1] == "UPDATE"
    await talk(out, into)


async def test_invite_without_offer(phone: MakePhone) -> None:
    alice, bob = await phone("alice"), await phone("bob")
    out, into = await connect(alice, bob)
    assert out.dialog is not None
    again = out.dialog.request("INVITE")
    again.headers += alice.common_headers()
    response = await alice.transact_in(out, again)
    assert b"m=audio" in response.body
    ack = out.dialog.request("ACK", sequence=response.cseq[0])
    ack.headers.append(("Content-Type", "application/sdp"))
    ack.body = out.media.answer(response.body)
    alice.send_in(out, ack)
    await into.changes.wait(lambda: into.media.descriptions[-1][0] == "remote answer", 5, lambda: "no answer in ACK")
    await talk(out, into)


async def test_glare(phone: MakePhone) -> None:
    alice, bob = await phone("alice", timers=QUICK), await phone("bob", timers=QUICK)
    out, into = await connect(alice, bob)
    first, second = await asyncio.gather(out.hold(), into.resume())
    assert first.is_success
    assert second.is_success
    assert any(entry.message.code == 491 for entry in (*alice.log, *bob.log))
    assert (out.media.direction, into.media.direction) == ("sendonly", "recvonly")


@pytest.mark.parametrize("code", [302, 404, 480, 486, 500, 503, 603])
async def test_refused(phone: MakePhone, code: int) -> None:
    alice, bob = await phone("alice"), await phone("bob")
    out = await alice.call(at(bob))
    into = await bob.next_call()
    await into.reject(code, headers=[("Reason", "Q.850;cause=17")])
    await out.wait("ended")
    assert out.code == code
    assert out.final is not None
    assert out.final.get("Reason") == "Q.850;cause=17"
    acks = [entry for entry in bob.log if not entry.sent and entry.message.method == "ACK"]
    await into.changes.wait(lambda: True, 1, str)
    assert len(acks) <= 1


@pytest.mark.parametrize("transport", ["udp", "tls"])
async def test_cancel(phone: MakePhone, transport: str) -> None:
    alice, bob = await phone("alice", transport), await phone("bob", transport)
    out = await alice.call(at(bob))
    into = await bob.next_call()
    await into.ring()
    await out.wait("ringing")
    await out.cancel()
    await into.wait("ended")
    assert (out.code, into.code) == (487, 487)


async def test_early_media(phone: MakePhone) -> None:
    alice, bob = await phone("alice"), await phone("bob")
    out = await alice.call(at(bob), tone=LOW)
    into = await bob.next_call()
    into.media.play_tone(HIGH)
    await into.ring(183, early_media=True, reliable=True)
    await out.wait("ringing")
    await out.media.wait_tone(HIGH)
    await into.reject(404)
    await out.wait("ended")
    assert out.code == 404
    assert any(entry.message.method == "PRACK" for entry in bob.log)


async def test_blind_transfer(phone: MakePhone) -> None:
    alice, bob, carol = await phone("alice"), await phone("bob"), await phone("carol")
    out, into = await connect(alice, bob)
    transfer = asyncio.create_task(into.blind_transfer(at(carol)))
    third = await carol.next_call()
    third.media.play_tone(HIGH)
    await third.answer()
    assert await transfer == 200
    assert third.invite.get("Referred-By") == "<sip:bob@phones.example>" or "bob" in third.invite.get("Referred-By")
    assert out.transferred is not None
    await talk(out.transferred, third)
    await into.hangup()
    await out.wait("ended")


async def test_blind_transfer_that_fails(phone: MakePhone) -> None:
    alice, bob, carol = await phone("alice"), await phone("bob"), await phone("carol")
    _, into = await connect(alice, bob)
    transfer = asyncio.create_task(into.blind_transfer(at(carol)))
    await (await carol.next_call()).reject(486)
    assert await transfer == 486


async def test_attended_transfer(phone: MakePhone) -> None:
    alice, bob, carol = await phone("alice"), await phone("bob"), await phone("carol")
    out, into = await connect(alice, bob)
    await into.hold()
    second, old = await connect(bob, carol)
    assert await into.attended_transfer(second) == 200
    third = await carol.next_call()
    assert third.replaced is old
    await old.wait("ended")
    await second.wait("ended")
    assert out.transferred is not None
    await talk(out.transferred, third)


async def test_replaces_of_an_unknown_call(phone: MakePhone) -> None:
    alice, bob = await phone("alice"), await phone("bob")
    out = await alice.call(at(bob), headers=[("Replaces", "nothing;to-tag=a;from-tag=b")])
    await out.wait("ended")
    assert out.code == 481


async def test_session_timer_refreshes(phone: MakePhone) -> None:
    alice, bob = await phone("alice", session_expires=90), await phone("bob")
    out, into = await connect(alice, bob)
    assert (out.timer.interval, into.timer.interval) == (90, 90)
    assert out.timer.refreshes
    assert not into.timer.refreshes
    out.timer._due()
    await into.changes.wait(
        lambda: any(entry.message.method == "UPDATE" for entry in bob.log if not entry.sent), 5, lambda: "no refresh"
    )
    into.timer._due()  # nobody refreshed: the call is ended
    await out.wait("ended")


async def test_session_interval_too_small(phone: MakePhone) -> None:
    alice, bob = await phone("alice", session_expires=30), await phone("bob")
    out, _ = await connect(alice, bob)
    assert out.timer.interval == 90
    assert any(entry.message.code == 422 for entry in alice.log)


async def test_unsupported_extension(phone: MakePhone) -> None:
    alice, bob = await phone("alice"), await phone("bob")
    out = await alice.call(at(bob), headers=[("Require", "teleportation")])
    await out.wait("ended")
    assert out.code == 420
    assert out.final is not None
    assert out.final.get("Unsupported") == "teleportation"


async def test_nobody_there(phone: MakePhone) -> None:
    alice = await phone("alice", timers=Timers(t1=0.01, t2=0.04, t4=0.05))
    out = await alice.call("sip:nobody@127.0.0.1:9")
    await out.wait("ended")
    assert out.code == 408
    assert "no final answer" in out.reason
    assert len([entry for entry in alice.log if entry.sent]) >= 5, "the INVITE was not repeated"


async def test_stopping_a_phone_ends_its_calls(phone: MakePhone) -> None:
    alice, bob = await phone("alice"), await phone("bob")
    _, into = await connect(alice, bob)
    await alice.stop()
    await into.wait("ended")
    assert into.ended_by == "remote"


async def test_requests_outside_of_a_dialog(phone: MakePhone) -> None:
    alice, bob = await phone("alice"), await phone("bob")
    for method, code in (("OPTIONS", 200), ("MESSAGE", 200), ("PUBLISH", 405)):
        response = await alice.transact(alice.build_request(method, at(bob)))
        assert response.code == code
    stray = alice.build_request("BYE", at(bob))
    stray.set("To", f"<{at(bob)}>;tag=unknown")
    assert (await alice.transact(stray)).code == 481


async def test_refer_is_refused_without_target(phone: MakePhone) -> None:
    out, _ = await connect(await phone("alice"), await phone("bob"))
    assert out.dialog is not None
    request = out.dialog.request("REFER")
    assert (await out.ua.transact_in(out, request)).code == 400


async def test_a_refused_reinvite_changes_nothing(phone: MakePhone) -> None:
    out, into = await connect(await phone("alice"), await phone("bob"))
    into.media.local.options = MediaOptions(codecs=("opus",))
    with pytest.raises(RequestFailedError, match="488"):
        await out.hold()
    assert out.media.direction == "sendrecv"
    await talk(out, into)
