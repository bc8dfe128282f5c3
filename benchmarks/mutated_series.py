"""100,000 spoilt candle series at both doors, file and exchange: refused with the row named, or held."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

from core.clock import ManualClock
from core.lab.data import DataFault, Wanted, load
from core.lab.grid import Grids
from core.model.errors import Transient
from core.model.market import Candle, Timeframe
from core.venues.kraken_shapes import BadShape
from tests.support.mutations import (
    BROKEN,
    EARLY,
    M5,
    MENDED,
    Mutant,
    Row,
    as_csv,
    judged_live,
    live,
    mutate,
    series,
)
from tests.support.trading import Desk, trading

SUMMARY = "spoilt candle series, 1,000 a round: refused with the row named or held, never traded on"
ROUNDS = 100
A_ROUND = 1_000
TRADED = 25  # of a round go through the whole autopilot
TICK = Decimal("0.01")


async def play(number: int) -> dict[str, int]:
    """What became of them, by kind of mutation."""
    return await asyncio.to_thread(spoil, number, A_ROUND, TRADED)


def spoil(seed: int, count: int, traded: int) -> dict[str, int]:
    """`count` mutants at both doors; `traded` of them also through a whole trading world."""
    rng, counts = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for at in range(count):
            clean = series(rng, 60)
            mutant = mutate(rng, clean)
            now_ms = clean[-1][0] + M5
            _at_the_file(Path(folder), clean, mutant, counts)
            _at_the_exchange(clean, mutant, now_ms, counts)
            counts["series"] += 1
            if at < traded:
                asyncio.run(_through_the_autopilot(mutant, now_ms, counts))
    return dict(counts)


def _at_the_file(folder: Path, clean: list[Row], mutant: Mutant, counts: Counter[str]) -> None:
    path = folder / "ETHUSD_5m.csv"
    path.write_text(as_csv(mutant.rows))
    wanted = Wanted(folder, Timeframe.M5, to_ms=clean[-1][0] + M5)
    try:
        (history,) = load(wanted, Grids())
    except DataFault as fault:
        assert mutant.kind == BROKEN, (mutant.name, str(fault))
        assert f"{path.name} row {mutant.row + 2}:" in str(fault), (mutant.name, mutant.row, str(fault))
        counts["refused at the file"] += 1
        return
    assert mutant.kind != BROKEN, f"{mutant.name} at row {mutant.row} was read"
    read = {history.candle(i).time_ms: history.candle(i) for i in range(len(history))}
    expected = {row[0]: Candle(*row) for row in clean}
    kept = {row[0] for row in mutant.rows}
    assert all(read[at] == expected[at] for at in expected if at in kept)
    assert all(read[at].volume == 0 for at in expected if at not in kept)
    counts[f"{mutant.kind} at the file"] += 1


def _at_the_exchange(clean: list[Row], mutant: Mutant, now_ms: int, counts: Counter[str]) -> None:
    judged = judged_live(mutant.rows, now_ms, TICK)
    if mutant.kind == BROKEN:
        assert isinstance(judged, str), f"{mutant.name} at row {mutant.row} was judged"
        assert f"candle row {mutant.row + 1}:" in judged, (mutant.name, mutant.row, judged)
        counts["refused at the exchange"] += 1
    elif mutant.kind == EARLY:
        assert judged == judged_live(clean, now_ms, TICK), "a candle that is still forming changed a decision"
        counts["forming candle not judged"] += 1
    else:
        assert mutant.kind == MENDED and judged == judged_live(_flat(mutant.rows), now_ms, TICK)
        counts["holes held flat"] += 1


def _flat(rows: list[Row]) -> list[Row]:
    """The same rows with the missing candles written out, flat and without volume."""
    whole: list[Row] = []
    for row in rows:
        while whole and whole[-1][0] + M5 < row[0]:
            close = whole[-1][4]
            whole.append([whole[-1][0] + M5, close, close, close, close, 0.0])
        whole.append(row)
    return whole


class _SpoiltDesk(Desk):
    """An exchange that answers with a spoilt series, read as the venue reads it."""

    rows: list[Row] = []

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        try:
            return live(self.rows, self.time.market_ms())[-limit:]
        except BadShape as wrong:
            raise Transient(str(wrong)) from None


async def _through_the_autopilot(mutant: Mutant, now_ms: int, counts: Counter[str]) -> None:
    world = trading(indicators__sma_fast="5", indicators__sma_slow="12", risk__price_band="1")
    world.desk.__class__ = _SpoiltDesk
    assert isinstance(world.desk, _SpoiltDesk) and isinstance(world.clock, ManualClock)
    world.desk.rows = mutant.rows
    world.clock.advance_to(now_ms)
    await world.engine.sync.recover()
    await world.engine.watchdog.look()
    round_ = await world.engine.autopilot.step(now_ms)
    if mutant.kind == BROKEN:
        assert round_.judged == 0 and not world.desk.sent, f"traded on {mutant.name}"
        assert set(round_.missing) == {"ETH/USD", "BTC/USD"}
        counts["not traded on"] += 1
    else:
        assert round_.judged == 2
        assert all(track.judged_ms + M5 <= now_ms for track in world.engine.tracks)
        counts["judged as clean"] += 1
