"""A plan in plain words, for turns that show what would happen without asking the service."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.agent.intents import Call, Outcome, Plan, entry_of
from core.model.money import plain

_UNITS = {"percent_position": "of your position", "percent_balance": "of your cash"}


def in_words(line: str, owner: str) -> str:
    """A line with the owner's name where it calls for one."""
    return line.replace("{owner}", owner)


def spoken(plan: Plan, owner: str = "jimmy") -> str:
    """One short reply: the question, the refusal, or what the calls would do."""
    if plan.say and plan.outcome in (Outcome.CLARIFY, Outcome.REFUSE):
        return in_words(plan.say, owner)
    if not plan.calls:
        return in_words(plan.say, owner) or "All right."
    told = "; ".join(described(call) for call in plan.calls)
    if plan.answers_pending:
        return f"Confirmed: {told}."
    if plan.outcome is Outcome.CONFIRM:
        return f"{told}. Shall I? Yes or no."
    return f"{told}. {plan.say}".strip()


def described(call: Call) -> str:
    """What a call does, in a few words."""
    slots = call.slots
    if call.intent in ("place_order", "place_bracket"):
        return _order(slots)
    if call.intent == "flatten":
        return f"Sell all of your {_coin(slots)}" if slots.get("symbol") else "Sell every position"
    if call.intent == "cancel_order":
        return _cancel(slots)
    if call.intent == "set_risk" and "value" in slots:
        name = str(slots.get("parameter")).replace("_", " ")
        unit = {"percent": " %", "quote": " in money"}.get(str(slots.get("unit")), "")
        return f"Set {name} to {plain(slots['value'])}{unit}"
    told = entry_of(call.intent).summary
    details = ", ".join(_shown(value) for value in slots.values() if value not in (None, ""))
    return f"{told} ({details})" if details else told


def _order(slots: Mapping[str, Any]) -> str:
    if "amount" not in slots:
        named = (("stop", "stop"), ("take_profit", "target"))
        levels = [f"{name} to {_level(slots[key])}" for key, name in named if slots.get(key)]
        return f"Move the levels of {_coin(slots)}: {', '.join(levels)}"
    verb = "Buy" if slots["side"] == "buy" else "Sell"
    where = f"at {plain(Decimal(slots['limit_price']))}" if slots.get("limit_price") else "at market"
    levels = [
        f"{name} {_level(slots[key])}"
        for key, name in (("stop", "stop"), ("take_profit", "target"))
        if slots.get(key)
    ]
    return ", ".join([f"{verb} {_amount(slots)} {where}", *levels])


def _amount(slots: Mapping[str, Any]) -> str:
    value, unit = slots["amount"]
    base, _, quote = str(slots["symbol"]).partition("/")
    number = plain(Decimal(value))
    if unit == "base":
        return f"{number} {base}"
    return (
        f"{number} {quote} of {base}"
        if unit == "quote"
        else f"{number} % {_UNITS[unit]} of {base}".replace("cash of", "cash in")
    )


def _level(level: tuple[Decimal, str]) -> str:
    return f"{plain(Decimal(level[0]))}{' %' if level[1] == 'percent' else ''}"


def _coin(slots: Mapping[str, Any]) -> str:
    return str(slots["symbol"]).split("/")[0]


def _cancel(slots: Mapping[str, Any]) -> str:
    if slots.get("order_id"):
        return f"Cancel order {slots['order_id']}"
    which = (
        "all orders"
        if slots.get("which") == "all"
        else "the last order"
        if slots.get("which") == "last"
        else "the order"
    )
    return f"Cancel {which}{' on ' + _coin(slots) if slots.get('symbol') else ''}"


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Mapping):
        return " to ".join(str(part) for part in value.values())
    return str(value).replace("_", " ")
