"""The normaliser: text to tokens, with numbers, money, percentages, spans of time, dates, coins and pairs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache, lru_cache

from core.agent.offline.lexicon import CONTRACTIONS, MONEY_SIGNS, MONEY_WORDS
from core.agent.offline.scripts import in_latin
from core.agent.offline.shorthand import spelled_out
from core.agent.offline.verb_forms import written_out
from core.model.pair_table import bundled_pair, coin_names, symbol_of

LONGEST_TEXT = 1000


class Kind(StrEnum):
    WORD = "word"
    NUMBER = "number"
    COIN = "coin"
    SPAN = "span"  # 30 minutes, 4h, 7d
    TIME = "time"  # 08:00
    DATE = "date"  # 2026-11-20
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Token:
    """One word or value. `tag` is its concept, `unit` belongs to the value, `quote` to a pair."""

    text: str
    kind: Kind = Kind.WORD
    tag: str = ""
    value: Decimal | None = None
    unit: str = ""  # a currency, "%", "x" or the letter of a span
    quote: str = ""
    loud: bool = False  # typed in capitals
    scaled: bool = False  # written with k or m
    guessed: bool = False  # the spelling was repaired

    @property
    def amount(self) -> Decimal:
        """The value of a token that is known to carry one."""
        assert self.value is not None
        return self.value


_TOKEN = re.compile(
    r"""(?P<date>\d{4}-\d{2}-\d{2})(?:t[\d:.]+z?)?
    |(?P<time>\b\d{1,2}[:h]\d{2}(?:\s?[ap]m\b)?|\b\d{1,2}\s?[ap]m\b)
    |(?P<pair>\b[a-z0-9]{2,10}\s?/\s?[a-z]{3,5}\b)
    |(?P<number>(?P<sign>(?<![\w)])-)?(?P<money>[$€£]\s?)?(?P<digits>\d+(?:[.,]\d+)*(?:e\+?\d{1,2}(?![a-z0-9]))?|\.\d+)
        (?P<glued>\s?%|\s?[$€£]|[a-z]+\b)?)
    |\$(?P<cash>[a-z]{2,8})\b
    |(?P<word>[a-z]+)
    |(?P<mark>[?!.;,:&+@"()\n]|👍|👎|✅|❌)""",
    re.VERBOSE,
)
_SIGNS = {"👍": "YES", "✅": "YES", "👎": "NO", "❌": "NO"}
_SCALES = {
    "k": 1_000,
    "m": 1_000_000,
    "mm": 1_000_000,
    "mil": 1_000,
    "mio": 1_000_000,
    "bn": 1_000_000_000,
    "b": 1_000_000_000,
}
_SPANS = {
    "s": "s", "sec": "s", "secs": "s", "seconds": "s", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
    "h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "d": "d", "day": "d", "days": "d",
    "w": "w", "wk": "w", "wks": "w", "week": "w", "weeks": "w", "mo": "M", "month": "M", "months": "M",
    "y": "y", "yr": "y", "year": "y", "years": "y", "hourly": "h",
    "minuten": "m", "minutos": "m", "stunde": "h", "stunden": "h", "hora": "h", "horas": "h", "heure": "h",
    "heures": "h", "tage": "d", "tag": "d", "dias": "d", "dia": "d", "jours": "d", "jour": "d",
    "semanas": "w", "semaines": "w", "wochen": "w", "meses": "M", "mois": "M", "monate": "M",
    "ore": "h", "ora": "h", "minuti": "m", "giorni": "d", "settimane": "w", "mesi": "M",
}  # fmt: skip


def tokens_of(text: str) -> list[Token]:
    """The tokens of one message, in order; nothing is tagged or folded yet."""
    plain = fold(text)
    loud = (
        {word.lower() for word in re.findall(r"\b[A-Z0-9]{2,6}\b", text)} if text != text.upper() else set()
    )
    return [token for match in _TOKEN.finditer(plain) for token in _read(match, loud)]


@lru_cache(maxsize=512)
def fold(text: str) -> str:
    """Lower case without accents or curly quotes, contractions opened."""
    flat = unicodedata.normalize("NFKC", text[:LONGEST_TEXT].replace("’", "'").replace("ß", "ss")).lower()
    flat = unicodedata.normalize(
        "NFKD", in_latin(written_out(flat)).replace("\u2044", "/")
    )  # a fraction in one sign
    flat = "".join(c for c in flat if not unicodedata.combining(c) and c != "\u200b")
    flat = spelled_out(flat)
    return re.sub(r"tl;dr|[a-z]+(?:'[a-z]+)?", lambda m: CONTRACTIONS.get(m[0], m[0]), flat).replace("'", " ")


def _read(match: re.Match[str], loud: set[str]) -> Iterator[Token]:
    text = match[0].strip()
    if match["date"]:
        yield Token(match["date"], Kind.DATE)
    elif match["time"]:
        yield _time(text)
    elif match["pair"]:
        yield from _pair(text)
    elif match["number"]:
        yield from _number(match)
    elif match["cash"]:
        yield coin_token(match["cash"]) or Token(match["cash"])
    elif match["word"]:
        yield _word(text, text in loud)
    else:
        yield Token(text, tag=_SIGNS[text]) if text in _SIGNS else Token(text or "\n", Kind.MARK)


def _time(text: str) -> Token:
    """A time of day as HH:MM; one that no clock shows stays a word."""
    hour, minute = (int(part) for part in (re.findall(r"\d+", text) + ["0"])[:2])
    if text.endswith("m"):
        hour = hour % 12 + (12 if text.endswith("pm") else 0)
    if hour > 24 or minute > 59:
        return Token(text)
    return Token(f"{hour % 24:02d}:{minute:02d}", Kind.TIME)


def _pair(text: str) -> Iterator[Token]:
    symbol = symbol_of(text.replace(" ", ""))
    if symbol and bundled_pair(symbol):
        base, quote = symbol.split("/")
        yield Token(text, Kind.COIN, value=None, unit=base, quote=quote)
        return
    for word in re.findall(r"[a-z0-9]+", text):
        yield _word(word, False)


def _word(text: str, loud: bool) -> Token:
    known = symbol_of(text) if len(text) >= 6 else None
    if known and bundled_pair(known) and text not in coin_names():
        base, quote = known.split("/")
        return Token(text, Kind.COIN, unit=base, quote=quote)
    return Token(text, loud=loud)


def coin_token(name: str, *, guessed: bool = False) -> Token | None:
    """A coin by one of its names, words joined by '-', or None."""
    code = coin_names().get(name)
    return Token(name, Kind.COIN, unit=code, guessed=guessed) if code else None


def _number(match: re.Match[str]) -> Iterator[Token]:
    glued = (match["glued"] or "").strip()
    whole = coin_token(match["digits"] + glued) if glued else None
    if whole:
        yield whole
        return
    value = parse_decimal(match["digits"])
    if value is None:
        yield Token(match[0])
        return
    value = -value if match["sign"] else value
    unit = MONEY_SIGNS.get((match["money"] or "").strip(), "")
    yield from _with_suffix(match[0], value, unit, glued)


def _with_suffix(text: str, value: Decimal, unit: str, glued: str) -> Iterator[Token]:
    """What is glued to the digits: scale, currency, percent sign, span, leverage, ordinal or coin."""
    if glued in ("st", "nd", "rd", "th"):
        yield Token(text, Kind.NUMBER, value=value, unit="th")
    elif glued in _SCALES:
        kind = "m" if glued == "m" else ""
        yield Token(text, Kind.NUMBER, tag=kind, value=value * _SCALES[glued], unit=unit, scaled=True)
    elif glued in _SPANS:
        yield Token(text, Kind.SPAN, value=value, unit=_SPANS[glued])
    elif glued == "x":
        yield Token(text, Kind.NUMBER, value=value, unit="x")
    elif glued == "%" or glued in MONEY_SIGNS:
        yield Token(text, Kind.NUMBER, value=value, unit=MONEY_SIGNS.get(glued, "%"))
    else:
        yield Token(text, Kind.NUMBER, value=value, unit=unit or MONEY_WORDS.get(glued, ""))
        if glued and glued not in MONEY_WORDS:
            yield _word(glued, False)


def parse_decimal(digits: str) -> Decimal | None:
    """1,234.5 and 1.234,5 and 0,5: the last separator is decimal unless it only groups thousands."""
    commas, dots = digits.count(","), digits.count(".")
    if commas and dots:
        decimal = max(",.", key=digits.rfind)
        digits = digits.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    elif commas:
        grouped = re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+", digits)
        digits = digits.replace(",", "" if grouped else ".")
    elif dots > 1:
        digits = digits.replace(".", "")
    try:
        return Decimal(digits)
    except InvalidOperation:
        return None


@cache
def coin_phrases() -> dict[tuple[str, ...], str]:
    """Names of several words, as the words of the phrase."""
    return {tuple(name.split("-")): name for name in coin_names() if "-" in name}


def span_unit(word: str) -> str:
    """The letter of a unit of time in words, or nothing."""
    return _SPANS.get(word, "") if len(word) > 1 else ""


def show(tokens: Sequence[Token]) -> str:
    """The tokens' text again, for questions and notes."""
    return " ".join(token.text for token in tokens)
