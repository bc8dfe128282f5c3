"""From text to tagged tokens: spelling repaired, numbers folded, coins found, words named by concept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from core.agent.offline.lexicon import MONEY_WORDS, bag, phrases, words
from core.agent.offline.numbers import fold_numbers
from core.agent.offline.spelling import lemma, repair, stems
from core.agent.offline.tokens import Kind, Token, coin_phrases, coin_token, tokens_of
from core.model.pair_table import coin_names

# Coins that are everyday words: only where a coin is expected, or typed in capitals.
_EVERYDAY = bag(
    """near flow sky op w sc rep render turbo trump mask blur icon fetch comp compound curve maker sand bat
    ray ape cosmos stacks virtual hype sandbox wormhole ar bal terra orchid melon enzyme quant nano mog
    ens gala etc the-graph dash graph-token rocket-pool jupiter stellar polygon fil sei official-trump
    virtuals zk pol balancer optimism internet-computer saga flare link dot immutable render-token mina
    ton apt dai algo uma"""
)
_EASY = bag("link dot ton fil apt dai")  # a coin unless it plainly is not
_BEFORE_COIN = bag("BUY SELL SPEND FLAT CLOSE PRICE CHART HOLD WANT OFFER BID SOME MY BACKTEST")
_COIN_PREPOSITIONS = bag("of in into on for about s some my more and or against versus vs , & what")
_NOT_COIN_AFTER = bag("dashboard site fresh login web a the this that your address click")
_GIVEN_TO = bag("mi ci ti gli ce me")  # mi dai la ricetta: you give me, and no coin
_ITALIAN_THE = bag("il lo la i gli le un una uno del della qualche")
_AFTER_COIN = bag("PRICE POSITION ORDER CHART TRADE LIMIT BID OFFER")
_NAMES_A_FIELD = bag("ORDER POSITION BALANCE PNL TRADE PRICE RISKWORD")
# After these stands a thing and no deed: 'all my cash in sol' cashes nothing in.
_BEFORE_THING = bag("my our your the of all free spare available")
_OWNS_A_STOP = bag("its my our the your their whose a")  # where is its stop now
_DEEDS = bag("BUY SELL FLAT CASHOUT")
_POINTS_AT = bag("that this the same last a my")
_LINKS = bag("is at of by = : be to")
_DONE_TO = {"bought": "BUY", "purchased": "BUY", "acquired": "BUY", "sold": "SELL"}


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
            after.text in _LASTING
            or (after.text == "old" and at + 2 < len(tokens))
            or (at > 0 and tokens[at - 1].text == "how")
        ):
            out[at] = replace(token, tag="")  # a long week buys nothing
        goes = token.text == "let" and tokens[-1].text == "go" and _something_of(tokens[at + 1 : -1])
        if goes and not ordering:
            out[at] = replace(token, tag="SELL")
        ordered = (
            token.text == "order" and at > 0 and tokens[at - 1].text in ("you", "to", "please", "i", "me")
        )
        if ordered and after.kind is Kind.WORD and not after.tag and after.text not in ("book", "of", "for"):
            out[at] = replace(token, tag="")  # a pizza, and no coin
        if token.text in _GETTING and after.kind is Kind.NUMBER and _of_them(tokens[at + 2 :]):
            out[at] = replace(token, tag="BUY")
        if token.text == "pay" and not ordering and _for_a_thing(tokens[at + 1 :]):
            out[at] = replace(token, tag="BUY")
        if token.text == "profit" and any(t.tag in ("STOP", "STOPLOSS") for t in tokens):
            behind = [t for t in tokens[at + 1 : at + 4] if t.text not in _LINKS]
            if behind and behind[0].kind is Kind.NUMBER:
                out[at] = replace(token, tag="TARGET")
        if (
            after.kind is Kind.NUMBER
            and token.text in ("exchange", "trade", "change", "turn")
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


_POINTED_AT = bag("them those these it that")
_GETTING = bag("get grab fetch") | {"get me", "grab me", "get us"}


def _of_them(tokens: Sequence[Token]) -> bool:
    """'(Get me 10) of those': of the coin that was spoken of."""
    pairs = zip(tokens, tokens[1:], strict=False)
    return any(one.text == "of" and two.text in _POINTED_AT for one, two in pairs)


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


_PARTICLES = bag("out off up down in back")
_POINTING = bag("it that this them those")
_DETERMINERS = bag("my our the all of that this half")


def _with_particles(tokens: Sequence[Token]) -> list[Token]:
    """'Cash it out', 'close my eth out': the particle beside its verb, where both make a known phrase."""
    out = list(tokens)
    for at in range(len(out) - 2):
        end = _end_of_thing(out, at + 1)
        particle = out[end].text if end else ""
        known = phrases().get(out[at].text, ())
        whole = any(parts[1:2] == (out[at + 1].text,) and _matches(out, at, parts) for parts, _ in known)
        if particle and not whole and any(parts == (out[at].text, particle) for parts, _ in known):
            out.insert(at + 1, out.pop(end))
    return out


def _end_of_thing(tokens: Sequence[Token], at: int) -> int:
    """Where the particle stands behind 'it', 'my eth', 'all of that ada'; or 0."""
    end, named = at, False
    while end < len(tokens) and end < at + 5 and not named:
        named = tokens[end].text in coin_names() or (tokens[end].text in _POINTING)
        if not named and tokens[end].text not in _DETERMINERS:
            return 0
        named = named and not (end + 1 < len(tokens) and tokens[end + 1].text in coin_names())
        end += 1
    return end if named and end < len(tokens) and tokens[end].text in _PARTICLES else 0


def _tag(tokens: Sequence[Token]) -> list[Token]:
    tokens = _with_particles(tokens)
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
    known = phrases().get(first, ()) + (phrases().get(lemma(first), ()) if lemma(first) != first else ())
    owned = at > 0 and tokens[at - 1].text in _BEFORE_THING
    named = first == "trade" and at > 0 and tokens[at - 1].text in _POINTS_AT  # that trade again
    for parts, tag in known:
        thing = tag == "PAUSE" and first == "stop" and at > 0 and tokens[at - 1].text in _OWNS_A_STOP
        if thing or (owned and tag in _DEEDS):
            continue
        if _matches(tokens, at, parts) and not (named and tag == "RESUME"):
            return Token(" ".join(parts), tag=tag), len(parts)
    for parts, tag in _done_phrases(first):
        if tag in _WAS_DONE and [one.text for one in tokens[at + 1 : at + len(parts)]] == list(parts[1:]):
            return Token(" ".join(parts), tag=_WAS_DONE[tag]), len(parts)
    for parts, name in coin_phrases().items():
        if parts[0] == tokens[at].text and _matches(tokens, at, parts):
            return coin_token(name), len(parts)
    return None, 0


def _matches(tokens: Sequence[Token], at: int, parts: tuple[str, ...]) -> bool:
    """Whether the words of a phrase stand here; its first one may be an -ing form."""
    run = tokens[at : at + len(parts)]
    if len(run) < len(parts) or any(token.kind is not Kind.WORD for token in run):
        return False
    head = parts[0] in (run[0].text, lemma(run[0].text))
    return head and all(token.text == part for token, part in zip(run[1:], parts[1:], strict=True))


def _tag_one(token: Token) -> Token:
    if token.kind is Kind.MARK and token.text == "@":
        return replace(token, tag="AT")
    if token.kind is not Kind.WORD:
        return token
    if token.text in MONEY_WORDS:
        return replace(token, tag="MONEY", unit=MONEY_WORDS[token.text])
    return replace(token, tag=token.tag or words().get(lemma(token.text), "") or _done(token.text))


_WAS_DONE = {"BUY": "BOUGHT", "SELL": "SOLD", "FLAT": "SOLD", "CLOSE": "SOLD"}


def _done_phrases(word: str) -> Sequence[tuple[tuple[str, ...], str]]:
    """Phrases of a verb that stands in its past form: (he) aped into."""
    found = (phrases().get(stem, ()) for stem in (stems(word, "ed") if word.endswith("ed") else ()))
    return [row for rows in found for row in rows]


def _done(word: str) -> str:
    """The deed that a past form tells of: dumped is sold, grabbed is bought."""
    verbs = (words().get(stem, "") for stem in (stems(word, "ed") if word.endswith("ed") else ()))
    return next((_WAS_DONE[tag] for tag in verbs if tag in _WAS_DONE), "")


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


_GOES_ON = bag("and n plus about or also")


def _alone_behind(tokens: Sequence[Token], at: int) -> bool:
    """'And near?', 'n op', 'what about flow?': nothing else is said, so the coin is what is asked for."""
    others = [one for place, one in enumerate(tokens) if place != at and one.kind is not Kind.MARK]
    last = all(one.kind is Kind.MARK for one in tokens[at + 1 :])
    return last and 0 < len(others) <= 2 and others[-1].text in _GOES_ON


_HEADS = bag("of for are is and & , show check get") | {""}


def _in_a_row(behind: Sequence[Token]) -> bool:
    """'(Near) and filecoin': joined to a word that can be nothing but a coin."""
    joined = len(behind) > 1 and behind[0].text in ("and", "&", ",", "or", "vs", "n", "plus")
    name = behind[1].text.replace(" ", "-") if joined else ""
    return name in coin_names() and name not in _EVERYDAY and not behind[1].tag


def _coin_expected(tokens: Sequence[Token], at: int) -> bool:
    """Whether the words around make an everyday word a coin."""
    token, before = tokens[at], tokens[at - 1] if at else Token("")
    after = tokens[at + 1] if at + 1 < len(tokens) else Token("")
    if token.loud or len(tokens) == 1 or _alone_behind(tokens, at):
        return True
    if token.text == "algo" and before.tag == "MY":  # 'stop my algo', but '60 % of my algo'
        return any(one.kind is Kind.NUMBER or one.tag in _DEEDS for one in tokens[:at])
    if token.text == "uma" and before.kind is not Kind.NUMBER and before.text != "of":
        return False  # an article in Portuguese
    if before.tag in ("", "PRICE") and before.text in _HEADS and _in_a_row(tokens[at + 1 :]):
        return True
    shared = at > 2 and tokens[at - 2].text == "of" and tokens[at - 3].kind is Kind.NUMBER
    if token.text in _EASY and before.text == "the" and shared:
        return True
    if token.text in _EASY and before.text == "the" and after.text in ("one", "ones"):
        return True
    handled = at > 1 and tokens[at - 2].tag in _BEFORE_COIN | {"TIMES", "LESSEN", "RAISE"}
    if token.text in _EASY and before.text == "the" and handled:
        return True
    priced = any(one.tag in ("MUCH", "PRICE", "BUY", "SELL") for one in tokens[:at]) and len(tokens) <= 6
    if token.text in _EASY and before.text in ("a", "one") and priced:
        return True
    if token.text == "ton" and before.tag == "RESUME" and after.kind is Kind.WORD and not after.tag:
        return False  # continue ton histoire
    if token.text == "dai" and before.text in _GIVEN_TO and (at < 2 or after.text in _ITALIAN_THE):
        return False
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
