"""A twin of the campaign: spoilt replies are rejected or equal, never believed to say something else."""

from __future__ import annotations

import pytest

from benchmarks import mutated_replies


@pytest.mark.parametrize("number", range(6))
async def test_a_spoilt_reply_is_rejected_or_means_what_the_sound_one_meant(number: int) -> None:
    counts = await mutated_replies.play(number)
    assert counts["rejected"] + counts["equal"] == mutated_replies.A_ROUND
    assert counts["rejected"] > counts["equal"] > 0


async def test_a_reply_that_is_believed_wrongly_would_be_found() -> None:
    lie = mutated_replies.envelope("BalanceEx").replace("25435.2100", "25435.2101")
    with pytest.raises(AssertionError, match="BalanceEx believed"):
        await mutated_replies.judged("BalanceEx", lie)
