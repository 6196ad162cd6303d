"""Tones, files, and what is in a recording. Levels are in dBFS: 0 dBFS is a sine of full amplitude (32767)."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from trunkline.phone.errors import PhoneError

Samples = NDArray[np.int16]

FULL_SCALE = 32767
SILENCE_DBFS = -120.0


def tone(frequency: float, rate: int, seconds: float, level: float = -6.0) -> Samples:
    """Return a sine.

    Args:
        frequency: Hz.
        rate: Samples per second.
        seconds: Length.
        level: dBFS.
    """
    count = round(rate * seconds)
    wave = np.sin(2 * np.pi * frequency * np.arange(count) / rate) * (FULL_SCALE * 10 ** (level / 20))
    return np.asarray(np.round(wave), dtype=np.int16)


def level_at(samples: Samples, rate: int, frequency: float) -> float:
    """Return the level of one frequency in dBFS (the Goertzel filter as one scalar product).

    A Hann window keeps a strong neighbour out: 100 Hz away it counts less than -60 dB within half a second.

    Args:
        samples: The recording; at least a few periods of the frequency.
        rate: Samples per second.
        frequency: Hz, below half the rate.
    """
    count = len(samples)
    if not count:
        return SILENCE_DBFS
    window = np.hanning(count)
    turn = np.exp(-2j * np.pi * frequency * np.arange(count) / rate)
    amplitude = 2 * abs(np.dot(samples.astype(np.float64) * window, turn)) / max(float(window.sum()), 1.0)
    return max(SILENCE_DBFS, 20 * math.log10(max(float(amplitude), 1e-9) / FULL_SCALE))


def read_audio(path: Path, rate: int) -> Samples:
    """Return the first audio stream of a file as mono samples at a rate.

    Args:
        path: WAV or anything else FFmpeg reads.
        rate: Samples per second of the result.

    Raises:
        PhoneError: The file cannot be read, or has no audio.
    """
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    parts: list[NDArray[Any]] = []
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(audio=0):
                parts += [out.to_ndarray().reshape(-1) for out in resampler.resample(frame)]
            parts += [out.to_ndarray().reshape(-1) for out in resampler.resample(None)]
    except (OSError, IndexError, av.FFmpegError) as error:
        raise PhoneError(f"cannot read audio: {error}", location=str(path)) from error
    if not parts:
        raise PhoneError("there is no audio in the file", location=str(path))
    return np.concatenate(parts).astype(np.int16)
