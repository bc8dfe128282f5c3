"""The limits an entry must pass. They live in code; nothing that talks can loosen them.

These are asked before there is a size; what a sized entry must fit under is in caps. Every refusal has a
stable code and one line for the owner. Exits are never judged here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.model.decisions import Allowed, Denied, Judgement
from core.model.money import Money, to_decimal
from core.risk.brackets import Number
from core.trading_config import RiskConfig

HOUR_MS = 3_600_000
STALE_AFTER = 2  # intervals after its close until which a candle may ask for an entry
_LEAST_S = 15.0  # and never less of the machine's own time, for a fast market's minutes are short


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the limits look at when a candle asks for an entry. Times are market ms."""

    symbol: str
    candle_ms: int  # open of the candle whose signal asks
    candle_length_ms: int
    holding: bool  # in a position of this pair when that candle closed, or an order of it is under way
    open_positions: int
    equity: Money
    exposure: Money  # all positions at their last close
    cash: Money  # free
    last_loss_ms: int | None = None  # when this pair's last exit was, if that exit lost
    blocked: str = ""  # the latch in force in words: paused, kill switch, unknown order
    entries_last_hour: int = 0


def judge(now: Situation, risk: RiskConfig) -> Judgement:
    """Whether an entry may be sized at all; the first limit that says no is named."""
    return (
        _latched(now)
        or _already_in(now)
        or _cooling_off(now, risk)
        or _too_many(now, risk)
        or _exposed(now, risk)
        or _too_often(now, risk)
        or Allowed()
    )


def _latched(now: Situation) -> Denied | None:
    return Denied("stopped", f"entries are stopped: {now.blocked}") if now.blocked else None


def _already_in(now: Situation) -> Denied | None:
    return Denied("in_position", f"already in a position of {now.symbol}") if now.holding else None


def _cooling_off(now: Situation, risk: RiskConfig) -> Denied | None:
    if now.last_loss_ms is None:
        return None
    left = cooloff_left(now.candle_ms, now.last_loss_ms, now.candle_length_ms, risk.cooloff_candles)
    if left <= 0:
        return None
    candles = "candle" if left == 1 else "candles"
    return Denied("cooling_off", f"rests {left} more {candles} after a losing exit")


def _too_many(now: Situation, risk: RiskConfig) -> Denied | None:
    if now.open_positions < risk.max_open_positions:
        return None
    are = "position is" if now.open_positions == 1 else "positions are"
    return Denied("max_positions", f"{now.open_positions} {are} open, the most allowed")


def _exposed(now: Situation, risk: RiskConfig) -> Denied | None:
    share = to_decimal(risk.max_exposure)
    if not exposed(now.equity, now.exposure, share):
        return None
    most = now.equity * share
    return Denied("max_exposure", f"{now.exposure:,.2f} is in the market, the most allowed is {most:,.2f}")


def _too_often(now: Situation, risk: RiskConfig) -> Denied | None:
    if now.entries_last_hour < risk.max_entries_per_hour:
        return None
    return Denied("entry_rate", f"{now.entries_last_hour} entries in the last hour, the most allowed")


def good_until_ms(candle_ms: int, length_ms: int, speed: float) -> int:
    """Until when the candle that opened at `candle_ms` may become an entry, market ms.

    `speed` is how fast the market runs beside the machine: 1, but for a demo.
    """
    return candle_ms + length_ms + round(max(STALE_AFTER * length_ms, _LEAST_S * 1000 * speed))


def too_late(good_until: int | None, now_ms: int) -> Denied | None:
    """Whether what an entry was judged on has passed, because the machine slept or waited too long."""
    if good_until is None or now_ms <= good_until:
        return None
    minutes = -(-(now_ms - good_until) // 60_000)
    return Denied(
        "stale_candle",
        f"its candle is too old: the time to enter on it was over {minutes} min ago, for this machine slept "
        "or Kraken took too long to answer",
    )


def cooloff_left(candle_ms: int, exit_ms: int, length_ms: int, cooloff_candles: int) -> int:
    """Candles a pair still rests: k may enter when k - j >= cooloff, j being the losing exit's candle."""
    return cooloff_candles - (candle_ms // length_ms - exit_ms // length_ms)


def exposed(equity: Number, exposure: Number, max_exposure: Number) -> bool:
    """Whether all positions together are at the cap already."""
    return exposure >= equity * max_exposure


def entries_within_hour(entries_ms: Sequence[int], now_ms: int) -> int:
    """How many of these entries, oldest first, happened in the 60 minutes up to now."""
    count = 0
    for k in range(len(entries_ms) - 1, -1, -1):
        if entries_ms[k] <= now_ms - HOUR_MS:
            break
        count += entries_ms[k] <= now_ms
    return count


def loss_reaches(start: Number, equity: Number, limit: Number) -> bool:
    """Whether equity fell by the share `limit` of what the day started with."""
    return start - equity >= start * limit


def daily_loss_reached(start_equity: Decimal, equity: Decimal, limit: float) -> bool:
    """Whether the day's fall has reached the kill switch; a limit of 1 is off."""
    return limit < 1 and start_equity > 0 and loss_reaches(start_equity, equity, to_decimal(limit))
