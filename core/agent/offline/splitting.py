"""One sum for several coins: 'split 90 dollars between ada and xrp', 'btc and eth for 50 dollars each'."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from core.agent.intents import Outcome
from core.agent.offline.amounts import OrderNumbers, order_numbers
from core.agent.offline.clause import Clause
from core.agent.offline.scene import Frame, Scene, ask
from core.agent.offline.sense import judged
from core.agent.offline.tokens import Kind, Token

_EVENLY = ("equally", "evenly", "fifty-fifty")
_BETWEEN = ("between", "among", "amongst", "across", "over")
_CENT = Decimal("0.01")


def splits(clause: Clause) -> bool:
    """Whether a sum is to be shared out over several coins."""
    counted = len(clause.coins) >= 2 and bool(clause.numbers) and not clause.question
    told = clause.has("SPLIT") and (clause.says(*_BETWEEN, *_EVENLY, "in", "into", "on") or _halves(clause))
    placed = clause.has("MOVE", "SPEND", "BUY", "WANT", "SPLIT") and not clause.has("POSITION", "ORDER")
    return counted and placed and (told or clause.says(*_EVENLY) or _halves(clause))


def each_gets(clause: Clause) -> bool:
    """'... for 50 dollars each' behind a list of coins: the sum that every one of them gets."""
    money = [number for number in clause.numbers if number.unit not in ("%", "part", "x", "th")]
    listed = len(clause.coins) >= 2 and len(money) == len(clause.numbers) == 1
    at = next((at for at, token in enumerate(clause.tokens) if token is money[0]), 0) if listed else 0
    after = clause.tokens[at + 1].tag if listed and at + 1 < len(clause.tokens) else ""
    return listed and bool(money[0].unit) and after == "EACH"


def shared_out(clause: Clause, side: str, scene: Scene) -> list[Frame] | None:
    """One order a coin, each with its part of the sum; None when nothing is shared out."""
    if each_gets(clause):
        plain = Clause(tuple(token for token in clause.tokens if token.tag != "EACH"), clause.asked)
        return _orders(clause, side, scene, order_numbers(plain, side), parts=1)
    if not splits(clause):
        return None
    numbers = order_numbers(Clause(_without_parts(clause), clause.asked), side)
    if numbers.bad or (numbers.amount and numbers.amount[1] == "base"):
        return [ask("How much of each coin, in money?", "amount", intent="place_order", side=side)]
    if numbers.amount is None:
        return [ask("How much money in all, and for which coins?", "amount_unit")]
    return _orders(clause, side, scene, numbers, parts=len(clause.coins))


def _orders(clause: Clause, side: str, scene: Scene, numbers: OrderNumbers, parts: int) -> list[Frame]:
    value, unit = numbers.amount or (Decimal(0), "quote")
    part = (value / parts).quantize(_CENT, ROUND_DOWN) if parts > 1 else value
    bracket = numbers.stop and numbers.target
    slots = {**numbers.slots, "side": side, "type": "market", "amount": (part, unit)}
    frames = [
        Frame(
            Outcome.CONFIRM,
            "place_bracket" if bracket else "place_order",
            {**slots, "symbol": scene.symbol(coin, numbers.money)},
        )
        for coin in clause.coins
    ]
    return [judged(frame, OrderNumbers(amount=(part, unit)), scene) for frame in frames]


def _halves(clause: Clause) -> bool:
    """'Half each', 'half and half', 50/50."""
    fifties = sum(number.amount == 50 and not number.unit for number in clause.numbers) == 2
    return fifties or clause.run("half", "each") or clause.run("half", "and", "half")


def _without_parts(clause: Clause) -> tuple[Token, ...]:
    """The tokens without the halves that only say how the sum is shared out."""
    equal = _halves(clause)
    return tuple(
        token
        for token in clause.tokens
        if not (equal and token.kind is Kind.NUMBER and token.amount == 50 and token.unit in ("", "part"))
    )
