"""What the parts of one message do to each other: complete, urge, inherit, overtake, ask for a reason."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from core.agent.intents import Call, Outcome
from core.agent.offline.amounts import OrderNumbers
from core.agent.offline.clause import Clause
from core.agent.offline.dialogue import ORDER_INTENTS, elliptic, filled, is_fragment
from core.agent.offline.orders import order_frames
from core.agent.offline.reasons import tells_of_idleness
from core.agent.offline.scene import Frame, Scene, look_up
from core.agent.offline.sense import judged
from core.agent.offline.sides import side_of
from core.agent.offline.tokens import Kind


def without_guesses(frames: Sequence[Frame]) -> list[Frame]:
    """'It is making me ill': beside a wish, words that only sound like the trade are not asked about."""
    return [frame for frame in frames if frame.missing != ("intent",)]


def reason_of(frame: Frame, told: Clause) -> Frame:
    """'Not a single trade today?? Explain': the reason of what was just looked at."""
    kept = {name: frame.slots[name] for name in ("symbol", "period", "side") if name in frame.slots}
    return look_up("explain_trade", **kept, decision="why_not" if tells_of_idleness(told) else None)


def only_points_back(sentence: Clause, found: Sequence[Frame], heard: Sequence[Frame]) -> bool:
    """'(I do not want to lose more than 2 % a day.) Please set that limit': the same wish, only urged."""
    if heard and all(frame.missing == ("symbol",) and frame.intent == found[-1].intent for frame in heard):
        return True  # (where are xrp and ada?) just the prices, please
    if [frame.intent for frame in heard] == ["explain_trade"] == [found[-1].intent] and not heard[0].slots:
        return True  # (why did you sell my ltc?) can you explain?
    wished = any(frame.outcome in (Outcome.CONFIRM, Outcome.EXECUTE) for frame in found)
    points = sentence.has("IT") and not (sentence.numbers or sentence.coins or sentence.question)
    return wished and points and all(frame.outcome is Outcome.CLARIFY for frame in heard)


def only_urges(clause: Clause, found: Sequence[Frame], heard: Sequence[Frame]) -> bool:
    """'(No more than 4 positions at once,) set that as the maximum': the limit before it, said again."""
    return (
        bool(found)
        and found[-1].intent in ("set_risk", "mandate", "explain_trade")
        and only_points_back(clause, found, heard)
    )


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


def inherited(clause: Clause, scene: Scene, before: Sequence[Frame]) -> list[Frame]:
    """'... and 30 of sol': an amount and a coin that take the verb of the order before."""
    last = before[-1] if before else None
    if last is None or last.intent not in ("place_order", "flatten") or not clause.coins:
        return []
    if (
        side_of(clause)
        or not is_fragment(clause)
        or not elliptic(clause)
        or not (any(token.kind is Kind.NUMBER for token in clause.tokens) or _the_whole(clause, last))
    ):
        return []
    frames = order_frames(clause, str(last.slots.get("side", "sell")), scene)
    return [_in_unit_of(frame, last, scene) for frame in frames]


def _the_whole(clause: Clause, last: Frame) -> bool:
    """'... and all my doge', after a sale."""
    return clause.has("ALL") and (last.intent == "flatten" or last.slots.get("side") == "sell")


def _in_unit_of(frame: Frame, last: Frame, scene: Scene) -> Frame:
    """A bare number beside an order in money or coins is meant the same way."""
    plain, (_, unit) = frame.slots.get("plain"), last.slots.get("amount") or (None, "")
    if plain is None or unit not in ("quote", "base") or "symbol" not in frame.slots:
        return frame
    slots = {name: value for name, value in frame.slots.items() if name != "plain"}
    amount = (plain, unit)
    return judged(
        Frame(Outcome.CONFIRM, frame.intent, {**slots, "amount": amount}), OrderNumbers(amount=amount), scene
    )
