"""Whether an order makes sense as it was read: amount, unit, price, stop and target; or what to ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from core.agent.offline.amounts import Level, OrderNumbers
from core.agent.offline.scene import Frame, Scene
from core.model.pair_table import coins as coin_table

# An unlikely number of whole coins: more than about this many smallest orders, with no unit said.
_UNLIKELY_ORDERS = 15_000
_UNLIKELY_COUNT = 10


def judged(frame: Frame, numbers: OrderNumbers, scene: Scene) -> Frame:
    """The frame when it makes sense, else the question that it raises."""
    slots = frame.slots
    base = str(slots["symbol"]).split("/")[0]
    if numbers.bad == "several":
        return frame.lacks(("amount",), f"There are several numbers. How much {base}, and at which price?")
    if numbers.bad:
        return frame.lacks(("amount",), f"That amount cannot be right. How much {base}?")
    if numbers.plain is not None and 0 < numbers.plain < 1 and "amount" not in slots:
        return judged(replace(frame, slots={**slots, "amount": (numbers.plain, "base")}), numbers, scene)
    if "amount" not in slots:
        return _no_unit(frame, numbers, base)
    if _unlikely(slots, numbers) and not numbers.unit_said:
        return frame.lacks(("amount_unit",), f"{numbers_said(numbers)} {base}, or that much money of {base}?")
    if slots.get("type") == "limit" and "limit_price" not in slots:
        return frame.lacks(("limit_price",), f"At which price shall the {base} order rest?")
    if frame.intent == "place_bracket" and not ("stop" in slots and "take_profit" in slots):
        return frame.lacks(
            ("stop", "take_profit"), "A bracket needs a stop and a target. Where shall they be?"
        )
    if slots["side"] == "sell" and ("stop" in slots or "take_profit" in slots):
        return frame.lacks(("price",), "A sale needs no stop. A limit order at a price, or sell now?")
    wrong = _wrong_levels(slots, scene.prices.get(str(slots["symbol"])))
    return frame.lacks(("stop",), wrong) if wrong else frame


def numbers_said(numbers: OrderNumbers) -> str:
    value = numbers.amount[0] if numbers.amount else numbers.plain
    return f"{value.normalize():f}" if value is not None else ""


def _no_unit(frame: Frame, numbers: OrderNumbers, base: str) -> Frame:
    if numbers.plain is None:
        return frame.lacks(("amount",), f"How much {base}? An amount in money or in coins is fine.")
    open_number = replace(frame, slots={**frame.slots, "plain": numbers.plain})
    return open_number.lacks(
        ("amount_unit",), f"{numbers_said(numbers)} in money, or {numbers_said(numbers)} {base}?"
    )


def _unlikely(slots: Mapping[str, Any], numbers: OrderNumbers) -> bool:
    """A bare number of coins that would be a fortune, or written with k: most likely money was meant."""
    value, unit = slots["amount"]
    coin = coin_table().get(str(slots["symbol"]).split("/")[0])
    if unit != "base" or coin is None:
        return False
    fortune = value >= _UNLIKELY_COUNT and value / coin.min_qty > _UNLIKELY_ORDERS
    return fortune or numbers.scaled


_SMALL_PRICE = 50  # without a known price, a bare number up to this beside a percentage may be one itself


def _mixed(stop: Level, target: Level, entry: Decimal | None) -> str:
    """Asks whether the bare number of 'sl 4, tp 8 percent' is a price or a percentage, if it can be both."""
    bare = next((value for value, unit in (stop, target) if unit == "price"), None)
    if stop[1] == target[1] or bare is None:
        return ""
    near = entry / 2 <= bare <= entry * 2 if entry else bare > _SMALL_PRICE
    return "" if near else f"Is {bare} a price, or {bare} percent?"


def _wrong_levels(slots: Mapping[str, Any], price: Decimal | None) -> str:
    """Why a stop or a target lies on the wrong side of where the order would fill, or nothing."""
    stop, target = slots.get("stop"), slots.get("take_profit")
    entry = slots.get("limit_price") or price
    if stop and target and (doubtful := _mixed(stop, target, entry)):
        return doubtful
    if stop and stop[1] == "percent" and stop[0] >= 100:
        return "A stop of 100 percent or more protects nothing. Where shall it be?"
    if stop and target and stop[1] == target[1] == "price" and stop[0] >= target[0]:
        return "The stop must lie below the target. Which prices do you mean?"
    if entry and stop and stop[1] == "price" and stop[0] >= entry:
        return f"A stop at {stop[0]} is not below {entry}, where it would buy. Where shall the stop be?"
    if entry and target and target[1] == "price" and target[0] <= entry:
        return f"A target of {target[0]} is not above {entry}, where it would buy. Where shall it be?"
    return ""
