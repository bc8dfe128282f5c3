"""What changes in an open proposal: other numbers, another coin, the other side, a price."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from core.agent.intents import Call, Outcome, Plan
from core.agent.offline.amounts import OrderNumbers, changed_amount, order_numbers
from core.agent.offline.assemble import assemble
from core.agent.offline.clause import Clause
from core.agent.offline.dialogue import HEADS, ORDER_INTENTS
from core.agent.offline.levels import filled_levels, moves
from core.agent.offline.lexicon import bag
from core.agent.offline.scene import Frame, Scene
from core.agent.offline.sense import judged
from core.agent.offline.tokens import Kind, Token


def amended(message: Clause, call: Call, scene: Scene) -> Plan | None:
    """The open proposal with other numbers, another coin, or a price: 'make it 80', 'only a quarter'."""
    if (
        message.question
        and not message.has("SET")
        and not message.run("how", "about")
        and not message.run("what", "about")
    ):
        return None
    own_deed = message.has("BUY", "SELL", "SPEND", "FLAT", "CLOSE", "NOTIFY", "PAUSE", "REMEMBER", "BACKTEST")
    if (
        message.has("IF", "WHEN")
        and own_deed
        and (message.coins or message.has("NOTIFY", "PAUSE", "REMEMBER"))
    ):
        return None  # a wish of its own, with its own condition
    if message.has("IF", "WHEN") or message.has("MAYBE") and not message.has("NO"):
        return Plan(
            Outcome.CLARIFY, missing=("decision",), say="I do not wait for conditions. Now, yes or no?"
        )
    if _forbids_part(message):
        return Plan(Outcome.CLARIFY, missing=("decision",), say="Not that much, then. How much shall it be?")
    if moves(call):
        return filled_levels(_without_no(message), call, (), scene) if _amends(message, call) else None
    if call.intent in ORDER_INTENTS and _other_side_meant(message, str(call.slots["side"])):
        return _flipped(call, scene)
    if unit := _unit_meant(message, call):
        return _in_unit(unit, call, scene)
    if not _amends(message, call):
        return None
    if call.intent == "set_risk":
        return _amended_limit(message, call)
    if call.intent == "flatten":
        return _amended_flatten(message, call, scene)
    return _amended_order(message, call, scene) if call.intent in ORDER_INTENTS else None


def _forbids_part(message: Clause) -> bool:
    """'Do not sell half': the amount is what is ruled out, and another one is not told."""
    ruled_out = [
        at + 1
        for at, (deed, number) in enumerate(message.pairs())
        if deed.tag in ("BUY", "SELL", "CLOSE", "FLAT") and number.kind is Kind.NUMBER and message.negated(at)
    ]
    return len(ruled_out) == len(message.numbers) > 0


_TAKEN_BACK = ("sorry", "meant", "wait", "actually", "oops")
_CORRECTING = bag(
    """sorry i meant mean to it wait actually oops no other way that wanted said not wrong round around about
    mixed up side direction opposite reverse flip the is was a but , - ! ."""
)
_TURNED = re.compile(
    r"\b(?:(?:other|wrong|opposite) (?:way (?:a?round|about)|side|direction)|the opposite|reversed?)\b"
)


def _other_side_meant(message: Clause, side: str) -> bool:
    """'Sorry, sell not buy': the same order the other way round, and nothing else said."""
    deeds = [at for at, token in enumerate(message.tokens) if token.tag in ("BUY", "SELL")]
    meant = {message.tokens[at].tag for at in deeds if not _ruled_out(message, at)}
    plain = all(
        token.tag in ("BUY", "SELL", "NO", "NOT", "PLEASE", "INSTEAD", "FILLER") or token.text in _CORRECTING
        for token in message.tokens
    )
    turned = bool(_TURNED.search(" ".join(message.texts)))
    if plain and turned and not deeds:
        return True
    corrects = turned or message.has("NO", "NOT", "INSTEAD") or message.says(*_TAKEN_BACK)
    return plain and corrects and meant == {"SELL" if side == "buy" else "BUY"}


def _unit_meant(message: Clause, call: Call) -> str:
    """'Coins, not dollars': the same number in the other unit, and nothing else said; or nothing."""
    amount, unit = call.slots.get("amount") or (None, "")
    named = [at for at, token in enumerate(message.tokens) if token.tag in _UNITS]
    beside = [token for at, token in enumerate(message.tokens) if at not in named]
    plain = all(
        token.tag in ("NOT", "NO", "INSTEAD", "PLEASE") or token.text in _CORRECTING for token in beside
    )
    meant = {_UNITS[message.tokens[at].tag] for at in named if not _ruled_out(message, at)}
    other = meant - {unit}
    return other.pop() if amount and plain and len(meant) == 1 and other else ""


_UNITS = {"MONEY": "quote", "COINWORD": "base"}


def _in_unit(unit: str, call: Call, scene: Scene) -> Plan:
    amount = (call.slots["amount"][0], unit)
    frame = Frame(Outcome.CONFIRM, call.intent, {**call.slots, "amount": amount})
    return assemble([judged(frame, OrderNumbers(amount=amount), scene)])


def _ruled_out(message: Clause, at: int) -> bool:
    before = message.tokens[at - 1] if at else Token("")
    return before.tag in ("NOT", "NEVER", "INSTEAD") or before.text in ("do not", "never")


def _flipped(call: Call, scene: Scene) -> Plan:
    """The open order on the other side. Its stop, its target and a share do not carry over."""
    slots = {name: value for name, value in call.slots.items() if name not in ("stop", "take_profit")}
    slots["side"] = "sell" if slots["side"] == "buy" else "buy"
    amount = slots.get("amount")
    if amount and str(amount[1]).startswith("percent"):
        amount = None
        del slots["amount"]
    return assemble(
        [judged(Frame(Outcome.CONFIRM, "place_order", slots), OrderNumbers(amount=amount), scene)]
    )


def _amends(message: Clause, call: Call) -> bool:
    news = bool(message.numbers or message.coins) or message.has("TIMES", "MARKET", "HALF", "ALL", "MAXIMUM")
    same_side = message.has("BUY" if call.slots.get("side") == "buy" else "SELL") and not message.coins
    beside = {"BUY", "SELL", "ORDER", "TRADE", "WITHDRAW", "RISKWORD", "HOLD", "PRICE"}
    if not message.question:
        beside = beside | {"SHOULD"}  # the stop should be 5%
    other = message.tags & HEADS - beside
    return news and not other and (same_side or not message.has("BUY", "SELL")) and len(message.tokens) <= 14


def _amended_limit(message: Clause, call: Call) -> Plan | None:
    value = next((token for token in message.numbers if token.value is not None), None)
    if value is None:
        return None
    unit = "percent" if value.unit in ("%", "part") else call.slots.get("unit")
    return Plan(Outcome.CONFIRM, (call.with_slots(value=value.value, unit=unit),))


def _amended_flatten(message: Clause, call: Call, scene: Scene) -> Plan | None:
    share = next((token for token in message.numbers if token.unit in ("%", "part")), None)
    symbol = scene.symbol(message.coins[0]) if message.coins else call.slots.get("symbol")
    if share is None:
        return Plan(Outcome.CONFIRM, (call.with_slots(symbol=symbol),)) if message.coins else None
    if symbol is None:
        return Plan(Outcome.CLARIFY, missing=("symbol",), say="A part of which coin?")
    slots = {"side": "sell", "symbol": symbol, "amount": (share.value, "percent_position"), "type": "market"}
    return Plan(Outcome.CONFIRM, (Call("place_order", slots),))


def _amended_order(message: Clause, call: Call, scene: Scene) -> Plan | None:
    old = dict(call.slots)
    numbers = _without_rest(order_numbers(_without_no(message), str(old["side"])), message)
    if (
        message.has("PRICE")
        and numbers.limit is None
        and numbers.plain is not None
        and old.get("limit_price")
    ):
        numbers = replace(numbers, limit=numbers.plain, plain=None)
    if _nearer_to_price(numbers.plain, old):
        numbers = replace(numbers, limit=numbers.plain, plain=None)
    amount = changed_amount(message, numbers, old.get("amount"))
    if numbers.bad:
        return Plan(Outcome.CLARIFY, missing=("amount",), say="Which of these numbers is the new amount?")
    levelled = message.has("STOP", "STOPLOSS", "TARGET") or message.says("stop", "target")
    if levelled and amount and not (numbers.stop or numbers.target):
        return Plan(Outcome.CLARIFY, missing=("stop",), say="Is that the amount, or a level?")
    slots = {**old, **replace(numbers, amount=amount).slots}
    meant = [t for at, t in enumerate(message.tokens) if t.kind is Kind.COIN and not _ruled_out(message, at)]
    if meant:
        slots["symbol"] = scene.symbol(meant[0], numbers.money)
    if numbers.limit is not None:
        slots["type"] = "limit"
    if any(token.tag == "MARKET" and not _ruled_out(message, at) for at, token in enumerate(message.tokens)):
        slots = {name: value for name, value in slots.items() if name != "limit_price"} | {"type": "market"}
    if slots == old:
        return None
    intent = "place_bracket" if slots.get("stop") and slots.get("take_profit") else call.intent
    return assemble(
        [judged(Frame(Outcome.CONFIRM, intent, slots), OrderNumbers(amount=slots.get("amount")), scene)]
    )


def _without_rest(numbers: OrderNumbers, message: Clause) -> OrderNumbers:
    """'(The stop should be 4%,) everything else is fine': an all that is no amount."""
    else_said = any(one.tag == "ALL" and two.text == "else" for one, two in message.pairs())
    levelled = bool(numbers.stop or numbers.target) and not any(n.amount == 100 for n in message.numbers)
    whole = numbers.amount is not None and numbers.amount[0] == 100
    return replace(numbers, amount=None) if whole and (else_said or levelled) else numbers


def _nearer_to_price(plain: Decimal | None, old: Mapping[str, Any]) -> bool:
    """'78' where 2 ltc are to be bought at 80: a bare number that can only be the price."""
    price, (amount, unit) = old.get("limit_price"), old.get("amount") or (None, "")
    if plain is None or price is None or amount is None or unit != "base":
        return False
    return Decimal(price) / 2 <= plain <= Decimal(price) * 2 and not amount / 5 <= plain <= amount * 5


def _without_no(message: Clause) -> Clause:
    """'sol not eth': the coin after the no is the old one."""
    pairs = zip([Token(""), *message.tokens], message.tokens, strict=False)
    kept = (one for before, one in pairs if not (before.tag == "INSTEAD" and one.kind is Kind.NUMBER))
    return Clause(tuple(token for token in kept if token.tag not in ("NO", "YES")), message.asked)
