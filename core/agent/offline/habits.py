"""Rules by the calendar, coins to be left alone and other habits the owner wishes for.

What a standing order keeps is proposed; of the rest it is said plainly that nothing keeps it, and what does.
"""

from __future__ import annotations

import re
from dataclasses import replace

from core.agent.offline.clause import Clause
from core.agent.offline.control import duration_of, until_of
from core.agent.offline.limits import mood
from core.agent.offline.manner import Manner
from core.agent.offline.scene import Frame, Scene, ask, chat, propose

_DAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_AGAIN = (
    rf"(?:(?:every|each) (?:other |single )?"
    rf"(?:{_DAYS}s?|night|evening|day|morning|afternoon|week|weekend|month|hour)"
    rf"|daily|nightly|weekly|monthly|on (?:{_DAYS}s|weekdays)|(?:at|on|over|during) (?:the )?weekends"
    r"|at nights?|during the (?:night|day)|by night)"
)
_RECURS = re.compile(rf"\b{_AGAIN}\b")
_BY_A_DAY = re.compile(
    rf"\b(?:by|before|until|for|on|over) (?:the |every |each |any |a |this )?(?:weekend|{_DAYS})\b"
)
_THROUGH = re.compile(
    rf"\b(?:overnight|(?:over|through|into|past|during|across|on) (?:the |a |any |every |each )?"
    rf"(?:nights?|weekends?|{_DAYS}s?)|at nights?)\b"
)
_PART_OF_DAY = re.compile(r"\bin the (?:mornings?|afternoons?|evenings?|daytime)\b")
_DAYS_OFF = re.compile(rf"\btake (?:the |all |your )?(?:weekends|{_DAYS}s|nights|evenings) off\b")
_AT_ONCE = ("now", "immediately", "asap", "sleep", "awake", "scared", "afraid", "nervous", "worried", "crash")
_HELD = re.compile(
    r"\b(?:hold|holding|keep|keeping|carry|carrying|leave|leaving|sit|sitting|stay|staying|have|having|be|being"
    r"|anything open|positions?|trades?|exposure|bags?|exposed|invested)\b"
)
_DENIED = re.compile(r"\b(?:no|not|never|nothing|without|avoid|stop|none|neither|refuse|forbid)\b")
_OUT = re.compile(
    r"\b(?:flat|out of (?:the market|everything|all positions)"
    r"|(?:sell|close|dump|liquidate|flatten|exit|unload)"
    r" (?:\w+ )?(?:everything|all|positions?|trades?|lot|it all|what \w+ hold)|all in cash|to cash)\b"
)
_COIN_STOP = re.compile(
    r"^(?:please |just |you |zyn |can |could |would |will |i want to |i want you to |we |to |should )*"
    r"(?:(?:ban|forbid|blacklist(?:ed)?|boycott|exclude)\b"
    r"|(?:stop|quit|cease|end|finish|no more|do not) (?:ever )?(?:all )?(?:the )?"
    r"(?:trading|buying|touching|trade|opening|entering|trades in|trades of|buys of|messing with|dealing in"
    r"|bothering with|playing with|going into|getting into))\b"
)
GROUP = re.compile(r"\b(?:alt ?coins?|alts|meme ?coins?|memes|shit ?coins?|small ?caps|stable ?coins?)\b")
_STOP_SELLING = re.compile(
    r"^(?:please |just |you |zyn |can |could )*(?:stop|quit|cease) (?:selling|dumping|closing)\b"
)


def habits(clause: Clause, manner: Manner, scene: Scene, raw: str) -> list[Frame] | None:
    """The frames of a wish for a habit, or None."""
    if clause.question or manner not in (Manner.PLAIN, Manner.SCHEDULED, Manner.TENTATIVE, Manner.CONDITION):
        return None
    said = " ".join(clause.texts)
    return (
        _not_to_trade(clause, manner, said)
        or _trade_again(clause, manner, said)
        or _not_to_sell(said)
        or _less_often(clause, said)
        or by_the_calendar(clause, said)
    )


def by_the_calendar(clause: Clause, said: str) -> list[Frame] | None:
    """'Hold nothing over the weekend', 'be flat every evening', 'no trading on sundays'."""
    if clause.numbers or clause.has("SHOW", "PNL", "NOTIFY", "DAILYREPORT", "WHY", "IF"):
        return None
    if _holds_nothing(clause, said) or _empties(clause, said):
        return [replace(chat(NO_CALENDAR), suggestions=("/flatten", "/pause until monday"))]
    return [ask(NO_DAYS, "hours", intent="mandate")] if _idles(clause, said) else None


def _holds_nothing(clause: Clause, said: str) -> bool:
    held = _HELD.search(said) and _THROUGH.search(said) and not clause.has("PAUSE")
    return bool(held and _DENIED.search(said))


def _empties(clause: Clause, said: str) -> bool:
    """'Be flat every evening', 'close my eth every night'; a cry to sell now is none."""
    if _DENIED.search(said) or clause.says(*_AT_ONCE):
        return False
    if clause.coins:
        return clause.has("CLOSE", "FLAT") and bool(_RECURS.search(said))
    leaves = _OUT.search(said) or clause.has("FLAT", "CASHOUT")
    return bool(leaves and (_RECURS.search(said) or _BY_A_DAY.search(said)))


def _idles(clause: Clause, said: str) -> bool:
    """'No trading on sundays', 'take the weekends off', 'only trade in the morning'."""
    if clause.coins or duration_of(clause) or until_of(clause):
        return False
    bounded = _DENIED.search(said) or clause.says("only")
    idle = clause.has("PAUSE") or (clause.has("TRADE") and bounded)
    parted = _RECURS.search(said) or _PART_OF_DAY.search(said)
    return bool(_DAYS_OFF.search(said) or (idle and parted))


NO_CALENDAR = (
    "I have no rule for that: a stop, a target or your word closes a position, never the calendar. When the "
    "time comes, /flatten sells everything after your yes, and a pause with an end opens nothing new."
)
NO_DAYS = (
    "I keep hours of the day, but no days of the week and no word such as night: from when to when may I "
    "open positions? Say 'only trade between 08:00 and 22:00', or pause me until a day."
)


def _not_to_trade(clause: Clause, manner: Manner, said: str) -> list[Frame] | None:
    """'Stop trading doge': a coin left alone is a standing order, and no halt of everything."""
    if manner not in (Manner.PLAIN, Manner.TENTATIVE):
        return None
    if coins := left_alone(clause):
        return [propose("mandate", never_buy=coins)]
    if _stops(clause, said) and GROUP.search(said):
        return [
            ask(
                "Which coins? I leave them out by name, so tell me their names.",
                "symbol",
                intent="mandate",
            )
        ]
    return None


def _trade_again(clause: Clause, manner: Manner, said: str) -> list[Frame] | None:
    """'Unban doge', 'you can trade doge again': the ban falls, after a yes, and no pause ends."""
    other = clause.numbers or clause.has("SELL", "IF", "NOT", "NO", "NEVER") or manner is not Manner.PLAIN
    if other or not clause.coins or not _AGAIN_ALLOWED.search(said):
        return None
    return [propose("mandate", drop=coin.unit.lower()) for coin in clause.coins]


_AGAIN_ALLOWED = re.compile(
    r"^(?:please )?(?:unban|unblock|unblacklist)\b"
    r"|\b(?:start|begin|may|can|could|allowed to|free to) (?:trad(?:e|ing)|buying)\b.* again\b"
)
_OVERDONE = re.compile(
    r"\btrad(?:e|es|ing) (?:\w+ )?(?:so|too|that|as) (?:much|often|many|frequently|big|fast)\b"
)


def _less_often(clause: Clause, said: str) -> list[Frame] | None:
    """'Do not trade so much': less of it, and no halt."""
    if not _OVERDONE.search(said) or clause.numbers or clause.has("WHY", "SHOW", "IF"):
        return None
    return [mood(clause)]


def left_alone(clause: Clause) -> str:
    """The coins of 'stop trading doge and shib', joined by commas; none where the halt has an end."""
    return ",".join(coin.unit for coin in clause.coins) if _stops(clause, " ".join(clause.texts)) else ""


def _stops(clause: Clause, said: str) -> bool:
    other = clause.numbers or clause.has("SELL", "FLAT", "CLOSE", "IF", "STOPLOSS")
    ends = duration_of(clause) or until_of(clause)
    return bool(_COIN_STOP.search(said)) and not (other or ends or clause.question)


def _not_to_sell(said: str) -> list[Frame] | None:
    if not _STOP_SELLING.search(said):
        return None
    return [
        chat(
            "I sell a position of mine at its stop, at its target, under the kill switch or at your word, "
            "and nothing takes its stop away. /positions shows where those are; /pause opens nothing new."
        )
    ]
