"""Spelling: the nearest known word for one that nobody knows, by the slips that fingers and ears make."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from core.agent.offline.english import ENGLISH
from core.agent.offline.lexicon import MONEY_WORDS, bag, known_words, phrases, words
from core.agent.offline.numbers import NUMBER_WORDS
from core.agent.offline.periods import CALENDAR_WORDS
from core.agent.offline.tokens import Kind, Token, span_unit
from core.model.pair_table import coin_names

_ENDINGS = ("s", "es", "ed", "d", "ing", "er", "ers", "ly", "y")
_RARELY_MEANT = bag("LEVERAGE SECRET OVERRIDE SHORTING")  # never read into a short word nobody knows
_PLAIN = bag("percent hundred thousand quarter make made have does with from this your")
_TYPED_SHORT = (
    "and",
    "bot",
    "how",
    "why",
    "all",
    "buy",
    "sell",
    "stop",
    "open",
    "eth",
    "btc",
    "sol",
    "xrp",
    "ada",
    "ltc",
    "usd",
    "doge",
    "half",
    "last",
    "show",
    "week",
    "cash",
    "sold",
)


@cache
def _vocabulary() -> tuple[str, ...]:
    english = {word for line in ENGLISH.splitlines() for word in line.split()}
    least = {word: _least(tag, word in english) for word, tag in words().items()}
    single = {word for word in words() if len(word) >= least[word]}
    coins = {name for name in coin_names() if len(name) >= 5 and "-" not in name}
    units = {word for word in MONEY_WORDS if len(word) >= 4}
    return tuple(sorted(single | coins | units | CALENDAR_WORDS | _PLAIN))


def repair(token: Token) -> Token:
    """The nearest known word for one nobody knows; short words only by a swap or a lost letter."""
    word = token.text
    if token.kind is not Kind.WORD or len(word) < 3 or word in known_words() or word in coin_names():
        return token
    if (spoken := _unstretched(word) or _undoubled(word)) is not None:
        return replace(token, text=spoken, guessed=True)
    if swap := _swapped_word(word):
        return replace(token, text=swap, guessed=True)
    if word in CALENDAR_WORDS or word in NUMBER_WORDS or span_unit(word) or token.loud or inflected(word):
        return token
    best = _repair_short(word) if len(word) == 3 else _nearest(word)
    return replace(token, text=best, guessed=True) if best else token


def _least(tag: str, english: bool) -> int:
    """How long a word must be for others to be read into it: short ones of other languages never are."""
    return 6 if not english else 5 if tag in _RARELY_MEANT else 4


@cache
def _by_letters() -> Mapping[str, Sequence[str]]:
    """The vocabulary by the letters of its words."""
    found: dict[str, list[str]] = {}
    for known in _vocabulary():
        found.setdefault("".join(sorted(known)), []).append(known)
    return found


def _swapped_word(word: str) -> str:
    """A word of the vocabulary with two neighbours swapped, before an ending is looked for."""
    alike = _by_letters().get("".join(sorted(word)), ()) if len(word) >= 5 else ()
    return next((known for known in alike if known[0] == word[0] and OSA.distance(word, known) == 1), "")


_STRETCHED = re.compile(r"([a-z])\1{2,}")


def _unstretched(word: str) -> str | None:
    """A known word behind letters held down: buyyy, helllo, selll."""
    if not _STRETCHED.search(word):
        return None
    shorter = (_STRETCHED.sub(kept, word) for kept in (r"\1\1", r"\1"))
    return next((one for one in shorter if one in known_words() or one in coin_names()), None)


def inflected(word: str) -> bool:
    """Whether a word is a known one with an ending: started, moving, dropped, quickly."""
    return any(stem in known_words() for ending in _ENDINGS for stem in stems(word, ending))


def stems(word: str, ending: str) -> list[str]:
    """What a word may be without an ending: moving is mov, move; dropping is dropp, drop."""
    stem = word.removesuffix(ending)
    if stem == word or len(stem) < (4 if ending in ("y", "d") else 3):
        return []
    if ending in ("es", "ed", "ers") and stem.endswith("i"):
        return [f"{stem[:-1]}y"]
    doubled = [stem[:-1]] if len(stem) > 3 and stem[-1] == stem[-2] else []
    return [stem, *([f"{stem}e"] if len(ending) > 1 else []), *doubled]


@cache
def lemma(word: str) -> str:
    """The verb of an -ing form that stands in no row of its own: picking is pick."""
    if word in words() or not word.endswith("ing"):
        return word
    known = [stem for stem in stems(word, "ing") if stem in words() or stem in phrases()]
    return next((stem for stem in known if words().get(stem) != "FILLER"), word)


def _undoubled(word: str) -> str | None:
    """A short coin with one letter typed twice: xrpp, ethh."""
    shorter = (word[:at] + word[at + 1 :] for at in range(len(word) - 1) if word[at] == word[at + 1])
    return next((one for one in shorter if len(one) == 3 and one in _TYPED_SHORT), None)


@cache
def _repair_short(word: str) -> str:
    swapped = (known for known in _TYPED_SHORT if sorted(known) == sorted(word))
    longer = (known for known in _TYPED_SHORT if len(known) == 4 and OSA.distance(word, known) == 1)
    return next(swapped, "") or next(longer, "")


def _nearest(word: str) -> str:
    """The closest word of the vocabulary; a wrong first letter only as a swap of the first two."""
    reach = 1 if len(word) <= 5 else 2
    found = process.extract(word, _vocabulary(), scorer=OSA.distance, score_cutoff=reach, limit=8)
    alike = [row for row in found if row[0][0] == word[0] or row[0][:2] == word[1::-1] or row[0] == word[1:]]
    alike = [row for row in alike if len(word) > 5 or not _another_key(word, row[0])]
    ranked = sorted(
        (distance, _unlikeliness(word, known), abs(len(known) - len(word)), known)
        for known, distance, _ in alike
    )
    if swapped := _swapped().get("".join(sorted(word))):
        likely = [known for known in swapped if OSA.distance(word, known) == 1]
        if likely and (not ranked or ranked[0][0] > 1 or ranked[0][1] > 0):
            return likely[0]
    return str(ranked[0][3]) if ranked else ""


def _unlikeliness(word: str, known: str) -> int:
    """A swap of two letters is likelier than a lost one, that than another vowel, that than the rest."""
    if sorted(known) == sorted(word):
        return 0
    if len(known) == len(word) + 1 and _lost_one(word, known):
        return 1
    return 2 if _VOWELS.sub("", known) == _VOWELS.sub("", word) else 3


_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


@cache
def _beside(key: str) -> frozenset[str]:
    """The keys around one on a keyboard."""
    row, at = next(((r, keys.index(key)) for r, keys in enumerate(_KEYS) if key in keys), (-9, 0))
    near = (_KEYS[r][max(at - 1, 0) : at + 2] for r in (row - 1, row, row + 1) if 0 <= r < len(_KEYS))
    return frozenset("".join(near))


def _another_key(word: str, known: str) -> bool:
    """Whether a short word differs from a known one by a letter that no slip of a finger explains."""
    if len(word) != len(known) or sorted(word) == sorted(known):
        return False
    wrong = [(one, two) for one, two in zip(word, known, strict=True) if one != two]
    return any(not {one, two} <= _SOUNDS and two not in _beside(one) for one, two in wrong)


_SOUNDS = frozenset("aeiouycks")  # letters that are taken for each other by ear
_VOWELS = re.compile("[aeiou]")


def _lost_one(word: str, known: str) -> bool:
    return any(known[:at] + known[at + 1 :] == word for at in range(1, len(known)))


@cache
def _swapped() -> Mapping[str, Sequence[str]]:
    """Words inside phrases by their letters: satrt is start, fcator is factor."""
    found: dict[str, list[str]] = {}
    for rows in phrases().values():
        for part in (part for parts, _ in rows for part in parts if len(part) >= 5):
            if part not in found.setdefault("".join(sorted(part)), []):
                found["".join(sorted(part))].append(part)
    return found
