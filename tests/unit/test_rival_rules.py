"""Rules that only watch: which they are, what they write down, and how they are compared."""

from __future__ import annotations

import asyncio
from decimal import Decimal as D

from core.clock import ManualClock
from core.engine.rival_rules import RivalRules
from core.model.market import Candle, Timeframe
from core.model.shadow import Evidence, Fate, ShadowOutcome, ShadowSignal
from core.strategy.multi_timeframe import folded
from core.trading_config import load
from tests.support.made_candles import bars
from tests.support.trading import KeptJournal

ROWS = [Candle(int(row[0]), *map(float, row[1:])) for row in bars(21, 15_000)]
HISTORY = 9_000


class Candles:
    """A market whose slower candles are folded from the same rows."""

    def __init__(self) -> None:
        self.asked: list[Timeframe] = []

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        self.asked.append(timeframe)
        return folded(ROWS[:HISTORY], Timeframe.M5, timeframe)[-limit:]


class Ledger:
    """What the journal was told, as the store would give it back."""

    def __init__(self, journal: KeptJournal) -> None:
        self.journal = journal

    async def open_signals(self, evidence: Evidence) -> list[ShadowSignal]:
        return []

    async def results_by_rule(self, evidence: Evidence) -> dict[str, list[float]]:
        signals = {one.id: one for one in self.journal.noted if isinstance(one, ShadowSignal)}
        found: dict[str, list[float]] = {}
        for one in self.journal.noted:
            if isinstance(one, ShadowOutcome) and signals[one.signal_id].evidence is evidence:
                found.setdefault(signals[one.signal_id].rule, []).append(one.r)
        return found


def watched(**settings: str) -> tuple[RivalRules, KeptJournal, Candles]:
    config = load({}, {}, {"filters.enabled": "trend", "multi_timeframe.sma": "5", **settings})
    journal, market = KeptJournal(), Candles()
    rivals = RivalRules(
        config, market, journal, Ledger(journal), ManualClock(), config.learning.compare_rules
    )
    return rivals, journal, market


async def played(rivals: RivalRules) -> None:
    for row in ROWS[HISTORY - 1 : HISTORY]:
        rivals.take("ETH/USD", row, D("0.01"))
    for lane in rivals._lanes.get("ETH/USD", []):
        await rivals._seed("ETH/USD", lane)
    for row in ROWS[HISTORY:]:
        rivals.take("ETH/USD", row, D("0.01"))


def test_both_crosses_run_on_four_timeframes_with_and_without_confirmation() -> None:
    rivals, _, _ = watched()
    assert {one.removesuffix(" filters=trend") for one in rivals.rules} == {
        "sma20-price_fast@1/5m+slower", "sma20-50-fast_slow@1/5m", "sma20-50-fast_slow@1/5m+slower",
        "sma20-price_fast@1/1h", "sma20-price_fast@1/1h+slower", "sma20-50-fast_slow@1/1h",
        "sma20-50-fast_slow@1/1h+slower", "sma20-price_fast@1/4h", "sma20-price_fast@1/4h+slower",
        "sma20-50-fast_slow@1/4h", "sma20-50-fast_slow@1/4h+slower", "sma20-price_fast@1/1d",
        "sma20-50-fast_slow@1/1d",
    }  # fmt: skip


async def test_what_they_would_have_bought_is_followed_marked_as_watched_and_compared() -> None:
    rivals, journal, market = watched()
    await played(rivals)
    signals = [one for one in journal.noted if isinstance(one, ShadowSignal)]
    assert all((one.evidence, one.fate) == (Evidence.RIVAL, Fate.TRIED_OUT) for one in signals)
    rules = {one.rule.removesuffix(" filters=trend") for one in signals}
    assert {"sma20-price_fast@1/1h", "sma20-50-fast_slow@1/5m"} <= rules
    plain = sum(one.rule == "sma20-50-fast_slow@1/5m filters=trend" for one in signals)
    confirmed = sum(one.rule == "sma20-50-fast_slow@1/5m+slower filters=trend" for one in signals)
    assert 0 < confirmed < plain
    assert len(market.asked) == 4
    text = await rivals.compared()
    assert (
        text.startswith("Rules compared")
        and "sma20-50-fast_slow@1/5m filters=trend: " in text
        and " R" in text
    )


async def test_switched_off_nothing_is_watched_or_read() -> None:
    rivals, journal, market = watched(**{"learning.compare_rules": "false"})
    await played(rivals)
    await asyncio.wait_for(rivals.run(), 1)
    assert not journal.noted and not market.asked and await rivals.compared() == ""
