"""Rules for standing orders: capital, loss a day, coins never bought, hours, and when to ask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.agent.offline.clause import Clause
from core.agent.offline.clauses import sentences
from core.agent.offline.lexicon import bag
from core.agent.offline.scene import Frame, ask, look_up, propose
from core.agent.offline.shunned import shuns
from core.agent.offline.tagging import read
from core.agent.offline.tokens import Kind

_SPLIT = re.compile(
    r"(?:\s*[,;.]\s+(?:and\s+)?|\s+and\s+(?=never|don'?t|do not|ask|only|lose|no\b|use|risk)|\n)"
)
_CAPITAL = tuple(bag("capital bankroll budget"))
_WORKING = (("work", "with"), ("trade", "with"), ("use", "up", "to"), ("use", "at", "most"), ("play", "with"))
_TIMES = re.compile(
    r"(\d{1,2}(?::\d{2})?)\s*(am|pm)?\s*(?:-|to|and|until|till)\s*(\d{1,2}(?::\d{2})?)\s*(am|pm)?"
)
_LOSING = tuple(bag("lose loss losses losing"))


def mandate(message: Clause, raw: str) -> list[Frame] | None:
    """The standing orders of a message: one for its own, or several together; None when it gives none."""
    if message.says("mandate", "policy"):
        if not message.numbers and not message.coins:
            return [look_up("mandate")]
    elif message.question or (message.opening and message.opening[0].tag == "REMEMBER"):
        return None
    found: dict[str, Any] = {}
    for part in _SPLIT.split(raw):
        for clause in sentences(read(part)):
            for name, value in orders_of(clause, part).items():
                found[name] = f"{found[name]},{value}" if name == "never_buy" and name in found else value
    own = set(found) - {"never_buy", "loss_a_day"}
    if not own and len(found) < 2 and not (found and message.says("mandate", "policy")):
        return None
    if message.says("mandate", "policy") and not found:
        return [
            ask("Tell me the standing order: capital, loss a day, coins, hours, or when to ask.", "policy")
        ]
    return [propose("mandate", **found)]


def orders_of(clause: Clause, raw: str) -> Mapping[str, Any]:
    """The standing orders in one clause."""
    money = next((token for token in clause.numbers if token.unit in ("USD", "EUR", "GBP", "")), None)
    share = next((token for token in clause.numbers if token.unit in ("%", "part")), None)
    if coins := _never(clause):
        return {"never_buy": coins}
    if (
        clause.says("ask", "check", "tell", "confirm", "approval")
        and clause.says(*_ASKING)
        and money
        and not clause.coins
    ):
        return {"ask_above": money.amount}
    if clause.says(*_LOSING) and clause.says("day", "daily", "today") and (share or money):
        number, unit = (share, "percent") if share else (money, "quote")
        assert number is not None
        return {"loss_a_day": (number.amount, unit)}
    if hours := _hours(clause, raw):
        return {"hours": hours}
    if money and not clause.coins and _about_capital(clause):
        return {"capital": money.amount}
    return {}


_ASKING = ("above", "over", "before", "beyond", "more", "larger", "bigger", "exceeding")


def _never(clause: Clause) -> str:
    """'never buy shiba', 'don't ever touch doge or pepe', 'stay away from xrp'."""
    shunning = (
        clause.has("NEVER") and not clause.says("always", "from") or clause.run("stay", "away", "from")
    ) or (clause.has("NOT", "NO") and clause.says("ever"))
    lasting = clause.run("from", "now", "on") or clause.run("any", "more") or clause.says("anymore", "again")
    if lasting and clause.has("NO", "NOT"):
        shunning = True
    if shuns(clause):
        return ",".join(coin.unit for coin in clause.coins)
    acts = clause.has("BUY", "TRADE", "MOVE", "HOLD", "OWN") or clause.says(
        "touch", "away", "near", "trade", "buy"
    )
    if not (shunning and acts and clause.coins) or clause.numbers or clause.has("SELL", "WITHOUT"):
        return ""
    return ",".join(coin.unit for coin in clause.coins)


def _hours(clause: Clause, raw: str) -> str:
    """'only trade between 8 and 22': the hours, when they bound the trading."""
    if edge := _not_beyond(clause):
        return edge
    bounded = clause.says("only", "hours", "between") and clause.has("TRADE", "BUY", "HOURS", "OPENED")
    if not bounded or clause.coins:
        return ""
    times = [token for token in clause.tokens if token.kind is Kind.TIME]
    if len(times) == 2:
        return f"{times[0].text}-{times[1].text}"
    found = _TIMES.search(raw.lower())
    if not found:
        return ""
    late = found[4] or ""
    return f"{_clock(found[1], found[2] or '')}-{_clock(found[3], late)}"


def _not_beyond(clause: Clause) -> str:
    """'Do not buy anything after 22:00': the hours that are left."""
    denied = clause.has("NOT", "NO", "NEVER") or clause.says("nothing")
    denied = denied or any(text.startswith("do not") for text in clause.texts)
    shut = denied and clause.has("PAUSE", "BUY", "TRADE") and not clause.coins
    for bound, hour in clause.pairs():
        if shut and hour.kind is Kind.TIME and bound.text in ("after", "before"):
            return f"00:00-{hour.text}" if bound.text == "after" else f"{hour.text}-00:00"
    return ""


def _clock(text: str, half: str) -> str:
    hour, _, minute = text.partition(":")
    plain = int(hour) % 12 + (12 if half == "pm" else 0) if half else int(hour) % 24
    return f"{plain:02d}:{minute or '00'}"


def _about_capital(clause: Clause) -> bool:
    worked = any(clause.run(*words) for words in _WORKING)
    named = clause.says(*_CAPITAL) and clause.has("SET", "LIMIT", "MAXIMUM", "WANT", "SPEND", "MY", "IS")
    kept = (
        clause.has("MAXIMUM") and clause.says("use", "manage", "trade") and not clause.says("per", "position")
    )
    return (worked or named or kept) and not clause.has("RISKWORD", "PNL") and not _per_order(clause)


def _per_order(clause: Clause) -> bool:
    return clause.says("each", "order", "trade", "position", "positions") and not clause.says(
        "with", "capital"
    )
