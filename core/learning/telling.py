"""What was learned as every door shows it: JSON values, and the same in words, labelled by how sure it is."""

from __future__ import annotations

from typing import Any

from core.learning.claims import Claim, Observation, Question, as_json, in_words
from core.learning.school import School

_FEW = 3  # observations shown of each side
_LEAST = 10  # outcomes of a bucket before it is worth showing
_LABELS = {
    "session": "time of day", "symbol": "coin", "strength": "strength of the cross", "side": "spread",
    "weekend": "weekend", "vol": "volatility", "trend": "trend", "all": "the whole strategy",
}  # fmt: skip


def as_data(school: School) -> dict[str, Any]:
    """Everything there is to show, for pages and tools."""
    return {
        "rule": school.rule,
        "on": school.on,
        "frozen": school.frozen,
        "outcomes": school.trades,
        "claims": [_claim(school, number, one) for number, one in enumerate(school.claims, 1)],
        "observations": [_observation(school, one) for one in school.observations()],
        "questions": [_question(one) for one in school.questions()],
        "agreement": {
            "own_trades": school.agreement.n,
            "mean_r": round(school.agreement.mean, 4),
            "low": round(school.agreement.low, 4),
            "high": round(school.agreement.high, 4),
        },
    }


def _claim(school: School, number: int, claim: Claim) -> dict[str, Any]:
    undone = school.is_undone(claim)
    acts = claim.withdrawn is None and not undone and not school.frozen
    said = in_words(claim, school.names())
    return {**as_json(claim), "number": number, "text": said, "undone": undone, "acts": acts}


def _observation(school: School, one: Observation) -> dict[str, Any]:
    return {
        "feature": one.feature, "value": one.value, "name": _name(school, one), "n": one.n,
        "mean_r": round(one.mean_r, 4), "shrunk_r": round(one.shrunk_r, 4), "low": round(one.low, 4),
        "high": round(one.high, 4), "label": "not yet evidence",
    }  # fmt: skip


def _question(one: Question) -> dict[str, Any]:
    about = f"about {one.needed:,}" if one.needed else "an unknown number"
    text = f"{_LABELS[one.feature]}: {one.n:,} outcomes so far of {about}"
    return {
        "feature": one.feature, "n": one.n, "needed": one.needed, "evidence": round(one.evidence, 3),
        "text": text,
    }  # fmt: skip


def _name(school: School, one: Observation) -> str:
    known = school.names().get(one.feature, ())
    return known[one.value] if 0 <= one.value < len(known) else f"{one.feature} {one.value}"


def in_lines(school: School) -> list[str]:
    """For chat: how it stands, lessons, what looks like something, and the open questions."""
    lines = [_standing(school)]
    lines += [_lesson(school, number, one) for number, one in enumerate(school.claims, 1)]
    if not school.claims:
        lines.append("No lesson yet: nothing tells good trades from bad ones beyond chance.")
    lines += _looks(school)
    lines += _open(school)
    return lines


def _standing(school: School) -> str:
    how = f"what I learned does not act now: {school.frozen}" if school.frozen else "lessons act"
    own = school.agreement.n
    return f"I learn from {school.trades:,} followed signals and {own} own trades; {how}."


def _lesson(school: School, number: int, claim: Claim) -> str:
    taken_back = " You took it back: it does not act." if school.is_undone(claim) else ""
    return f"Lesson {number}: {in_words(claim, school.names())}{taken_back}"


def _looks(school: School) -> list[str]:
    rows = sorted(
        (one for one in school.observations() if one.n >= _LEAST), key=lambda one: (one.shrunk_r, one.mean_r)
    )
    if not rows:
        return []
    shown = rows[:_FEW] + [one for one in rows[-_FEW:] if one not in rows[:_FEW]]
    told = (
        f"{_name(school, one)} {one.mean_r:+.2f} R ({one.low:+.2f} to {one.high:+.2f}, n = {one.n})"
        for one in shown
    )
    return [f"It looks like this, not yet evidence: {'; '.join(told)}."]


def _open(school: School) -> list[str]:
    rows = sorted(school.questions(), key=lambda one: -one.evidence)[:_FEW]
    told = [f"{_question(one)['text']}" for one in rows if one.n]
    return [f"Open questions: {'; '.join(told)}."] if told else []


def apart_in_line(school: School) -> str:
    """What recorded candles alone say, of a school that never acts."""
    standing = [one for one in school.claims if one.withdrawn is None]
    said = " ".join(in_words(one, school.names(), acted=False) for one in standing)
    return (
        f"Recorded candles alone, {school.trades:,} signals kept apart and never acted on: "
        f"{said or 'nothing stands out from chance.'}"
    )


def in_one_line(school: School) -> str:
    """For a card or a brief: the lessons in force, or how far the nearest question is."""
    standing = [one for one in school.claims if one.withdrawn is None]
    if standing:
        saved = sum(one.saved_r for one in standing)
        came = f"{'saved' if saved >= 0 else 'cost'} {abs(saved):.1f} R so far"
        return f"{len(standing)} {'lesson' if len(standing) == 1 else 'lessons'} in force, {came}."
    nearest = max(school.questions(), key=lambda one: one.evidence, default=None)
    if nearest is None or not nearest.n:
        return "Nothing learned yet: no followed signal has ended."
    return f"No lesson yet; nearest is {_question(nearest)['text']}."
