"""RTP and RTCP packets (RFC 3550), telephone events (RFC 4733), and the arithmetic of sequence numbers."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from trunkline.phone.errors import MessageError

VERSION = 2
SEQUENCES = 1 << 16
# Packets by which a source may jump ahead or fall back and still be the same one (RFC 3550 appendix A.1).
MAX_DROPOUT, MAX_MISORDER = 3000, 100
EVENTS = "0123456789*#ABCD"
_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
_NTP_OFFSET = 2208988800  # seconds from 1900 to 1970
SENDER_REPORT, RECEIVER_REPORT, SOURCE_DESCRIPTION, GOODBYE = 200, 201, 202, 203


@dataclass(frozen=True)
class RtpPacket:
    """One RTP packet."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    @classmethod
    def parse(cls, data: bytes) -> RtpPacket:
        """Parse a packet; contributing sources, extension and padding are taken off.

        Raises:
            MessageError: It is not an RTP packet.
        """
        if len(data) < _HEADER.size or data[0] >> 6 != VERSION:
            raise MessageError("not an RTP packet")
        first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
        offset = _HEADER.size + 4 * (first & 0x0F)
        if first & 0x10:
            if len(data) < offset + 4:
                raise MessageError("an RTP packet ends within its extension")
            offset += 4 + 4 * int.from_bytes(data[offset + 2 : offset + 4], "big")
        padding = data[-1] if first & 0x20 else 0
        if len(data) < offset + padding:
            raise MessageError("an RTP packet is shorter than its header says")
        payload = data[offset : len(data) - padding]
        return cls(second & 0x7F, sequence, timestamp, ssrc, payload, marker=bool(second & 0x80))

    def __bytes__(self) -> bytes:
        """Return the packet as it goes onto the wire."""
        second = self.payload_type | (0x80 if self.marker else 0)
        return _HEADER.pack(VERSION << 6, second, self.sequence, self.timestamp, self.ssrc) + self.payload


@dataclass(frozen=True)
class ReceivedPacket:
    """An RTP packet that arrived: when (monotonic seconds), from where, and what."""

    arrival: float
    source: tuple[str, int]
    packet: RtpPacket


@dataclass(frozen=True)
class TelephoneEvent:
    """The payload of a telephone event; duration in ticks of the event's clock."""

    digit: str
    end: bool
    volume: int
    duration: int

    @classmethod
    def parse(cls, payload: bytes) -> TelephoneEvent | None:
        """Parse a payload; None for an event that is no DTMF digit.

        Raises:
            MessageError: It is too short.
        """
        if len(payload) < _EVENT.size:
            raise MessageError("a telephone event has at least 4 bytes")
        event, flags, duration = _EVENT.unpack_from(payload)
        if event >= len(EVENTS):
            return None
        return cls(EVENTS[event], bool(flags & 0x80), flags & 0x3F, duration)

    def __bytes__(self) -> bytes:
        """Return the payload."""
        return _EVENT.pack(EVENTS.index(self.digit), (0x80 if self.end else 0) | self.volume, self.duration)


def extend_sequences(sequences: Iterable[int]) -> list[int]:
    """Return sequence numbers that do not wrap, for numbers in the order of arrival (RFC 3550 appendix A.1)."""
    extended: list[int] = []
    last: int | None = None
    for sequence in sequences:
        if last is None:
            last = sequence
        else:
            step = (sequence - last + SEQUENCES // 2) % SEQUENCES - SEQUENCES // 2
            last = last + step
        extended.append(last)
    return extended


def lost_packets(packets: Iterable[RtpPacket]) -> int:
    """Return how many packets are missing between the first and the last of every source (SSRC).

    A source whose numbers jump further than packets get lost or overtake each other began anew, as a bridge does when
    it gives a call another partner (RFC 3550 appendix A.1).
    """
    by_source: dict[int, list[int]] = {}
    for packet in packets:
        by_source.setdefault(packet.ssrc, []).append(packet.sequence)
    return sum(_missing(run) for sequences in by_source.values() for run in _runs(extend_sequences(sequences)))


def _runs(numbers: Sequence[int]) -> Iterator[set[int]]:
    """Split what came from one source where it began anew; a packet that came twice counts once."""
    run: set[int] = set()
    last = numbers[0]
    for number in numbers:
        if not -MAX_MISORDER <= number - last < MAX_DROPOUT:
            yield run
            run = set()
        run.add(number)
        last = number
    yield run


def _missing(run: set[int]) -> int:
    return max(run) - min(run) + 1 - len(run)


def is_rtcp(data: bytes) -> bool:
    """Tell RTCP from RTP where both share a port (RFC 5761 section 4)."""
    return len(data) > 1 and 192 <= data[1] <= 223  # noqa: PLR2004 - the range of the RFC


@dataclass(frozen=True)
class RtcpPacket:
    """One packet of an RTCP compound: type, count field, body behind the 4-byte header."""

    kind: int
    count: int
    body: bytes

    @property
    def ssrc(self) -> int:
        """Source of the packet; 0 when it names none."""
        return int.from_bytes(self.body[:4], "big")


def parse_rtcp(data: bytes) -> list[RtcpPacket]:
    """Parse a compound packet.

    Raises:
        MessageError: It is not RTCP.
    """
    packets: list[RtcpPacket] = []
    while data:
        if len(data) < 4 or data[0] >> 6 != VERSION:  # noqa: PLR2004 - bytes of an RTCP header
            raise MessageError("not an RTCP packet")
        length = 4 * (int.from_bytes(data[2:4], "big") + 1)
        if len(data) < length:
            raise MessageError("an RTCP packet is shorter than its header says")
        packets.append(RtcpPacket(data[1], data[0] & 0x1F, data[4:length]))
        data = data[length:]
    return packets


@dataclass(frozen=True)
class SenderInfo:
    """What a sender report says of the sender: wall clock (seconds since 1970), RTP timestamp, packets, bytes."""

    now: float
    timestamp: int
    packets: int
    payload_bytes: int


def build_report(ssrc: int, name: str, sender: SenderInfo | None, received: list[RtpPacket]) -> bytes:
    """Return a compound of sender or receiver report and CNAME (RFC 3550 section 6.1).

    Args:
        ssrc: Our source.
        name: CNAME.
        sender: What we sent; None makes a receiver report.
        received: Packets received so far, in the order of arrival.
    """
    blocks = b""
    sources = list(dict.fromkeys(packet.ssrc for packet in received))[-1:]
    for source in sources:
        ours = [packet for packet in received if packet.ssrc == source]
        highest = max(extend_sequences(packet.sequence for packet in ours))
        lost = min(max(lost_packets(ours), 0), 0x7FFFFF)
        blocks += struct.pack("!IIIIII", source, lost, highest & 0xFFFFFFFF, 0, 0, 0)
    if sender:
        seconds = sender.now + _NTP_OFFSET
        ntp = struct.pack("!II", int(seconds) & 0xFFFFFFFF, int((seconds % 1) * (1 << 32)) & 0xFFFFFFFF)
        info = ntp + struct.pack(
            "!III", sender.timestamp, sender.packets & 0xFFFFFFFF, sender.payload_bytes & 0xFFFFFFFF
        )
        report = _rtcp(SENDER_REPORT, len(sources), struct.pack("!I", ssrc) + info + blocks)
    else:
        report = _rtcp(RECEIVER_REPORT, len(sources), struct.pack("!I", ssrc) + blocks)
    encoded = name.encode()[:255]
    item = struct.pack("!IBB", ssrc, 1, len(encoded)) + encoded + b"\0"
    return report + _rtcp(SOURCE_DESCRIPTION, 1, item + bytes(-len(item) % 4))


def build_goodbye(ssrc: int) -> bytes:
    """Return an empty receiver report and BYE (RFC 3550 section 6.6)."""
    return _rtcp(RECEIVER_REPORT, 0, struct.pack("!I", ssrc)) + _rtcp(GOODBYE, 1, struct.pack("!I", ssrc))


def _rtcp(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", (VERSION << 6) | count, kind, len(body) // 4) + body
