"""A change of settings that a walk-forward found, proposed to the owner and never applied by Zyn itself."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from core.model.time_context import from_ms
from core.model.tuning import TuningEvidence, to_json


def name_of(evidence: TuningEvidence) -> str:
    """The same for the same evidence: a proposal is made once."""
    return hashlib.sha256(to_json(evidence).encode()).hexdigest()[:12]


def proposal_text(evidence: TuningEvidence) -> str:
    """What to change, on which unseen candles it was tried, how sure that is, and how to take it."""
    proposed, kept = evidence.proposed, evidence.kept
    first, last = (from_ms(ms).strftime("%Y-%m-%d") for ms in (evidence.start_ms, evidence.end_ms))
    changes = ", ".join(f"{key}={value}" for key, value in evidence.settings.items())
    take = " ".join(f"--set {key}={value}" for key, value in evidence.settings.items())
    tried = f"{evidence.windows} windows, {evidence.trials:,} trials counted"
    return (
        f"A proposal, not a change: {changes}. Settings found this way made {proposed.net:+,.2f} in "
        f"{proposed.trades} trades (Sharpe {proposed.sharpe:.2f}) on candles they had not seen, {first} to "
        f"{last}, against {kept.net:+,.2f} (Sharpe {kept.sharpe:.2f}) as I trade now; {tried}, "
        f"{evidence.probability:.0%} sure after all of them. I never change settings myself: start me with "
        f"{take} to take it."
    )


def proposal_data(evidence: TuningEvidence) -> dict[str, Any]:
    """The whole evidence as JSON values."""
    raw = asdict(evidence)
    return {**raw, "symbols": list(evidence.symbols), "name": name_of(evidence)}
