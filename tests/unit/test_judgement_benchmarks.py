"""Small twins of `make proof candle-close`, `honest-table` and `road-speed`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from benchmarks.candle_close import zyn
from benchmarks.honest_table import days_of
from benchmarks.road_speed import made, road

DAY = 86_400_000


async def test_every_pair_of_a_candle_close_has_its_receipt_on_the_disk(tmp_path: Path) -> None:
    decided, persisted, kept = await zyn(12, 4, tmp_path)
    assert kept == 12 * 5 and len(decided) == len(persisted) == 4


def test_a_day_begins_with_what_the_one_before_left() -> None:
    curve = [(0, Decimal(100)), (DAY // 2, Decimal(98)), (DAY, Decimal(97)), (DAY + 5, Decimal(99))]
    assert days_of(curve) == {0: [100.0, 100.0, 98.0], 1: [98.0, 97.0, 99.0]}


def test_the_road_repeats_itself_to_the_last_digit() -> None:
    seconds, trades = road(made(3, 6_000))
    assert trades > 20 and 6_000 / seconds > 1_000
