"""The nearest known question, for a sentence that no rule has understood.

Every row of the book is a question that the rules do understand and other ways in which people ask it. A
sentence is measured against all of them: the words and concepts that both hold, weighed by how rare they are
in the book (cosine of tf-idf vectors, Salton and Buckley 1988). Near enough, and it is taken for that
question; further off, its neighbours become the "did you mean" buttons. Only look-ups and explanations stand
in the book, so a wrong guess shows something else and does nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from core.agent.intents import Call, entry_of
from core.agent.offline.clause import POLITE
from core.agent.offline.lexicon import bag
from core.agent.offline.tagging import read
from core.agent.offline.tokens import Kind, Token

NEAR = 0.62  # a cosine from which on the question is taken to be meant
NEIGHBOUR = 0.25  # and from which on it is offered
_STRANGE = 1.5  # how much heavier a word weighs that the book does not hold: it speaks of something else
_LITTLE = bag("the a an of for so with to and or but at in on by")
_ENDINGS = ("ings", "ing", "edly", "ed", "ies", "es", "s", "ly")
_PLACES = {Kind.COIN: "<coin>", Kind.SPAN: "<span>", Kind.DATE: "<date>", Kind.TIME: "<time>"}

# Each line: the question, then other ways to ask it.
_BOOK = """
how do you decide what to trade | explain how you decide | who decides what to trade you or the ai
| what makes you choose a trade | what is your thinking | on what do you base your choices
| what goes on in your head | how are decisions made here | walk me through how you choose
| what is behind your choices | does the ai decide | who is in charge of the trading
what are my risk limits | what is the worst that can happen | how much could i lose at worst
| what is my worst case | how bad can it get | how much is at stake | how much am i risking
| what would a crash do to us | how exposed are we | what could go wrong | am i risking too much
| what happens to me if the market crashes | how much can we lose before you stop | how careful are you
| what is my maximum loss today | what if everything drops | how much room is left for losses
show my mandate | what are my rules | which rules did i give you | what have i forbidden
| which rules do you follow for me | what did we agree on | what am i allowing you
| what are you not allowed to do | list my instructions | what are my standing orders
how is everything | what is the plan | anything i should know | anything new | what is new | fill me in
| bring me up to speed | give me the news | what did i miss | how is life | is all well with you
| how long have you been running | since when are you running | are you awake | what are you up to
| are you busy | is there anything to worry about | do i need to do anything | what is your state
show my open positions | how is that one doing | how is it doing | where is its stop | are my coins protected
| which coins do we hold | is everything covered by a stop | how are my holdings
| does it have a stop | what are we invested in | what is running at the moment | is my stop in place
| which trades are open | what have you got me into | is anything open | did anything get stopped
show my balance | how much cash is there | how much is in the pot | how rich am i | what am i worth
| how much money do we have | what is left in the account | what is in my wallet | how full is the purse
| how much powder is dry | what is uninvested
how much did we make today | are we making money | is it going well | was it worth it today
| are you earning your keep | how is business | how are the earnings | how are my finances
| are we winning | is this paying off | how is the money doing | did the day go well
how much did we pay in fees this month | should i be worried about the fees | are the fees high
| what do the fees cost me | how much goes to kraken | what does kraken take
show my latest trades | what have you been trading | which deals did you make | what did you do
| what happened in the account | show me what you did | what moves did you make
show my open orders | what is waiting to be filled | is anything resting | what is in the book for us
| which orders are out | is anything pending at the exchange
why did you not buy anything today | why so quiet | why is nothing happening | what are you waiting for
| when will you trade again | why are you doing nothing | when is the next trade | what keeps you from trading
why did you make the last trade | what was that about | what made you do that | what was the thinking there
| explain yourself | justify that trade | what was the reason for the last one
any insights | what patterns do you see | when do we do best | which coin is best for us
| which coins work | what works for us | where do we make our money | what are we good at
| what should i take from the trades | which coin makes us the most
what have you learned | did you get any smarter | what lessons did you draw | are you improving
| have you got better | what do you know now that you did not know
which coins do you watch | what do you look at | which markets are you following | what is on your list
| which coins may you trade | what is on the radar
what do you remember about me | what do you know about me | what have i told you | who am i to you
| what did you note down about me
show my alerts | what will you tell me about | when do you text me | what wakes me up | which alarms are set
help | what can i say | in what can you help | what are you good for | how do i use you | show me the ropes
| what are my options | what else can you do | how does this work
show my equity curve as a chart | draw how my money went | picture of my account | show me the curve
| plot my wealth
is kraken reachable | are you connected | is the line to the exchange fine | is kraken down
| is the exchange working | any technical trouble | is something broken
what happens to my stops if you crash | what if you die | what if the power goes out | are the stops safe
| what if your server burns | do the stops work without you
"""


def questions() -> list[str]:
    """Every known question."""
    return list(_book()[0])


def near(text: str) -> str | None:
    """The known question that a sentence most likely asks, or None when none is near."""
    best = max(_ranked(text), key=lambda row: row[1], default=("", 0.0))
    return best[0] if best[1] >= NEAR else None


def neighbours(text: str, limit: int) -> list[str]:
    """Known questions that are like a sentence, nearest first."""
    ranked = sorted(_ranked(text), key=lambda row: -row[1])
    return [question for question, score in ranked[:limit] if score >= NEIGHBOUR]


def asked_of(call: Call, said: Mapping[str, Any]) -> Call:
    """A look-up with what was said beside the question, where it takes that."""
    known = entry_of(call.intent).slots.model_fields
    return call.with_slots(**{name: value for name, value in said.items() if value and name in known})


def _ranked(text: str) -> Iterable[tuple[str, float]]:
    """Every known question with its cosine: that of the nearest way to ask it."""
    book, rarity = _book()
    told = _vector(_features(read(text)), rarity)
    for question, ways in book.items():
        yield question, max(_cosine(told, way) for way in ways)


Vector = Mapping[str, float]


@cache
def _book() -> tuple[Mapping[str, tuple[Vector, ...]], Mapping[str, float]]:
    """The ways to ask each question as vectors of length 1, and how rare each feature is."""
    rows = [[way.strip() for way in row.split("|")] for row in _BOOK.replace("\n|", " |").strip().split("\n")]
    heard = {row[0]: [_features(read(way)) for way in row] for row in rows}
    everything = [way for ways in heard.values() for way in ways]
    counted = Counter(feature for way in everything for feature in way)
    rarity = {feature: math.log((1 + len(everything)) / count) for feature, count in counted.items()}
    rarity[""] = _STRANGE * math.log(1 + len(everything))
    vectors = {question: tuple(_vector(way, rarity) for way in ways) for question, ways in heard.items()}
    return vectors, rarity


def _vector(features: frozenset[str], rarity: Mapping[str, float]) -> Vector:
    weights = {feature: rarity.get(feature, rarity[""]) for feature in features}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {feature: weight / length for feature, weight in weights.items()}


def _cosine(one: Vector, other: Vector) -> float:
    shared = [weight * other[feature] for feature, weight in one.items() if feature in other]
    return sum(shared) if len(shared) > 1 or one == other else 0.0


def _features(tokens: Iterable[Token]) -> frozenset[str]:
    """The concepts of a sentence, and the stems of the words that stand for none."""
    found = set()
    for token in tokens:
        little = token.tag in POLITE or token.tag == "FILLER" or token.text in _LITTLE
        if little or token.kind is Kind.MARK:
            continue
        if token.kind is Kind.WORD:
            found.add(token.tag or _stem(token.text))
        else:
            found.add(_PLACES.get(token.kind, "<number>"))
    return frozenset(found)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
