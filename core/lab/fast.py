"""The fast engine: recorded candles through the compiled loop and back into trades, the road's one by one.

Data that machine numbers cannot hold exactly are refused with `Unfit`; the caller then takes the road.
Candles are judged once for each distinct rule, so that a search over sizes and exits judges nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from core.lab.data import History, Unfit
from core.lab.judged import Judged
from core.lab.kernel import Compiled
from core.lab.outcome import Outcome
from core.lab.packing import columns_of, midnights, numbers, slots_of, start_of, state_of, terms_of
from core.lab.tables import ATOMS, POINT, REASONS, REFUSALS, TRADE, Run
from core.ledger.performance import EquityPoint
from core.model.account import RoundTrip
from core.model.ids import candle_cause
from core.model.market import FeeRates
from core.model.money import Money, Price, Qty
from core.model.orders import Origin
from core.strategy.features import scale_decimals
from core.strategy.rule import rule_name
from core.strategy.signal import LONG
from core.trading_config import Config

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ATOM = Decimal(1) / ATOMS
_CURVE_STEP = Decimal("1E-8")
_WHOLE = 2**53  # floats hold every whole number up to here
_PAUSES = 96  # of a walk through more candles than memory should hold


class Span(NamedTuple):
    """Candles [start, end) of a run, by their place in it."""

    start: int
    end: int


class FastEngine:
    """Trades one set of histories (one timeframe, one quote currency) as often as asked."""

    def __init__(self, compiled: Compiled, histories: Sequence[History]) -> None:
        """Raises Unfit."""
        self._compiled = compiled
        self._histories = sorted(histories, key=lambda one: one.symbol)
        for one in self._histories:
            _check(one)
        self._columns = columns_of(self._histories)
        self._length_ms = self._histories[0].timeframe.ms
        self._start_ms = min(one.start_ms for one in self._histories)
        end_ms = max(one.end_ms for one in self._histories)
        self._places = (end_ms - self._start_ms) // self._length_ms
        self._slots = slots_of(self._histories, self._start_ms)
        self.judged = Judged(compiled, self._histories)

    def fresh(self) -> FastEngine:
        """Another one on the same candles, which has judged nothing yet."""
        return FastEngine(self._compiled, self._histories)

    @property
    def places(self) -> int:
        """Candles from the first of any pair to the last."""
        return self._places

    @property
    def start_ms(self) -> int:
        return self._start_ms

    @property
    def length_ms(self) -> int:
        """Of one candle."""
        return self._length_ms

    def run(self, config: Config, fees: FeeRates, span: Span | None = None) -> Traded:
        """One walk through the candles from `paper.start_cash`; within `span` alone, with what was known
        before it. Raises Unfit.
        """
        span = span or Span(0, self._places)
        signals = _within(self.judged.signals(config.indicators, config.filters), span)
        longs = int(np.count_nonzero(signals["kind"] == LONG))
        terms = terms_of(config, fees, self._start_ms, self._length_ms, span.end)
        end_ms = self._start_ms + (self._places + 1) * self._length_ms
        slots = self._slots.copy()
        np.minimum(slots["count"], np.maximum(span.end - slots["first"], 0), out=slots["count"])
        run = Run(
            *self._columns,
            slots=slots,
            signals=signals.copy(),
            terms=terms,
            state=state_of(config),
            held=np.zeros(len(self._histories), np.int64),
            days=midnights(self._start_ms, end_ms, config.service.timezone),
            entries=np.empty(longs, np.int64),
            trades=np.empty(longs, TRADE),
            points=np.empty(2 * (span.end - span.start), POINT),
            refused=np.zeros(len(REFUSALS), np.int64),
        )
        state = run.state[0]
        for pause in self._pauses(span):
            state["pause"] = pause
            self._compiled.trade(run)
            self._let_go()
        if state["beyond"]:
            raise Unfit("a position of more lots than the fast engine can count")
        return Traded(
            config, fees, tuple(self._histories), run.trades[: state["trades"]],
            run.points[: state["points"]], run.refused,
        )  # fmt: skip

    def _pauses(self, span: Span) -> Iterable[int]:
        """Where a walk stops to give memory back: nowhere, unless the candles lie on a shelf."""
        if self._histories[0].shelf is None:
            return (span.end,)
        return (*range(span.start, span.end, -(-(span.end - span.start) // _PAUSES)), span.end)

    def _let_go(self) -> None:
        for one in self._histories:
            one.let_go()


def _within(signals: NDArray[Any], span: Span) -> NDArray[Any]:
    start, end = np.searchsorted(signals["place"], (span.start, span.end))
    return signals[start:end]


def _check(history: History) -> None:
    """Prices must be whole numbers of the rule's fraction that a float can hold."""
    decimals = scale_decimals(history.pair.tick)
    highest = numbers(history.highs).max()
    history.let_go()
    if highest * 10.0**decimals >= _WHOLE:
        raise Unfit(f"{history.symbol} has prices of more digits than the fast engine can count")


@dataclass(frozen=True, slots=True)
class Traded:
    """What a walk came to, as arrays (`tables.TRADE`, `tables.POINT`); `outcome` makes values of them."""

    config: Config
    fees: FeeRates
    histories: tuple[History, ...]
    trades: NDArray[Any]
    points: NDArray[Any]
    refused: NDArray[Any]

    def outcome(self) -> Outcome:
        """The same as the road's, money to the last digit of each trade."""
        counts = {name: int(n) for name, n in zip(REFUSALS, self.refused, strict=True) if n}
        return Outcome(
            start_equity=Money(start_of(self.config)),
            trips=tuple(sorted(self._trips(), key=lambda trip: (trip.closed_ms, trip.symbol))),
            equity=tuple(self._curve()),
            refused=counts,
            candles=sum(one.rows for one in self.histories),
            filled=sum(one.filled for one in self.histories),
        )

    def _trips(self) -> Iterator[RoundTrip]:
        timeframe = self.histories[0].timeframe
        rule = rule_name(self.config, timeframe.value)
        for number, lots, entry, exit_, opened_ms, closed_ms, cause_ms, reason, *_ in self.trades.tolist():
            pair = self.histories[number].pair
            qty, price, out = lots * pair.lot, entry * pair.tick, exit_ * pair.tick
            cost, fee = self._settled(price, qty)
            proceeds, last_fee = self._settled(out, qty)
            yield RoundTrip(
                pair.symbol, Qty(qty), Price(price), Price(out), opened_ms, closed_ms,
                Money(fee + last_fee), Money(proceeds - cost - fee - last_fee), Origin.AUTOPILOT,
                REASONS[reason], candle_cause(pair.symbol, cause_ms), rule,
            )  # fmt: skip

    def _settled(self, price: Decimal, qty: Decimal) -> tuple[Decimal, Decimal]:
        """Cost and fee of one execution as the replay venue books them."""
        cost = (price * qty).quantize(_ATOM, ROUND_DOWN)
        return cost, (cost * self.fees.taker).quantize(_ATOM, ROUND_DOWN)

    def _curve(self) -> Iterator[EquityPoint]:
        for time_ms, equity in self.points.tolist():
            yield time_ms, round(equity * 1e8) * _CURVE_STEP
