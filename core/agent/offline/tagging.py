"""From text to tagged tokens: spelling repaired, numbers folded, coins found, words named by concept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from core.agent.offline.lexicon import MONEY_WORDS, bag, known_words, phrases, words
from core.agent.offline.numbers import NUMBER_WORDS, fold_numbers
from core.agent.offline.periods import CALENDAR_WORDS
from core.agent.offline.tokens import Kind, Token, coin_phrases, coin_token, span_unit, tokens_of
from core.model.pair_table import coin_names

# Coins that are everyday words: only where a coin is expected, or typed in capitals.
_EVERYDAY = bag(
    """near flow sky op w sc rep render turbo trump mask blur icon fetch comp compound curve maker sand bat
    ray ape cosmos stacks virtual hype sandbox wormhole ar bal terra orchid melon enzyme quant nano mog
    ens gala etc the-graph dash graph-token rocket-pool jupiter stellar polygon fil sei official-trump
    virtuals zk pol balancer optimism internet-computer saga flare link dot immutable render-token mina
    ton apt"""
)
_EASY = bag("link dot ton fil apt")  # a coin unless it plainly is not
_BEFORE_COIN = bag("BUY SELL SPEND FLAT CLOSE PRICE CHART HOLD WANT OFFER BID SOME MY BACKTEST")
_COIN_PREPOSITIONS = bag("of in into on for about s some my more and or against versus vs , & what")
_NOT_COIN_AFTER = bag("dashboard site fresh login web a the this that your address click")
_AFTER_COIN = bag("PRICE POSITION ORDER CHART TRADE")
_ENDINGS = ("s", "es", "ed", "d", "ing", "er", "ers", "ly", "y")
_NAMES_A_FIELD = bag("ORDER POSITION BALANCE PNL TRADE PRICE RISKWORD")
# After these stands a thing and no deed: 'all my cash in sol' cashes nothing in.
_BEFORE_THING = bag("my our your the of all free spare available")
_DEEDS = bag("BUY SELL FLAT CASHOUT")
_RARELY_MEANT = bag("LEVERAGE SECRET OVERRIDE SHORTING")  # never read into a short word nobody knows
_LINKS = bag("is at of by = : be to")
_DONE_TO = {"bought": "BUY", "purchased": "BUY", "acquired": "BUY", "sold": "SELL"}
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


def read(text: str) -> list[Token]:
    """The tagged tokens of one message."""
    return list(_read(text))


@lru_cache(maxsize=512)
def _read(text: str) -> tuple[Token, ...]:
    """Read once: what was said stays in the memory of many turns."""
    repaired = [repair(token) for token in _articles(_once(tokens_of(text)))]
    return tuple(_held_things(_find_coins(_heard_right(_tag(fold_numbers(repaired))))))


def _once(tokens: Sequence[Token]) -> list[Token]:
    """A word said again and again counts once: stop stop stop."""
    pairs = zip(tokens, [Token(""), *tokens], strict=False)
    return [one for one, before in pairs if one.kind is not Kind.WORD or one.text != before.text]


_THE = bag("teh hte eht")


def _articles(tokens: Sequence[Token]) -> list[Token]:
    """'Teh' is the article, but for ether where an amount is told of it."""
    out = list(tokens)
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else Token("")
        if token.text in _THE and not token.loud:
            counted = before.kind is Kind.NUMBER or before.text in ("of", "some", "more")
            out[at] = replace(token, text="eth" if counted else "the", guessed=counted)
    return out


_LASTING = bag(
    "day days week weeks month months night nights year time while weekend story shot walk drive way"
)


def _heard_right(tokens: Sequence[Token]) -> list[Token]:
    """'by 30 dollars of sol' wants to buy; 'ask 72,000 for it' offers; 'order wise' gives no advice."""
    ordering = any(token.tag in ("BUY", "SELL", "LESSEN", "RAISE", "FLAT", "SPEND") for token in tokens)
    out = [
        replace(one, tag="") if one.text == "wise" and before.tag in _NAMES_A_FIELD else one
        for one, before in zip(tokens, [Token(""), *tokens], strict=False)
    ]
    for at, (token, after) in enumerate(zip(tokens, tokens[1:], strict=False)):
        if token.text == "trade in" and after.text in ("the", "a", "this", "that"):
            out[at] = replace(token, tag="TRADE")  # in the evening
        if token.text == "long" and (
            after.text in _LASTING or (after.text == "old" and at + 2 < len(tokens))
        ):
            out[at] = replace(token, tag="")  # a long week buys nothing
        goes = token.text == "let" and tokens[-1].text == "go" and _something_of(tokens[at + 1 : -1])
        if goes and not ordering:
            out[at] = replace(token, tag="SELL")
        if token.text == "pay" and not ordering and _for_a_thing(tokens[at + 1 :]):
            out[at] = replace(token, tag="BUY")
        if token.text == "profit" and any(t.tag in ("STOP", "STOPLOSS") for t in tokens):
            behind = [t for t in tokens[at + 1 : at + 4] if t.text not in _LINKS]
            if behind and behind[0].kind is Kind.NUMBER:
                out[at] = replace(token, tag="TARGET")
        if (
            after.kind is Kind.NUMBER
            and token.text in ("exchange", "trade")
            and (at == 0 or tokens[at - 1].tag)
        ):
            out[at] = replace(token, tag="CONVERT")
        if token.text == "be" and after.text in _DONE_TO:  # half of it is to be sold
            out[at + 1] = replace(after, tag=_DONE_TO[after.text])
        if after.kind is not Kind.NUMBER or ordering:
            continue
        if (
            token.text in ("by", "bye")
            and after.unit != "%"
            and any(t.text in ("of", "worth") for t in tokens)
        ):
            out[at] = replace(token, tag="BUY", guessed=True)
        if token.text == "ask":
            out[at] = replace(token, tag="OFFER")
    return out


def _something_of(tokens: Sequence[Token]) -> bool:
    """'(Let) some of the eth (go)': an amount or a thing, and not only 'it'."""
    return any(
        t.kind is Kind.NUMBER or t.tag in ("SOME", "MY", "HALF", "ALL") or t.text == "the" for t in tokens
    )


def _for_a_thing(tokens: Sequence[Token]) -> bool:
    """'(pay) up to 130 for 4 sol': money for an amount of a coin."""
    joint = next((at for at, token in enumerate(tokens) if token.text == "for"), 0)
    kinds = [token.kind for token in tokens[joint + 1 : joint + 3]]
    return bool(joint) and any(t.kind is Kind.NUMBER for t in tokens[:joint]) and kinds[:1] == [Kind.NUMBER]


@cache
def _vocabulary() -> tuple[str, ...]:
    single = {word for word, tag in words().items() if len(word) >= (5 if tag in _RARELY_MEANT else 4)}
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
    if word in CALENDAR_WORDS or word in NUMBER_WORDS or span_unit(word) or token.loud or _inflected(word):
        return token
    best = _repair_short(word) if len(word) == 3 else _nearest(word)
    return replace(token, text=best, guessed=True) if best else token


_STRETCHED = re.compile(r"([a-z])\1{2,}")


def _unstretched(word: str) -> str | None:
    """A known word behind letters held down: buyyy, helllo, selll."""
    if not _STRETCHED.search(word):
        return None
    shorter = (_STRETCHED.sub(kept, word) for kept in (r"\1\1", r"\1"))
    return next((one for one in shorter if one in known_words() or one in coin_names()), None)


def _inflected(word: str) -> bool:
    """Whether a word is a known one with an ending: started, moving, dropped, quickly."""
    return any(stem in known_words() for ending in _ENDINGS for stem in _stems(word, ending))


def _stems(word: str, ending: str) -> list[str]:
    """What a word may be without an ending: moving is mov, move; dropping is dropp, drop."""
    stem = word.removesuffix(ending)
    if stem == word or len(stem) < (4 if ending in ("y", "d") else 3):
        return []
    if ending in ("es", "ed", "ers") and stem.endswith("i"):
        return [f"{stem[:-1]}y"]
    doubled = [stem[:-1]] if len(stem) > 3 and stem[-1] == stem[-2] else []
    return [stem, *([f"{stem}e"] if len(ending) > 1 else []), *doubled]


@cache
def _lemma(word: str) -> str:
    """The verb of an -ing form that stands in no row of its own: picking is pick."""
    if word in words() or not word.endswith("ing"):
        return word
    known = [stem for stem in _stems(word, "ing") if stem in words() or stem in phrases()]
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


def _tag(tokens: Sequence[Token]) -> list[Token]:
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        token, used = _phrase_at(tokens, at)
        out.append(token or _tag_one(tokens[at]))
        at += used or 1
    return out


def _phrase_at(tokens: Sequence[Token], at: int) -> tuple[Token | None, int]:
    """The longest phrase of the vocabulary or of a coin's name that starts here."""
    first = tokens[at].text
    known = phrases().get(first, ()) + (phrases().get(_lemma(first), ()) if _lemma(first) != first else ())
    owned = at > 0 and tokens[at - 1].text in _BEFORE_THING
    for parts, tag in known:
        if _matches(tokens, at, parts) and not (owned and tag in _DEEDS):
            return Token(" ".join(parts), tag=tag), len(parts)
    for parts, name in coin_phrases().items():
        if parts[0] == tokens[at].text and _matches(tokens, at, parts):
            return coin_token(name), len(parts)
    return None, 0


def _matches(tokens: Sequence[Token], at: int, parts: tuple[str, ...]) -> bool:
    """Whether the words of a phrase stand here; its first one may be an -ing form."""
    run = tokens[at : at + len(parts)]
    if len(run) < len(parts) or any(token.kind is not Kind.WORD for token in run):
        return False
    head = parts[0] in (run[0].text, _lemma(run[0].text))
    return head and all(token.text == part for token, part in zip(run[1:], parts[1:], strict=True))


def _tag_one(token: Token) -> Token:
    if token.kind is Kind.MARK and token.text == "@":
        return replace(token, tag="AT")
    if token.kind is not Kind.WORD:
        return token
    if token.text in MONEY_WORDS:
        return replace(token, tag="MONEY", unit=MONEY_WORDS[token.text])
    return replace(token, tag=token.tag or words().get(_lemma(token.text), ""))


def _find_coins(tokens: Sequence[Token]) -> list[Token]:
    return [_coin_at(tokens, at) for at in range(len(tokens))]


def _held_things(tokens: Sequence[Token]) -> list[Token]:
    """'(Take a fifth off) my btc holding': the position itself, where a number says what is done to it."""
    out = list(tokens)
    counted = any(token.kind is Kind.NUMBER for token in tokens)
    for at, (coin, word) in enumerate(zip(tokens, tokens[1:], strict=False), start=1):
        if counted and coin.kind is Kind.COIN and word.text in ("holding", "holdings"):
            out[at] = replace(word, tag="POSITION")
    return out


def _coin_at(tokens: Sequence[Token], at: int) -> Token:
    token = tokens[at]
    named = token.text.replace(" ", "-") in coin_names()
    if not named or token.kind is not Kind.WORD or token.tag == "MONEY":
        return token
    if token.text.replace(" ", "-") in _EVERYDAY and not _coin_expected(tokens, at):
        return token
    if token.tag and token.text not in _EVERYDAY:
        return token
    return coin_token(token.text.replace(" ", "-"), guessed=token.guessed) or token


def _coin_expected(tokens: Sequence[Token], at: int) -> bool:
    """Whether the words around make an everyday word a coin."""
    token, before = tokens[at], tokens[at - 1] if at else Token("")
    after = tokens[at + 1] if at + 1 < len(tokens) else Token("")
    if token.loud or len(tokens) == 1:
        return True
    shared = at > 2 and tokens[at - 2].text == "of" and tokens[at - 3].kind is Kind.NUMBER
    if token.text in _EASY and before.text == "the" and shared:
        return True
    if token.text in _EASY and before.text == "the" and at > 1 and tokens[at - 2].tag in _BEFORE_COIN:
        return True
    if token.text in _EASY:
        return before.text not in _NOT_COIN_AFTER or after.tag in _AFTER_COIN | {"BUY", "SELL", "TRADELIST"}
    if before.kind is Kind.NUMBER or before.tag in _BEFORE_COIN or after.tag in _AFTER_COIN:
        return True
    placed = before.text == "into" and after.kind is not Kind.NUMBER
    return (
        placed
        or before.text == "of"
        or (before.text in _COIN_PREPOSITIONS and token.text not in ("etc", "near", "op", "w", "the-graph"))
    )
