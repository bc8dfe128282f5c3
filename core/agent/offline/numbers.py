"""Numbers in words and the units behind them: two hundred dollars, half a percent, three quarters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from core.agent.offline.lexicon import MONEY_WORDS, bag
from core.agent.offline.tokens import Kind, Token, span_unit
from core.model.pair_table import coin_names

_SMALL = {
    word: Decimal(value)
    for value, words in {
        0: "zero", 1: "one uno eins un une um", 2: "two dos zwei deux dois duas",
        3: "three tres drei trois tre",
        4: "four cuatro vier quatre quatro quattro", 5: "five fiver cinco funf fuenf cinq cinque",
        6: "six seis sechs",
        7: "seven siete sieben sept sete", 8: "eight ocho acht huit oito", 9: "nine nueve neun neuf nove",
        10: "ten tenner diez zehn dix dez", 11: "eleven", 12: "twelve dozen", 13: "thirteen", 14: "fourteen",
        15: "fifteen quince", 16: "sixteen", 17: "seventeen", 18: "eighteen", 19: "nineteen",
        20: "twenty veinte zwanzig vingt vinte", 30: "thirty treinta dreissig trente trinta",
        40: "forty fourty", 50: "fifty cincuenta funfzig cinquante cinquenta", 60: "sixty", 70: "seventy",
        80: "eighty", 90: "ninety",
    }.items()
    for word in words.split()
}  # fmt: skip
_BIG = {
    "hundred": 100, "cien": 100, "ciento": 100, "hundert": 100, "cent": 100, "cem": 100, "thousand": 1000,
    "grand": 1000, "mil": 1000, "tausend": 1000, "mille": 1000, "million": 1_000_000,
}  # fmt: skip
_THIRD = Decimal("33.33")
_PARTS: Mapping[str, int | Decimal] = {
    "half": 50, "halves": 50, "mitad": 50, "meta": 50, "helft": 50, "polovinu": 50, "polovina": 50,
    "polowe": 50, "halfte": 50, "haelfte": 50, "moitie": 50, "metade": 50,
    "third": _THIRD, "thirds": _THIRD, "tercio": _THIRD,
    "drittel": _THIRD, "tiers": _THIRD, "quarter": 25, "quarters": 25, "fourth": 25,
    "viertel": 25, "cuarto": 25, "quart": 25, "fifth": 20, "fifths": 20, "tenth": 10, "tenths": 10,
    "eighth": Decimal("12.5"), "terzo": _THIRD, "terco": _THIRD, "quarto": 25, "quinto": 20,
}  # fmt: skip
_ALWAYS_PARTS = bag(
    """half halves mitad polovinu polowe helft halfte haelfte moitie metade thirds quarters fifths tenths
    viertel drittel"""
)
_OF = bag("of my de dei del della delle di do dos da das du des van mijn moi moich moego meiner meines")
_ARTICLES = bag("a one another un una um uma une ein")
_PERCENT = bag("percent percents prozent pourcent percentage")
NUMBER_WORDS = frozenset({*_SMALL, *_BIG, *_PARTS}) | _PERCENT
_FOREIGN_ONES = bag("un une um uno mil cent sept quart")


def fold_numbers(tokens: Sequence[Token]) -> list[Token]:
    """Words that are numbers become numbers, and units join the number before them."""
    return _join_units(_fold_words(tokens))


def _fold_words(tokens: Sequence[Token]) -> list[Token]:
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        value, used = _number_at(tokens, at, out)
        if not used and _and_a_half(tokens, at):
            value, used = tokens[at].amount, 1
        if used:
            part, taken = _part_after(tokens, at + used, value)
            out.append(part or Token("", Kind.NUMBER, value=value))
            out[-1] = replace(out[-1], text=" ".join(t.text for t in tokens[at : at + used + taken]))
            at += used + taken
        elif part := _part_at(tokens, at):
            out.append(part)
            at += 1
        else:
            out.append(tokens[at])
            at += 1
    return out


def _and_a_half(tokens: Sequence[Token], at: int) -> bool:
    """'2 and a half': digits with a fraction in words behind them."""
    behind = [_text(tokens, at + i) for i in (1, 2, 3)]
    return (
        tokens[at].kind is Kind.NUMBER
        and not tokens[at].unit
        and behind[:2] == ["and", "a"]
        and (behind[2] in ("half", "quarter"))
    )


def _number_at(tokens: Sequence[Token], at: int, before: Sequence[Token]) -> tuple[Decimal, int]:
    """The value of number words from `at`, and how many tokens it took; zero tokens when there is none."""
    total = current = Decimal(0)
    used, seen = 0, False
    while at + used < len(tokens):
        word, after = tokens[at + used].text, _text(tokens, at + used + 1)
        if word in _SMALL and (seen or _counts(tokens, at + used, before)):
            current, seen = _joined(current, _SMALL[word]), True
        elif word in _BIG and (seen or word not in _FOREIGN_ONES):
            current, seen = (current or Decimal(1)) * _BIG[word], True
            if _BIG[word] > 100:
                total, current = total + current, Decimal(0)
        elif word == "point" and after in _SMALL:
            digits, count = _digits(tokens, at + used + 1)
            return total + current + digits, used + 1 + count
        elif not _joins(word, after, seen, current):
            break
        used += 1
    return (total + current, used) if seen else (Decimal(0), 0)


def _joined(current: Decimal, word: Decimal) -> Decimal:
    """Twenty and five is 25; 'thirteen fifty' is a price of 13.50, 'three fifty' is 350."""
    last = current % 100
    if word < 10 and (last >= 20 or last == 0):
        return current + word
    if word >= 10 and 10 <= last < 100 and current < 100:
        return current + word / 100
    return current * 100 + word if 0 < current < 10 <= word else current + word


def _joins(word: str, after: str, seen: bool, current: Decimal) -> bool:
    """'a' before hundred, and 'and' between hundreds and tens."""
    if word in ("a", "an"):
        return not seen and (after in _BIG or after in ("dozen", "fiver", "tenner"))
    return word == "and" and seen and after in _SMALL and current >= 100


def _counts(tokens: Sequence[Token], at: int, before: Sequence[Token]) -> bool:
    """Whether a small word is a count here: 'that one' and a French article are not."""
    word, last = tokens[at].text, before[-1].text if before else ""
    if word == "one":
        return last not in coin_names() and last not in (
            "that",
            "this",
            "which",
            "the",
            "last",
            "first",
            "no",
            "nice",
            "good",
            "another",
            "best",
            "worst",
            "biggest",
            "smallest",
            "other",
            "next",
            "right",
            "wrong",
        )
    return word not in _FOREIGN_ONES


def _digits(tokens: Sequence[Token], at: int) -> tuple[Decimal, int]:
    text = ""
    while _text(tokens, at + len(text)) in _SMALL and _SMALL[_text(tokens, at + len(text))] < 10:
        text += str(_SMALL[_text(tokens, at + len(text))])
    return (Decimal(f"0.{text}"), len(text)) if text else (Decimal(0), 0)


def _part_at(tokens: Sequence[Token], at: int) -> Token | None:
    """A fraction in words, as a share in percent. 'Last quarter' and 'third trade' are none."""
    word = tokens[at].text
    if word not in _PARTS or tokens[at].kind is not Kind.WORD:
        return None
    before, after = _text(tokens, at - 1), _text(tokens, at + 1)
    if word in _ALWAYS_PARTS or before in _ARTICLES or after in _OF:
        return Token(word, Kind.NUMBER, value=Decimal(_PARTS[word]), unit="part")
    return None


def _part_after(tokens: Sequence[Token], at: int, value: Decimal) -> tuple[Token | None, int]:
    """`two thirds`, `one and a half`: a fraction that belongs to the number before it."""
    behind = [_text(tokens, at + i) for i in range(3)]
    if behind[:2] == ["and", "a"] and behind[2] in ("half", "quarter"):
        return Token("", Kind.NUMBER, value=value + Decimal(_PARTS[behind[2]]) / 100), 3
    word = _text(tokens, at)
    if word in _PARTS and value < 10:
        whole = Decimal(100) / 3 if _PARTS[word] == _THIRD else _PARTS[word]
        share = (value * whole).quantize(Decimal("0.01")).normalize()
        return Token("", Kind.NUMBER, value=share, unit="part"), 1
    return None, 0


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""


def _join_units(tokens: Sequence[Token]) -> list[Token]:
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind is Kind.NUMBER:
            joined, used = _with_unit(token, tokens, at + 1)
            if joined.unit == "" and out and out[-1].text in MONEY_WORDS and out[-1].kind is Kind.WORD:
                joined = replace(joined, unit=MONEY_WORDS[out.pop().text])
            out.append(joined)
            at += 1 + used
        else:
            out.append(token)
            at += 1
    return out


def _with_unit(token: Token, tokens: Sequence[Token], at: int) -> tuple[Token, int]:
    """A number with the unit words after it, and how many of them were taken."""
    one, two = _text(tokens, at), _text(tokens, at + 1)
    if token.unit == "part" and one in ("a", "an"):
        return _half_a(token, two)
    three = _text(tokens, at + 2)
    if token.unit == "part" and one == "of" and two in ("a", "an", "one") and three in _PERCENT:
        return replace(token, value=token.amount / 100, unit="%"), 3
    if token.unit == "part" and one == "of" and two in ("a", "an", "one") and span_unit(three) in _MINUTES:
        return _part_of_span(token, three), 3
    if token.unit == "part" and one in _PERCENT:
        return replace(token, value=token.amount / 100, unit="%"), 1
    if token.unit:
        return token, 0
    if one == "k" and (two in MONEY_WORDS or two in coin_names()):
        return _with_unit(replace(token, value=token.amount * 1000, scaled=True), tokens, at + 1)[0], 1 + (
            two in MONEY_WORDS
        )
    if one in _BIG:
        joined, used = _with_unit(replace(token, value=token.amount * _BIG[one], scaled=True), tokens, at + 1)
        grand = one == "grand" and joined.unit == ""
        return (replace(joined, unit="USD") if grand else joined), used + 1
    if one in _PERCENT:
        return replace(token, unit="%"), 1
    if (one, two) in (("per", "cent"), ("por", "ciento"), ("pour", "cent"), ("por", "cento")):
        return replace(token, unit="%"), 2
    if one in ("cents", "cent"):
        return replace(token, unit="USD", value=token.amount / 100), 1
    if one in MONEY_WORDS:
        return replace(token, unit=MONEY_WORDS[one]), 1
    if unit := span_unit(one):
        return replace(token, kind=Kind.SPAN, unit=unit), 1
    if {"grand", "fiver", "tenner"} & set(token.text.split()):
        return replace(token, unit="USD"), 0
    return token, 0


_MINUTES = {"h": 60, "d": 1440}


def _part_of_span(token: Token, span: str) -> Token:
    """Half an hour, three quarters of an hour: in minutes."""
    return replace(token, kind=Kind.SPAN, value=token.amount / 100 * _MINUTES[span_unit(span)], unit="m")


def _half_a(token: Token, after: str) -> tuple[Token, int]:
    """Half a percent, half an hour, half a bitcoin: a half of one of it."""
    share = token.amount / 100
    if after in _PERCENT:
        return replace(token, value=share, unit="%"), 2
    if span_unit(after) in _MINUTES:
        return _part_of_span(token, after), 2
    if after in _BIG:
        return replace(token, value=share * _BIG[after], unit="USD" if after == "grand" else ""), 2
    return replace(token, value=share, unit=""), 1
