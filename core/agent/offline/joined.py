"""What the sentences of one message do to each other: complete, urge, overtake, or ask for a reason."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from core.agent.intents import Call, Outcome
from core.agent.offline.clause import Clause
from core.agent.offline.dialogue import ORDER_INTENTS, filled, is_fragment
from core.agent.offline.reasons import tells_of_idleness
from core.agent.offline.scene import Frame, Scene, look_up


def without_guesses(frames: Sequence[Frame]) -> list[Frame]:
    """'It is making me ill': beside a wish, words that only sound like the trade are not asked about."""
    return [frame for frame in frames if frame.missing != ("intent",)]


def reason_of(frame: Frame, told: Clause) -> Frame:
    """'Not a single trade today?? Explain': the reason of what was just looked at."""
    kept = {name: frame.slots[name] for name in ("symbol", "period", "side") if name in frame.slots}
    return look_up("explain_trade", **kept, decision="why_not" if tells_of_idleness(told) else None)


def only_points_back(sentence: Clause, found: Sequence[Frame], heard: Sequence[Frame]) -> bool:
    """'(I do not want to lose more than 2 % a day.) Please set that limit': the same wish, only urged."""
    wished = any(frame.outcome in (Outcome.CONFIRM, Outcome.EXECUTE) for frame in found)
    points = sentence.has("IT") and not (sentence.numbers or sentence.coins or sentence.question)
    return wished and points and all(frame.outcome is Outcome.CLARIFY for frame in heard)


def completed(sentence: Clause, last: Frame, scene: Scene) -> list[Frame]:
    """'I'd like some ltc. 30 bucks.': a fragment that says what the sentence before it left open."""
    if last.outcome is not Outcome.CLARIFY or last.intent not in ORDER_INTENTS or not is_fragment(sentence):
        return []
    plan = filled(sentence, Call(last.intent, dict(last.slots)), last.missing, scene)
    if plan is None or plan.outcome is not Outcome.CONFIRM:
        return []
    return [Frame(plan.outcome, call.intent, dict(call.slots)) for call in plan.calls]


def without_overtaken(frames: Sequence[Frame]) -> list[Frame]:
    """'We need more btc, buy another 75 usd': a wish without an amount that the next one says whole."""
    whole = {
        (frame.slots.get("side"), frame.slots.get("symbol"))
        for frame in frames
        if frame.outcome is Outcome.CONFIRM and frame.intent in ORDER_INTENTS
    }
    return [
        frame
        for at, frame in enumerate(frames)
        if not _only_repeats(frame, frames[:at])
        and not _bare_deed(frame, {side for side, _ in whole})
        and (
            frame.outcome is not Outcome.CLARIFY
            or frame.intent not in ORDER_INTENTS
            or (frame.slots.get("side"), frame.slots.get("symbol")) not in whole
        )
    ]


def _bare_deed(frame: Frame, sides: AbstractSet[object]) -> bool:
    """'Let us lighten up and sell 30% of it': a verb alone, which the next one says with all it takes."""
    alone = frame.outcome is Outcome.CLARIFY and frame.intent in ORDER_INTENTS
    empty = "symbol" not in frame.slots and "amount" not in frame.slots and "plain" not in frame.slots
    return alone and empty and bool(sides) and frame.slots.get("side") in sides | {None}


def _only_repeats(frame: Frame, before: Sequence[Frame]) -> bool:
    """'Half of my doge can go; sell it': the sale of a part, told again without the part."""
    symbol = frame.slots.get("symbol")
    return frame.intent == "flatten" and any(
        one.intent == "place_order" and one.slots.get("side") == "sell" and one.slots.get("symbol") == symbol
        for one in before
    )


def without_pleasantries(frames: Sequence[Frame]) -> list[Frame]:
    """Thanks and greetings fall away beside something real."""
    real = [frame for frame in frames if frame.outcome is not Outcome.CHAT or frame.intent]
    if not real:
        return list(frames)
    telling = [frame for frame in frames if frame.outcome is Outcome.CHAT and len(frame.say) > 60]
    return [*real, *telling]
