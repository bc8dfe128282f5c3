"""Small twins of the learning campaigns: noise teaches next to nothing, planted edges are found and kept."""

from __future__ import annotations

import pytest

from benchmarks import strange_worlds
from benchmarks.learning_worlds import NEVER, counted, live, shares


def lived(name: str, traders: int, days: int) -> dict[str, float]:
    return shares(counted(name, live(name, 1, traders, days)))


@pytest.mark.parametrize("name", ["plain", "shocks", "uniform"])
def test_noise_is_hardly_ever_claimed_and_costs_nothing(name: str) -> None:
    found = lived(name, 60, 60)
    assert found[f"{name} false"] + found[f"{name} false whole"] <= 4 / 60
    assert found[f"{name} cost 15"] <= 1 / 60
    assert abs(found[f"{name} gain"]) < 2


def test_a_clear_edge_is_found_in_time_and_most_of_it_is_kept() -> None:
    found = lived("half65", 40, 120)
    assert found["half65 in time"] >= 0.8
    assert found["half65 share"] > 0.7


def test_an_edge_that_turns_is_let_go_with_a_bounded_loss_and_learned_again() -> None:
    found = lived("turned60", 40, 250)
    assert found["turned60 let go in 450"] >= 0.8
    assert found["turned60 lost 25"] <= 0.15
    assert found["turned60 learned again"] >= 0.85


@pytest.mark.parametrize("name", strange_worlds.NOISE)
def test_noise_of_another_kind_is_hardly_ever_claimed(name: str) -> None:
    made, gain = strange_worlds.live(name, 1, traders=30, trades=600)
    assert (made < NEVER).any(axis=1).sum() <= 3 and (gain > -25).all()
