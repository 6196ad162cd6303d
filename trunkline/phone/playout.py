"""What a phone sends: a tone, a file, silence, or digits; one packet for each 20 ms of the clock."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from trunkline.phone.audio import Samples, read_audio
from trunkline.phone.codec import FRAMES_PER_SECOND, Codec, encode, silence_payload, tone_payloads
from trunkline.phone.errors import PhoneError
from trunkline.phone.rtp import EVENTS, RtpPacket, TelephoneEvent

Source = Callable[[Codec], Sequence[bytes]]

_END_REPEATS = 3
_EVENT_VOLUME = 10
_MASK = 0xFFFFFFFF


class Playout:
    """The sending half of a call's audio.

    Attributes:
        ssrc: Our synchronisation source.
        timestamp: RTP timestamp of the current frame.
        packets: RTP packets sent.
        payload_bytes: Payload bytes sent.
    """

    def __init__(self) -> None:
        self.ssrc = secrets.randbits(32)
        self.timestamp = secrets.randbits(31)
        self.packets = 0
        self.payload_bytes = 0
        self._sequence = secrets.randbits(15)
        self._codec: Codec | None = None
        self._payload_type = 0
        self._event: tuple[int, int] | None = None
        self._source: Source | None = None
        self._frames: Sequence[bytes] = ()
        self._next = 0
        self._repeat = True
        self._digits: deque[list[TelephoneEvent] | int] = deque()
        self._event_start = 0

    def configure(self, codec: Codec, payload_type: int, event: tuple[int, int] | None) -> None:
        """Set codec and payload types after a negotiation.

        Args:
            codec: What to encode with.
            payload_type: Its number.
            event: Payload type and clock rate of telephone events, or None.
        """
        changed = codec != self._codec
        self._codec, self._payload_type, self._event = codec, payload_type, event
        if changed:
            self._load()

    def play_tone(self, frequency: float, level: float = -6.0) -> None:
        """Send a tone from now on; frequency in Hz, level in dBFS."""
        self._begin(lambda codec: tone_payloads(codec, frequency, level), repeat=True)

    def play_samples(self, samples_at: Callable[[int], Samples], *, repeat: bool = False) -> None:
        """Send samples from now on; the function gets the sample rate of the codec."""
        self._begin(lambda codec: encode(codec, samples_at(codec.sample_rate)), repeat=repeat)

    def play_file(self, path: Path, *, repeat: bool = False) -> None:
        """Send a WAV file (or anything FFmpeg reads) from now on."""
        self.play_samples(lambda rate: read_audio(path, rate), repeat=repeat)

    def play_silence(self) -> None:
        """Send silence from now on."""
        self._begin(lambda codec: (silence_payload(codec),), repeat=True)

    def play_like(self, other: Playout) -> None:
        """Send what another call of the phone sends, from its beginning."""
        self._source, self._repeat = other._source, other._repeat
        self._load()

    def stop(self) -> None:
        """Send nothing from now on."""
        self._source, self._frames = None, ()

    @property
    def finished(self) -> bool:
        """True when a file or samples have been sent to their end."""
        return not self._repeat and self._next >= len(self._frames)

    def _begin(self, source: Source, *, repeat: bool) -> None:
        self._source, self._repeat = source, repeat
        self._load()

    def _load(self) -> None:
        self._next = 0
        self._frames = self._source(self._codec) if self._source and self._codec else ()

    def send_digits(self, digits: str, milliseconds: int, gap_milliseconds: int) -> None:
        """Queue telephone events (RFC 4733).

        Args:
            digits: Of ``0-9*#A-D``.
            milliseconds: Length of each digit.
            gap_milliseconds: Pause behind each digit.

        Raises:
            PhoneError: The other side takes no telephone events, or a digit is none.
        """
        if self._event is None:
            raise PhoneError("no telephone-event was negotiated: digits cannot be sent in RTP")
        if not set(digits) <= set(EVENTS):
            raise PhoneError(f"not all of {digits!r} are digits", remedy=f"use {EVENTS}")
        step = self._event[1] // FRAMES_PER_SECOND
        frames = max(1, milliseconds // 20)
        for digit in digits:
            events = [
                TelephoneEvent(digit, end=False, volume=_EVENT_VOLUME, duration=n * step) for n in range(1, frames + 1)
            ]
            last = TelephoneEvent(digit, end=True, volume=_EVENT_VOLUME, duration=frames * step)
            self._digits.append(events + [last] * _END_REPEATS)
            self._digits.append(max(1, gap_milliseconds // 20))

    @property
    def sending_digits(self) -> bool:
        """True while queued digits are not all sent."""
        return bool(self._digits)

    def next_packet(self, *, allowed: bool) -> RtpPacket | None:
        """Return the packet of this 20 ms step, or None.

        Args:
            allowed: False while the negotiated direction lets us send nothing; time goes on.
        """
        codec = self._codec
        if codec is None:
            return None
        self.timestamp = (self.timestamp + codec.ticks_per_frame) & _MASK
        if not allowed:
            return None
        if self._digits and self._event:
            head = self._digits[0]
            if isinstance(head, list):
                return self._event_packet(head, self._event[0])
            self._pause(head)
        if not self._frames or self.finished:
            return None
        payload = self._frames[self._next % len(self._frames)]
        self._next += 1
        return self._packet(self._payload_type, self.timestamp, payload, marker=not self.packets)

    def _event_packet(self, events: list[TelephoneEvent], payload_type: int) -> RtpPacket:
        event = events.pop(0)
        first = event.duration * FRAMES_PER_SECOND == (self._event[1] if self._event else 0) and not event.end
        if first:
            self._event_start = self.timestamp
        if not events:
            self._digits.popleft()
        return self._packet(payload_type, self._event_start, bytes(event), marker=first)

    def _pause(self, frames: int) -> None:
        if frames > 1:
            self._digits[0] = frames - 1
        else:
            self._digits.popleft()

    def _packet(self, payload_type: int, timestamp: int, payload: bytes, *, marker: bool) -> RtpPacket:
        self._sequence = (self._sequence + 1) & 0xFFFF
        self.packets += 1
        self.payload_bytes += len(payload)
        return RtpPacket(payload_type, self._sequence, timestamp, self.ssrc, payload, marker=marker)
