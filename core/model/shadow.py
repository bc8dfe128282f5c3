"""Signals and what became of them at the market, whether Zyn took them or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Evidence(StrEnum):
    """Where an outcome comes from; the kinds are never mixed."""

    SHADOW = "shadow"  # signals as they came, their brackets followed over later candles
    RIVAL = "rival"  # the same for rules that only watch
    BACKFILL = "backfill"  # the same code over recorded candles


class Fate(StrEnum):
    """What Zyn did with a signal."""

    TAKEN = "taken"
    FILTERED = "filtered"  # a filter of the rule said no
    GATED = "gated"  # a limit, a gate or what was learned said no
    HELD = "held"  # the pair was in a position already
    FAILED = "failed"  # tried, and the exchange or the market said no
    TRIED_OUT = "tried_out"  # a rule that only watches


@dataclass(frozen=True, slots=True)
class ShadowSignal:
    """One signal with all that its outcome depends on, frozen when it came.

    Distances in quote units a base unit; `taker` and `spread` are shares of the price; `features` are the
    learner's buckets by name.
    """

    symbol: str
    timeframe: str
    rule: str  # with its version
    candle_ms: int  # open of the signal candle
    evidence: Evidence
    fate: Fate
    reason: str
    features: dict[str, int]
    schema: int  # version of the family of features
    stop_distance: float
    target_distance: float  # 0: none
    taker: float
    spread: float
    barrier: int  # candles after which an open bracket is closed at the close
    exits_on_turn: bool  # the opposite cross closes it at the next open, as it does a trade
    multiplier: float = 1.0  # what learning made of the risk, had it been taken
    id: str = field(default="")

    def __post_init__(self) -> None:
        if not self.id:
            name = f"{self.evidence.value}|{self.rule}|{self.timeframe}|{self.symbol}@{self.candle_ms}"
            object.__setattr__(self, "id", name)


@dataclass(frozen=True, slots=True)
class ShadowOutcome:
    """How a signal's bracket ended. `r` is the net result after all costs in units of the stop distance."""

    signal_id: str
    closed_ms: int  # close of the candle that ended it
    exit: str  # stop, target, signal or time
    entry_price: float
    exit_price: float
    r: float


@dataclass(frozen=True, slots=True)
class Policy:
    """One learning step, enough to repeat it: what was known, by which code, and the state that followed.

    `high_water` is the number of the last outcome that was taken in, `day` (days since 1970, UTC) the day
    that was over. `state` is canonical JSON and `sha256` its hash.
    `cause` is start, day, off, on, undo or reset.
    """

    version: int
    code: str  # hash of the learner's code
    schema: int
    high_water: int
    day: int
    cause: str
    state: str
    sha256: str
    time_ms: int
