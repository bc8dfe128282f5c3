"""Coins that are never wanted, or the only ones that are: 'avoid xrp', 'stick to bitcoin'."""

from __future__ import annotations

import re

from core.agent.offline.clause import Clause
from core.agent.offline.lexicon import bag

_SHUNNED = re.compile(
    r"^(?:please |and |but |just |i |we |you )*(?:should |must |do not |want to )*(?:avoid|shun"
    r"|ditch all talk of"
    r"|(?:stay|steer|keep|stick) (?:well |far |right )?(?:away|clear|off|out) (?:from|of)?|keep off"
    r"|hands off|keep your hands off"
    r"|leave|have nothing to do with|want nothing to do with|do not (?:ever )?touch|never touch|blacklist)\b"
)
_GROUPS = tuple(bag("memecoins memecoin shitcoins shitcoin altcoins alts meme"))


def shuns(sentence: Clause) -> bool:
    """'Avoid xrp', 'stay away from ada', 'leave doge alone', 'no memecoins': a coin that is never wanted."""
    said = " ".join(token.text for token in sentence.opening)
    if sentence.question or sentence.numbers or sentence.has("SELL", "ORDER", "IF", "WHEN"):
        return False
    if sentence.opening and sentence.opening[0].tag in ("NO", "NEGNO", "NOT") and sentence.says(*_GROUPS):
        return True
    none_more = re.match(r"(?:no (?:more|further)|never again) (?!than)", said)
    if (
        none_more
        and sentence.coins
        and not sentence.has("CLOSE", "FLAT", "CANCEL", "PAUSE")
        and len(said.split()) <= 8
    ):
        return True
    alone = not said.startswith("leave ") or "alone" in said or "out" in said.split()
    return bool(sentence.coins) and bool(_SHUNNED.search(said)) and alone


_RESERVED = re.compile(r"\b(?:is|are|stays?|remains?) (?:off limits|untouchable|not for sale|mine alone)\b")


def reserves(sentence: Clause) -> bool:
    """'My btc is off limits', 'the ada is not for sale': coins that are to be left where they are."""
    told = _RESERVED.search(" ".join(sentence.texts))
    return bool(told and sentence.coins) and not (sentence.question or sentence.asked or sentence.numbers)


def keeps_to(sentence: Clause) -> bool:
    """'Only trade btc and eth', 'stick to bitcoin': the coins that are wanted, and no others."""
    said = " ".join(token.text for token in sentence.opening[:4])
    only = re.match(
        r"(?:only (?:trade|buy|touch)|trade only|buy only|stick (?:to|with)|trade nothing but)\b", said
    )
    return only is not None and bool(sentence.coins) and not (sentence.numbers or sentence.question)
