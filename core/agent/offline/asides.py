"""Deeds that are only spoken of: judged, translated, joked about, wished by others, or nearly done."""

from __future__ import annotations

import re

from core.agent.offline.clause import Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.tokens import Kind

_DEED = r"(?:buy|sell|clos|dump|liquidat|flatten|cancel|offload|unload|hold|exit|trad|invest)(?:e|ing|ping)?"
_BAD = (
    r"(?:madness|mad|silly|stupid|foolish|crazy|insane|wrong|dumb|reckless|folly|suicide|unwise|idiotic|nuts"
    r"|pointless|(?:a |an )?(?:\w+ )?(?:mistake|idea|disaster|sin|shame|crime|error))"
)
_JUDGED = re.compile(
    r"^(?:\W|and |but |so |well |now )*"
    r"(?:buying|selling|closing|dumping|holding|flattening|cancelling|liquidating|investing|putting"
    r"|ditching)\b"
    r".* (?:would|is|was|seems?|sounds?|feels?|looks?|makes?|might|could|scares?|hurts?|cannot|can not)\b"
    r"|\b(?:it|that|this|there)(?: would| will| is| was| might| could| seems| looks| sounds)"
    rf"(?: be)?(?: just| so| pure| plain| sheer| utter| really| very| such)* {_BAD}\b.* (?:to|if|of)\b"
    r"|\bwould it (?:hurt|be|make|help|pay|kill)\b"
    r"|^(?:buying|selling|closing)\b.* (?:crossed|came|entered|occurred)\b"
    r"|\b(?:am|are|is) (?:strictly |totally |firmly )?"
    r"(?:against|opposed to|no fan of|done with|tired of|afraid of)"
    r" (?:buying|selling|closing)\b|\bregret(?:ted|s)?\b"
)
_SPOKEN_OF = re.compile(
    r"^\W*(?:flatten|sell|buy|dump|close|panic|pause|exit|liquidate)(?:ing)? (?:is|was|means|sounds"
    r"|looks) (?:a |an |the |not |so )|"
    r"^(?:\W|please |can you |could you |now |ok )*"
    r"(?:translate|joke|pretend|spell|rhyme|recite|pronounce|define|quote)\b"
    r"|^(?:\W|please |can you |could you )*say (?!i\b|we\b|you\b|that\b|if\b)"
    r"|\b(?:poem|song|joke|story|essay|riddle|rap|haiku|limerick|sentence|word|phrase)s? "
    r"(?:about|of|on|with|for|saying)\b"
    r"|\b(?:talk|talked|talking|speak|chat|joke|joked|joking|discuss|discussed|discussing|debate|argue|argued"
    r"|dream|dreamt|dreamed|read|heard|wrote|worry|worried)(?: a bit| again)? (?:about |of )?"
    r"(?:buying|selling|closing|dumping|liquidating)\b"
)
_OF_OTHERS = re.compile(
    r"\b(?!zyn |jimmy |it )\w+ (?:wants|insists|suggests|recommends|advises|begs|thinks|believes|reckons)"
    rf"\b.*\b{_DEED}\b"
)
_NEARLY = re.compile(
    r"\b(?:the|my|our) (?:\w+ )?(?:plan|idea|intention|thought) was to\b"
    r"|\b(?:was|were) (?:just )?(?:going|about|planning|tempted|meaning|hoping|thinking) (?:to|of)\b"
    r"|\b(?:almost|nearly|would have|could have|should have) (?:bought|sold|closed|buy|sell)\b"
)


def judges(clause: Clause) -> bool:
    """'Selling my eth would be silly', 'would it hurt to sell half': a deed is weighed, not wished."""
    return bool(_JUDGED.search(_said(clause)))


def only_speaks(clause: Clause) -> bool:
    """'Translate: ...', 'a poem about selling', 'let us talk about buying': words about a deed."""
    return bool(_SPOKEN_OF.search(_said(clause)))


def others_wish(clause: Clause) -> bool:
    """'My wife wants to sell all our eth': somebody else's wish."""
    return bool(_OF_OTHERS.search(_said(clause)))


def nearly(clause: Clause) -> bool:
    """'I was going to buy ...': a deed that was not done."""
    return bool(_NEARLY.search(_said(clause)))


def said_by_another(sentence: Clause) -> bool:
    """Whether what is said in a sentence is told by somebody else than the owner."""
    return any(
        token.tag == "SAID" and not _mine(sentence.texts[max(0, at - 2) : at])
        for at, token in enumerate(sentence.tokens)
    )


def _mine(before: tuple[str, ...]) -> bool:
    last, earlier = before[-1:], before[:1]
    return last in (("i",), ("we",)) or (
        earlier in (("i",), ("we",)) and last[0] in ("just", "already", "was", "am", "have", "only", "once")
    )


def _said(clause: Clause) -> str:
    return " ".join(clause.texts)


_MOVES = bag(
    "is was went has had fell dropped rose jumped crashed gained lost trades looks keeps just up down"
)


def tells_a_move(clause: Clause) -> bool:
    """'ETH is down 3 percent': news of a coin, and no amount of it."""
    moved = any(coin.kind is Kind.COIN and after.text in _MOVES for coin, after in clause.pairs())
    return moved and any(token.unit == "%" for token in clause.numbers)
