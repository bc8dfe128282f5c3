"""What a kept note does to trading: nothing. What a limit or a standing order can keep of it is proposed,
and where none can, the answer says so and names what there is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from core.agent.intents import Call, Outcome, Plan
from core.agent.offline.caps import bounds, count_of
from core.agent.offline.clause import Clause
from core.agent.offline.habits import GROUP, by_the_calendar, left_alone
from core.agent.offline.limits import limits
from core.agent.offline.mandates import orders_of
from core.agent.offline.manner import Manner
from core.agent.offline.scene import Scene
from core.agent.offline.tagging import read
from core.model.money import plain

_RESTRAINS = re.compile(
    r"\b(?:never|not|no|none|nothing|without|only|solely|exclusively|at most|max(?:imum)?|more than|less than"
    r"|always (?:\w+ )?(?:sell|close|buy|keep|use|ask|hold|trade|be|stay)|limit(?:ed)?|avoid|stop|stick to"
    r"|(?:stay|keep) (?:\w+ ){0,3}(?:away|out|off|clear|to|under|below)|refuse|except|unless|ban|banned"
    r"|forbidden|dislikes?|hates?|cap|capped|alone|hands off|wants? you"
    r"|(?:ask|check with) (?:me|us|first)|tell me before)\b"
)
_TRADES = re.compile(
    r"\b(?:trad(?:e|es|ed|ing)|buy(?:s|ing)?|sell(?:s|ing)?|hold(?:s|ing)?|positions?|risk(?:s|ing)?|orders?"
    r"|invest(?:s|ed|ing)?|exposure|enter|open|opening|leverage|stop loss(?:es)?|stops?|lose|losses|loss"
    r"|own|touch|coins?|alt ?coins?|meme ?coins?|cash|spend|spending|put in|close|closing|flatten|flat)\b"
)
_TO_ZYN = re.compile(r"^(?:that |to |you (?:must|should|may|can) |please )+")
_OF_A_LIFE = re.compile(
    r"\b(?:house|home|car|stocks?|shares?|bonds?|rent|gold|shop|shopping|food|tickets?|gifts?|presents?|groceries"
    r"|tax(?:es)?|birthday|anniversary)\b"
)
_FEWER = re.compile(r"\b(?:only|solely|exclusively|stick to|nothing but|no other|no (?:coins?|alts) but)\b")
_SELLS = re.compile(r"\b(?:sell|selling|close|closing)\b")
_DENIES = re.compile(r"\b(?:never|not|no)\b")
_ASKS = re.compile(r"\b(?:ask|asking|check with|tell|confirm|approval|permission)\b")

_NO_DAY = date(1970, 1, 1)
_NOTHING = "A note limits nothing by itself"
_COINS = "/mandate never COIN keeps a coin from being bought, /universe shows my pairs and takes one out."
_GENERAL = (
    "What I keep on every order: /mandate (capital, loss a day, coins never bought, hours, when to ask), "
    "/risk and /universe; /pause opens nothing new."
)


def to_keep(plan: Plan) -> list[Call]:
    """What the notes of a plan ask for and a standing order or a limit can keep: 'never buy shiba'."""
    notes = [str(call.slots["text"]) for call in plan.calls if call.intent == "remember"]
    return [call for text in notes for call in kept_of(text) if call not in plan.calls]


def bans(call: Call) -> bool:
    """Whether a call only forbids coins, which never loosens anything, whoever words the note."""
    return call.intent == "mandate" and set(call.slots) == {"never_buy"}


def kept_of(text: str) -> list[Call]:
    """The standing order or the limit that keeps what a note asks for, to be confirmed; mostly none."""
    clause = _clause(text)
    if clause.question:
        return []
    if rows := orders_of(clause, text):
        return [Call("mandate", dict(rows))]
    if coins := left_alone(clause):
        return [Call("mandate", {"never_buy": coins})]
    frames = bounds(clause)
    if frames is None and _restrains(clause):
        frames = limits(clause, Manner.PLAIN, Scene(_NO_DAY), text)
    frames = frames or []
    return [Call(one.intent, dict(one.slots)) for one in frames if one.outcome is Outcome.CONFIRM]


def caution(text: str) -> str:
    """What is to be said beside 'noted' of a note that would restrain the trading; nothing of others."""
    clause = _clause(text)
    if clause.question:
        return ""
    if calls := kept_of(text):
        typed = " and ".join(command for call in calls for command in _commands(call))
        return f"{_NOTHING}; what keeps it on every order is {typed}, after your yes."
    wished = _restrains(clause) or bounds(clause) or by_the_calendar(clause, " ".join(clause.texts))
    return f"{_NOTHING}. {_what_there_is(clause)}" if wished else ""


def cautions(calls: Sequence[Call]) -> list[str]:
    """The cautions of the notes among these calls, which code adds to what a model says of them."""
    notes = [str(call.slots["text"]) for call in calls if call.intent == "remember"]
    return [told for text in notes if (told := caution(text))]


def _clause(text: str) -> Clause:
    return Clause(tuple(read(_TO_ZYN.sub("", text.strip().rstrip(".!").lower()))), asked=text.endswith("?"))


def _restrains(clause: Clause) -> bool:
    said = " ".join(clause.texts)
    traded = _TRADES.search(said) or bool(clause.coins)
    return bool(_RESTRAINS.search(said) and traded) and not _OF_A_LIFE.search(said)


def _what_there_is(clause: Clause) -> str:
    said = " ".join(clause.texts)
    if by_the_calendar(clause, said) or clause.has("WEEKDAYS", "HOURS") or clause.says("night", "weekend"):
        return (
            "I have no rule by the day: /mandate hours 08:00-22:00 bounds when I open, '/pause until monday' "
            "opens nothing until then, /flatten sells what is open."
        )
    if _FEWER.search(said) and (clause.coins or clause.has("COINWORD")):
        return f"The only pairs I trade are set with ZYN_SYMBOLS in .env; {_COINS}"
    if _SELLS.search(said) and _DENIES.search(said):
        return "A stop, a target and the kill switch still sell what I hold; /positions shows where."
    if count_of(clause):
        return (
            "I count entries by the hour only: /risk max_entries_per_hour 3, /risk max_open_positions 2 and "
            "/mandate loss 2% are what bounds them."
        )
    money = next((one for one in clause.numbers if one.unit not in ("%", "part", "x", "th")), None)
    if money is not None and clause.has("BUY", "TRADE", "ORDER", "SPEND", "POSITION"):
        return (
            f"/mandate ask {plain(money.amount)} makes me ask before I open anything above that, and /risk "
            "max_position 5% bounds every position."
        )
    if _ASKS.search(said):
        return "/mandate ask 100 makes me ask before I open anything above that."
    if clause.coins or clause.has("COINWORD") or GROUP.search(said):
        return _COINS
    return _GENERAL


_ROWS = (("capital", "capital"), ("never_buy", "never"), ("hours", "hours"), ("ask_above", "ask"))


def _commands(call: Call) -> list[str]:
    """How a change is typed."""
    slots = call.slots
    if call.intent == "set_risk":
        name, value, unit = slots["parameter"], slots["value"], slots.get("unit")
        if unit == "quote":
            return [f"/mandate loss {plain(value)}" if name == "daily_loss_limit" else f"/risk {name}"]
        return [f"/risk {name} {plain(value)}{'%' if unit == 'percent' else ''}"]
    found = [f"/mandate {word} {_typed(slots[name])}" for name, word in _ROWS if name in slots]
    if "loss_a_day" in slots:
        value, unit = slots["loss_a_day"]
        found.append(f"/mandate loss {plain(value)}{'%' if unit == 'percent' else ''}")
    return found


def _typed(value: Any) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value).lower()
