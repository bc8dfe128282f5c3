"""What a message does to the proposals that are open: a yes, a no, or something changed in one."""

from __future__ import annotations

from collections.abc import Sequence

from core.agent.intents import Call, Outcome, Plan
from core.agent.offline.amending import amended
from core.agent.offline.clause import Clause
from core.agent.offline.dialogue import HEADS, ORDER_INTENTS, is_fragment
from core.agent.offline.lexicon import bag
from core.agent.offline.scene import Scene
from core.agent.offline.tokens import Kind, Token

_YES_FILL = bag(
    """zyn now then just it the this that order trade lets with and a for me , ! . : sir yes please all
    away to up ahead go them those both make happen so
    mate buddy bro pal dude man boss friend"""
)
_DO_IT = bag("mach machs haz hazlo fais fallo faca das lo adelante los genau bien vas va")
_SOFT_YES = bag("k")
_BESIDE_NO = bag("NO FILLER PLEASE THANKS OKAY GREET")
_OF_THE_OPEN = bag("ORDER TRADE WITHDRAW CANCEL")
_UNDOES = frozenset({"cancel it", "cancel that", "cancel this"})
_THROWN = bag("bin drop ditch scrap lose chuck axe dump trash scrub") | {"drop it"}
_POINTED = bag("it that this one idea order trade the")
_AMENDING = bag("SET RAISE LESSEN SOME TIMES STOP STOPLOSS TARGET LIMIT AT MARKET INSTEAD")


def says_yes(message: Clause, pending: Sequence[Call] = ()) -> bool:
    """A plain yes and nothing else, or with the deed it is asked about: 'yes, sell it'.

    A repaired short word, a question or a condition is none.
    """
    if message.asked or not message.has("YES", "OKAY"):
        return False
    deeds = _deeds_of(pending) if message.tokens[0].tag in ("YES", "OKAY") and not message.has("ALL") else ()
    clear = any(t.tag in ("YES", "OKAY") and t.text not in _SOFT_YES for t in message.tokens)
    again = _UNDOES if "CANCEL" in deeds and message.tokens[0].tag == "YES" else frozenset()
    return clear and all(
        _affirms(t) or _states(message, at) or (t.tag in deeds and not t.guessed) or t.text in again
        for at, t in enumerate(message.tokens)
    )


def _states(message: Clause, at: int) -> bool:
    """'(Yes, that) is (correct)', '(that is) what I want': said of what is open, and no question."""
    texts = [token.text for token in message.tokens[max(0, at - 2) : at + 1]]
    pointed = at > 0 and message.tokens[at - 1].text in ("that", "it", "this", "all", "everything")
    wished = " ".join(texts) in ("what i want", "what i meant", "is what i", "that is what", "it is what")
    return (texts[-1] in ("is", "was", "looks", "sounds", "seems") and pointed) or wished


def _deeds_of(pending: Sequence[Call]) -> tuple[str, ...]:
    """The verbs that name the one open proposal again."""
    if len(pending) != 1:
        return ()
    named = {
        "flatten": ("CLOSE", "SELL"),
        "set_risk": ("SET",),
        "resume": ("RESUME",),
        "cancel_order": ("CANCEL",),
    }
    side = {"buy": ("BUY",), "sell": ("SELL",)}.get(str(pending[0].slots.get("side")), ())
    return named.get(pending[0].intent, side if pending[0].intent in ORDER_INTENTS else ())


def _affirms(token: Token) -> bool:
    if token.guessed and len(token.text) < 6:
        return False
    return (
        token.tag in ("YES", "OKAY", "PLEASE", "THANKS", "FILLER", "MY") or token.text in _YES_FILL | _DO_IT
    )


def _leaves_undone(message: Clause, pending: Sequence[Call], scene: Scene) -> bool:
    """'I do not want to buy the ada any more': the deed that is open, and its coin, in the negative."""
    deeds = [at for at, token in enumerate(message.tokens) if token.tag in _deeds_of(pending)]
    others = message.tags & HEADS - _OF_THE_OPEN - bag("BUY SELL CLOSE FLAT SET RESUME")
    same = all(scene.symbol(coin) == call.slots.get("symbol") for coin in message.coins for call in pending)
    plain = not (message.numbers or message.question or others or message.has("IF", "HALF"))
    only = len({message.tokens[at].tag for at in deeds}) == 1 == len(pending)
    return only and plain and same and all(message.negated(at) for at in deeds)


def says_no(message: Clause) -> bool:
    """A refusal of what is open: no, cancel that, stop, wait."""
    rest = [
        token
        for token, after in zip(message.tokens, (*message.tokens[1:], Token("")), strict=False)
        if token.kind is not Kind.MARK
        and token.tag not in _BESIDE_NO
        and not (token.text == "have" and after.tag == "NO")  # i have changed my mind
    ]
    named = any(t.kind in (Kind.NUMBER, Kind.COIN) or t.text in ("orders", "trading") for t in rest)
    if message.has("NO"):
        if waits_to_ask(message):
            return False
        other = any(t.tag in HEADS - _OF_THE_OPEN for t in rest)
        return not named and (not other or (len(rest) <= 2 and not message.has("SHOW")))
    if rest and all(t.tag == "NEVER" for t in rest):
        return True
    thrown = bool(rest) and rest[0].text in _THROWN and all(t.text in _POINTED for t in rest[1:])
    if thrown and len(rest) + (rest[0].text == "drop it") > 1:
        return True
    if rest and rest[0].tag == "PAUSE" and _of_trading(rest[0]):
        return False
    withdrawn = bool(rest) and rest[0].tag in ("CANCEL", "STOP", "FORGET", "PAUSE") and not message.has("ALL")
    return withdrawn and len(rest) <= 3 and not named


_ONLY_DROPS = {
    "hold off",
    "hold fire",
    "hold your fire",
    "sit tight",
    "stand down",
    "halt",
    "freeze",
    "stop it",
    "stop now",
}


def _of_trading(halt: Token) -> bool:
    """'Stop trading', 'pause' and 'pausiere' halt more than what is open; 'hold off' only drops it."""
    return halt.text not in _ONLY_DROPS


def drops_first(message: Clause) -> bool:
    """Whether a new wish begins by dropping what is open: 'never mind, show my positions'."""
    return bool(message.tokens) and message.tokens[0].tag == "NO" and not waits_to_ask(message)


def waits_to_ask(message: Clause) -> bool:
    """'Hang on, what is it at': a question before the answer, which leaves open what is open."""
    halts = [token.text for token in message.tokens if token.tag == "NO"]
    asks = message.asked and message.has("WHAT", "HOW", "WHERE", "IS", "WHY", "MUCH", "PRICE")
    return asks and bool(halts) and set(halts) <= _HALTING


_HALTING = bag("wait") | {"hang on", "hold on", "hold up"}


def answer(message: Clause, pending: Sequence[Call], scene: Scene) -> Plan | None:
    """What a message does to the open proposals; None when it is a new wish."""
    if says_yes(message, pending):
        if len(pending) > 1 and not message.says("both", "all", "everything"):
            return Plan(
                Outcome.CLARIFY, missing=("pending",), say="Several are open. Tap the one you mean, please."
            )
        return Plan(Outcome.EXECUTE, tuple(pending), answers_pending=True)
    if doubted := _doubts(message):
        return Plan(Outcome.CLARIFY, missing=("decision",), say=doubted)
    if len(pending) > 1 and (chosen := _chosen(message, pending, scene)):
        return Plan(Outcome.CONFIRM, chosen)
    if message.has("YES", "OKAY", "NEUTRAL") and not message.has("NO") and _says_nothing_else(message):
        return Plan(Outcome.CLARIFY, missing=("decision",), say="Yes or no?")
    if len(pending) == 1 and (changed := amended(message, pending[0], scene)):
        return changed
    if says_no(message) or _leaves_undone(message, pending, scene):
        return Plan(Outcome.CHAT, say="Dropped. Nothing was sent.", declines_pending=True)
    return None


def _doubts(message: Clause) -> str:
    """What is answered to what is neither a yes nor a no: 'why not', 'what is the worst', 'yes and ...'."""
    said = [token.text for token in message.tokens if token.kind is not Kind.MARK]
    if said == ["why", "not"]:
        return "Yes or no?"
    if message.says("worst") and message.says("happen", "lose", "risk", "case"):
        return "The preview says the most it can lose; its stop bounds that. Yes or no?"
    second = message.tokens[1:2] and message.tokens[1].text in ("and", "plus", "also")
    more = bool(message.numbers) and bool(message.coins)
    if second and more and message.tokens[0].tag in ("YES", "OKAY"):
        return "One after the other: yes or no to what is open? Then I prepare the next."
    return ""


_ORDINALS = {"first": 0, "1": 0, "one": 0, "1st": 0, "second": 1, "2": 1, "two": 1, "2nd": 1, "last": -1}
_LEFT = bag("leave skip drop not no without except forget ignore cancel scrap never do-not hold")
_TURNING = bag("but and , ; then")


def _chosen(message: Clause, pending: Sequence[Call], scene: Scene) -> tuple[Call, ...]:
    """'Yes to the sell but leave the buy', 'only the first', 'not the eth': what of several is meant.

    It is shown once more, alone, for a half yes sends nothing.
    """
    if message.asked or message.has("IF", "WHEN", "MAYBE"):
        return ()
    wanted: list[Call] = []
    left: list[Call] = []
    drops = False
    for token in message.tokens:
        drops = (drops and token.text not in _TURNING) or bool(_LEFT & set(token.text.split()))
        for call in _named(token, pending, scene):
            (left if drops else wanted).append(call)
    kept = [call for call in pending if (call in wanted if wanted else call not in left)]
    return tuple(kept) if 0 < len(kept) < len(pending) else ()


def _named(token: Token, pending: Sequence[Call], scene: Scene) -> list[Call]:
    """The open proposals that a word points at: by side, by coin, by its place in the list."""
    if token.kind is Kind.COIN:
        return [call for call in pending if call.slots.get("symbol") == scene.symbol(token)]
    if token.text in _ORDINALS and abs(_ORDINALS[token.text]) < len(pending):
        return [pending[_ORDINALS[token.text]]]
    return [call for call in pending if token.tag in _deeds_of([call]) and token.tag]


def _says_nothing_else(message: Clause) -> bool:
    """A half yes: no number, no coin, no wish of its own."""
    return is_fragment(message) and not message.numbers and not message.coins and not message.has(*_AMENDING)
