"""Histories and settings into the arrays of the compiled loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, get_type_hints

import numpy as np

from core.lab.data import History, Unfit
from core.lab.tables import ATOMS, SLOT, STATE, TERMS
from core.model.market import FeeRates, Pair, PairStatus
from core.model.money import to_decimal
from core.model.time_context import TimeContext
from core.model.wide import parts
from core.risk.sizing import FIXED, RISK_PERCENT
from core.strategy.features import Rule, scale_decimals
from core.strategy.rule import make_rule
from core.trading_config import Config, IndicatorConfig, MarketFilters, backtest_rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DAY_MS = 86_400_000
_TEN_THOUSAND = Decimal(10_000)


class Columns(NamedTuple):
    """The candles of all pairs, one pair after the other."""

    opens: NDArray[Any]
    highs: NDArray[Any]
    lows: NDArray[Any]
    closes: NDArray[Any]


def columns_of(histories: Sequence[History]) -> Columns:
    """One pair's own arrays as they are, and all of a shelf; others are copied behind each other."""
    shelf = histories[0].shelf
    if shelf is not None and [(one.shelf, one.number) for one in histories] == [
        (shelf, k) for k in range(len(shelf))
    ]:
        opens, highs, lows, closes, _ = map(numbers, shelf.columns)
        return Columns(opens, highs, lows, closes)
    return Columns(
        _joined([one.opens for one in histories]), _joined([one.highs for one in histories]),
        _joined([one.lows for one in histories]), _joined([one.closes for one in histories]),
    )  # fmt: skip


def numbers(column: Any) -> NDArray[Any]:
    """A column of candles as it lies there, seen by numpy."""
    return np.frombuffer(column)


def _joined(columns: Sequence[Any]) -> NDArray[Any]:
    views = [numbers(column) for column in columns]
    return views[0] if len(views) == 1 else np.concatenate(views)


def rule_of(pair: Pair, indicators: IndicatorConfig, filters: MarketFilters) -> Rule:
    """The pair's rule with every number of the type that the compiled code was made for."""
    rule = make_rule(indicators, filters, scale_decimals(pair.tick))
    return Rule._make(kind(value) for kind, value in zip(_kinds(), rule, strict=True))


@cache
def _kinds() -> tuple[Callable[[Any], Any], ...]:
    """The types of a rule's numbers, in their order."""
    hints = get_type_hints(Rule)
    return tuple(hints[name] for name in Rule._fields)


def slots_of(histories: Sequence[History], start_ms: int) -> NDArray[Any]:
    """One record a pair, nothing held."""
    slots, at = np.zeros(len(histories), SLOT), 0
    for slot, history in zip(slots, histories, strict=True):
        slot["first"] = (history.start_ms - start_ms) // history.timeframe.ms
        slot["count"], slot["at"], slot["lost_at"] = len(history), at, -1
        _fill_grid(slot, history.pair)
        at += len(history)
    return slots


def _fill_grid(slot: Any, pair: Pair) -> None:
    tick, lot = Fraction(pair.tick), Fraction(pair.lot)
    slot["scale"] = float(10 ** scale_decimals(pair.tick))
    slot["online"] = pair.status is PairStatus.ONLINE
    slot["min_lots"] = -(-Fraction(pair.min_qty) // lot)
    slot["min_cost"] = parts(Fraction(pair.min_cost) * ATOMS)
    slot["tick"], slot["ticks_in_one"] = parts(tick), parts(1 / tick)
    slot["tick_lot"], slot["lot"] = parts(tick * lot * ATOMS), parts(lot * ATOMS)


def terms_of(config: Config, fees: FeeRates, start_ms: int, length_ms: int, places: int) -> NDArray[Any]:
    """The settings of a run as one record. Raises Unfit for a rule that only the road knows."""
    terms, risk = np.zeros(1, TERMS), config.risk
    for name in ("max_gap_loss", "max_trade_risk", "max_turnover", "adjust_to_minimum"):
        if getattr(risk, name) != backtest_rules("risk")[name]:
            raise Unfit(f"risk.{name} is not among its rules")
    one = terms[0]
    one["start_ms"], one["length_ms"], one["places"] = start_ms, length_ms, places
    one["sizing"] = FIXED if risk.sizing == "fixed" else RISK_PERCENT
    one["risk_per_trade"], one["stake"] = _share(risk.risk_per_trade), _share(risk.fixed_stake * ATOMS)
    one["max_position"], one["max_exposure"] = _share(risk.max_position), _share(risk.max_exposure)
    one["max_open"], one["max_entries"] = risk.max_open_positions, risk.max_entries_per_hour
    one["cooloff"], one["band"] = risk.cooloff_candles, _share(risk.price_band)
    one["stop_atr"], one["take_profit_atr"] = risk.stop_atr, risk.take_profit_atr
    one["opposite"], one["edge"] = config.exits.on_opposite_signal, config.edge.gate == "enforce"
    half = Fraction(to_decimal(config.costs.spread_bps) / _TEN_THOUSAND / 2)
    one["taker"], one["to_ask"], one["to_bid"] = _share(fees.taker), parts(1 + half), parts(1 - half)
    one["loss_limit"], one["limited"] = _share(risk.daily_loss_limit), risk.daily_loss_limit < 1
    one["rearms"], one["flattens"] = risk.kill_rearm == "next_day", risk.kill_action == "flatten"
    return terms


@lru_cache(maxsize=1024)
def _share(value: float | Decimal) -> tuple[float, float]:
    return parts(Fraction(to_decimal(value)))


def start_of(config: Config) -> Decimal:
    """The quote money that a run begins with."""
    cash, capital = config.paper.start_cash, config.risk.capital
    return cash if capital is None else min(cash, capital)


def state_of(config: Config) -> NDArray[Any]:
    """Nothing done yet."""
    state = np.zeros(1, STATE)
    state[0]["place"] = -1
    state[0]["cash"] = _share(start_of(config) * ATOMS)
    return state


def midnights(start_ms: int, end_ms: int, zone: str) -> NDArray[Any]:
    """The ends of the owner's days that [start, end] touches, in order."""
    if zone == "UTC":
        return np.arange(start_ms // _DAY_MS + 1, end_ms // _DAY_MS + 3, dtype=np.int64) * _DAY_MS
    found = [TimeContext(start_ms, zone).day_bounds()[1]]
    while found[-1] <= end_ms:
        found.append(TimeContext(found[-1], zone).day_bounds()[1])
    return np.array(found, np.int64)
