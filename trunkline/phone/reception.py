"""What a phone receives: every packet is kept, and looked into when somebody asks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trunkline.phone.audio import level_at
from trunkline.phone.codec import FRAMES_PER_SECOND, Codec, decode
from trunkline.phone.errors import MessageError
from trunkline.phone.rtp import (
    ReceivedPacket,
    RtcpPacket,
    RtpPacket,
    TelephoneEvent,
    extend_sequences,
    lost_packets,
    parse_rtcp,
)
from trunkline.phone.waiting import Changes

_WARM_UP_FRAMES = 10


@dataclass(frozen=True)
class Digit:
    """A digit that was received: its length in milliseconds, and when its end arrived (monotonic s)."""

    digit: str
    milliseconds: int
    arrival: float


@dataclass(frozen=True)
class Heard:
    """What is in the last part of a recording.

    Attributes:
        levels: Level in dBFS by frequency in Hz.
        codec: Encoding name of the codec that was received; empty without audio.
        seconds: Length of what was analysed.
    """

    levels: Mapping[float, float]
    codec: str
    seconds: float

    def hears(self, frequency: float, *, over: Iterable[float] = (), margin: float = 20.0, loud: float = -15.0) -> bool:
        """Tell whether a tone is loud enough and stands out.

        Args:
            frequency: The tone, in Hz.
            over: Frequencies it has to exceed.
            margin: By how many dB.
            loud: Lowest level of the tone in dBFS.
        """
        level = self.levels[frequency]
        return level >= loud and all(level - self.levels[other] >= margin for other in over)


class Reception:
    """The receiving half of a call's audio.

    Attributes:
        packets: Every RTP packet, in the order of arrival.
        reports: Every RTCP packet, in the order of arrival.
        malformed: Datagrams that were no RTP or RTCP.
        changes: Notified with every packet.
    """

    def __init__(self) -> None:
        self.packets: list[ReceivedPacket] = []
        self.reports: list[RtcpPacket] = []
        self.malformed = 0
        self.changes = Changes()
        self.codecs: dict[int, Codec] = {}
        self.events: dict[int, int] = {}

    def rtp(self, data: bytes, source: tuple[str, int]) -> None:
        """Take a datagram."""
        try:
            packet = RtpPacket.parse(data)
        except MessageError:
            self.malformed += 1
            return
        self.packets.append(ReceivedPacket(time.monotonic(), source, packet))
        self.changes.notify()

    def rtcp(self, data: bytes, source: tuple[str, int]) -> None:
        """Take an RTCP datagram."""
        del source
        try:
            self.reports += parse_rtcp(data)
        except MessageError:
            self.malformed += 1
            return
        self.changes.notify()

    @property
    def lost(self) -> int:
        """Packets missing in the sequence; those of digits count, they share it."""
        return lost_packets(received.packet for received in self.packets)

    @property
    def sources(self) -> set[tuple[str, int]]:
        """Addresses that packets came from."""
        return {received.source for received in self.packets}

    @property
    def digits(self) -> list[Digit]:
        """Digits that were received to their end, each once, in order."""
        found: dict[tuple[int, int, str], Digit] = {}
        for received in self.packets:
            packet = received.packet
            rate = self.events.get(packet.payload_type)
            if not rate:
                continue
            try:
                event = TelephoneEvent.parse(packet.payload)
            except MessageError:
                continue
            if event and event.end:
                key = (packet.ssrc, packet.timestamp, event.digit)
                length = event.duration * 1000 // rate
                found.setdefault(key, Digit(event.digit, length, received.arrival))
        return list(found.values())

    def heard(self, frequencies: Iterable[float], seconds: float = 0.5, since: int = 0) -> Heard:
        """Decode the end of the recording and measure tones in it.

        Args:
            frequencies: Hz.
            seconds: How much of the end to look at; less when there is less.
            since: Index into `packets`: what came before is not looked at.
        """
        wanted = list(frequencies)
        audio = [received.packet for received in self.packets[since:] if received.packet.payload_type in self.codecs]
        if not audio:
            return Heard(dict.fromkeys(wanted, -120.0), "", 0.0)
        last = audio[-1]
        audio = [packet for packet in audio if (packet.payload_type, packet.ssrc) == (last.payload_type, last.ssrc)]
        by_sequence = dict(zip(extend_sequences(packet.sequence for packet in audio), audio, strict=True))
        ordered = [by_sequence[number].payload for number in sorted(by_sequence)]
        codec = self.codecs[last.payload_type]
        frames = round(seconds * FRAMES_PER_SECOND)
        samples = decode(codec, ordered[-(frames + _WARM_UP_FRAMES) :])[-frames * codec.samples_per_frame :]
        levels = {frequency: level_at(samples, codec.sample_rate, frequency) for frequency in wanted}
        return Heard(levels, codec.name, len(samples) / codec.sample_rate)
