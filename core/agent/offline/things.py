"""The thing of a deed that ends something: only coins, orders, positions and the like are ended here.

'Cancel all my meetings', 'close the tabs', 'the order of flowers': the verb is one of the trade, its thing is
not. The thing is the words behind the verb, up to where a reason or a time begins; its last word says what
it is, and one word of another world before or behind it ('the coffee order', 'my order at the pharmacy')
makes it one of that world.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.agent.intents import Outcome
from core.agent.offline.clause import POLITE, Clause
from core.agent.offline.elsewhere import worldly
from core.agent.offline.lexicon import bag, known_words
from core.agent.offline.periods import CALENDAR_WORDS
from core.agent.offline.scene import Frame, ask, chat
from core.agent.offline.spelling import inflected
from core.agent.offline.tokens import Kind, Token

_VERBS = ("FLAT", "CANCEL", "CLOSE", "CASHOUT", "WITHDRAW")
_ENDING = ("cancel_order", "flatten")
_ENDS_THING = bag(
    """and then so because since as while when before after until till if for to but or please now today
    tonight tomorrow immediately asap quickly quick fast straight right once again i we he she they it you
    is was are were has have had will would can no not by via with without than too also that
    this these those"""
)
_DETERMINERS = bag("the my our all your their his her any every each those these this that both a an")
_HOW = bag("fast hard early late already somehow instantly completely whatever green")
_NAMES_ALL = bag("everything it")
_IN = bag("in on at from inside with")
# What stands for a thing of the trade without being one of its words.
_SLANG = bag(
    """stuff crap junk shit things thing mess lot ones one rest whole market markets account portfolio wallet
    book books deal deals exposure risk longs long alts shitcoins memecoins tokens token coins crypto crypt
    garbage holdings assets asset inventory stack stash entries entry pending outstanding unfilled active
    remaining current existing exchange kraken everything way bleeding losses gains profits guys folks always
    thanks perhaps else others other them us me out hedge hedges leg legs bets bet pairs pair queue open
    chips table house casino game party boat ship train"""
)
_OF_MARKETS = bag(
    """red green black blue plus minus profit loss morning evening afternoon night meantime moment end open
    start close day week month hurry go once least most same next last first time once market markets account
    portfolio wallet book books queue exchange kraken system list file hand way front back cash total all name
    background top bottom noon midnight best worst left right spot fly double weekend screen app""",
)
_WORD_OF_TRADE = bag("strategy strategies order orders plan plans poll polls interview everything all it out")
_ITSELF = re.compile(
    r"^(?:the word |the phrase )?(?:liquidat|flatten|clos|cancel|exit|dump|sell|bail|cash)(?:e|ing|ling)?"
    rf"(?: (?:{'|'.join(sorted(_WORD_OF_TRADE))}|it all))?"
    r" (?:is|was|are|were|sounds?|means?|seems?|looks?|feels?|rhymes?|remains?)"
    r" (?!(?:what|my|the) (?:i|we|wish|order|plan|want)\b)"
)
_NONE_OF_MINE = (
    "That is nothing I look after: I cancel orders and close positions on the exchange. "
    "Name the coin if you mean one of those."
)


def of_other_things(clause: Clause, frames: Sequence[Frame]) -> list[Frame]:
    """What is said instead of ending orders or positions, where the clause names another thing; else none."""
    ended = frames and all(frame.intent in _ENDING and frame.outcome is Outcome.CONFIRM for frame in frames)
    at = clause.place(*_VERBS, "SELL")
    by_id = any("order_id" in frame.slots for frame in frames)
    if not ended or at < 0 or by_id:
        return []
    if _ITSELF.match(" ".join(token.text for token in clause.opening)):
        return [chat("Only a word, then: I cancel nothing and close nothing.")]
    if clause.coins:
        return []
    thing = _thing(clause.tokens[at], clause.tokens[at + 1 :])
    if _of_another_world(thing, clause.tokens[at]):
        return [chat(_NONE_OF_MINE)]
    if _unheard_of(thing, clause.tokens[at]):
        return [ask(_NONE_OF_MINE, "order")]
    return []


def _thing(verb: Token, tokens: Sequence[Token]) -> list[Token]:
    """The words of the thing: up to a comma, a reason, a time, or whatever else is no part of its name."""
    found: list[Token] = []
    named = verb.text.split()[-1] in _NAMES_ALL
    for token in tokens:
        points = token.text in _DETERMINERS or token.tag == "MY"
        joined = bool(found) and (found[-1].text in _IN or found[-1].text == "of")
        ended = token.text in _ENDS_THING and not (points and not named)
        if token.kind is Kind.MARK or ended or (named and points and not joined):
            break
        if not found and verb.text.split()[-1] in _NAMES_ALL and token.text not in _IN:
            break
        if token.tag not in POLITE:
            found.append(token)
        named = named or not (points or token.tag == "ALL" or token.text == "of")
    return found


def _of_another_world(thing: Sequence[Token], verb: Token) -> bool:
    """By a word of another world, by a place that no market has, or by a head that everybody knows."""
    if any(worldly(token) or "bank" in token.text.split() for token in thing):
        return True
    place = next((at for at, token in enumerate(thing) if token.text in _IN), len(thing))
    if _placed_elsewhere(thing[place:]) or _made_of_something(thing):
        return True
    named = thing[:place]
    head = named[-1] if named else None
    if head is not None and head.text == "money" and (verb.tag == "CANCEL" or verb.text == "flatten"):
        return True  # the dough
    if head is None or any(
        token.tag for token in named if token.tag not in ("ALL", "MY", "IT", "SOME", "LAST")
    ):
        return False
    if (
        verb.text == "exit"
        and _plain(named[0])
        and not (named[0].text in _HOW or named[0].text.endswith("ly"))
    ):
        return True  # exit through the gift shop, exit interview
    led = len(named) > 1 and any(
        one.text in _DETERMINERS or one.tag in ("ALL", "MY", "LAST") for one in named[:-1]
    )
    many = head.text.endswith("s") and len(head.text) > 4 and (led or _takes_all(verb))
    return _plain(head) and (head.guessed or head.text in known_words()) and (led or many)


def _unheard_of(thing: Sequence[Token], verb: Token) -> bool:
    """'Cancel the taxi order', 'close all tabs': nobody here knows such an order, or such a thing."""
    for before, token, after in zip((verb, *thing), thing, (*thing[1:], Token("")), strict=False):
        described = bool(after.tag) and _describes(token)
        led = before.text in _DETERMINERS or before.tag in ("ALL", "MY") or _takes_all(before)
        unknown = led and not token.guessed and token.text not in known_words()
        if _plain(token) and not described and (unknown or after.tag == "ORDER"):
            return True
    return False


_KINDS = bag(
    """old new bad big small good damn whole first last second third entire remaining previous recent latest
    early earlier late wrong same single only silly stupid dumb lone large tiny huge stale dead crazy weird
    morning evening overnight night day week extra spare high low lower upper long short top bottom
    bigger smaller older newer larger cheaper earlier later weaker stronger"""
)


def _describes(token: Token) -> bool:
    """'The stupid order', 'my unfilled order': of what kind, and not of what thing."""
    kind = token.guessed or token.text in _KINDS or (inflected(token.text) and not token.text.endswith("er"))
    return kind or token.text.endswith(("y", "ed", "ing", "ous", "ful", "est", "en", "ish", "al"))


def _takes_all(verb: Token) -> bool:
    return verb.text.split()[-1:] in (["all"], ["everything"])


def _plain(token: Token) -> bool:
    """A word that means nothing in the trade."""
    return (
        token.kind is Kind.WORD
        and not token.tag
        and len(token.text) > 2
        and token.text not in _SLANG
        and token.text not in _DETERMINERS
        and token.text not in CALENDAR_WORDS
    )


def _placed_elsewhere(tokens: Sequence[Token]) -> bool:
    """'(Everything) in the browser': a place with an article that neither a market nor a day has."""
    pointed = len(tokens) > 2 and tokens[1].text in _DETERMINERS
    place = tokens[2] if pointed else Token("")
    named = place.kind is Kind.WORD and not place.tag and len(place.text) > 2
    return named and place.text not in _OF_MARKETS | CALENDAR_WORDS


def _made_of_something(thing: Sequence[Token]) -> bool:
    """'The order of flowers', 'the order of service': what it is of is neither a coin nor a day."""
    parts = zip(thing, thing[1:], thing[2:], strict=False)
    return any(
        one.tag == "ORDER" and link.text == "of" and _plain(of) and of.text not in _OF_MARKETS
        for one, link, of in parts
    )
