"""Rules for the owner's limits: risk a trade, loss a day, size and number of positions."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from core.agent.offline.clause import Clause
from core.agent.offline.manner import Manner
from core.agent.offline.scene import Frame, Scene, ask, chat, look_up, propose, refuse
from core.agent.offline.tokens import Kind, Token

_NAMED = {
    "DAYLOSS": "daily_loss_limit", "MAXEXP": "max_exposure",
    "MAXOPEN": "max_open_positions",
    "MAXPOS": "max_position", "STOPATR": "stop_atr",
    "TARGETATR": "take_profit_atr", "COOLOFF": "cooloff_candles",
    "RISKWORD": "risk_per_trade",
}  # fmt: skip
_WISHES = ("SET", "LESSEN", "RAISE", "MAXIMUM", "LIMIT", "TIMES")
_CEILING = {"risk_per_trade": Decimal(10)}
_PERCENT_OF_A_DAY = Decimal(20)  # from here on, so much a day means money
_MOODS = ("careful", "cautious", "conservative", "aggressive", "safer", "riskier", "bolder")
# 'Go easy on the alts', 'tone it down', 'trade more aggressively': less or more of everything, by no number.
_OTHERWISE = re.compile(
    r"^(?:\w+ ){0,6}?(?:(?:go|be|get|act|stay|take (?:it|things)) (?:\w+ )?"
    r"(?:eas(?:y|ier)|gent(?:le|ler|ly)|slow(?:er|ly)?|light(?:er)?"
    r"|hard(?:er)?|wild(?:er)?|steady|timid|brave(?:r)?|greed(?:y|ier))"
    r"|(?:tone|dial|slow|ramp|turn|crank) (?:it |things |(?:the |my )?risk |yourself )?(?:down|up)|slow down"
    r"|play (?:it )?(?:very |really )?safer?|be (?:more |very )?(?:defensive|offensive|bold|timid)"
    r"|step on (?:the gas|it)|go (?:full |all )?(?:degen|crazy|wild)"
    r"|(?:aggressively|carefully|cautiously|conservatively|boldly|gently|actively|safely)"
    r"|trade (?:\w+ )?(?:less|more)(?: often| frequently)?|(?:less|fewer|more) trades)(?: \w+){0,5}$"
)


def limits(clause: Clause, manner: Manner, scene: Scene, raw: str) -> list[Frame] | None:
    """A changed limit is proposed and confirmed; a question about limits is answered from the status."""
    name = names_limit(clause)
    asked = (
        clause.question
        and clause.says("limits")
        and not clause.coins
        and not clause.has("ORDER", "BUY", "RESTING")
    )
    if name is None and asked:
        return [look_up("get_status", view="limits")]
    if name is None:
        moody = clause.says(*_MOODS) or _trades_otherwise(clause)
        return [mood(clause)] if moody and not clause.question else None
    value = value_of(clause)
    more = clause.says("more", "less") and clause.has("WANT", "SET", "ALLOW") and not clause.question
    more = more or bool(_OTHERWISE.match(" ".join(clause.texts)))
    wished = clause.has(*_WISHES) or more or (value is not None and not clause.question)
    if manner in (Manner.QUESTION, Manner.ADVICE) or not wished:
        return (
            [look_up("get_status", view="limits")]
            if manner is not Manner.PLAIN or clause.has("RISKWORD", "SHOW")
            else None
        )
    if manner in (Manner.CONDITION, Manner.HYPOTHESIS, Manner.TENTATIVE, Manner.REPORTED):
        return [chat("I change limits only when you plainly say so.")]
    changed = clause.place("SET", "RAISE", "LESSEN")
    if (
        changed >= 0
        and clause.negated(changed)
        and not clause.says("above", "over", "than", "exceed", "past")
    ):
        return [chat("The limit stays as it is.")]
    if value is None or _by_so_much(clause) or (value.unit == "part" and name == "risk_per_trade"):
        return [
            ask(f"To what shall I set {name.replace('_', ' ')}?", "value", intent="set_risk", parameter=name)
        ]
    return [_of_which_unit(clause, name, value) or change(name, value)]


def _of_which_unit(clause: Clause, name: str, value: Token) -> Frame | None:
    """'Lose no more than 50 a day' is money; of a smaller bare number it is asked whether it is percent."""
    if value.unit or name not in ("daily_loss_limit", "risk_per_trade") or value.amount <= 0:
        return None
    told = name == "daily_loss_limit" and (clause.has("PNL") or clause.has("RISKWORD"))
    if told and value.amount >= _PERCENT_OF_A_DAY:
        return propose("set_risk", parameter=name, value=value.amount, unit="quote")
    if not told and (name == "daily_loss_limit" or value.amount <= _CEILING[name]):
        return None
    n = f"{value.amount.normalize():f}"
    say = f"{n} percent, or {n} in money?"
    return ask(say, "unit", intent="set_risk", parameter=name, value=value.amount)


def _by_so_much(clause: Clause) -> bool:
    """'Raise it by 10 dollars', 'half a percent lower': a step from the value in force, which is not told."""
    stepped = clause.has("RAISE", "LESSEN", "SET") or clause.says("increase", "decrease")
    words = [token for token in clause.tokens if token.text not in ("a", "an", "another")]
    led = any(
        one.text in ("by", "um") and two.kind is Kind.NUMBER
        for one, two in zip(words, words[1:], strict=False)
    )
    after = any(
        one.kind is Kind.NUMBER and two.text in ("lower", "higher", "more", "less", "up", "down")
        for one, two in clause.pairs()
    )
    return stepped and not clause.has("SAFETY") and (led or (after and not clause.says("than")))


_HALTING = ("PAUSE", "STOP", "FLAT", "OFF")
_DOWN = (
    "drop",
    "fall",
    "falls",
    "decline",
    "lose",
    "loses",
    "lost",
    "losing",
    "down",
    "drops",
    "loss",
    "losses",
    "red",
    "minus",
)


def loss_stop(clause: Clause, manner: Manner, scene: Scene, raw: str) -> list[Frame] | None:
    """'Stop for the day if we lose 2 percent': a condition that is the loss limit of a day."""
    value = value_of(clause)
    if value is not None and value.unit == "%" and _halts_at_minus(clause, value):
        return [change("daily_loss_limit", replace(value, value=abs(value.amount)))]
    watched = (
        manner in (Manner.CONDITION, Manner.ADVICE)  # 'if we fall' is no asking for advice
        and clause.has("IF", "WHEN")
        and clause.says("we", "i", "you", "day", "account")
    )
    if not watched or value is None or clause.coins or not clause.says(*_DOWN) or not clause.has(*_HALTING):
        return None
    if clause.has("BUY", "SELL") or not (value.unit or value.kind is Kind.NUMBER and clause.says("dollars")):
        return None
    return [change("daily_loss_limit", value)]


def _trades_otherwise(clause: Clause) -> bool:
    """'Trade smaller', 'take bigger positions': another size, and not a word of how much."""
    sized = clause.says("smaller", "bigger", "larger", "tinier") and clause.has("TRADE", "POSITION", "BUY")
    other = clause.numbers or clause.has("SHOW", "SELL", "PNL", "NOTIFY", "STOPLOSS", "VERBOSITY", "WHY")
    other = other or clause.says("answer", "reply", "speak", "write", "talk")
    other = other or (clause.coins and clause.has("BUY", "SPEND", "CLOSE", "FLAT", "MOVE"))
    vague = _OTHERWISE.match(" ".join(token.text for token in clause.opening))
    return not other and (bool(vague) or (sized and len(clause.opening) <= 6))


def _halts_at_minus(clause: Clause, value: Token) -> bool:
    """'Stop for the day at -2%': a loss at which the day is over."""
    negative = value.amount < 0 or clause.run("at", "minus") or clause.says("down", "loss")
    daily = clause.says("day", "today", "daily") or any(t.unit == "d" for t in clause.tokens)
    halts = clause.has("PAUSE", "STOP", "OFF") and not clause.has("STOPLOSS", "BUY", "SELL")
    return negative and daily and halts and not clause.coins and not clause.question


def mood(clause: Clause) -> Frame:
    """The question which limit is meant by less or more of everything."""
    alone = "One coin or one kind of coin has no limit of its own; I can leave a coin out for good. "
    say = "Which limit, and to what: risk a trade, loss a day, size of a position, or positions at once?"
    grouped = bool(clause.coins) or clause.has("COINWORD")
    return ask(
        f"{alone if grouped else 'Gladly. '}{say} Nothing goes past your settings.", "parameter", "value"
    )


def names_limit(clause: Clause) -> str | None:
    """The limit a clause speaks of, by the name it has in the settings."""
    if clause.coins and clause.has("BUY", "SELL", "SPEND", "BRACKET", "MININFO"):
        return None
    for tag, name in _NAMED.items():
        if tag != "RISKWORD" and clause.has(tag):
            return name
    waits = clause.says("wait", "skip", "sit", "pause") and clause.says("loss", "loser", "losing")
    if waits and clause.says("candle", "candles") and clause.numbers:
        return "cooloff_candles"
    if clause.says("atr", "atrs") and clause.has("TARGET", "STOP", "STOPLOSS") and not clause.coins:
        return "take_profit_atr" if clause.has("TARGET") else "stop_atr"
    if clause.has("HOURS", "WEEKDAYS") and not clause.has(*_NAMED):
        return None
    share = any(token.unit in ("%", "part") for token in clause.numbers)
    if (
        (
            clause.says("loss", "losses", "lose", "loses", "losing")
            or (clause.says("lost") and clause.says("than"))
        )
        and (clause.says("day", "daily") or _one_day(clause))
        and _limiting(clause)
    ):
        return "daily_loss_limit"
    if (
        clause.has("SAFETY")
        and share
        and clause.says(*_TRIPS)
        and (clause.says("day", "daily") or _one_day(clause))
    ):
        return "daily_loss_limit"  # make the kill switch trip at 5% down on the day
    if clause.says("exposure") and (share or clause.has(*_WISHES)) and _limiting(clause):
        return "max_exposure"
    averaged = clause.has("PNL", "EXPECT", "WINRATE") and not clause.says("risk", "risks", "risking")
    if clause.has("RISKWORD") and not averaged and _of_its_size(clause):
        return "max_position"
    if clause.has("RISKWORD") and not averaged:
        return "daily_loss_limit" if _a_day(clause) and clause.numbers else "risk_per_trade"
    if clause.has("LESSEN", "SELL") and clause.has("POSITION") and clause.says("by") and share:
        return None  # a part of what is held
    single = clause.says("one", "single", "any", "each", "per") and clause.has("COINWORD", "POSITION")
    if share and single and _limiting(clause) and not clause.has("BUY", "SELL"):
        return "max_position"
    at_once = clause.says("once", "time", "simultaneously", "most", "than", "maximum", "max")
    if clause.has("COINWORD", "BAGS") and clause.has("HOLD", "OWN") and at_once and _limiting(clause):
        return "max_open_positions" if any(token.unit == "" for token in clause.numbers) else None
    if clause.has("POSITION", "TRADE") and _limiting(clause) and clause.numbers and not clause.coins:
        return _of_positions(clause, share)
    return None


_TRIPS = ("trip", "trips", "trigger", "triggers", "fire", "fires", "kick", "kicks", "act", "cut", "set", "at")


def _of_its_size(clause: Clause) -> bool:
    """'Never more than 50 dollars per trade': its size, where no risk is spoken of."""
    named = {token.text for token in clause.tokens if token.tag == "RISKWORD"}
    money = any(token.unit in ("USD", "EUR", "GBP") for token in clause.numbers)
    return money and named == {"per trade"} and not clause.says("lose", "loss", "losing", "losses")


def _a_day(clause: Clause) -> bool:
    """'Risk 20 dollars a day': of the day, and not of one trade."""
    said = " ".join(clause.texts)
    return bool(_DAILY.search(said)) and not clause.has("TRADE", "POSITION", "ORDER")


_DAILY = re.compile(
    r"\b(?:(?:an?|per|each|every|any|one|single|the whole) day|daily|today|in 24 ?h(?:ours)?)\b"
)


def _one_day(clause: Clause) -> bool:
    return any(one.kind is Kind.SPAN and one.unit == "d" and one.value == 1 for one in clause.tokens)


def _limiting(clause: Clause) -> bool:
    capped = clause.has(*_WISHES) or clause.says("never", "most", "than", "stop")
    denied = clause.has("NOT") or (
        clause.has("NO", "NEVER") and clause.says("over", "above", "beyond", "past", "exceed", "exceeds")
    )
    return capped or (denied and bool(clause.numbers))


def _of_positions(clause: Clause, share: bool) -> str | None:
    if share:
        return "max_position"
    counted = any(token.unit == "" for token in clause.numbers)
    return "max_open_positions" if counted and clause.has("POSITION") and not clause.has("LAST") else None


def value_of(clause: Clause) -> Token | None:
    """The number that is meant: the last one, but no bare 'one' of 'one coin' beside a share or money."""
    found = [token for token in reversed(clause.numbers) if token.unit not in ("x", "th")]
    told = [token for token in found if token.unit or token.text != "one"]
    return next(iter(told or found), None)


def change(name: str, value: Token) -> Frame:
    """The proposal of a limit, or why such a value is none."""
    amount, unit = value.amount, unit_of(value)
    if amount <= 0 and name != "cooloff_candles":
        return refuse("A limit of zero or less means nothing; tell me a number above zero.")
    ceiling = _CEILING.get(name)
    if unit == "percent" and ceiling is not None and amount > ceiling:
        return refuse(f"The most I allow for {name.replace('_', ' ')} is {ceiling} percent.")
    if unit == "percent" and amount >= 100 and name == "daily_loss_limit":
        return refuse("A loss limit of all of it is none at all. Name one below 100 percent.")
    if unit == "percent" and amount > 100:
        return ask("That is more than all of it. Which percentage do you mean?", "value")
    return propose("set_risk", parameter=name, value=amount, unit=unit)


def unit_of(value: Token) -> str:
    """percent, quote for money, count for a bare number."""
    if value.kind is Kind.NUMBER and value.unit in ("%", "part"):
        return "percent"
    return "quote" if value.unit else "count"
