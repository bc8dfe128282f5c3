"""The learner's features of one moment: seven coarse buckets, written down before anything was measured.

Bounds are constants, so that no later candle can move a bucket. A change here is a new `SCHEMA` and starts
from no evidence.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from core.model.market import Candle
from core.model.time_context import SESSIONS, from_ms

SCHEMA = 1
NAMES: dict[str, tuple[str, ...]] = {
    "session": tuple(f"{one} UTC" for one in SESSIONS),
    "strength": ("weak crosses", "middling crosses", "strong crosses"),
    "side": ("tight spreads", "wide spreads"),
    "weekend": ("weekdays", "weekends"),
    "vol": ("calm markets", "usual markets", "wild markets"),
    "trend": ("downtrends", "flat markets", "uptrends"),
}
_WINDOW = 720  # candles of a pair that its usual range is taken from
_FAST, _SLOW = 20, 50  # candles of the trend's means
_CALM, _WILD = 0.8, 1.25  # range against the pair's usual one
_TREND = 0.5  # mean ranges between fast and slow mean
_WEAK, _STRONG = 0.25, 0.75  # mean ranges between close and fast mean
_WIDE = 0.001  # spread as a share of the price


class Surroundings:
    """One pair's recent candles, as much as the features need."""

    def __init__(self) -> None:
        self._ranges: deque[float] = deque(maxlen=_WINDOW)  # high - low over close
        self._closes: deque[float] = deque(maxlen=_SLOW)
        self._sum = 0.0

    def take(self, candle: Candle) -> None:
        """One more closed candle."""
        if len(self._ranges) == _WINDOW:
            self._sum -= self._ranges[0]
        reach = (candle.high - candle.low) / candle.close
        self._ranges.append(reach)
        self._sum += reach
        self._closes.append(candle.close)

    def features(self, close_ms: int, spread: float) -> dict[str, int]:
        """The buckets of a signal whose candle closed at `close_ms`; `spread` as a share of the price."""
        moment = from_ms(close_ms)
        closes = list(self._closes)
        usual = self._sum / len(self._ranges) if self._ranges else 0.0
        recent = list(self._ranges)[-14:]
        now = sum(recent) / len(recent) if recent else 0.0
        unit = now * closes[-1] if closes else 0.0
        fast, slow = _mean(closes[-_FAST:]), _mean(closes)
        return {
            "session": moment.hour // 4,
            "strength": _tercile(abs(closes[-1] - fast) / unit if unit else 0.0, _WEAK, _STRONG),
            "side": int(spread > _WIDE),
            "weekend": int(moment.weekday() >= 5),
            "vol": _tercile(now / usual if usual else 1.0, _CALM, _WILD),
            "trend": _tercile((fast - slow) / unit if unit else 0.0, -_TREND, _TREND),
        }


def regime(features: Mapping[str, int]) -> str:
    """Volatility and trend of a moment in words."""
    return f"{NAMES['vol'][features['vol']]}, {NAMES['trend'][features['trend']]}"


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _tercile(value: float, low: float, high: float) -> int:
    return 0 if value < low else 1 if value <= high else 2
