"""What a walk-forward says about changing settings: proposed to the owner, never applied."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

EDGE, LUCK, LOSS, TOO_LITTLE = "edge", "luck", "loss", "too_little"  # verdicts
FILE_NAME = "tuning.json"  # in the folder of the backtest's world, replaced by each `zyn walkforward`


@dataclass(frozen=True, slots=True)
class OutOfSample:
    """What settings came to on candles that had no part in choosing them; after fees."""

    trades: int
    net: float  # quote units
    sharpe: float  # of UTC-daily returns, a year


@dataclass(frozen=True, slots=True)
class TuningEvidence:
    """The settings that would be used next, and how settings found this way did on unseen candles.

    `proposed` are the values that the search chose window by window, `kept` the settings in force over the
    same candles. `trials` counts everything that was tried on these candles. `probability` is that of a true
    Sharpe ratio above zero for `proposed`, deflated by the walk-forwards that were made. Propose nothing
    unless `worth_proposing`.
    """

    settings: Mapping[str, str]  # dotted key -> text, as after --set
    symbols: tuple[str, ...]
    timeframe: str
    start_ms: int  # of the unseen candles
    end_ms: int
    windows: int
    trials: int
    proposed: OutOfSample
    kept: OutOfSample
    probability: float
    verdict: str  # edge | luck | loss | too_little

    @property
    def worth_proposing(self) -> bool:
        return self.verdict == EDGE and self.proposed.sharpe > self.kept.sharpe


def to_json(evidence: TuningEvidence) -> str:
    return json.dumps(asdict(evidence))


def from_json(text: str) -> TuningEvidence:
    """Raises ValueError or KeyError for anything that `to_json` did not write."""
    raw: dict[str, Any] = json.loads(text)
    return TuningEvidence(**{
        **raw,
        "symbols": tuple(raw["symbols"]),
        "proposed": OutOfSample(**raw["proposed"]),
        "kept": OutOfSample(**raw["kept"]),
    })  # fmt: skip
