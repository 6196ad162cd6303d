"""The synthetic call: two phones, one call, and what proves that both sides heard each other."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from trunkline.model import ports
from trunkline.phone.call import Call
from trunkline.phone.core import Account
from trunkline.phone.errors import ConnectionLostError, PhoneError
from trunkline.phone.ladder import ladder
from trunkline.phone.negotiation import MediaOptions
from trunkline.phone.transport import Address, TlsSettings, resolve
from trunkline.phone.ua import UserAgent

CALLER_TONE, CALLEE_TONE = 1000.0, 1400.0
RING_SECONDS = 10.0
_HEARING_SECONDS = 5.0


PORTS = {
    "udp": ports.USERS_SIP,
    "tcp": ports.USERS_SIP,
    "tls": ports.USERS_SIPS,
    "ws": ports.USERS_WS,
    "wss": ports.USERS_WSS,
}


@dataclass(frozen=True)
class Phone:
    """What a phone of a synthetic call is.

    Attributes:
        account: Its account.
        proxy: Address and port of the users proxy.
        transport: ``udp``, ``tcp``, ``tls``, ``ws`` or ``wss``.
        ip: Own address; empty means the one that the machine uses towards the proxy.
        media: How it does media.
        tls: For ``tls`` and ``wss``.
    """

    account: Account
    proxy: Address
    transport: str = "udp"
    ip: str = ""
    media: MediaOptions = field(default_factory=MediaOptions)
    tls: TlsSettings | None = None

    async def make(self, name: str) -> UserAgent:
        """Return a user agent that is open.

        Raises:
            ConnectionLostError: The proxy cannot be reached.
        """
        ip = self.ip or await own_address(self.proxy)
        agent = UserAgent(
            self.account, self.transport, ip=ip, proxy=self.proxy, media=self.media, tls=self.tls, name=name
        )
        return await agent.start()


@dataclass(frozen=True)
class SideProof:
    """What one side of the call saw.

    Attributes:
        account: user@domain.
        sip_call_id: Call-ID of its leg.
        expected_hz: The tone that the other side sent.
        level_dbfs: Level of that tone; -120 is silence.
        own_tone_dbfs: Level of its own tone in what came back: an echo, if it is loud.
        packets: RTP packets received.
        lost: RTP packets missing.
        codec: Codec that was received.
        media_address: Address in the session description it got: the relay.
        media_sources: Addresses that packets really came from.
    """

    account: str
    sip_call_id: str
    expected_hz: float
    level_dbfs: float
    own_tone_dbfs: float
    packets: int
    lost: int
    codec: str
    media_address: str
    media_sources: tuple[str, ...]

    @property
    def heard(self) -> bool:
        """True when the other side's tone was heard, and not its own."""
        return self.level_dbfs >= -15.0 and self.level_dbfs - self.own_tone_dbfs >= 20.0  # noqa: PLR2004 - dB


@dataclass(frozen=True)
class CallProof:
    """What a synthetic call proves.

    Attributes:
        target: What was dialled.
        code: Final SIP code; 200 when it was answered, 0 when nothing came.
        reason: Its reason phrase.
        ringing_seconds: From INVITE to the first ringing; None without.
        setup_seconds: From INVITE to its 200; the callee answers at once. None without.
        caller: What the caller saw.
        callee: What the callee saw; None when a phone of somebody else answered.
        ladder: The SIP messages, for people.
    """

    target: str
    code: int
    reason: str
    ringing_seconds: float | None
    setup_seconds: float | None
    caller: SideProof
    callee: SideProof | None
    ladder: str = field(repr=False, default="")

    @property
    def proven(self) -> bool:
        """True when both sides heard each other; for a foreign callee, when it answered and audio came."""
        if self.setup_seconds is None:
            return False
        if self.callee is None:
            return self.caller.packets > 0
        return self.caller.heard and self.callee.heard

    def as_dict(self) -> dict[str, Any]:
        """Return the proof as plain data, for JSON; the ladder only when it is needed."""
        body = asdict(self)
        if self.proven:
            del body["ladder"]
        return {"proven": self.proven, **body}


async def synthetic_call(
    caller: Phone, target: str, callee: Phone | None, *, seconds: float = 2.0, ring_seconds: float = RING_SECONDS
) -> CallProof:
    """Let one phone call another through the platform, both sending tones, and look at what each heard.

    Args:
        caller: The calling phone; it registers first.
        target: What it dials, for example ``102``.
        callee: The phone that answers; it registers too. None leaves the answer to somebody else's phone.
        seconds: How long both talk.
        ring_seconds: Deadline for ringing and answer.

    Raises:
        RequestFailedError: A registration was refused.
        PhoneTimeoutError: A registration was not answered.
        ConnectionLostError: The proxy cannot be reached.
    """
    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(_opened(caller, "caller"))
        second = await stack.enter_async_context(_opened(callee, "callee")) if callee else None
        await first.register(keep=False)
        if second:
            await second.register(keep=False)
        return await _converse(first, second, target, seconds, ring_seconds)


@contextlib.asynccontextmanager
async def _opened(phone: Phone, name: str) -> Any:
    agent = await phone.make(name)
    try:
        yield agent
    finally:
        await agent.stop()


async def _converse(
    first: UserAgent, second: UserAgent | None, target: str, seconds: float, ring_seconds: float
) -> CallProof:
    begun = time.monotonic()
    out = await first.call(target, tone=CALLER_TONE)
    into: Call | None = None
    with contextlib.suppress(PhoneError):
        if second:
            into = await _answer(second, out, ring_seconds)
        await out.wait("answered", seconds=ring_seconds)
    if out.state == "answered":
        await _listen(out, into, seconds)
    sides = (_side(out, CALLEE_TONE, CALLER_TONE), _side(into, CALLER_TONE, CALLEE_TONE) if into else None)
    with contextlib.suppress(PhoneError):
        await out.hangup()
        if into:
            await into.wait("ended", seconds=5)
    picture = ladder([*out.messages, *(into.messages if into else [])])
    times = {entry.message.code: entry.time for entry in reversed(out.messages) if not entry.sent}
    ringing = next((times[code] - begun for code in (180, 183) if code in times), None)
    answered = "answered" in out.reached
    return CallProof(
        target=target,
        code=out.code,
        reason=out.reason,
        ringing_seconds=ringing,
        setup_seconds=times[200] - begun if answered else None,
        caller=sides[0],
        callee=sides[1],
        ladder=picture,
    )


async def _answer(agent: UserAgent, out: Call, seconds: float) -> Call:
    """Answer the call at the callee's phone, unless it ends before it gets there."""
    waiting = asyncio.create_task(agent.next_call(seconds=seconds))
    ended = asyncio.create_task(out.wait("ended", seconds=seconds))
    try:
        await asyncio.wait([waiting, ended], return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            raise PhoneError("the call ended before it reached the callee's phone")
        into = await waiting
    finally:
        for task in (waiting, ended):
            task.cancel()
        await asyncio.gather(waiting, ended, return_exceptions=True)
    await into.media.prepare_tone(CALLEE_TONE)
    into.media.play_tone(CALLEE_TONE)
    await into.ring()
    return await into.answer()


async def _listen(out: Call, into: Call | None, seconds: float) -> None:
    """Let both talk until each has received the packets of that time, or has not."""
    need = round(seconds * 50)
    calls = [call for call in (out, into) if call]
    waits = [call.media.wait_packets(need, seconds=seconds + _HEARING_SECONDS) for call in calls]
    await asyncio.gather(*waits, return_exceptions=True)


def _side(call: Call, expected: float, own: float) -> SideProof:
    received = call.media.received
    heard = received.heard([expected, own], seconds=1.0)
    remote = [description for kind, description in call.media.descriptions if kind.startswith("remote")]
    audio = remote[-1].audio if remote else None
    return SideProof(
        account=f"{call.ua.account.username}@{call.ua.account.domain}",
        sip_call_id=call.call_id,
        expected_hz=expected,
        level_dbfs=round(heard.levels[expected], 1),
        own_tone_dbfs=round(heard.levels[own], 1),
        packets=len(received.packets),
        lost=received.lost,
        codec=heard.codec,
        media_address=remote[-1].address_of(audio) if audio else "",
        media_sources=tuple(sorted({address for address, _ in received.sources})),
    )


async def own_address(proxy: Address) -> str:
    """Return the address that this machine uses towards another one.

    Raises:
        ConnectionLostError: There is no route.
    """
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=await resolve(proxy))
    except OSError as error:
        raise ConnectionLostError(f"no route to the proxy {proxy[0]}: {error.strerror}") from error
    try:
        return str(transport.get_extra_info("sockname")[0])
    finally:
        transport.close()
