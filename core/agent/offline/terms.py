"""What a word means and how Zyn works: questions about the trade itself, which no look-up answers."""

from __future__ import annotations

import re

from core.agent import glossary
from core.agent.offline.scene import Frame, ask, chat
from core.agent.offline.tokens import fold

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
_TWO = re.compile(r"\s+(?:and|vs|versus|or|against|from)\s+")


def terms(text: str) -> Frame | None:
    """The meaning of a word that is asked for, or how Zyn goes about something; None when neither is."""
    said = re.sub(r"\s+", " ", re.sub(r"[^a-z0-9/&' -]+", " ", fold(text))).strip()
    if frame := _alone(said):
        return frame
    asked = _LEAD.sub("", said)
    return _meaning(asked) or _wondered(said) or _ways(asked)


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
    words = said[lead.end() :] if lead else said
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


_WAYS = (
    (
        r"\bhow (?:do|does|did|can|would|will) (?:you|zyn|it|the bot|this)(?: even| actually)?"
        r" (?:decide|choose|pick|select|know|find|trade|figure out|judge|work out|determine)\b"
        r"|\b(?:what|which) (?:is|are) (?:your|the|our) (?:strategy|method|approach|rules?|system|algo"
        r"|algorithm)\b"
        r"|\b(?:your|the|our) (?:strategy|method|approach|rule|algo|algorithm)(?: (?:actually"
        r"|even))? works?\b"
        r"|\b(?:explain|describe|tell me about) (?:your|the|our) (?:strategy|method|approach|rules|algo"
        r"|algorithm)\b"
        r"|\bwhat (?:strategy|method|rules?|algo|algorithm) do you (?:use|follow|run)\b",
        "I look at closed five-minute candles. When the price crosses above its moving average, that is a "
        "signal; then six filters, the limits and the edge must all agree. The size follows from the "
        "stop, and "
        "every position has its stop on the exchange. /why shows each judgement with its figures.",
    ),
    (
        r"\b(?:what (?:happens|would happen|will happen|do you do)|what if|how safe).*"
        r"\b(?:you|zyn|server|computer|machine|internet|power|connection|network|laptop|line|wifi)\b.*"
        r"\b(?:crash\w*|die\w*|down|goes? (?:off|out|dark)|fails?|stops?|lost|reboots?|restarts?|cut"
        r"|offline|breaks?|drops?|killed)\b",
        "Your stops rest on the exchange and work without me. When I am back I settle with the exchange "
        "first: "
        "what is held I know, cover, and do not buy twice. Then I go on.",
    ),
    (
        r"\b(?:is|are) (?:my|our|the) (?:money|funds?|coins?|account|savings) (?:really "
        r"|actually )?(?:safe|secure|protected)\b"
        r"|\bhow (?:do|does|would) (?:you|zyn) (?:protect|guard|keep|look after)\b.*\b(?:money|funds?"
        r"|coins?|account|me|us)\b"
        r"|\b(?:can|could) you (?:steal|run off|run away)\b|\bhow safe (?:is|are|am)\b",
        "My key cannot withdraw, so nothing leaves the exchange through me. Every position has its stop "
        "there, a "
        "day may lose only so much before I stop by myself, and what opens risk at your word I show you "
        "first. "
        "Losses within those limits can happen.",
    ),
    (
        r"\b(?:can|should|could|do|would) i (?:really )?trust you\b|\bwhy (?:should|would|do) i trust you\b"
        r"|\bare you (?:any good|trustworthy|reliable|honest|legit)\b",
        "Judge me by the receipts: every trade and every refusal has its reasons in /why, every result "
        "its fees "
        "in /pnl, and the limits are yours. I promise no profit.",
    ),
    (
        r"\bhow (?:do|does|can) (?:you|zyn|it) learn\b|\bhow does (?:the |your )?learning work\b"
        r"|\bwhat do you learn from\b|\bdo you (?:really )?learn\b",
        "From every outcome, taken or not. I act on a lesson only when the evidence is strong enough not "
        "to be "
        "luck, and a lesson can only make me trade less. /learning shows them; you can undo each.",
    ),
    (
        r"\bhow often do you (?:look|check|trade|scan|judge|think|update)\b"
        r"|\bwhen do you (?:look|check|scan|judge)\b",
        "I judge the market at every closed five-minute candle, and settle with the exchange every minute. I "
        "trade only when everything agrees, which may be rarely.",
    ),
    (
        r"\bdo you (?:also |ever |still )?(?:trade|work|run|watch|operate)\b.*"
        r"\b(?:night|24/7|weekends?|around the clock|all day|sundays?|holidays?)\b"
        r"|\b(?:what|which) (?:hours|times) do you (?:trade|work)\b|\bdo you (?:ever )?sleep\b"
        r"|\bwhen do you (?:trade|work|sleep)\b",
        "Day and night, weekends too: the market never closes. You can lay down hours: 'only trade between 8 "
        "and 22'.",
    ),
    (
        r"^(?!.*\b(?:paper|live|money|cash|simulat\w+|demo|account|trading|fake|test)\b).*"
        r"\b(?:are you|do you use|is (?:this|it)) (?:really |actually |just )*(?:an? )?(?:ai|gpt|chatgpt"
        r"|llm|openai|language model|human|person"
        r"|real person|robot|machine|program|chatbot|real)\b|\bwho am i (?:talking|speaking|chatting) to\b",
        "I am Zyn, a program. A language model may help me to understand you when a key is set; what is "
        "traded, and every limit, is decided by code alone.",
    ),
    (
        r"\b(?:what|which) exchanges?\b.*\b(?:you|we|use|on|support)\b|\bwhere do (?:you|we) trade\b",
        "I trade on Kraken, spot only.",
    ),
    (
        r"\bhow long do you (?:usually |normally |typically )?(?:hold|keep|stay in)\b"
        r"|\bhow long (?:does|do) (?:a|your|our) (?:trades?|positions?) (?:last|take|stay|run)\b",
        "Until the stop, the target or a signal the other way ends it: often hours, sometimes minutes. "
        "/trades shows what it was lately.",
    ),
    (
        r"\bhow (?:big|large|much) (?:are|is|do|will) (?:your|our|a|each|the|you) (?:trades?|orders?"
        r"|positions?)\b"
        r"(?!.*\b(?:eth|btc|open|now)\b)|\bhow do you (?:size|set the size|pick the size|decide the size)\b",
        "As large as its stop allows: each trade risks the same small share of your money, never more "
        "than the "
        "caps on a position and on all of them. /risk shows the figures.",
    ),
    (
        r"\bhow (?:do|will|would) i (?:know|hear|find out|be told)\b|\bwill you (?:tell|text|message"
        r"|warn) me (?:when|if)\b$",
        "I write to you here whenever something is bought, sold, refused or out of order; /alerts says "
        "what and "
        "when, and is yours to change.",
    ),
    (
        r"\bhow (?:do|can|would) i (?:stop|halt|pause|switch off|turn off|shut down) (?:you|the bot|zyn"
        r"|trading|it|this|everything)\b",
        "Say 'pause' and I open nothing more at once; your stops stay. 'flatten' sells what I hold, and "
        "/panic "
        "does both at once.",
    ),
    (
        r"\b(?:how much )?(?:do|what do|does) (?:you|zyn|it) (?:charge|cost)\b"
        r"|\bhow much do you (?:charge|cost|take)\b"
        r"|\bwhat (?:is|are) your (?:fee|fees|commission|cut)\b",
        "I take nothing. Kraken takes its fee on every fill; ask 'fees on eth' for the figures, or /pnl "
        "for what "
        "they came to.",
    ),
    (
        r"\bwhy (?:do|does|would|are) (?:you|zyn|we|it) (?:always |keep |have to )?(?:ask|asking|confirm"
        r"|confirming|check|checking)\b"
        r"|\bwhy (?:do|must|should) i (?:have to |need to |always )?(?:confirm|say yes|tap|approve)\b",
        "Because it is your money: whatever opens risk at your word I show you first, with its worst "
        "loss, and "
        "it waits for your yes. What reduces risk I do at once.",
    ),
)
_WAYS_READ = tuple((re.compile(asked), told) for asked, told in _WAYS)


def _ways(said: str) -> Frame | None:
    """How Zyn goes about its work, in a few plain sentences."""
    return next((chat(told) for asked, told in _WAYS_READ if asked.search(said)), None)
