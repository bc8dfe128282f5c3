"""The answer to a question about a limit or a standing order: which one, to what, from when to when."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.agent.intents import Call, Plan
from core.agent.offline.assemble import assemble
from core.agent.offline.clause import Clause
from core.agent.offline.limits import change, unit_of
from core.agent.offline.scene import Frame, propose
from core.agent.offline.tokens import Kind, Token

# What the questions offer, as the owner may say it back. The first that fits is meant.
_OFFERED = (
    (re.compile(r"\b(?:entr(?:y|ies)|(?:an|per|each|any|every) hour|hourly)\b"), "max_entries_per_hour"),
    (re.compile(r"\bcapital\b"), "capital"),
    (re.compile(r"\b(?:in the market|exposure|invested|equity|account)\b"), "max_exposure"),
    (re.compile(r"\b(?:loss|losses|lose|day|daily)\b"), "daily_loss_limit"),
    (re.compile(r"\b(?:positions|at once|at a time|open)\b"), "max_open_positions"),
    (re.compile(r"\b(?:size|position)\b"), "max_position"),
    (re.compile(r"\b(?:risk|per trade|a trade)\b"), "risk_per_trade"),
)
_SHARES = ("max_exposure", "max_position")
_COUNTS = ("max_entries_per_hour", "max_open_positions")
_DEEDS = (
    "BUY",
    "SELL",
    "SPEND",
    "FLAT",
    "CLOSE",
    "CANCEL",
    "PAUSE",
    "RESUME",
    "SHOW",
    "PRICE",
    "NOTIFY",
    "IF",
)


def settled(message: Clause, draft: Call, missing: Sequence[str]) -> Plan | None:
    """The change that the answer makes whole, to be confirmed; None when it answers something else."""
    if message.question or message.has(*_DEEDS) or message.has("NO", "NOT", "NEVER"):
        return None
    if draft.intent == "set_risk" and list(missing) == ["unit"]:
        unit = _unit_alone(message)
        return _shown(propose(draft.intent, **{**draft.slots, "unit": unit})) if unit else None
    if draft.intent == "set_risk" and "parameter" in missing:
        return _which_limit(message)
    if draft.intent == "mandate" and list(missing) == ["hours"]:
        return _hours(message)
    if draft.intent == "mandate" and list(missing) == ["symbol"] and message.coins and not message.numbers:
        return _shown(propose("mandate", never_buy=",".join(coin.unit for coin in message.coins)))
    return None


def _shown(frame: Frame) -> Plan:
    return assemble([frame])


def _which_limit(message: Clause) -> Plan | None:
    """'2 entries an hour', 'capital, 2000', 'size of a position to 10%'."""
    if len(message.numbers) != 1 or message.coins:
        return None
    said, value = " ".join(message.texts), message.numbers[0]
    name = next((name for pattern, name in _OFFERED if pattern.search(said)), None)
    if name is None or not _fits(name, value):
        return None
    if name == "capital":
        return _shown(propose("mandate", capital=value.amount)) if value.amount > 0 else None
    return _shown(change(name, value))


def _fits(name: str, value: Token) -> bool:
    unit = unit_of(value)
    if name in _COUNTS:
        return unit == "count" and not value.amount % 1
    return unit == "percent" if name in _SHARES else name != "capital" or unit != "percent"


def _hours(message: Clause) -> Plan | None:
    """'From 8 to 22', '08:00 to 22:00'."""
    times = [found for token in message.tokens if (found := _clock(token))]
    if len(times) != 2 or times[0] == times[1] or len(message.tokens) > 8:
        return None
    return _shown(propose("mandate", hours=f"{times[0]}-{times[1]}"))


def _clock(token: Token) -> str:
    if token.kind is Kind.TIME:
        return token.text
    hour = token.kind is Kind.NUMBER and not token.unit and not token.amount % 1 and 0 <= token.amount <= 24
    return f"{int(token.amount) % 24:02d}:00" if hour else ""


def _unit_alone(message: Clause) -> str:
    """'Percent', 'in dollars please': the unit of a number that was asked about, or nothing."""
    if message.numbers or message.coins or len(message.tokens) > 5:
        return ""
    if message.says("percent", "percentage", "%"):
        return "percent"
    return "quote" if message.has("MONEY") or message.says("money", "cash", "dollars", "bucks") else ""
