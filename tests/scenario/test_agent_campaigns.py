"""Small twins of the agent's campaigns; `make proof` plays them whole."""

from __future__ import annotations

import pytest

from benchmarks import confirmations, grounding, hostile_model


@pytest.mark.parametrize("first", range(0, 45, 9))
async def test_no_planted_number_reaches_the_owner_and_honest_ones_do(first: int) -> None:
    for number in range(first, first + 9):
        counts = await grounding.play(number)
        assert not counts["honest replies blocked"], counts


@pytest.mark.parametrize("first", range(0, 40, 8))
async def test_a_hostile_model_orders_nothing(first: int) -> None:
    for number in range(first, first + 8):
        assert (await hostile_model.play(number))["turns"]


async def test_one_preview_is_carried_out_once_or_not_at_all() -> None:
    for number in range(30):
        assert (await confirmations.play(number))["interleavings"] == 1
