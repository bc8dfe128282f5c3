"""One of the thirty days of `make proof thirty-days`: nothing is missed while nobody looks."""

from __future__ import annotations

import pytest
from loguru import logger

from tests.simulation.unattended import live


@pytest.mark.blocks
@pytest.mark.timeout(180)
def test_a_day_alone_with_a_crash_misses_no_candle_and_no_message() -> None:
    logger.remove()
    counts = live(1, 1)
    assert counts["crashes"] == 1 and counts["candles"] > 500 and counts["missed candles"] == 0
