"""The backtest that is asked for in a chat: the strategy in force on a pair's recent candles."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from dataclasses import replace

from core.engine import words
from core.engine.entries import BACKTEST
from core.engine.ports import Market
from core.engine.registry import Answer, BacktestSlots, Outcome, Registry, Request
from core.lab.backtest_mode import backtest
from core.lab.data import History
from core.lab.report import Result
from core.lab.run import rates
from core.matching.fees import FlatFees
from core.model.errors import Refused
from core.model.market import Candle, Pair, Timeframe
from core.model.time_context import from_ms
from core.model.views import TextView
from core.trading_config import Config, Mode, backtest_rules

_MOST = 720  # candles an exchange hands out
_FEWEST = 200


class ChatBacktest:
    """Runs the road engine beside the service, in a thread, on candles asked for now."""

    def __init__(self, config: Config, market: Market, watched: Sequence[str]) -> None:
        self._config = _as_backtest(config)
        self._market = market
        self._watched = watched

    def bind(self, registry: Registry) -> None:
        registry.add(BACKTEST, self.run)

    async def run(self, request: Request) -> Outcome:
        """The result on one pair (the first watched one by default), net of fees at both levels."""
        assert isinstance(request.slots, BacktestSlots)
        symbol = request.slots.symbol or self._watched[0]
        pair = (await self._market.pairs()).get(symbol)
        if pair is None:
            raise Refused(f"Kraken has no pair {symbol}.", "unknown_pair")
        timeframe = Timeframe(self._config.autopilot.timeframe)
        candles = await self._market.candles(symbol, timeframe, _MOST)
        if len(candles) < _FEWEST:
            raise Refused(f"There are only {len(candles)} candles of {symbol}, too few to say anything.")
        history = _history(pair, timeframe, candles)
        results = await asyncio.to_thread(self._both, history)
        return Answer(TextView(_words(results, symbol)))

    def _both(self, history: History) -> list[Result]:
        costs = self._config.costs
        found = []
        for source in dict.fromkeys((costs.source, "kraken")):
            fees = rates(replace(costs, source=source))
            outcome = backtest(self._config, [history], FlatFees(fees.maker, fees.taker))
            found.append(Result(outcome, (history,), fees, 0.0, source))
        return found


def _as_backtest(config: Config) -> Config:
    """The same strategy and limits, on a paper account of its own."""
    return replace(
        config,
        service=replace(config.service, mode=Mode.BACKTEST.value),
        risk=replace(config.risk, **backtest_rules("risk"), capital=None, owner_reserve=0.0),
        edge=replace(config.edge, gate="off"),
        execution=replace(config.execution, entry="taker"),
    )


def _history(pair: Pair, timeframe: Timeframe, candles: Sequence[Candle]) -> History:
    opens, highs, lows, closes, volumes = (array("d", (row[i] for row in candles)) for i in range(1, 6))
    start, rows = candles[0].time_ms, len(candles)
    return History(pair, timeframe, start, opens, highs, lows, closes, volumes, rows, 0)


def _words(results: Sequence[Result], symbol: str) -> str:
    first = results[0]
    start, end = (f"{from_ms(ms):%-d %b %H:%M}" for ms in (first.start_ms, first.end_ms))
    lines = [f"{symbol}, {start} to {end} UTC, on paper:"]
    for result in results:
        total, fee = result.total, words.percent(result.fees.taker)
        trades = words.count(total.trades, "trade")
        lines.append(f"at {fee} taker: {trades}, {total.wins} won, {total.net_pnl:+,.2f} net of fees")
    lines.append(f"buy and hold: {words.share(first.hold)}, without fees. So few trades prove nothing.")
    return "\n".join(lines)
