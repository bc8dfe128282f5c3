"""Rules that only watch: which they are, what they write down, and how they are compared."""

from __future__ import annotations

import asyncio
from decimal import Decimal as D

from core.clock import ManualClock
from core.engine.rival_rules import NoRivalry, RivalRules, taker_of
from core.model.errors import Transient
from core.model.market import Candle, Timeframe
from core.model.shadow import Evidence, Fate, ShadowOutcome, ShadowSignal
from core.strategy.multi_timeframe import folded
from core.trading_config import CostConfig, load
from tests.support.made_candles import bars
from tests.support.trading import KeptJournal

ROWS = [Candle(int(row[0]), *map(float, row[1:])) for row in bars(21, 15_000)]
HISTORY = 9_000


class Candles:
    """A market whose slower candles are folded from the same rows."""

    def __init__(self) -> None:
        self.asked: list[Timeframe] = []
        self.failing = 0  # so many questions get no answer
        self.until = HISTORY  # rows that have closed

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        self.asked.append(timeframe)
        if self.failing:
            self.failing -= 1
            raise Transient("no answer")
        return folded(ROWS[: self.until], Timeframe.M5, timeframe)[-limit:]


class Ledger:
    """What the journal was told, as the store would give it back."""

    def __init__(self, journal: KeptJournal) -> None:
        self.journal = journal

    async def open_signals(self, evidence: Evidence) -> list[ShadowSignal]:
        ended = {one.signal_id for one in self.journal.noted if isinstance(one, ShadowOutcome)}
        signals = [one for one in self.journal.noted if isinstance(one, ShadowSignal)]
        return [one for one in signals if one.evidence is evidence and one.id not in ended]

    async def results_by_rule(self, evidence: Evidence) -> dict[str, list[float]]:
        signals = {one.id: one for one in self.journal.noted if isinstance(one, ShadowSignal)}
        found: dict[str, list[float]] = {}
        for one in self.journal.noted:
            if isinstance(one, ShadowOutcome) and signals[one.signal_id].evidence is evidence:
                found.setdefault(signals[one.signal_id].rule, []).append(one.r)
        return found


def watched(journal: KeptJournal | None = None, **settings: str) -> tuple[RivalRules, KeptJournal, Candles]:
    """Rules around a journal, as a new process would find it."""
    config = load({}, {}, {"filters.enabled": "trend", "multi_timeframe.sma": "5", **settings})
    journal, market = journal or KeptJournal(), Candles()
    rivals = RivalRules(
        config, market, journal, Ledger(journal), ManualClock(), config.learning.compare_rules
    )
    return rivals, journal, market


async def played(rivals: RivalRules, end: int = len(ROWS)) -> None:
    for row in ROWS[HISTORY - 1 : HISTORY]:
        rivals.take("ETH/USD", row, D("0.01"))
    for lane in rivals._lanes.get("ETH/USD", []):
        await rivals._seed("ETH/USD", lane)
    for row in ROWS[HISTORY:end]:
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
        and "SMA20 over SMA50 on 5m candles (filters trend): " in text
        and " R" in text
    )


async def test_switched_off_nothing_is_watched_or_read() -> None:
    rivals, journal, market = watched(**{"learning.compare_rules": "false"})
    await played(rivals)
    await asyncio.wait_for(rivals.run(), 1)
    assert not journal.noted and not market.asked and await rivals.compared() == ""


async def test_a_signal_that_was_open_at_a_restart_gets_its_end_from_the_new_process() -> None:
    first, journal, _ = watched()
    ledger, at = Ledger(journal), HISTORY + 200
    await played(first, at)
    while not (left := {one.id for one in await ledger.open_signals(Evidence.RIVAL)}):
        first.take("ETH/USD", ROWS[at], D("0.01"))
        at += 1
    again, _, market = watched(journal)
    market.until = at
    await again.load()
    for lane in again._of("ETH/USD", D("0.01")):
        await again._seed("ETH/USD", lane)
    for row in ROWS[at : at + 1000]:
        again.take("ETH/USD", row, D("0.01"))
        if not left & {one.id for one in await ledger.open_signals(Evidence.RIVAL)}:
            break
    ended = [one.signal_id for one in journal.noted if isinstance(one, ShadowOutcome)]
    assert all(ended.count(one) == 1 for one in left)


async def test_each_slower_history_is_read_once_and_asked_for_again_after_a_failure() -> None:
    rivals, journal, market = watched()
    market.failing = 2
    rivals.take("ETH/USD", ROWS[HISTORY - 1], D("0.01"))
    reading = asyncio.ensure_future(rivals.run())
    for _ in range(200):
        await asyncio.sleep(0)
    assert len(market.asked) == 2 + 4 and len(set(market.asked)) == 4
    assert not journal.noted  # the past is learned from, never written down as if it had been watched
    reading.cancel()


async def test_candles_that_close_before_the_history_is_read_are_judged_after_it_once() -> None:
    late, late_journal, _ = watched()
    rows = ROWS[HISTORY : HISTORY + 300]
    lanes = late._of("ETH/USD", D("0.01"))
    for row in rows:
        late.take("ETH/USD", row, D("0.01"))
    assert not late_journal.noted and lanes[0].waiting == rows
    for lane in lanes:
        await late._seed("ETH/USD", lane)
    soon, _, _ = watched()
    for lane in soon._of("ETH/USD", D("0.01")):
        await soon._seed("ETH/USD", lane)
    for row in rows:
        soon.take("ETH/USD", row, D("0.01"))
    for one, other in zip(lanes, soon._lanes["ETH/USD"], strict=True):
        assert (one.last_ms, one.waiting) == (other.last_ms, [])
        for cross, engine in one.engines.items():
            assert (engine.atr, engine.action) == (other.engines[cross].atr, other.engines[cross].action)


async def test_one_signal_is_too_little_to_be_ranked_before_rules_with_more() -> None:
    class Few(NoRivalry):
        async def results_by_rule(self, evidence: Evidence) -> dict[str, list[float]]:
            return {"lucky": [3.0], "poor": [-1.0, -0.5, -0.2], "good": [0.5, 0.2, 0.9]}

    rivals, _, _ = watched()
    rivals._ledger = Few()
    lines = (await rivals.compared()).splitlines()
    assert [line.partition(":")[0] for line in lines[1:]] == ["good", "poor", "lucky"]
    assert lines[3] == "lucky: 1 signal, +3.00 R; too few to say more"
    assert "(95 % sure: " in lines[1]


async def test_without_a_ledger_there_is_nothing_to_compare_or_to_follow() -> None:
    rivals, journal, _ = watched()
    rivals._ledger = NoRivalry()
    await rivals.load()
    await played(rivals, HISTORY + 600)
    assert await rivals.compared() == "" and journal.noted


def test_a_followed_signal_pays_the_fee_of_its_volume_or_the_one_that_was_set() -> None:
    at_once, large = CostConfig(source="kraken"), CostConfig(source="kraken", volume_30d=10_000_000)
    assert taker_of(at_once) > taker_of(large) > 0
    assert taker_of(CostConfig(source="config", taker=0.0031)) == 0.0031


async def test_slower_candles_confirm_from_the_first_day_on_and_not_after_twenty_days_of_folding() -> None:
    rivals, journal, market = watched(**{"multi_timeframe.sma": "20"})
    for row in ROWS[HISTORY - 720 : HISTORY]:
        rivals.take("ETH/USD", row, D("0.01"))
    for lane in rivals._lanes["ETH/USD"]:
        await rivals._seed("ETH/USD", lane)
    assert len(market.asked) == 4  # what one rule is judged by confirms the quicker ones
    close_ms = ROWS[HISTORY - 1].time_ms + Timeframe.M5.ms
    assert all(lane.confirmation.unknown(close_ms) == [] for lane in rivals._lanes["ETH/USD"])
    for row in ROWS[HISTORY : HISTORY + 10 * 288]:
        rivals.take("ETH/USD", row, D("0.01"))
    rules = [one.rule for one in journal.noted if isinstance(one, ShadowSignal)]
    plain, confirmed = "sma20-50-fast_slow@1/5m filters=trend", "sma20-50-fast_slow@1/5m+slower filters=trend"
    assert 0 < rules.count(confirmed) < rules.count(plain)
