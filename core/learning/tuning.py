"""A change of settings that a walk-forward found, proposed to the owner and never applied by Zyn itself."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from core.model.money import percent
from core.model.time_context import from_ms
from core.model.tuning import LOSS, LUCK, TOO_LITTLE, TuningEvidence, to_json

NO_WALK_FORWARD = (
    "No walk-forward was made yet: zyn walkforward --data DIR, with candles of your pairs, tries other "
    "settings window by window. Then it stands here which settings it would change, what they made on "
    "candles they had not seen, and how sure that is."
)
_WHY_NOT = {
    LUCK: "After everything that was tried that may be luck",
    LOSS: "That loses money too",
    TOO_LITTLE: "Those are too few trades to tell",
}


def name_of(evidence: TuningEvidence) -> str:
    """The same for the same evidence: a proposal is made once."""
    return hashlib.sha256(to_json(evidence).encode()).hexdigest()[:12]


def proposal_text(evidence: TuningEvidence) -> str:
    """What to change, on which unseen candles it was tried, how sure that is, and how to take it."""
    take = " ".join(f"--set {key}={value}" for key, value in evidence.settings.items())
    return (
        f"A proposal, not a change: {_changes(evidence)}. {_outcome(evidence)}. I never change settings "
        f"myself: start me with {take} to take it."
    )


def would_change(evidence: TuningEvidence) -> str:
    """The last walk-forward, whatever it came to: the proposal, or the change and why it is not proposed."""
    if evidence.worth_proposing:
        return proposal_text(evidence)
    why = _WHY_NOT.get(evidence.verdict, "That is no better than now")
    return (
        f"The last walk-forward would change {_changes(evidence)}. {_outcome(evidence)}. {why}, so I do not "
        "propose it."
    )


def _changes(evidence: TuningEvidence) -> str:
    return ", ".join(f"{key}={value}" for key, value in evidence.settings.items()) or "nothing"


def _outcome(evidence: TuningEvidence) -> str:
    """What settings found this way made where they could not have looked, beside those in force."""
    proposed, kept = evidence.proposed, evidence.kept
    first, last = (from_ms(ms).strftime("%Y-%m-%d") for ms in (evidence.start_ms, evidence.end_ms))
    return (
        f"Settings found this way made {proposed.net:+,.2f} in {proposed.trades} trades (Sharpe "
        f"{proposed.sharpe:.2f}) on candles they had not seen, {first} to {last}, against {kept.net:+,.2f} "
        f"(Sharpe {kept.sharpe:.2f}) as I trade now; {evidence.windows} windows, {evidence.trials:,} trials "
        f"counted, {percent(evidence.probability, 0)} sure after all of them"
    )


def proposal_data(evidence: TuningEvidence) -> dict[str, Any]:
    """The whole evidence as JSON values."""
    raw = asdict(evidence)
    return {**raw, "symbols": list(evidence.symbols), "name": name_of(evidence)}
