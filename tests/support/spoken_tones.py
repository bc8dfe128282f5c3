"""Speech that a test can make and a peer can really hear: every letter is two tones in a WAV recording."""

from __future__ import annotations

import io
import wave

import numpy as np

RATE, STEP_S = 16_000, 0.04
_BASE, _SPACING = 500.0, 150.0  # Hz; sixteen tones, one for each half of a byte
_SAMPLES = int(RATE * STEP_S)


def spoken(text: str) -> bytes:
    """A mono 16-bit WAV in which the text is sounded."""
    halves = [half for byte in text.encode() for half in (byte >> 4, byte & 15)]
    at = np.arange(_SAMPLES) / RATE
    tones = [np.sin(2 * np.pi * (_BASE + _SPACING * half) * at) for half in halves]
    sound = np.concatenate(tones) if tones else np.zeros(_SAMPLES)
    rng = np.random.default_rng(1)
    noisy = sound * 0.6 + rng.normal(0, 0.02, len(sound))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((noisy * 32_000).astype("<i2").tobytes())
    return out.getvalue()


def heard(audio: bytes) -> str:
    """The text that is sounded in a recording. Raises ValueError or wave.Error for anything else."""
    with wave.open(io.BytesIO(audio)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    steps = samples[: len(samples) // _SAMPLES * _SAMPLES].reshape(-1, _SAMPLES)
    peaks = np.abs(np.fft.rfft(steps, axis=1)).argmax(axis=1) / STEP_S
    halves = np.rint((peaks - _BASE) / _SPACING).astype(int)
    if len(halves) % 2 or not all(0 <= half <= 15 for half in halves):
        raise ValueError("there is no text in that sound")
    return bytes(
        (int(high) << 4) | int(low) for high, low in zip(halves[::2], halves[1::2], strict=True)
    ).decode()
