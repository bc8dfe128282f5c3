"""Turns of speech written out plainly before the words are read: courtesy and shorthand."""

from __future__ import annotations

import re
from collections.abc import Callable

from core.agent.offline.clock import clock_words

_PAST = {"got rid": "get rid", "let go": "let go", "took": "take", "put": "put", "cut": "cut"}


def _present(found: re.Match[str]) -> str:
    return _PAST[found[1]]


_TO_DO = {"sold": "sell", "closed": "close", "liquidated": "liquidate", "bought": "buy"}


def _to_be_done(found: re.Match[str]) -> str:
    """'Have my doge sold': the deed before its thing."""
    return f"{_TO_DO.get(found[2], 'cancel')} {found[1]}"


_SHORTHAND: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(short), full)
    for short, full in (
        (r"\bp\s?(?:[&/]|and|n)\s?l\b", "pnl"),
        # a sale in other words: off my hands, let them have it, have it sold
        (r"\btake (.{2,40}?) off (?:my|our) hands\b", r"sell \1"),
        (
            r"\bif (?:someone|somebody|anyone|anybody|they|the market)(?: else)? (?:pays?|offers?|gives?"
            r"|bids?)(?: me| us)?"
            r" (\S+)[,:]? (?:then |please |you can |i will |i'll |just )*"
            r"(?:let (?:them|him|it|'em) have|give (?:them|him)|sell (?:them|him)"
            r"|sell) (.{2,40}?)(?=[.,;!?]|$)",
            r"sell \2 at \1",
        ),
        (
            r"(?:\b(?:i|we)(?:'d| would| should)? (?:like|want|wish|need|prefer)(?: to have)?"
            r"|(?:^|(?<=[.;!]))\s*(?:please |kindly )?have)"
            r" ((?:my|our|the|all|half|a|some|\d)[^,.;?!]{1,40}?) "
            r"(sold|closed|liquidated|cancelled|canceled|bought)"
            r"\b(?! (?:today|yesterday|last|this|since|on|by|from|during|before|earlier|so|were|are|is)\b)",
            _to_be_done,
        ),
        # a price to wait for, where a limit order is named
        (
            r"\b(?:once|when|whenever|if|as soon as) (?:it|the price|[a-z]{2,10})(?:'s| is| gets| goes"
            r"| comes| drops| falls"
            r"| dips| hits| reaches| rises| climbs| trades| touches)+(?: back)?(?: down| up)?(?: to| at"
            r"| under| below| over| above)?"
            r" (?=[$€£]?\d\S*(?: dollars?| usd| bucks)?\W*(?:,|as|with|via|using|by|on)?\W*(?:a )?limit\b)",
            " at ",
        ),
        (
            r"\bif (?:you|u|we|i) can (?:get|have|buy|grab) (?:it|them|that|some)(?: for)?"
            r"(?= (?:at|for|under|below|beneath|less than|cheaper than)? ?[$€£]?\d)",
            " at ",
        ),
        (
            r"^\W*(?:i(?:'ve| have) (?:been )?(?:thinking|thought) (?:about|over|on) (?:it|this"
            r"|that)\b[^,.;]*?)(?:,| and|;|\.)",
            "",
        ),
        (r"\ba couple (?:of )?(?=(?:hundred|thousand|grand|k)\b)", "2 "),
        (
            r"\ba couple (?:of )?(?=[a-z]{3,9}\b)(?!things?|times?|questions?|trades?|more|coins?"
            r"|seconds?|minutes?|days?|weeks?|hours?|months?|years?)",
            "2 ",
        ),
        (r"^\W*y (?=(?:the|my|our|no|not|so|u|you)\b)", "why "),
        (r"(?<!not) at all\b", ""),
        (r"\bat (?:the |its )?(?:current|going|present|market|latest) (?:price|rate|level)\b", "at market"),
        (
            r"\b(?:using|with) (?:whatever|what(?:ever)? money|all(?: that)?)(?: is|'s)?"
            r" (?:left|remaining)\b",
            "with all my cash",
        ),
        (
            r"\b(?:the rest|what is left|what's left|the remainder) of (?:my|the|our)"
            r" (cash|money|funds|balance|usd|dollars|capital)\b",
            r"all my \1",
        ),
        (
            r"\b(?:my|the) (?:remaining|leftover) (cash|money|funds|balance|usd|dollars|capital)\b",
            r"all my \1",
        ),
        (r"\bdois[- ]je\b", "devrais je"),
        (
            r"\b(?:take|bring|run) ((?:my|the|our|all)[^,.;?!]{1,24}?) (?:down )?to"
            r" (?:zero|nothing|0)(?![\d.,%])",
            r"close \1",
        ),
        (r"\bsee to it that\b", "make sure that"),
        # the owner who says one, and what is due
        (r"\bone's (?!own\b)", "my "),
        (
            r"\bone (?=(?:would|should|could|might|must|may|wishes|wants|needs|prefers|is inclined|has)\b)",
            "i ",
        ),
        (
            r"(?:\bit(?:'s| is) |^\W*)(?:high |about |really )*time (?:that )?(?:we|i|you)"
            r" (?=(?:bought|sold|[a-z]+ed|got|let|took|put|cut)\b)",
            "please wished ",
        ),
        (
            r"^\W*(?:it(?:'s| is) )?(?:high |about |really )*time (?:for (?:you|us|me) )?to (?!be\b)",
            "please ",
        ),
        (r"\b(?:i|we) (?:should|would) not (?:like|want|wish|care) to\b", "i do not want to"),
        # stretches of time and sales in other languages
        (r"\b(?:la |a )?(?:semana|semaine|settimana) (?:pasada|passada|derniere|scorsa)\b", "last week"),
        (r"\b(?:el |le |il |o )?(?:mes|mois|mese) (?:pasado|passado|dernier|scorso)\b", "last month"),
        (r"\b(?:questa settimana|essa semana)\b", "this week"),
        (r"\b(?:questo mese|ce mois(?:-ci)?|esse mes)\b", "this month"),
        (r"\b(?:hau|haue|wirf|schmeiss|schmeisse) (?:mal |bitte )?(.{2,40}?) (?:raus|weg)\b", r"verkaufe \1"),
        (r"\bdue (?=or[ae]\b|giorni\b|settimane\b|minuti\b|mesi\b)", "2 "),
        (r"\b4(get|got|gotten)\b", r"for\1"),
        (r"\b2day\b", "today"),
        (r"\b2(?:moro|morrow|mrw)\b", "tomorrow"),
        (r"\bb4\b", "before"),
        (r"\bdo (?:the needful|one thing|this for me)\b(?:\s*[,:-]|\s+and\b)?", "please"),
        (r"^\W*might (?=(?:you|u|i|we) )", "could "),
        (r"(?<!buenas )\btardes\b", "trades"),
        (
            r"\bwhich means (?:that )?(?:we|i|you) (?:should|ought to|need to|must|have to|can|could)\b",
            "so please",
        ),
        (r"\b(?:sure|ok|okay|yes|yeah|fine|well),? why not\b", "sure"),
        (
            r"(?:^|(?<=[,.!?]))\s*(?:and |so |then )?if (?:you|u) (?:can|could|would)(?: just| please)?"
            r" (?!get it|do it|find|please|,)(?=[a-z]+ )",
            " please ",
        ),
        (r"(?<=[a-z])\s+n\s+(?=[a-z])", " and "),
        (r"\b(?:please|kindly|pls|plz|just) (?=do not\b|don'?t\b)", ""),
        # fractions in digits: 1/2 of my eth is a share, 1/2 eth is an amount
        (r"(?<![\d/.])1/2(?= (?:of|my|the)\b)", "half"),
        (r"(?<![\d/.])1/3(?= (?:of|my|the)\b)", "a third"),
        (r"(?<![\d/.])2/3(?= (?:of|my|the)\b)", "two thirds"),
        (r"(?<![\d/.])1/4(?= (?:of|my|the)\b)", "a quarter"),
        (r"(?<![\d/.])3/4(?= (?:of|my|the)\b)", "three quarters"),
        (r"(?<![\d/.])1/2(?= (?:an? )?[a-z])", "0.5"),
        (r"(?<![\d/.])1/4(?= (?:an? )?[a-z])", "0.25"),
        (r"(?<![\d/.])3/4(?= (?:an? )?[a-z])", "0.75"),
        (
            r"\by(?=\s+(?:(?:did|does|are|is|was|were|have|has|do)(?:n'?t)?\b|(?:wo|ca)n'?t\b"
            r"|no (?:trades?|buys|sells|entries|positions))\b)",
            "why",
        ),
        # a genitive without its apostrophe: yesterdays trades, last weeks result
        (r"\b(today|yesterday|tonight|(?:last|this|past|previous) (?:week|month|year|night))s\b", r"\1"),
        (r"\bhalf[ -](?:a )?year\b", "6 months"),
        (r"\bdo (?:me|us) a (?:quick |big |small )?favou?r\b(?: and|,|:| -)?(?= )", "please"),
        (r"\b(?:us|u\.s\.|american) (?=dollars?\b)", ""),
        (r"\bi(?:'d| would| really)* (?:want|need|like|love|wish) (?:you|u) to\b(?! know\b)", "please"),
        (r"\ba couple (?:of )?(?=(?:hours?|days?|minutes?|mins?|weeks?|months?)\b)", "2 "),
        (r"\b([ap])\.\s?m\b\.?", r"\1m"),
        (
            r"\bin the (morning|afternoon|evening) at (\d{1,2}(?::\d{2})?)(?![\d.,]*[%$\d])",
            r"at \2 in the \1",
        ),
        (r"\b(mr|mrs|ms|dr|prof|inc|ltd|approx|etc)\.", r"\1"),
        # a condition without its if: should it fall to 78, were it to fall
        (r"^\s*should (?!i\b|we\b|you\b)(?=[^,?]{3,60}, )", "if "),
        (
            r"(?:^|(?<=\w))\s*\bshould (?!i\b|we\b|you\b)(?=(?:the )?[a-z0-9]+ (?:drop|fall|rise|hit|reach"
            r"|go|break|dip|climb|cross|touch|crash|get|trade|come|slip|slide|sink|rally|move|return|lose"
            r"|gain"
            r"|recover|tank)\b)",
            " if ",
        ),
        (r"^\s*were (?=[a-z0-9]+ to [a-z]+)", "if "),
        # the courtesy of an older school
        (
            r"\b(?:may|might|could|can) i (?:trouble|bother|ask|beg) (?:you|u) to\b"
            r"|\b(?:i wonder(?:ed)?|i was wondering|wondering) (?:if|whether)(?: perhaps)? (?:you|u)"
            r" (?:could|would|can|might)(?: possibly)?\b"
            r"|\b(?:would (?:you|u) |(?:you|u) )?be so (?:good|kind) as to\b"
            r"|\b(?:would|might) it be possible (?:for (?:you|u) )?to\b"
            r"|\bperhaps (?:you|u) (?:could|would|might)\b"
            r"|\bhave the (?:goodness|kindness) to\b",
            "please",
        ),
        (
            r"(?:^|(?<=[.;,!:]))\s*do (?=(?:please|kindly|buy|sell|get|tell|show|give|send|cancel|close"
            r"|withdraw|stop|pause|resume|remember|forget|set|let|keep|make|put|pick|purchase|acquire"
            r"|flatten|remind|note|check|chart|explain|remove|take|call|continue|halt|liquidate|dispose"
            r"|be)\b)",
            " please ",
        ),
        (r"\bno (?:problem|worries|rush)\b", "ok"),
        (r"^\W*(?:one (?:more|other|last) thing|first of all|by the way|before i forget)\b\W*", ""),
        (r"\b(?:before i forget|in one go)\b", ""),
        (r"\bas soon as (?:you (?:can|could)|possible)\b", "now"),
        (r"(?<!positions)(?<!trades)(?<!coins)(?<!open) at once(?=\s*(?:[,.!?]|$))", " now"),
        (r"\b(?:(?:do|would) (?:you|u) |(?:you|u) )?mind (?=[a-z]+ing\b)", "please "),
        (
            r"\b(?:i'?d|i would|i should|it'?d be|it would be)"
            r"(?: really| so| be| feel| sleep| rest| much| more| a lot| most)*"
            r" (?:appreciate(?: it)?|love it|like it|great|nice|good|lovely|glad|grateful|happy|kind|better"
            r"|obliged|comfortable|easier|happier|safer|prefer(?: it)?)"
            r" if (?:you|u)(?: could| would| can)? ",
            "please wished ",
        ),
        (
            r"\b(?:i'?d|i would) (?:rather|prefer(?: it)? (?:if|that)) (?:you|u)"
            r" (?:didn'?t|did not|don'?t|do not)\b",
            "do not",
        ),
        (
            r"\b(?:i'?d|i would) (?:rather|prefer(?: it)? (?:if|that)) (?:you|u)"
            r" (?=(?:bought|sold|[a-z]+ed)\b)",
            "please wished ",
        ),
        (r"\btake (?:five|ten)(?=\W*(?:$|[.,;!]| bot\b| zyn\b| mate\b| please\b))", "take a break"),
        (r"\bwished bought\b", "buy"),
        (r"\bwished sold\b", "sell"),
        (r"\bwished (got rid|let go|took|put|cut)\b", _present),
        (r"\bwished ([a-z]+?)(?:ed)\b", r"\1"),
        (r"\bwished ", ""),
        # courtesy that looks like a condition: if it is not too much trouble, when you get a minute
        (
            r"\bif (?:it|that|this)(?:'s| is|'d be| would be| will be)(?: not|n't)?"
            r"(?: too much| any| much| a| an| all)*"
            r" (?:trouble|bother|problem|hassle|ok|okay|fine|alright|right|possible)"
            r"(?: (?:for|with|by|to) (?:you|u))?\b",
            "please",
        ),
        (
            r"\bif (?:you|u) (?:do not mind|don'?t mind|please|can|could|would|like|will|want|wouldn'?t mind"
            r"|are able to)(?=\s*(?:[,.!?;:]|$))|\bif (?:at all )?possible\b"
            r"|\bif (?:you|u)(?:'?d| would| will) be (?:so |very )?(?:kind|good)\b",
            "please",
        ),
        (
            r"\b(?:when|whenever|once) (?:you|u) (?:can|could|are free|are ready"
            r"|(?:get|have|find|got) (?:a|the|some) (?:free )?"
            r"(?:chance|minute|min|moment|sec|second|time))\b",
            "please",
        ),
    )
)


def spelled_out(text: str) -> str:
    """A message in lower case with its turns of speech in plain words."""
    for short, full in _SHORTHAND:
        text = short.sub(full, text)
    return clock_words(text)
