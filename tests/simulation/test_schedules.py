"""Random days of faults, crashes, hands and markets: after every step the invariants hold.

The small twin of `make proof schedules`. A failing seed prints the command that replays it; one whose cause
was mended stays in REGRESSIONS.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from loguru import logger

from tests.simulation.schedule import Schedule, play

SCHEDULES, A_TEST = 104, 4
REGRESSIONS = (41, 51, 430, 706, 2467, 3923, 4407, 4516, 8387)
SLEEPY = 405
ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.blocks, pytest.mark.timeout(180)]


@pytest.fixture(autouse=True)
def silence() -> None:
    logger.remove()


@pytest.mark.parametrize("first", range(0, SCHEDULES, A_TEST))
def test_no_order_doubled_no_position_bare_no_cent_lost(first: int) -> None:
    met: Counter[str] = Counter()
    for seed in range(first, first + A_TEST):
        outcome = play(seed)
        assert not outcome.trouble, f"seed {seed}: {outcome.trouble}; replay: {outcome.replay}"
        met.update(outcome.record.met)
    assert met, "a campaign that meets nothing proves nothing"


@pytest.mark.parametrize("seed", REGRESSIONS)
def test_what_once_broke_does_not_break_again(seed: int) -> None:
    outcome = play(seed)
    assert not outcome.trouble, f"{outcome.trouble}; replay: {outcome.replay}"


def test_a_machine_that_slept_while_an_entry_was_judged_does_not_send_it() -> None:
    """Longer than the auditor lets any candle be old: an entry after it would break I8."""

    def laptop(day: Schedule) -> None:
        day.sleepy = True

    outcome = play(SLEEPY, laptop)
    assert not outcome.trouble, outcome.trouble
    assert outcome.record.met["fault: the machine slept while an entry was judged"]
    assert outcome.record.met["an entry came too late for its candle"]


def test_the_same_seed_lives_the_same_day_here_and_in_another_process() -> None:
    here = play(3).fingerprint
    command = [sys.executable, "-m", "tests.simulation", "3"]
    there = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert here == play(3).fingerprint != play(4).fingerprint
    assert there.splitlines()[-1].endswith(here)
