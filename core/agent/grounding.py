"""Grounded numbers: every number in a model's reply must come from a tool's answer or the owner's words.

A number stands when one fact of the turn equals it after rounding and nothing beside it contradicts that
fact: the sign, the percent sign, the money or coin, the pair, the period, won against lost.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from core.agent.facts import COIN_FIELDS, Fact, facts_of
from core.agent.offline.periods import Period, find_period
from core.agent.offline.tagging import read
from core.agent.offline.tokens import Kind, Token

_MAYBE_NUMBER = re.compile(
    r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|grand|"
    r"million|dozen|half|halves|thirds?|quarters?|fourths?|fifths?|sixths?|eighths?|tenths?|double|doubled|triple|"
    r"twice)\b",
    re.IGNORECASE,
)
# Numbers in words of other languages, which nothing here can weigh: they stand on the owner's words alone.
_FOREIGN_NUMBER = re.compile(
    r"\b(\w*(?:zwanzig|drei(?:ss|ß)ig|vierzig|f(?:ü|ue?)nfzig|sechzig|siebzig|achtzig|neunzig|hundert|tausend)"
    r"|veint\w+|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien(?:to)?s?|\w{3,}cientos|quinientos"
    r"|vingt\w*|trente|quarante|cinquante|soixante|quatre-vingt\w*|\w*centaine)\b"
)
_HARMLESS = frozenset(map(Decimal, (0, 1, 24)))  # 24 h; none and one in words
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_CLAUSE = re.compile(r"(?<=[.!?;])\s+|\n+|,\s+(?!\d{3}\b)|\s+(?:and|but|while|whereas)\s+")
_WON = re.compile(r"(?i)\b(up|gain(ed|s)?|made|won|earned|profit(s|able)?|plus|ahead|rose|winning)\b")
_LOST = re.compile(
    r"(?i)\b(down|lost|lose|losing|loss(es)?|minus|negative|behind|fell|drop(ped)?|under ?water|below|red)\b"
)
_NOT_A_RESULT = re.compile(r"(?i)\b(limit|budget|stop|cap|left|can|could|may|might|if|at most|worst|risk)\b")
_NEVER = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Said:
    """One number of a reply with what stands around it."""

    shown: str
    value: Decimal
    percent: bool
    unit: str  # money named beside it
    coin: str  # the coin it counts
    about: frozenset[str]  # coins its clause speaks of
    period: str
    won: bool
    lost: bool

    @property
    def signed(self) -> bool:
        return self.shown[:1] in "+-−"


class Ground:
    """The numbers a reply may use. `today` resolves the periods that a reply names."""

    def __init__(self, owner_words: Sequence[str], today: date = _NEVER) -> None:
        self._facts: list[Fact] = []
        self._today = today
        tokens = [token for text in owner_words for token in read(text) if token.value is not None]
        self._words = frozenset(word for text in owner_words for word in text.lower().split())
        self._owners = {token.amount for token in tokens}
        self._owners_shares = {token.amount for token in tokens if token.unit in ("%", "part")}

    def add(self, answer: object) -> None:
        """Take in every number of a tool's answer, and how many rows its lists have."""
        self._facts += facts_of(answer)

    def strangers(self, text: str) -> list[str]:
        """The numbers of a text that stand on nothing, as they are written."""
        text = unicodedata.normalize("NFKC", text)  # digits in circles and in full width are digits
        foreign = [word for word in _FOREIGN_NUMBER.findall(text.lower()) if word not in self._words]
        if not _MAYBE_NUMBER.search(text):
            return foreign
        return foreign + [one.shown for one in _said(text, self._today) if not self._stands(one)]

    def _stands(self, said: Said) -> bool:
        if said.value in _HARMLESS and not re.search(r"\d[.,]\d", said.shown) and not said.percent:
            return True
        owners = self._owners_shares if said.percent else self._owners
        if not said.signed and any(_equal(said, own) for own in owners):
            return True
        return any(_agrees(said, fact) for fact in self._facts)


def _agrees(said: Said, fact: Fact) -> bool:
    return _same_value(said, fact) and _same_thing(said, fact) and _same_direction(said, fact)


def _same_value(said: Said, fact: Fact) -> bool:
    if not said.percent:
        return not fact.percent and _equal(said, fact.value)
    if fact.percent:
        return _equal(said, fact.value)
    shared = fact.is_share or not fact.field or abs(fact.value) < 1
    return shared and _equal(said, fact.value * 100)


def _equal(said: Said, own: Decimal) -> bool:
    """Equal after rounding to the digits that were said."""
    left, right = (said.value, own) if said.signed else (abs(said.value), abs(own))
    if not re.search(r"\d", said.shown):
        return left == right  # words are not rounded
    step = Decimal(1).scaleb(-_decimals(said.shown))
    return left in (right, right.quantize(step, ROUND_HALF_UP), right.quantize(step))


def _same_thing(said: Said, fact: Fact) -> bool:
    """Whether coin, money and period beside the number are those of the fact."""
    if said.coin and not (fact.counts_coins and (not fact.coins or said.coin in fact.coins)):
        return False
    if said.unit and fact.coins and fact.field in COIN_FIELDS and said.unit not in fact.coins:
        return False
    if said.unit and fact.money and said.unit not in fact.money and not (fact.coins & {said.unit}):
        return False
    if said.about and fact.coins and not said.about & fact.coins and not fact.coins <= _MONEY:
        return False
    return not (said.period and fact.period and said.period != fact.period)


_MONEY = frozenset({"USD", "EUR", "GBP", "USDT", "USDC"})


def _same_direction(said: Said, fact: Fact) -> bool:
    """A loss is told as one, and never as a gain."""
    if not fact.is_result or said.signed or said.won and said.lost:
        return True
    return said.lost if fact.value < 0 else not said.lost


def _decimals(shown: str) -> int:
    """Digits behind the point; with k or m the digits that were given are what counts."""
    digits = re.search(r"[.](\d+)", shown.replace(",", ""))
    places = len(digits[1]) if digits else 0
    scale = re.search(r"\d\s?(k|m|mm|bn|thousand|million|grand)\b", shown.lower())
    return places - (3 if scale and scale[1] in ("k", "thousand", "grand") else 6) if scale else places


def _said(text: str, today: date) -> Iterator[Said]:
    """Each number of a text, clause by clause."""
    about: frozenset[str] = frozenset()
    for sentence in re.split(r"(?<=[.!?;])\s+|\n+", text):
        period = _period_name(find_period(read(sentence), today))
        for clause in _CLAUSE.split(_without_dates(sentence)):
            tokens = read(clause)
            named = frozenset(token.unit for token in tokens if token.kind is Kind.COIN)
            about = named or about
            yield from _of_clause(clause, tokens, about, period)


def _period_name(period: Period | None) -> str:
    return period if isinstance(period, str) else ""


def _of_clause(clause: str, tokens: Sequence[Token], about: frozenset[str], period: str) -> Iterator[Said]:
    hedged = bool(_NOT_A_RESULT.search(clause))
    won, lost = (bool(one.search(clause)) for one in (_WON, _LOST))
    for at, token in enumerate(tokens):
        if token.value is None or token.kind not in (Kind.NUMBER, Kind.SPAN):
            continue
        if token.text in ("one", "a", "an") or token.unit == "th":
            continue
        after = tokens[at + 1] if at + 1 < len(tokens) else Token("")
        percent = token.unit in ("%", "part") or after.text in ("%", "percent")
        yield Said(
            _signed(token, clause), token.value, percent, _money_of(token, after, percent),
            after.unit if after.kind is Kind.COIN and not percent else "", about,
            period, won or hedged, lost or hedged,
        )  # fmt: skip


def _money_of(token: Token, after: Token, percent: bool) -> str:
    if percent:
        return ""
    if token.unit in _MONEY:
        return token.unit
    return after.unit if after.tag == "MONEY" else ""


def _signed(token: Token, piece: str) -> str:
    """The number as written, with the sign that stands before it."""
    shown = token.text
    start = piece.lower().find(shown.lower())
    before = piece[max(0, start - 2) : start].strip(" $€£") if start > 0 else ""
    sign = before[-1:] if before[-1:] in ("+", "-", "−") else ""
    return sign + shown if not shown.startswith(("+", "-")) else shown


def _without_dates(text: str) -> str:
    """Clock times and calendar dates are no amounts; a range becomes two numbers."""
    text = re.sub(r"\b\d{4}-\d{2}-\d{2}(?:[T ][\d:.Z+]+)?", " ", text)
    text = re.sub(r"\b\d{1,2}:\d{2}(?::\d{2})?\s*(?:UTC|[ap]m)?\b", " ", text)
    text = re.sub(rf"(?i)\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?={_MONTH}\b)", " ", text)
    text = re.sub(rf"(?i)\b({_MONTH})\s+\d{{1,2}}(?:st|nd|rd|th)?\b", r"\1", text)
    return re.sub(r"(?<=\d)\s*(?:-|–|/)\s*(?=[$€£]?\d)", " to ", text)
