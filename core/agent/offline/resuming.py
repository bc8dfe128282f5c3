"""Whether a word like 'resume', 'carry on' or 'panic' is meant for Zyn, or belongs to ordinary talk.

What it is done to must be a thing of the trade, or nothing at all ('carry on', 'resume trading', but not
'resume the podcast'); who does it must be Zyn ('you can continue', but not 'talks resume on Monday').
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.agent.offline.clause import POLITE, Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.periods import CALENDAR_WORDS
from core.agent.offline.tokens import Kind, Token

_THINGS = bag(
    """TRADE BUY SELL SPEND AUTOPILOT POSITION ORDER STRATEGY MARKET ALL DAILYREPORT ON PAUSE
    COINWORD HOLDINGS DIDTRADE RESTING LIMIT PNL BACKTEST LEARN RISKWORD"""
)
_WORK = bag(
    """trading trade work working trades orders job duty duties service services operation
    operations operating business activity activities mission plan strategy everything things thing
    session shift routine speed money profit profits grind hunt hunting button command mode machen
    geht gehts arbeiten traden handeln trader travail travailler trabajo trabajar trabajando operar
    operando operaciones operare operazioni lavoro lavorare negociar negociando negociacao handel
    handeln"""
)
_ADVERBS = bag(
    """watch watching scan scanning make making earn earning invest investing very much once btw
    next thanks the a an this that these your my our its his her with on in at to from of for by
    about into again now then just right away immediately straight back once more usual before
    normal normally full regular auto automatic automatically live real spot crypto good great
    strong slowly carefully anyway regardless too also today tonight soon later up out over here
    there without delay me us it them yourself one all am pm o clock con el la los las del de en mit
    dem der den das die im wieder jetzt bitte avec le les ton tes il lo al di a i da col com o os
    asi cosi ora ya ahora subito sofort maintenant encore otra vez nuevo mate bro man dude buddy pal
    boss sir champ soldier captain friend zyn dear partner lazy old sleepy"""
)
_JOINTS = bag(
    """would will can could and but because cos cause since if when whenever once as so then or
    unless while although until till before after like where what how why is are i we you he she
    they thanks y und et e pero aber mais ma"""
)
_LEADS = bag(
    """off you zyn we us let lets me want would like need wish can could will may should must have
    to is are am be ok okay fine safe time go ahead feel free just get getting allowed allow permit
    permission granted start begin try ready happy glad think guess believe say said suggest order
    tell ask authorise authorize give do press hit push tap click use run make sure it trading bot s
    i every each possible good kind simply so want please would mind possibility puedes puede du
    kannst kann darfst bitte tu peux vous pouvez puoi pode jetzt wir ich will quiero que mochte dass
    je veux"""
)
_WISHES = bag(
    """want need like wish order say said suggest tell ask think guess believe allow permit
    authorise authorize ready happy glad prefer decided let mean command give want quiero will
    mochte veux make"""
)
_DONE = bag(
    """over ok okay fine good great calm calmed down back done ready safe clear now quiet better
    passed again ended finished lifted up well right alright set solved fixed stable enough yes home"""
)
_ZYN = bag("you zyn bot us")
_OTHERS = bag("he she they will would did has had who everyone everybody nobody someone people to")
_NOUN_BEFORE = bag("a an my her his their your our the this old new un une mein dein mon ton mi tu su il la")
_TOLD = re.compile(
    r"\b(?:listening|slower|louder|stor(?:y|ies)|jokes?|telling|explain\w*|explanation|sentence|reading|movie"
    r"|chapter|song|speech|what did (?:they|he|she|you) say|say next|what happened (?:next|then))\b"
)


def resumes_trading(clause: Clause, at: int, raw: str) -> bool:
    """Whether the word at a place asks Zyn to trade on."""
    told = bool(_TOLD.search(raw.lower())) and not clause.has("TRADE", "AUTOPILOT")
    return not told and done_to_the_trade(clause, at) and _led(clause, at)


def done_to_the_trade(clause: Clause, at: int) -> bool:
    """Whether what follows a deed is a thing of the trade, or nothing but when and how."""
    word = clause.tokens[at].text
    rest = clause.tokens[at + 1 :]
    if word.endswith("weiter") and [token.text for token in rest[:2]] == ["i", "am"]:
        rest = rest[2:]  # weiter im ...
    for place, token in enumerate(rest):
        if token.kind is Kind.MARK or (token.text in _JOINTS and not (place and _points(rest[place - 1]))):
            return True
        coin = token.kind is Kind.COIN and token.text not in _ADVERBS  # 'ton' is French, too
        if coin or token.tag in _THINGS or _WORK & set(token.text.split()):
            return True
        if not _beside(token):
            return False
    return True


def _points(token: Token) -> bool:
    return token.text in ("for", "with", "to", "than")


def _beside(token: Token) -> bool:
    """Whether a word only says when or how."""
    dated = token.text in CALENDAR_WORDS and token.text != "history"
    timed = token.kind is not Kind.WORD or dated or token.tag in ("SCHEDULE", "WHEN")
    polite = token.tag in POLITE and not (token.guessed and token.tag != "PLEASE")
    return (
        timed or polite or all(word in _ADVERBS for word in token.text.split()) or token.text.endswith("ly")
    )


def _led(clause: Clause, at: int) -> bool:
    """Whether what stands before the deed wishes it of Zyn, or only tells why it may be done."""
    lead = _lead(clause.tokens[:at])
    before = clause.tokens[at - 1].text if at else ""
    after = clause.tokens[at + 1].text if at + 1 < len(clause.tokens) else ""
    if clause.tokens[at].text == "resume" and before in _NOUN_BEFORE and after not in ("button", "command"):
        return False  # here is my resume
    if clause.texts[:at] == ("to",) or (clause.tokens[at].text == "resume" and after == ":"):
        return False  # to resume: ...
    words = [word for token in lead for word in token.text.split()]
    if before.split()[-1:] and before.split()[-1] in _DONE:
        return True  # lunch is over, back to work
    if "i" in words and not set(words) & (_WISHES | _ZYN | {"we"}):
        return False  # i am going back to work
    traded = "trad" in clause.tokens[at].text or after == "trading"
    if traded and (_ZYN & set(words) or not _OTHERS & set(words)):
        return True
    return all(_leads(token) for token in lead)


def _lead(tokens: Sequence[Token]) -> list[Token]:
    """The words since the last mark or joint; the so of 'would you be so kind' is none."""
    joints = (
        at
        for at, one in enumerate(tokens)
        if one.kind is Kind.MARK or one.text == "and" or (one.text == "so" and tokens[at - 1].text != "be")
    )
    return [token for token in tokens[max(joints, default=-1) + 1 :] if token.tag not in POLITE]


def _leads(token: Token) -> bool:
    known = token.tag in _THINGS or _beside(token) or token.text in _WORK
    return known or all(word in _LEADS for word in token.text.split())


_SAID_OF = bag(
    "is was never makes does helps will selling buying sellers buyers attack attacks room sold bought"
)
_AROUND = bag("at over about because for")
_EMERGENCY = bag("fund funds room exit exits number contact doctor kit services meeting call brake lights")
_HALTS = bag("losing bleeding burning gambling investing spending working running going doing acting")


def cries(clause: Clause, at: int) -> bool:
    """Whether a word of alarm is a cry, and not 'panic selling', 'panic at the disco', 'emergency exit'."""
    after = clause.tokens[at + 1] if at + 1 < len(clause.tokens) else Token("")
    if after.text in _AROUND:
        return done_to_the_trade(clause, at + 1)
    return after.text not in _SAID_OF | _EMERGENCY


def halts_the_trade(clause: Clause) -> bool:
    """Whether 'stop ...' stops trading: 'stop it', 'stop now', not 'stop joking'."""
    second = clause.opening[1] if len(clause.opening) > 1 else Token("")
    idle = second.kind is Kind.WORD and not second.tag and second.text.endswith("ing")
    return not idle or second.text in _HALTS
