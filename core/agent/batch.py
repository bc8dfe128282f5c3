"""`zyn ask --batch`: one JSON line out per line in, pure: no network, no data folder, no running service.

A line's `now`, `history`, `pending` and `state` are all that is known of the world. `executed` lists what the
same turn would have executed in a live chat: a confirmed pending call, or what reduces risk at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TextIO

from core.agent.intents import Call, Outcome, Plan, checked
from core.agent.offline.brain import Moment, Said, understand
from core.agent.phrases import spoken
from core.agent.slash_plan import plan_of

_AT_ONCE = frozenset({"pause"})
_OUTSIDE_NAMES = {"set_risk": {"parameter": "name"}}
_INSIDE_NAMES = {"set_risk": {"name": "parameter"}, "cancel_order": {"scope": "which"}}
_NO_DAY = date(1970, 1, 1)
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, InvalidOperation, RecursionError)


def run_batch(path: Path | str, out: TextIO) -> int:
    """Answer every line of a JSONL file in order; 0, or 1 when a line could not be read."""
    failed = False
    with open(path, "rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            answer = answer_line(line, number)
            failed = failed or "error" in answer
            out.write(_written(answer) + "\n")
    return int(failed)


def _written(answer: Mapping[str, Any]) -> str:
    """One line of JSON; half a surrogate pair, which is no text, stays escaped."""
    text = json.dumps(answer, ensure_ascii=False)
    return text if _is_text(text) else json.dumps(answer)


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def answer_line(line: str | bytes, number: int) -> dict[str, Any]:
    """The answer to one line, or its id and what is wrong with it: one line never takes the others along."""
    name: object = f"line {number}"
    try:
        row = json.loads(line.decode("utf-8-sig") if isinstance(line, bytes) else line)
        name = row.get("id", name) if isinstance(row, dict) else name
        moment = moment_of(row)
    except _UNREADABLE as error:
        return {"id": name, "error": f"cannot read this line: {error}"}
    text = moment.text.strip()
    try:
        plan = plan_of(text, moment.today, moment.quote) if text.startswith("/") else understand(moment)
        return {"id": name, **outside(plan)}
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        return {"id": name, "error": f"this line was too much for me: {type(error).__name__}"}


def moment_of(row: Mapping[str, Any]) -> Moment:
    """A line's world. Raises ValueError, TypeError or KeyError when it is not as the schema says."""
    text = row["user"]
    if not isinstance(text, str):
        raise TypeError("'user' must be text")
    state = row.get("state") or {}
    return Moment(
        text=text,
        today=_day(row.get("now")),
        history=tuple(Said(str(turn["role"]), str(turn["text"])) for turn in row.get("history") or ()),
        pending=tuple(_inside(call) for call in row.get("pending") or ()),
        positions=tuple(_symbols(state.get("positions"))),
        orders=tuple(order for order in state.get("orders") or () if isinstance(order, dict)),
        prices=_prices(state.get("prices")),
    )


def _day(now: object) -> date:
    return datetime.fromisoformat(str(now).replace("Z", "+00:00")).date() if now else _NO_DAY


def _inside(call: Mapping[str, Any]) -> Call:
    """A pending call in the schema's words as a call of the registry's."""
    intent, slots = str(call["intent"]), dict(call.get("slots") or {})
    names = _INSIDE_NAMES.get(intent, {})
    slots = {names.get(key, key): value for key, value in slots.items()}
    if slots.get("symbol") == "all":
        del slots["symbol"]
    if intent == "set_risk" and "value" in slots:
        slots["value"] = Decimal(str(slots["value"]))
    return checked(intent, slots)


def _symbols(positions: object) -> Iterator[str]:
    """Positions arrive as {symbol: ...}, as rows with a symbol, or as names."""
    for row in positions if isinstance(positions, list | dict) else ():
        symbol = row.get("symbol") if isinstance(row, dict) else row
        if isinstance(symbol, str) and symbol:
            yield symbol


def _prices(prices: object) -> dict[str, Decimal]:
    if not isinstance(prices, dict):
        return {}
    return {
        str(symbol): Decimal(str(price))
        for symbol, price in prices.items()
        if isinstance(price, int | float | str)
    }


def outside(plan: Plan) -> dict[str, Any]:
    """A plan in the words of the schema."""
    parts = [part for call in plan.calls for part in _taken_apart(call)]
    calls = [{"intent": call.intent, "slots": _outside_slots(call)} for call in parts]
    settled = plan.answers_pending or plan.at_once
    executed = [call.intent for call in parts if settled or call.intent in _AT_ONCE]
    if plan.outcome not in (Outcome.EXECUTE, Outcome.CONFIRM, Outcome.CLARIFY):
        executed = []
    return {"outcome": plan.outcome.value, "calls": calls, "executed": executed, "reply": spoken(plan)}


def _taken_apart(call: Call) -> tuple[Call, ...]:
    """The schema has no panic: it is three deeds at once."""
    if call.intent != "panic":
        return (call,)
    return Call("pause", {}), Call("cancel_order", {"which": "all"}), Call("flatten", {})


def _outside_slots(call: Call) -> dict[str, Any]:
    names = _OUTSIDE_NAMES.get(call.intent, {})
    slots = {names.get(key, key): _plain(value) for key, value in call.slots.items()}
    if call.intent == "flatten":
        slots["symbol"] = slots.get("symbol") or "all"
    if call.intent == "cancel_order":
        slots["scope"] = "all" if slots.get("which") == "all" else "one"
    if "amount" in slots:
        slots.setdefault("type", "market")
    return slots


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
