"""What a word means: questions about the trade itself, which no look-up answers."""

from __future__ import annotations

import re

from core.agent import glossary
from core.agent.offline.scene import Frame, ask, chat
from core.agent.offline.tokens import fold
from core.agent.offline.ways import ways

_LEAD = re.compile(
    r"^(?:(?:hey|hi|hello|ok|okay|so|and|zyn|um|well|sorry|please|pls|quick question|by the way"
    r"|jimmy here)\b[\s,:!-]*)*"
    r"(?:(?:can|could|would|will) you (?:please |kindly |quickly )?|please )?"
    r"(?:(?:i (?:still |really )?(?:do not|never) (?:understand|get|know|got|understood)"
    r"|(?:help me (?:to )?understand|remind me|tell me|teach me|show me|i wonder|i forget|i forgot"
    r"|do you know|any idea|explain(?: to me| me| again)?|describe|define|clarify)) (?=what|how))?"
)
_ASKS = re.compile(
    r"^(?P<lead>what (?:exactly |actually |again )?(?:is|are|was)(?: meant by| this| exactly| actually)?"
    r"|what does|what do(?: you| we)? (?:mean by|call)"
    r"|what do|what means?|what on earth (?:is|are)|what the (?:heck|hell) (?:is|are)|define"
    r"|definition of|the meaning of"
    r"|(?:what is )?(?:the )?(?:meaning|definition|purpose|point) of|explain(?: to me| me)?(?: what (?:is"
    r"|are))?"
    r"|(?:do not|never) (?:understand|know|get)(?: what (?:is|are))?|teach me(?: about)?|tell me about"
    r"|tell me what(?: is| are)?"
    r"|how (?:do|does|would|can)(?: i use| you use)?|why (?:do|does|would) (?:we|you|one|people) (?:need"
    r"|use|want|have)"
    r"|what (?:is|are) (?:the )?(?:difference|differences) between|(?:the )?difference between"
    r"|(?:never heard of|describe|clarify|eli5)|i do not (?:understand|get|know)(?: what (?:is|are))?)\s+"
)
_TAIL = re.compile(
    r"[\s,]+(?:mean|means|meaning|stand for|stands for|work|works|operate|definition|explained|for"
    r"|used for|good for"
    r"|supposed to (?:be|do|mean)|exactly|again|anyway|actually|even|please|pls|thing|things|to me"
    r"|in (?:plain|simple) (?:words|english|terms)"
    r"|in trading|in crypto|here|like (?:i am|i'm) (?:five|5)|do|is|are|all about|in general|really|then"
    r"|called)$"
)
_ARTICLE = re.compile(r"^(?:an?|one|these|those|this|that|so called|your|the term|the word)\s+")
_MEANT = re.compile(
    r"\b(?:means?|meaning|definition|define|stands? for|explain(?:ed)?|difference|differences|works?|describe"
    r"|purpose|point of|meant by|never heard|need|understand|eli5|teach)\b"
)
_LONE_R = re.compile(r"\bR\b|(?<=\ban )r\b|\br\b(?= (?:mean|stand))")  # in chat an r is the word are
_TWO = re.compile(r"\s+(?:and|vs|versus|or|against|from)\s+")


def terms(text: str) -> Frame | None:
    """The meaning of a word that is asked for, or how Zyn goes about something; None when neither is."""
    named = text if text.isupper() else _LONE_R.sub("risk multiple", text)
    said = re.sub(r"\s+", " ", re.sub(r"[^a-z0-9/&' -]+", " ", fold(named))).strip()
    if frame := _alone(said):
        return frame
    asked = _LEAD.sub("", said)
    return _meaning(asked) or _wondered(said) or ways(asked) or (ways(said) if said != asked else None)


def _alone(said: str) -> Frame | None:
    """'twap', 'trailing stop please': a way of placing orders that there is not."""
    name = _LEAD.sub("", re.sub(r"\b(?:order|please|pls)$", "", said).strip())
    if name.replace(" ", "").replace("-", "") in glossary.UNOFFERED and (told := glossary.meaning(name)):
        return ask(f"{told} What would you like: which coin, and how much?", "intent")
    return None


def _meaning(said: str) -> Frame | None:
    if two := _CONTRASTED.match(said):
        return _both(two["one"], two["two"])
    lead = _ASKS.match(said)
    words = re.sub(r"[\s,]+(?:please|pls)$", "", said[lead.end() :] if lead else said)
    bare = _without_tail(words)
    if lead is None and bare == words:
        return None  # the word alone is a wish: 'drawdown'
    defined = bool(_MEANT.search(said))
    named = _ARTICLE.sub("", bare)
    indefinite = re.match(r"^(?:an?|the term|the word)\s", bare) is not None
    pointed = bare.startswith("the ") and not bare.startswith(("the term ", "the word "))
    named = re.sub(r"^the ", "", named)
    parts = [re.sub(r"^(?:an?|the) ", "", part) for part in _TWO.split(named)]
    if len(parts) == 2 and re.search(r"difference|\bvs\b|versus", said):
        return _both(*parts)
    told_one = glossary.meaning(named)
    if told_one is None or (pointed and not defined):
        return None
    if glossary.is_figure(named) and not (defined or indefinite):
        return None
    return chat(told_one)


_WONDERED = re.compile(
    r"\b(?:asked?|asks|asking|wonders?|wondering|tell|explain|know|understand|forget|forgot|sure|idea"
    r"|clue)(?: me| to me| us)?"
    r" what (?P<article>an? |the )?(?P<name>[a-z&/' -]{2,30}?) (?:is|are|means?|does|do|really is|even is)\b"
)


_CONTRASTED = re.compile(
    r"^(?P<one>[a-z -]{2,24}?) (?:vs|versus|and|or) (?P<two>[a-z -]{2,24}?)[ ,-]+(?:so )?what(?: is"
    r"|'s) the difference$"
)


def _both(one: str, two: str) -> Frame | None:
    """Two terms side by side; 'market and limit order' names both kinds of order."""
    parts = [re.sub(r"^(?:an?|the) ", "", name.strip()) for name in (one, two)]
    told = [
        next(filter(None, map(glossary.meaning, (part.removesuffix(" order"), part, f"{part} order"))), None)
        for part in parts
    ]
    return chat(" ".join(dict.fromkeys(part for part in told if part))) if all(told) else None


def _wondered(said: str) -> Frame | None:
    """'My son asked what a stop loss is': the question stands in what is told."""
    found = _WONDERED.search(said)
    told = glossary.meaning(found["name"]) if found else None
    own = found is not None and glossary.is_figure(found["name"]) and (found["article"] or "") in ("the ", "")
    return chat(told) if told and not own else None


def _without_tail(words: str) -> str:
    while (shorter := _TAIL.sub("", words)) != words:
        words = shorter
    return words
