"""Frames to one plan, every slot checked by the registry's own models."""

from __future__ import annotations

from collections.abc import Sequence

from core.agent.intents import Call, Outcome, Plan, checked
from core.agent.offline.scene import Frame

_RANK = (Outcome.REFUSE, Outcome.CLARIFY, Outcome.CONFIRM, Outcome.EXECUTE, Outcome.CALL, Outcome.CHAT)


def assemble(frames: Sequence[Frame]) -> Plan:
    """One plan of all frames: a refusal wins, then a question, a proposal, a deed, a look-up, a word."""
    outcome = min((frame.outcome for frame in frames), key=_RANK.index)
    if outcome is Outcome.REFUSE:
        return Plan(outcome, say=next(frame.say for frame in frames if frame.outcome is outcome))
    calls, problem = _calls(frames)
    if problem:
        return Plan(Outcome.CLARIFY, tuple(calls), ("slots",), problem)
    asked = next((frame for frame in frames if frame.outcome is Outcome.CLARIFY), None)
    say = asked.say if asked else " ".join(dict.fromkeys(frame.say for frame in frames if frame.say))
    draft = Call(asked.intent, dict(asked.slots)) if asked and asked.intent else None
    missing = asked.missing if asked else ()
    suggestions = tuple(text for frame in frames for text in frame.suggestions)
    return Plan(outcome, tuple(calls), missing, say, suggestions, draft)


def _calls(frames: Sequence[Frame]) -> tuple[list[Call], str]:
    """The finished calls, each once, and what is wrong with one that no model accepts."""
    calls: list[Call] = []
    for frame in frames:
        if not frame.intent or frame.outcome is Outcome.CLARIFY:
            continue
        try:
            call = checked(frame.intent, frame.slots)
        except ValueError:
            return (
                calls,
                "Something in that does not fit together. Could you say it once more, with coin and amount?",
            )
        if not any(_says_more(one, call) for one in calls):
            calls.append(call)
    return calls, ""


def _says_more(one: Call, other: Call) -> bool:
    """Whether one call is the other, or the same cancellation named more closely."""
    same = one.intent == other.intent and one.intent in ("cancel_order", "pause")
    closer = same and other.slots.items() <= one.slots.items()
    return one == other or closer
