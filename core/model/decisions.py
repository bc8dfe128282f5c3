"""What was judged and why, with every number that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from core.model.money import Rounding, plain, to_grid
from core.model.money import percent as in_percent


class Action(StrEnum):
    LONG = "long"
    SHORT = "short"  # on spot it closes a long and never opens a position
    HOLD = "hold"


_SHARES = frozenset({"trend", "volatility", "chop"})  # filters that look at a share of the price


class FilterReading(NamedTuple):
    """One hard filter's look at one candle. `needed` is the threshold in words, such as '< 70'.

    A NamedTuple, as SignalResult is: every pair makes seven of them at a candle's close.
    """

    name: str
    passed: bool
    value: float
    threshold: float
    needed: str
    range_: float | None = None  # chop passes by its slope (`value`) or by its price range
    range_threshold: float = 0.0

    @property
    def flip(self) -> str:
        """The nearest change that would have turned the verdict, in words. Made when somebody reads it."""
        away = abs(self.value - self.threshold)
        match self.name:
            case "trend":
                way = "rising" if self.value < self.threshold else "falling"
                return f"the fast SMA {way} {percent(away)} against the slow one"
            case "rsi":
                return f"RSI {away:.1f} {'higher' if self.value < self.threshold else 'lower'}"
            case "volume":
                return f"volume {away:.0f} percentile points {'lower' if self.passed else 'higher'}"
            case "volatility":
                return f"ATR/price of {percent(self.value)} crossing {percent(self.threshold)}"
            case "chop":
                return self._chop_flip()
            case "atr_spike":
                return f"ATR {away:.2f}x its mean {'higher' if self.passed else 'lower'}"
        return ""

    def _chop_flip(self) -> str:
        slope = f"a slope of {percent(self.value)} crossing {percent(self.threshold)}"
        if self.range_ is None:  # a row of an older version
            return slope
        both = "and" if self.passed else "or"
        return f"{slope} {both} a range of {percent(self.range_)} crossing {percent(self.range_threshold)}"

    @property
    def closeness(self) -> float:
        """How far the value stood from its threshold, as a share of it."""
        return abs(self.value - self.threshold) / (abs(self.threshold) or 1.0)

    @property
    def shown(self) -> str:
        """The value in the unit of what is needed."""
        if self.name in _SHARES:
            return f"{100 * self.value:.2f} %"
        if self.name == "volume":
            return f"percentile {self.value:.0f}"
        return f"{self.value:.2f}x" if self.name == "atr_spike" else f"{self.value:.4g}"


def percent(share: float) -> str:
    """A share of 1 in percent, to three decimals."""
    return f"{100 * share:.3f}".rstrip("0").rstrip(".") + " %"


class SignalResult(NamedTuple):
    """What the rule says of one closed candle, with the evidence for it."""

    action: Action
    reason: str
    passed_filters: tuple[FilterReading, ...] = ()
    failed_filters: tuple[FilterReading, ...] = ()
    crossed: str = ""  # up, down or nothing
    close: float = 0.0
    sma_fast: float = 0.0
    sma_slow: float = 0.0
    rsi: float = 0.0
    atr: float = 0.0
    meets_at: float | None = None  # the close at which both lines would have met on this candle
    led: bool = False  # whether the first line lay above the second one candle before

    @property
    def flip(self) -> str:
        """The nearest change of this candle that would have turned the action, in words. Made when read.

        A close for a missing cross, the failed filters for a refused one, and for a signal that passed the
        filter that stood nearest to its threshold.
        """
        if self.meets_at is None:  # warming up, or a row of an older version
            return ""
        if not self.crossed:
            return self._missing_cross(self.meets_at)
        if self.failed_filters:
            return " and ".join(one.flip for one in self.failed_filters if one.flip)
        side = "below" if self.crossed == "up" else "above"
        lines = f"a close {side} {_bound(self.meets_at, side)} would have been no cross"
        nearest = min(self.passed_filters, key=lambda one: one.closeness, default=None)
        return f"{nearest.flip}, or {lines}" if nearest else lines

    def _missing_cross(self, needed: float) -> str:
        if needed <= 0:
            return "no close of this candle could have crossed"
        share = in_percent(needed / self.close - 1, sign="+")
        if self.led:
            below = _bound(needed, "below")
            return f"a close below {below} ({share}) would have crossed down; up needs that first"
        return f"a close above {_bound(needed, 'above')} ({share}) would have crossed up"


def _bound(value: float, side: str) -> str:
    """A price to the digits that matter at its size, rounded towards where it is still true."""
    digits = 2 if value >= 100 else 4 if value >= 1 else 10
    kept = to_grid(value, Decimal(1).scaleb(-digits), Rounding.UP if side == "below" else Rounding.DOWN)
    return f"{kept:,f}" if digits == 2 else f"{Decimal(plain(kept)):,f}"


class Verdict(StrEnum):
    """What became of a signal."""

    HOLD = "hold"  # no signal
    ENTERED = "entered"
    EXITED = "exited"
    REFUSED = "refused"  # a limit said no
    FILTERED = "filtered"  # crossed, but a filter failed
    FAILED = "failed"  # tried, and the exchange or the market said no


@dataclass(frozen=True, slots=True)
class Decision:
    """One judged candle of one pair: the receipt behind /why."""

    symbol: str
    candle_ms: int  # open of the judged candle
    decided_ms: int  # market time
    signal: SignalResult
    verdict: Verdict
    reason: str
    correlation: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The limits let it pass. `multiplier` in [0, 1] scales the configured risk, never above."""

    multiplier: float = 1.0


@dataclass(frozen=True, slots=True)
class Denied:
    """A limit said no. `code` is stable, `reason` is for the owner."""

    code: str
    reason: str


Judgement = Allowed | Denied
