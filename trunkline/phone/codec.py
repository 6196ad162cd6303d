"""Codecs (by PyAV, which brings FFmpeg): G.711, G.722, Opus. Encoding happens before a call, decoding after it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from trunkline.phone.audio import Samples, tone
from trunkline.phone.errors import PhoneError

FRAME_SECONDS = 0.02
FRAMES_PER_SECOND = 50


@dataclass(frozen=True)
class Codec:
    """One codec.

    Attributes:
        name: Encoding name of its rtpmap.
        payload_type: Static number, or the dynamic one that we offer.
        clock_rate: RTP clock in Hz (RFC 3551: G.722 says 8000 and means 16000).
        sample_rate: Samples per second of the audio.
        channels: Channels of its rtpmap (RFC 7587: Opus says 2 always).
        encoder: Name of FFmpeg's encoder.
        decoder: Name of FFmpeg's decoder.
    """

    name: str
    payload_type: int
    clock_rate: int
    sample_rate: int
    channels: int
    encoder: str
    decoder: str

    @property
    def samples_per_frame(self) -> int:
        """Samples of 20 ms."""
        return self.sample_rate // FRAMES_PER_SECOND

    @property
    def ticks_per_frame(self) -> int:
        """RTP clock ticks of 20 ms."""
        return self.clock_rate // FRAMES_PER_SECOND

    @property
    def rtpmap(self) -> str:
        """Right side of its rtpmap attribute."""
        return f"{self.name}/{self.clock_rate}" + (f"/{self.channels}" if self.channels > 1 else "")


CODECS = {
    codec.name: codec
    for codec in (
        Codec("PCMU", 0, 8000, 8000, 1, "pcm_mulaw", "pcm_mulaw"),
        Codec("PCMA", 8, 8000, 8000, 1, "pcm_alaw", "pcm_alaw"),
        Codec("G722", 9, 8000, 16000, 1, "g722", "g722"),
        Codec("opus", 111, 48000, 48000, 2, "libopus", "libopus"),
    )
}


def codec_named(name: str) -> Codec:
    """Return a codec by its encoding name, in any case.

    Raises:
        PhoneError: There is no such codec.
    """
    for known, codec in CODECS.items():
        if known.lower() == name.lower():
            return codec
    raise PhoneError(f"unknown codec {name!r}", remedy=f"use one of {', '.join(CODECS)}")


def encode(codec: Codec, samples: Samples) -> list[bytes]:
    """Encode mono samples into payloads of 20 ms; an incomplete last frame is dropped."""
    context = cast("AudioCodecContext", av.CodecContext.create(codec.encoder, "w"))
    context.sample_rate = codec.sample_rate
    context.layout = "mono"
    context.format = "s16"
    context.time_base = Fraction(1, codec.sample_rate)
    if codec.name == "opus":
        context.options = {"frame_duration": "20"}
    payloads: list[bytes] = []
    size = codec.samples_per_frame
    for start in range(0, len(samples) - size + 1, size):
        frame = av.AudioFrame.from_ndarray(samples[start : start + size].reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = codec.sample_rate
        frame.pts = start
        payloads += [bytes(packet) for packet in context.encode(frame)]
    return payloads


def decode(codec: Codec, payloads: Iterable[bytes]) -> Samples:
    """Decode payloads into mono samples; a payload that cannot be decoded leaves a gap.

    Args:
        codec: The codec of all payloads.
        payloads: In the order of their sequence numbers.
    """
    context = cast("AudioCodecContext", av.CodecContext.create(codec.decoder, "r"))
    context.sample_rate = codec.sample_rate
    context.layout = "mono"
    parts = []
    for payload in payloads:
        try:
            frames = context.decode(av.Packet(payload))
        except av.FFmpegError:
            continue
        for frame in frames:
            array = frame.to_ndarray()
            channels = len(frame.layout.channels)
            flat = array[0] if array.shape[0] > 1 or channels == 1 else array.reshape(-1)[::channels]
            if flat.dtype != np.int16:
                flat = np.clip(flat * 32767.0, -32768, 32767).astype(np.int16)
            parts.append(flat.reshape(-1))
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)


@functools.lru_cache(maxsize=64)
def tone_payloads(codec: Codec, frequency: float, level: float) -> tuple[bytes, ...]:
    """Return two seconds of a tone that can be repeated without a seam.

    Three seconds are encoded and the first is dropped: codecs with a memory (G.722, Opus) have settled by then. Whole
    numbers of Hz have whole periods in a second, so that the end meets the beginning.
    """
    return tuple(encode(codec, tone(frequency, codec.sample_rate, 3.0, level))[FRAMES_PER_SECOND:])


@functools.lru_cache(maxsize=8)
def silence_payload(codec: Codec) -> bytes:
    """Return 20 ms of silence."""
    return encode(codec, np.zeros(codec.samples_per_frame * 5, dtype=np.int16))[-1]
