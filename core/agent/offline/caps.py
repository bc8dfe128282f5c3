"""Rules for caps on the whole: trades an hour, the money that works, what stays in cash."""

from __future__ import annotations

import re
from decimal import Decimal

from core.agent.offline.clause import Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.limits import names_limit, unit_of, value_of
from core.agent.offline.manner import Manner
from core.agent.offline.scene import Frame, Scene, ask, propose
from core.agent.offline.tokens import Kind, Token

_CAPPED = re.compile(
    r"\b(?:max(?:imum)?|at most"
    r"|(?:no|not|never|nor|do not(?: \w+){0,5}|nothing|want(?: \w+){0,2}) (?:\w+ ){0,3}?"
    r"(?:more|over|above|beyond)"
    r"|never(?: \w+){0,4} more than|up to|limit|limited|only|cap|capped"
    r"|tops|or (?:fewer|less)|fewer than|less than|(?:not|never) exceed|no higher than"
    r"|plenty|enough|suffices?)\b"
)
_PER = re.compile(
    r"\b(?:an?|per|each|every|one|any|single) (hour|day|week|weekend|month|night|minute)\b"
    r"|\b(hourly|daily|nightly|weekly|monthly|today|tonight)\b"
)
_ADVERBS = {"hourly": "hour", "daily": "day", "today": "day", "nightly": "night", "tonight": "night",
            "weekly": "week", "monthly": "month"}  # fmt: skip
_COUNTED = tuple(
    bag(
        "trade trades entry entries order orders buy buys purchase purchases deal deals position positions"
        " time times"
    )
)
_TIMES = {"once": Decimal(1), "twice": Decimal(2)}
_BESIDE_COUNT = bag("new more fresh different separate single")
_WORKS = re.compile(
    r"\b(?:use|using|invest|investing|invested|put|putting|spend|spending|deploy|commit|commits?|tie up|touch"
    r"|gamble|(?:trade|work|play|go in|trading|working|playing) with|in the market|at work)\b"
)
_WHOLE = re.compile(r"\b(?:in total|altogether|all told|overall|in all|all in all|in the market)\b")
_IN_ONE = re.compile(
    r"\b(?:each|per (?:trade|order|position|coin|buy|pair)"
    r"|(?:a|one|any|every|single) (?:\w+ )?(?:trade|order|position|coin|buy|pair))\b"
)
_ONE_ORDER = re.compile(rf"{_IN_ONE.pattern}|\b(?:(?:a|one|any) (?:\w+ )?(?:go|time)|at once|now)\b")
# '(Spend no more than 200) on shoes' is no capital to trade with.
_ON_OTHER = re.compile(
    r"\b(?:on|for) (?!(?:my |the |all |any |this |these )?"
    r"(?:crypto|coins?|trad\w+|market|everything|all|now|good|me|it)\b)\w+"
)
_IN_CASH = re.compile(
    r"\b(?:keep|keeping|leave|leaving|hold|have|reserve|maintain|set|put|stay)\b.{0,80}?"
    r"(?:\b(?:in|as|of) (?:\w+ )?(?:cash|usd|eur|gbp|dollars|euros|pounds|fiat|reserve|money)\b"
    r"|\bcash\b|\buninvested\b|\buntouched\b|\baside\b|\bout of the market\b)"
)
_NOT_HERE = ("SHOW", "SELL", "BUY", "FLAT", "CLOSE", "PRICE", "WITHDRAW", "WHY")


def caps(clause: Clause, manner: Manner, scene: Scene, raw: str) -> list[Frame] | None:
    """A cap that a limit or a standing order keeps is proposed; of another it is said which there are."""
    often = clause.run("once", "a") or clause.run("once", "per")  # and no condition
    plain = manner in (Manner.PLAIN, Manner.SCHEDULED, Manner.TENTATIVE)
    if clause.question or not (plain or (manner is Manner.CONDITION and often)):
        return None
    return bounds(clause)


def bounds(clause: Clause) -> list[Frame] | None:
    """What a cap on trades, on money at work or on cash comes to, or None where a clause sets none."""
    said = " ".join(clause.texts)
    if clause.has("SHOW", "WHY", "HOW", "WITHDRAW"):
        return None
    rated = _rate(clause, said)
    if rated or not clause.numbers:
        return rated
    for rule in (_at_once, _of_a_longer_loss, _in_one, _in_cash, _at_work):
        if found := rule(clause, said):
            return found
    return None


def _rate(clause: Clause, said: str) -> list[Frame] | None:
    """'At most 3 trades a day': entries are counted by the hour, and by nothing longer."""
    count, per = count_of(clause), _PER.search(said)
    if count is None or per is None or not _CAPPED.search(said) or clause.has("PNL", "RISKWORD"):
        return None
    period = per[1] or _ADVERBS[per[2]]
    if period == "hour":
        return [propose("set_risk", parameter="max_entries_per_hour", value=count.amount, unit="count")]
    return [
        ask(
            f"I do not count trades by the {period}. What I can hold to: entries in any hour, positions open "
            "at once, and the loss of a day. Which one, and to what?",
            "parameter", "value", intent="set_risk",
        )
    ]  # fmt: skip


def _at_once(clause: Clause, said: str) -> list[Frame] | None:
    """'Keep it to 5 positions tops', 'at most 3 trades open': how many positions there may be."""
    count = count_of(clause)
    kept = _CAPPED.search(said) or clause.run("keep", "it", "to")
    named = clause.has("POSITION") or (clause.says("trades", "trade") and clause.has("OPENED"))
    other = clause.coins or clause.has("CLOSE", "FLAT", "SELL", "BUY", "LAST", "TIMES", "PNL")
    if count is None or not (kept and named) or other or names_limit(clause):
        return None
    return [propose("set_risk", parameter="max_open_positions", value=count.amount, unit="count")]


def count_of(clause: Clause) -> Token | None:
    """The bare number that stands before trades, entries or times; also 'once' and 'twice'."""
    for at, token in enumerate(clause.tokens):
        after = [one.text for one in clause.tokens[at + 1 : at + 3] if one.text not in _BESIDE_COUNT]
        plain = token.kind is Kind.NUMBER and not token.unit and not token.amount % 1
        if plain and token.amount > 0 and after and after[0].split()[0] in _COUNTED:
            return token
        if (
            token.text in _TIMES
            and clause.says("trade", "trading", "buy")
            and after[:1] in (["a"], ["per"], ["each"])
        ):
            return Token(token.text, Kind.NUMBER, value=_TIMES[token.text])
    return None


def _of_a_longer_loss(clause: Clause, said: str) -> list[Frame] | None:
    """'Lose no more than 5% a week': the loss is watched by the day."""
    per = _PER.search(said)
    period = (per[1] or _ADVERBS[per[2]]) if per else ""
    losing = clause.says("lose", "loses", "losing", "lost", "loss", "losses", "risk")
    if period not in ("week", "month", "hour") or not losing or not _CAPPED.search(said) or clause.coins:
        return None
    say = f"I watch the loss of a day, not of a {period}. How much may a day lose?"
    return [ask(say, "value", intent="set_risk", parameter="daily_loss_limit")]


def _in_one(clause: Clause, said: str) -> list[Frame] | None:
    """'Put no more than 100 dollars in one trade': the size of a position."""
    number = value_of(clause)
    sized = number is not None and number.unit in ("USD", "EUR", "GBP", "%", "part")
    one = _IN_ONE.search(said)
    other = clause.coins or clause.has("IT", "IF", "PNL", "RISKWORD", *_NOT_HERE)
    if number is None or other or not (one and sized and _WORKS.search(said) and _CAPPED.search(said)):
        return None
    return [propose("set_risk", parameter="max_position", value=number.amount, unit=unit_of(number))]


def _at_work(clause: Clause, said: str) -> list[Frame] | None:
    """'Use no more than 2000', 'only invest a third of my account': the capital, or a share of the equity."""
    number = value_of(clause)
    worked = _WORKS.search(said) or (clause.has("RISKWORD", "OWN") and _WHOLE.search(said))
    of_one = _ONE_ORDER.search(said) or _ON_OTHER.search(said) or clause.has("IT", "IF", *_NOT_HERE)
    if number is None or clause.coins or not worked or of_one or not _CAPPED.search(said):
        return None
    if per := _PER.search(said):
        return [
            ask(
                f"I keep no sum for one {per[1] or _ADVERBS[per[2]]}. What I can hold to: the capital, "
                "how much of the equity is in the market, and the loss of a day. Which one, and to what?",
                "parameter", "value", intent="set_risk",
            )
        ]  # fmt: skip
    return [_of_the_whole(number)]


def _of_the_whole(number: Token) -> Frame:
    if number.amount <= 0:
        return ask("How much may be at work? A sum, or a share of the equity.", "value")
    if unit_of(number) == "percent":
        return propose("set_risk", parameter="max_exposure", value=number.amount, unit="percent")
    if not number.unit and number.amount <= 100:
        n = f"{number.amount.normalize():f}"
        return ask(f"{n} percent of the equity, or {n} in money?", "unit")
    return propose("mandate", capital=number.amount)


def _in_cash(clause: Clause, said: str) -> list[Frame] | None:
    """'Keep half in cash': what stays out of the market is the other side of the exposure."""
    number = value_of(clause)
    kept = _IN_CASH.search(said) and not clause.has("IF", "SPEND", *_NOT_HERE)
    if number is None or not kept or clause.coins or clause.has("MAXIMUM", "MOVE"):
        return None
    if unit_of(number) == "percent" and 0 < number.amount < 100:
        return [
            propose("set_risk", parameter="max_exposure", value=Decimal(100) - number.amount, unit="percent")
        ]
    return [
        ask(
            "I set no sum aside. What I can hold to: the capital I may use, or the share of the equity that "
            "is in the market at most. Which one, and to what?",
            "parameter", "value", intent="set_risk",
        )
    ]  # fmt: skip
