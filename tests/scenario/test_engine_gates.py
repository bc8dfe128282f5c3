"""What else must agree before an entry: off changes nothing, on changes a decision and says so."""

from __future__ import annotations

from decimal import Decimal

import pandas
import pytest

from core.clock import ManualClock
from core.engine.latches import PROFIT_TARGET
from core.lab.backtest_mode import backtest
from core.lab.data import Wanted, load
from core.lab.grid import Grids
from core.matching.fees import FlatFees
from core.model.decisions import Decision, Verdict
from core.model.errors import Transient
from core.model.market import Candle, Timeframe
from core.strategy.multi_timeframe import SlowFrame, folded
from core.trading_config import Mode
from core.trading_config import load as load_config
from tests.scenario.test_engine_autopilot import (
    JIMMY,
    M5,
    START_MS,
    ask,
    crossing_up,
    manual_desk,
    verdicts,
    world_with,
)
from tests.support.made_candles import bars, write
from tests.support.trading import Desk, Trading

DAY = 86_400_000


class SlowDesk(Desk):
    """An exchange that also has slower candles; it counts how often they are read."""

    reads: list[tuple[str, Timeframe]] = []
    trend: dict[Timeframe, float] = {}  # what each slower close differs from the one before
    silent: tuple[Timeframe, ...] = ()
    few: int = 720

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        if timeframe is Timeframe.M5:
            return self.history.get(symbol, [])[-limit:]
        self.reads.append((symbol, timeframe))
        if timeframe in self.silent:
            raise Transient("no answer")
        newest = self.time.market_ms() // timeframe.ms * timeframe.ms - timeframe.ms
        count, step = min(limit, self.few), self.trend.get(timeframe, 1.0)
        rows = [(newest - k * timeframe.ms, 2000 - k * step) for k in range(count)][::-1]
        return [Candle(at, price, price + 1, price - 1, price, 1.0) for at, price in rows]


async def slow_world(trend: float = 1.0, **settings: str) -> Trading:
    world = await world_with(crossing_up(), features__multi_timeframe="true", **settings)
    world.desk.__class__ = SlowDesk
    world.desk.reads, world.desk.trend = [], dict.fromkeys(Timeframe, trend)
    return world


def reason(world: Trading) -> str:
    return next(one.reason for one in reversed(world.journal.noted) if isinstance(one, Decision))


async def test_a_long_is_entered_while_every_slower_candle_confirms_it():
    world = await slow_world()
    assert (await world.engine.autopilot.step(START_MS)).entered == 1
    asked = {timeframe for symbol, timeframe in world.desk.reads if symbol == "ETH/USD"}
    assert asked == {Timeframe.H1, Timeframe.H4, Timeframe.D1}
    assert world.engine.portfolio.position("ETH/USD").rule.endswith("+slower filters=none")


async def test_a_long_against_the_slower_trend_is_refused_and_says_which_candles_object():
    world = await slow_world(trend=-1.0)
    assert (await world.engine.autopilot.step(START_MS)).entered == 0
    assert verdicts(world) == [Verdict.REFUSED]
    assert "slower candles do not confirm: 1h: closed at 2000, not above its SMA20" in reason(world)
    assert "4h:" in reason(world) and "1d:" in reason(world)
    desk = manual_desk(world)
    told = await ask(desk, "explain_trade", decision="why_not")
    assert "slower candles do not confirm" in told.view.decision.reason  # not the evidence alone
    assert "slower candles do not confirm" in world.receipts.activity


@pytest.mark.parametrize("gone", [Timeframe.H1, Timeframe.D1])
async def test_slower_candles_that_cannot_be_read_mean_no_entry_with_the_reason(gone: Timeframe):
    world = await slow_world()
    world.desk.silent = (gone,)
    assert (await world.engine.autopilot.step(START_MS)).entered == 0
    assert f"{gone.value} could not be read: no answer" in reason(world)


async def test_a_young_pair_is_not_entered_and_not_asked_about_at_every_candle():
    world = await slow_world()
    world.desk.few = 5
    await world.engine.autopilot.step(START_MS)
    assert "1d: 5 of 20 candles are known" in reason(world)
    reads = len(world.desk.reads)
    for k in range(1, 4):
        world.clock.advance(M5)
        at = START_MS + k * M5
        world.desk.history["ETH/USD"] = [
            *crossing_up(),
            *(Candle(START_MS + j * M5, 2040, 2041, 2039, 2040, 1) for j in range(k)),
        ]
        await world.engine.autopilot.step(at)
    assert len(world.desk.reads) <= reads + 1


async def test_after_the_first_read_slower_candles_are_folded_and_not_asked_for_again():
    world = await slow_world()
    world.desk.history["ETH/USD"] = crossing_up()
    await world.engine.autopilot.step(START_MS)
    reads, rows = len(world.desk.reads), crossing_up()
    for k in range(18):  # an hour and a half
        world.clock.advance(M5)
        rows.append(Candle(START_MS + k * M5, 2040, 2041, 2039, 2040, 1))
        world.desk.history["ETH/USD"] = rows
        await world.engine.autopilot.step(START_MS + (k + 1) * M5)
    assert len(world.desk.reads) == reads


async def test_without_the_flag_nothing_slower_is_read():
    world = await world_with(crossing_up())
    world.desk.__class__ = SlowDesk
    world.desk.reads, world.desk.trend = [], dict.fromkeys(Timeframe, -1.0)
    assert (await world.engine.autopilot.step(START_MS)).entered == 1
    assert world.desk.reads == []


def test_a_folded_candle_is_the_one_the_exchange_gives(shared):
    """On Kraken's recorded candles where both exist; without them on made ones that pandas folds."""
    folder = shared / "data/market/kraken_2024-07_2024-09" if shared else None
    for into in (Timeframe.H1, Timeframe.H4, Timeframe.D1):
        if folder is not None and folder.is_dir():
            (five,) = load(Wanted(folder, Timeframe.M5, ("ETH/USD",)), Grids())
            (slow,) = load(Wanted(folder, into, ("ETH/USD",)), Grids())
            rows, theirs = (
                [five.candle(i) for i in range(len(five))],
                [slow.candle(i) for i in range(len(slow))],
            )
        else:
            rows = [Candle(*map(float, row)) for row in bars(4, 3_000, still=0.0)]
            theirs = _by_pandas(rows, into)
        ours = folded(rows, Timeframe.M5, into)
        assert [one[:5] for one in ours] == [one[:5] for one in theirs][: len(ours)]
        assert len(theirs) - len(ours) <= 1
        assert [one.volume for one in ours] == pytest.approx([one.volume for one in theirs][: len(ours)])


def _by_pandas(rows: list[Candle], into: Timeframe) -> list[Candle]:
    frame = pandas.DataFrame(rows, columns=Candle._fields).groupby(lambda i: rows[i].time_ms // into.ms)
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    return [Candle(int(at) * into.ms, *row) for at, *row in frame.agg(how).itertuples()]


def test_a_slower_candle_of_which_a_part_was_not_seen_is_never_made_up():
    rows = [Candle(i * M5, 1, 2, 1, 1 + i, 1) for i in range(36)]
    assert [one.time_ms for one in folded(rows, Timeframe.M5, Timeframe.H1)] == [0, 12 * M5, 24 * M5]
    assert [one.time_ms for one in folded(rows[3:], Timeframe.M5, Timeframe.H1)] == [12 * M5, 24 * M5]
    assert [one.time_ms for one in folded([*rows[:15], *rows[16:]], Timeframe.M5, Timeframe.H1)] == [
        0,
        24 * M5,
    ]
    frame = SlowFrame(Timeframe.M5, Timeframe.H1, 2)
    for row in [*rows[:15], *rows[16:]]:
        frame.take(row)
    assert frame.objection(36 * M5) == "1h: 1 of 2 candles are known"  # what lay before the hole is forgotten
    assert frame.objection(50 * M5).startswith("1h: 1 of 2") and frame.stale(50 * M5)


@pytest.mark.parametrize("flag", ["multi_timeframe", "profit_target"])
def test_a_backtest_without_the_flag_is_the_same_run_and_with_it_another(flag: str, tmp_path):
    write(tmp_path, "ETHUSD", bars(8, 12_000))
    histories = load(Wanted(tmp_path, Timeframe.M5), Grids())
    base = {"filters.enabled": "trend", "multi_timeframe.timeframes": "1h", "profit_target.daily": "0.001"}

    def run(**flags: str):
        config = load_config({}, None, {**base, **flags}, Mode.BACKTEST)
        return backtest(config, histories, FlatFees(Decimal(0), Decimal("0.0001")))

    plain, off = run(), run(**{f"features.{flag}": "false"})
    on = run(**{f"features.{flag}": "true"})
    assert plain == off and len(plain.trips) > 20
    assert 0 < len(on.trips) < len(plain.trips)
    assert on.refused["not_confirmed" if flag == "multi_timeframe" else "stopped"] > 0


async def reached(**settings: str) -> Trading:
    """A world whose open position has just made more than the day's target."""
    world = await world_with(
        crossing_up(), features__profit_target="true", risk__take_profit_atr="90", **settings
    )
    await world.engine.autopilot.step(START_MS)
    world.desk.trade("ETH/USD", "2400", "1")
    world.engine.portfolio.mark("ETH/USD", world.desk.matching.quote("ETH/USD").bid)
    await world.engine.gates.check()
    return world


async def test_a_reached_target_stops_entries_keeps_brackets_and_sends_the_summary():
    world = await reached()
    assert PROFIT_TARGET in world.engine.latches
    position = world.engine.portfolio.position("ETH/USD")
    assert position.stopped_qty == position.qty and position.target
    (told,) = [one for one in world.journal.told if one.key.startswith("target:")]
    assert "Today's target of 200.00 USD is reached: +" in told.text and "until midnight" in told.text
    assert "until midnight. Your open position keeps its stop and target. /resume" in told.text
    await world.engine.gates.check()
    assert len([one for one in world.journal.told if one.key.startswith("target:")]) == 1
    world.desk.history["BTC/USD"] = crossing_up()
    world.desk.trade("BTC/USD", "2040", "1")
    assert (await world.engine.autopilot.step(START_MS)).entered == 0
    assert "profit target is reached" in reason(world)
    status = manual_desk(world)
    view = await status.status.status()
    assert "profit target" in view.why_not and view.profit_target == Decimal(200)


async def test_giving_it_back_or_a_restart_does_not_forget_that_the_target_was_reached():
    world = await reached()
    world.desk.trade("ETH/USD", "2045", "1")
    await world.engine.gates.check()
    again = world.restarted()
    await again.engine.latches.load()
    await again.engine.sync.recover()
    await again.engine.gates.check()
    assert PROFIT_TARGET in again.engine.latches
    assert len([one for one in world.journal.told if one.key.startswith("target:")]) == 1


async def test_the_next_day_trades_again_and_says_so():
    world = await reached()
    world.clock.advance_to((START_MS // DAY + 1) * DAY)
    await world.engine.treasury.roll_day(world.clock.market_ms())
    await world.engine.gates.check()
    assert PROFIT_TARGET not in world.engine.latches
    assert any("I trade again" in one.text for one in world.journal.told)


async def test_resume_lets_the_owner_trade_on_for_the_day():
    world = await reached()
    desk = manual_desk(world)
    proposal = await ask(desk, "resume")
    await desk.confirmations.confirm(proposal.token, JIMMY)
    await world.engine.gates.check()
    assert PROFIT_TARGET not in world.engine.latches


async def test_a_target_that_only_notifies_lets_trading_go_on():
    world = await reached(profit_target__action="notify")
    assert PROFIT_TARGET not in world.engine.latches
    assert any("I trade on" in one.text for one in world.journal.told)


async def test_without_the_flag_no_target_is_looked_at():
    world = await world_with(crossing_up(), risk__take_profit_atr="90")
    await world.engine.autopilot.step(START_MS)
    world.desk.trade("ETH/USD", "2400", "1")
    world.engine.portfolio.mark("ETH/USD", world.desk.matching.quote("ETH/USD").bid)
    await world.engine.gates.check()
    assert not world.engine.latches.all() and isinstance(world.clock, ManualClock)
