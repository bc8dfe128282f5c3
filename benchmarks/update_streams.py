"""Streams of all that Telegram may bring: duplicates, edits, forwards, strangers, groups, forged buttons."""

from __future__ import annotations

from collections import Counter

from tests.support.update_stream import play as stream

SUMMARY = "random update streams of every kind: exactly the allowed deeds, once each"
ROUNDS = 500
STREAMS = 20  # a round


async def play(round: int) -> dict[str, int]:
    """One round of streams; what they held. Raises with the first deed that was not allowed."""
    counts: Counter[str] = Counter()
    for seed in range(round * STREAMS, (round + 1) * STREAMS):
        broken, held = await stream(seed)
        assert not broken, f"seed {seed}: {broken}"
        counts += held
    return {**counts, "streams": STREAMS, "not allowed": 0}


def check(counts: Counter[str]) -> None:
    """The streams held deeds of every way in, or they showed nothing."""
    assert counts["deeds"] > counts["streams"] and counts["foreign"] and counts["duplicate"] and counts["tap"]
