"""Grounded numbers: every number in a model's reply must come from a tool's answer or the owner's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from core.agent.offline.tagging import read
from core.agent.offline.tokens import Kind, Token

_MAYBE_NUMBER = re.compile(
    r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|seventy|"
    r"eighty|ninety|hundred|thousand|grand|million|dozen|half|third|quarter|thirds|quarters|double|triple|twice)\b",
    re.IGNORECASE,
)
_HARMLESS = frozenset(map(Decimal, (0, 1, 24)))  # 24 h; none and one in words
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"


class Ground:
    """The numbers a reply may use."""

    def __init__(self, owner_words: Sequence[str]) -> None:
        self._facts: set[Decimal] = set()
        tokens = [token for text in owner_words for token in read(text) if token.value is not None]
        self._owners = {token.amount for token in tokens}
        self._owners_shares = {token.amount for token in tokens if token.unit in ("%", "part")}

    def add(self, facts: object) -> None:
        """Take in every number of a tool's answer, and how many rows its lists have."""
        self._facts.update(_numbers_of(facts))

    def strangers(self, text: str) -> list[str]:
        """The numbers of a text that stand on nothing, as they are written."""
        if not _MAYBE_NUMBER.search(text):
            return []
        return [shown for shown, value, percent in _said(text) if not self._stands(shown, value, percent)]

    def _stands(self, shown: str, value: Decimal, percent: bool) -> bool:
        if value in _HARMLESS and not re.search(r"\d[.,]\d", shown):
            return True
        signed = shown[:1] in "+-−"
        decimals = _decimals(shown)
        known = self._facts | (self._owners_shares if percent else self._owners)
        return any(_matches(value, own, decimals, signed, percent) for own in known)


def _matches(said: Decimal, own: Decimal, decimals: int, signed: bool, percent: bool) -> bool:
    """Equal after rounding to the digits that were said; a share may be told in percent."""
    for candidate in (own, own * 100) if percent else (own,):
        left, right = (said, candidate) if signed else (abs(said), abs(candidate))
        step = Decimal(1).scaleb(-decimals)
        if left == right or left == right.quantize(step, ROUND_HALF_UP) or left == _cut(right, step):
            return True
    return False


def _cut(value: Decimal, step: Decimal) -> Decimal:
    """Banker's rounding, as prices are shown."""
    return value.quantize(step)


def _decimals(shown: str) -> int:
    """Digits behind the point; with k or m the digits that were given are what counts."""
    digits = re.search(r"[.](\d+)", shown.replace(",", ""))
    places = len(digits[1]) if digits else 0
    scale = re.search(r"\d\s?(k|m|mm|bn|thousand|million|grand)\b", shown.lower())
    return places - (3 if scale and scale[1] in ("k", "thousand", "grand") else 6) if scale else places


def _said(text: str) -> Iterator[tuple[str, Decimal, bool]]:
    """Each number of a text: as written with its sign, its value, whether it is a percentage."""
    for piece in re.split(r"(?<=\d)\s*(?:to|-|–|/)\s*(?=[$€£]?\d)", _without_dates(text)):
        tokens = read(piece)
        for at, token in enumerate(tokens):
            if token.value is None or token.kind not in (Kind.NUMBER, Kind.SPAN):
                continue
            if token.text in ("one", "a", "an") or token.unit == "th":
                continue
            yield (
                _signed(token, piece),
                token.value,
                token.unit in ("%", "part") or _percent_after(tokens, at),
            )


def _percent_after(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].text in ("%", "percent")


def _signed(token: Token, piece: str) -> str:
    """The number as written, with the sign that stands before it."""
    shown = token.text
    start = piece.lower().find(shown.lower())
    before = piece[max(0, start - 2) : start].strip(" $€£") if start > 0 else ""
    sign = before[-1:] if before[-1:] in ("+", "-", "−") else ""
    return sign + shown if not shown.startswith(("+", "-")) else shown


def _without_dates(text: str) -> str:
    """Clock times and calendar dates are no amounts."""
    text = re.sub(r"\b\d{4}-\d{2}-\d{2}(?:[T ][\d:.Z+]+)?", " ", text)
    text = re.sub(r"\b\d{1,2}:\d{2}(?::\d{2})?\s*(?:UTC|[ap]m)?\b", " ", text)
    text = re.sub(rf"(?i)\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?={_MONTH}\b)", " ", text)
    return re.sub(rf"(?i)\b({_MONTH})\s+\d{{1,2}}(?:st|nd|rd|th)?\b", r"\1", text)


def _numbers_of(facts: object) -> Iterator[Decimal]:
    if isinstance(facts, bool) or facts is None:
        return
    if isinstance(facts, int | float | Decimal):
        yield Decimal(str(facts))
    elif isinstance(facts, str):
        yield from _numbers_in_text(facts)
    elif isinstance(facts, Mapping):
        for value in facts.values():
            yield from _numbers_of(value)
    elif isinstance(facts, Iterable):
        rows = list(facts)
        yield Decimal(len(rows))
        for row in rows:
            yield from _numbers_of(row)


def _numbers_in_text(text: str) -> Iterator[Decimal]:
    for found in re.findall(r"[+-]?\d[\d,]*(?:\.\d+)?", text):
        try:
            yield Decimal(found.replace(",", ""))
        except InvalidOperation:
            continue
