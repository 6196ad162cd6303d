"""The audio of one call: negotiation, path, what is sent and what is received."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterable

from trunkline.phone import negotiation
from trunkline.phone.clock import Clock
from trunkline.phone.codec import CODECS, Codec, silence_payload, tone_payloads
from trunkline.phone.dtls import Certificate
from trunkline.phone.errors import NegotiationError, PhoneError, PhoneTimeoutError
from trunkline.phone.negotiation import Local, MediaOptions, Remote
from trunkline.phone.path import MediaPath
from trunkline.phone.playout import Playout
from trunkline.phone.reception import Heard, Reception
from trunkline.phone.rtp import SenderInfo, build_goodbye, build_report
from trunkline.phone.sdp import SessionDescription
from trunkline.phone.srtp import SrtpReceiver, SrtpSender

_FIRST_REPORT_TICKS = 50
_REPORT_TICKS = 250
_LOOK_AGAIN_PACKETS = 5


class MediaSession:
    """The audio of one call.

    Args:
        ip: Own address.
        options: How to do media.

    Attributes:
        sending: What we send: tones, files, digits.
        received: What arrived; every packet.
        remote: What was agreed, or None before.
        failure: The error that ended media, or None.
    """

    def __init__(self, ip: str, options: MediaOptions) -> None:
        self.options = options
        self.sending = Playout()
        self.received = Reception()
        self.remote: Remote | None = None
        self.failure: Exception | None = None
        certificate = Certificate() if options.security == "dtls" else None
        self.path = MediaPath(
            ip, ice=options.ice, certificate=certificate, on_rtp=self.received.rtp, on_rtcp=self.received.rtcp
        )
        self.path.encrypted = options.security != "none"
        self.local = Local(options, self.path, secrets.randbits(31), certificate)
        self.descriptions: list[tuple[str, SessionDescription]] = []
        self._cname = f"{secrets.token_hex(6)}@{ip}"
        self._ticks = 0
        self._closed = False

    async def open(self, *, offering: bool) -> None:
        """Bind the sockets."""
        await self.path.open(controlling=offering)
        if self._closed:  # the call was cancelled meanwhile
            await self.path.close()

    async def prepare_tone(self, frequency: float, level: float = -6.0) -> None:
        """Encode a tone for every codec of ours in a thread, so that the call does not wait for it."""
        for name in self.options.codecs:
            await asyncio.to_thread(tone_payloads, CODECS[name], frequency, level)
            await asyncio.to_thread(silence_payload, CODECS[name])

    def offer(self) -> bytes:
        """Return a new offer."""
        description = negotiation.build_offer(self.local)
        self.descriptions.append(("local offer", description))
        return bytes(description)

    def take_answer(self, body: bytes) -> None:
        """Take the answer to our offer.

        Raises:
            NegotiationError: It cannot be accepted.
            MessageError: It is no session description.
        """
        description = SessionDescription.parse(body)
        self.descriptions.append(("remote answer", description))
        self._adopt(negotiation.read(self.local, description, offered=True), offered=True)

    def answer(self, body: bytes) -> bytes:
        """Take an offer and return our answer.

        Raises:
            NegotiationError: It cannot be accepted.
            MessageError: It is no session description.
        """
        description = SessionDescription.parse(body)
        self.descriptions.append(("remote offer", description))
        remote = negotiation.read(self.local, description, offered=False)
        answer = negotiation.build_answer(self.local, description, remote)
        self.descriptions.append(("local answer", answer))
        self._adopt(remote, offered=False)
        return bytes(answer)

    def _adopt(self, remote: Remote, *, offered: bool) -> None:
        previous, self.remote, self._offered = self.remote, remote, offered
        self.path.remote, self.path.remote_rtcp = remote.address, remote.rtcp
        self.received.codecs.update({CODECS[name].payload_type: CODECS[name] for name in self.options.codecs})
        self.received.codecs.update(remote.codecs)
        self.received.events.update({101: 8000, 102: 48000})
        if remote.event:
            self.received.events[remote.event[0]] = remote.event[1]
        self.sending.configure(remote.codec, remote.payload_type, remote.event)
        if remote.crypto and (previous is None or previous.crypto != remote.crypto):
            suite = remote.crypto.suite
            same_suite = previous is not None and previous.crypto is not None and previous.crypto.suite == suite
            if not same_suite:
                ours = next(line for line in self.local.crypto if line.suite == suite)
                self.path.sender = SrtpSender(suite, ours.key)
            self.path.receiver = SrtpReceiver(suite, remote.crypto.key)

    async def start(self) -> None:
        """Do ICE and DTLS as agreed, then let the clock drive the audio.

        Raises:
            PhoneTimeoutError: ICE or DTLS did not end in time.
            NegotiationError: ICE or DTLS failed.
            PhoneError: Nothing was agreed yet.
        """
        if self.remote is None:
            raise PhoneError("media cannot start before offer and answer")
        try:
            await self.path.connect(self.remote.ice, self.remote.dtls, offered=self._offered)
        except (NegotiationError, PhoneTimeoutError) as error:
            self.failure = error
            raise
        if not self._closed:
            Clock.of_this_loop().add(self)

    @property
    def codec(self) -> Codec | None:
        """The agreed codec, or None before."""
        return self.remote.codec if self.remote else None

    @property
    def direction(self) -> str:
        """What flows now, seen from here: ``sendrecv``, ``sendonly``, ``recvonly`` or ``inactive``."""
        if self.remote is None:
            return "inactive"
        return negotiation.answer_direction(self.local.direction, self.remote.direction)

    def tick(self) -> None:
        """Send what is due in this step of the clock."""
        self._ticks += 1
        allowed = self.direction in {"sendrecv", "sendonly"}
        packet = self.sending.next_packet(allowed=allowed)
        if packet:
            self.path.send_rtp(bytes(packet))
        if (self._ticks - _FIRST_REPORT_TICKS) % _REPORT_TICKS == 0:
            self._report()

    def tick_failed(self, error: Exception) -> None:
        """Remember why the audio stopped."""
        self.failure = error

    def _report(self) -> None:
        sent = self.sending
        info = SenderInfo(time.time(), sent.timestamp, sent.packets, sent.payload_bytes) if sent.packets else None
        packets = [received.packet for received in self.received.packets]
        self.path.send_rtcp(build_report(sent.ssrc, self._cname, info, packets))

    def play_tone(self, frequency: float, level: float = -6.0) -> None:
        """Send a tone from now on; frequency in Hz, level in dBFS."""
        self.sending.play_tone(frequency, level)

    def send_dtmf(self, digits: str, *, milliseconds: int = 100, gap_milliseconds: int = 60) -> None:
        """Queue digits as telephone events (RFC 4733)."""
        self.sending.send_digits(digits, milliseconds, gap_milliseconds)

    async def wait_tone(
        self, frequency: float, *, over: Iterable[float] = (), seconds: float = 5.0, length: float = 0.5, since: int = 0
    ) -> Heard:
        """Wait until a tone is heard.

        Args:
            frequency: The tone in Hz.
            over: Frequencies it has to exceed by 20 dB.
            seconds: Deadline.
            length: How many seconds of audio to analyse.
            since: Index into ``received.packets``: what came before does not count.

        Raises:
            PhoneTimeoutError: It was not heard in time; the text says what was.
        """
        others = list(over)
        need = round(length * 50)
        heard = self.received.heard([frequency, *others], length, since)
        looked = 0

        def ready() -> bool:
            nonlocal heard, looked
            count = len(self.received.packets) - since
            if count < need or count - looked < _LOOK_AGAIN_PACKETS:
                return False
            looked = count
            heard = self.received.heard([frequency, *others], length, since)
            return heard.seconds >= length and heard.hears(frequency, over=others)

        def what() -> str:
            levels = ", ".join(f"{tone:g} Hz {level:.1f} dBFS" for tone, level in heard.levels.items())
            return (
                f"no tone of {frequency:g} Hz: {len(self.received.packets) - since} packets came, {levels}; "
                f"{self.path.counters.rejected} failed authentication, media error: {self.failure}"
            )

        await self.received.changes.wait(ready, seconds, what)
        return heard

    async def wait_digits(self, digits: str, *, seconds: float = 10.0) -> None:
        """Wait until these digits, and no others, have arrived.

        Raises:
            PhoneTimeoutError: They did not arrive in time.
        """

        def got() -> str:
            return "".join(digit.digit for digit in self.received.digits)

        await self.received.changes.wait(
            lambda: got() == digits, seconds, lambda: f"digits {digits!r} expected, {got()!r} arrived"
        )

    async def wait_packets(self, count: int, *, seconds: float = 5.0) -> None:
        """Wait until this many more packets than now have arrived.

        Raises:
            PhoneTimeoutError: They did not arrive in time.
        """
        goal = len(self.received.packets) + count
        await self.received.changes.wait(
            lambda: len(self.received.packets) >= goal,
            seconds,
            lambda: f"{count} packets expected, {len(self.received.packets) - goal + count} arrived",
        )

    async def close(self) -> None:
        """Say goodbye by RTCP, stop the clock's work and close the sockets; safe to call twice."""
        if not self._closed:
            self._closed = True
            Clock.of_this_loop().remove(self)
            if self.remote is not None:
                self.path.send_rtcp(build_goodbye(self.sending.ssrc))
        await self.path.close()
