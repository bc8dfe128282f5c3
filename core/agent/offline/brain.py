"""The offline brain: one message, what was said before, and what is known of the moment become a plan."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from core.agent.intents import Call, Outcome, Plan
from core.agent.offline.alarms import DEEDS, command_of
from core.agent.offline.assemble import assemble
from core.agent.offline.caps import caps
from core.agent.offline.chatter import last_words, opens_wish, without_chatter
from core.agent.offline.clause import POLITE, Clause
from core.agent.offline.clauses import apart, bare_of_it, keeps, names_an_order, sentences, split
from core.agent.offline.company import company
from core.agent.offline.control import control
from core.agent.offline.dangers import danger
from core.agent.offline.dialogue import (
    chosen_side,
    continued,
    elliptic,
    is_fragment,
    only_answers,
)
from core.agent.offline.elsewhere import elsewhere, of_another_world
from core.agent.offline.exits import with_exits
from core.agent.offline.habits import habits
from core.agent.offline.joined import (
    completed,
    inherited,
    only_points_back,
    only_urges,
    reason_of,
    without_guesses,
    without_overtaken,
    without_pleasantries,
)
from core.agent.offline.likely import asked_of, near
from core.agent.offline.limits import limits, loss_stop
from core.agent.offline.mandates import mandate
from core.agent.offline.manner import Manner, follows_others, manner_of, own_words
from core.agent.offline.notes import notes
from core.agent.offline.orders import orders
from core.agent.offline.pending import answer, drops_first, says_yes
from core.agent.offline.periods import find_period
from core.agent.offline.pointing import asks_an_extreme, pointed
from core.agent.offline.preferences import retimed
from core.agent.offline.reads import reads
from core.agent.offline.reasons import asks_what_lacks, asks_why, only_why, tells_of_idleness
from core.agent.offline.recurring import still_asked
from core.agent.offline.scene import Frame, Scene, chat, look_up, refuse
from core.agent.offline.slips import without_slips
from core.agent.offline.standing import standing
from core.agent.offline.tagging import read
from core.agent.offline.taken_back import may_undo, taken_back, undoes, what_remains
from core.agent.offline.talk import lost, small_talk, unfinished
from core.agent.offline.terms import terms
from core.agent.offline.things import of_other_things
from core.agent.offline.tokens import Kind, Token
from core.engine.registry import Effect

_TOLD_OF = ("get_trades", "get_performance", "get_positions")  # a bare why asks for the reason of these
_RULES = (loss_stop, habits, caps, control, limits, orders, reads)
_LOOK_BACK = 6  # turns searched for the coin spoken of
_GIST = 300  # characters of an earlier turn that say which coin it was about
_SHORT = 4  # tokens of an answer that was not understood
_DEPTH = 3  # earlier wishes a fragment may lean on
_TRYING = ("try", "test", "run", "do", "repeat")
_ADDING = ("and", "also", "plus")
_SENTENCE_END = re.compile(r"(?<=[.!?;\n])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Said:
    """One earlier turn. `role` is user or assistant."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything a brain may look at for one turn."""

    text: str
    today: date
    history: tuple[Said, ...] = ()
    pending: tuple[Call, ...] = ()
    positions: tuple[str, ...] = ()
    orders: tuple[Mapping[str, Any], ...] = ()
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    quote: str = "USD"


def understand(moment: Moment, depth: int = _DEPTH) -> Plan:
    """The plan of one turn. Pure: the same moment always gives the same plan."""
    scene = _scene(moment)
    text, foreign = own_words(moment.text)
    tokens = with_exits(without_slips(read(text)))
    message = Clause(tuple(tokens), asked=moment.text.rstrip().endswith("?"))
    if explained := terms(text):
        return assemble([explained])
    refusal = danger(moment.text, message)
    if not refusal and foreign and follows_others(moment.text):
        refusal = refuse(
            "Those are not your words, so I act on none of them. Tell me yourself: which coin, and how much?"
        )
    if refusal:
        return assemble([refusal])
    if settled := _alarmed(moment, depth) or _taken_back(replace(moment, text=text), depth):
        return settled
    if moment.pending:
        answered = answer(message, moment.pending, scene)
        if answered:
            return answered
        if also := _yes_and_look(message, moment, scene):
            return also
        if len(parts := sentences(tokens)) > 1 and says_yes(parts[-1], moment.pending):
            return Plan(Outcome.CLARIFY, missing=("decision",), say="Is that a yes? Yes or no, please.")
    if not moment.pending and (moved := _retimed(message, moment)):
        return assemble([moved])
    bare = _without_small_talk(tokens) if moment.history and not moment.pending else message
    short = len(bare.tokens) <= _SHORT or asks_an_extreme(bare)
    if moment.history and depth and not moment.pending and short:
        last = _last_wish(moment, depth)
        if last and (plan := pointed(bare, last, scene)):
            return plan
    if moment.history and depth and bare.tokens and (is_fragment(bare) or chosen_side(bare)):
        leaning = _leaning(bare, moment, scene, depth)
        if leaning and not _whole_by_itself(bare, moment, leaning):
            return leaning
    tokens, scene = _heard(tokens, scene, moment)
    frames = mandate(message, text) or [frame for frame in _frames(tokens, text, scene) if frame]
    spoken = [turn.text for turn in moment.history if turn.role == "assistant"]
    kind = None if frames else company(text, moment.today, spoken)
    if not frames and not kind and moment.pending and len(tokens) <= _SHORT:
        return Plan(
            Outcome.CLARIFY, missing=("decision",), say="I did not get that. Yes or no to what is open?"
        )
    if not frames and not kind and (likely := _likely(message, moment, scene)):
        return likely
    plan = assemble(frames or [kind or lost(text)])
    if moment.history and depth and message.tokens and message.tokens[0].text in _ADDING:
        plan = _in_the_same_period(plan, message, moment, scene, depth)
    return replace(plan, declines_pending=True) if moment.pending and drops_first(message) else plan


def _alarmed(moment: Moment, depth: int) -> Plan | None:
    """What a cry asks for, where that lowers risk."""
    command = command_of(moment.text)
    if command is None:
        return None
    plan = understand(replace(moment, text=command, history=(), pending=()), depth)
    if not plan.calls or any(call.intent not in DEEDS for call in plan.calls):
        return None
    return replace(plan, declines_pending=bool(moment.pending))


def _taken_back(moment: Moment, depth: int) -> Plan | None:
    """What remains of a message that takes its wish back, beside what was open before it."""
    undone = taken_back(moment.text)
    if undone is None or not undone.head:
        drops = undone and undone.plainly and not undone.rest and moment.pending
        return Plan(Outcome.CHAT, say="Dropped. Nothing was sent.", declines_pending=True) if drops else None
    before = understand(replace(moment, text=undone.head, pending=()), depth) if may_undo(undone) else None
    if before is None or not undoes(undone, before):
        return None
    told = (*moment.history, Said("user", undone.head))
    later = replace(moment, text=undone.rest, history=told, pending=())
    plan = what_remains(undone, before, understand(later, depth) if undone.rest else None)
    return replace(plan, declines_pending=bool(moment.pending)) if plan else None


def _likely(message: Clause, moment: Moment, scene: Scene) -> Plan | None:
    """The known question that this one is most like, asked of the coin and the period that are named here."""
    asked = (message.question or message.asked) and not of_another_world(message)
    question = near(moment.text) if asked else None
    if question is None or message.has("YES", "NO"):
        return None
    plan = understand(replace(moment, text=question, history=(), pending=()), 0)
    pointed_at = scene.last_symbol if message.has("IT") or message.says("one") else None
    coin = scene.symbol(message.coins[0]) if len(message.coins) == 1 else pointed_at
    said = {"symbol": coin, "period": scene.period(message.tokens)}
    return replace(plan, calls=tuple(asked_of(call, said) for call in plan.calls))


def _retimed(message: Clause, moment: Moment) -> Frame | None:
    """A new hour for the summary that the last two turns spoke of."""
    found = (retimed(message, turn.text[:_GIST]) for turn in moment.history[-2:])
    return next((frame for frame in found if frame), None)


def _without_small_talk(tokens: Sequence[Token]) -> Clause:
    heard = last_words(without_chatter(tokens).tokens)
    return Clause(tuple(heard), asked=bool(heard) and heard[-1].text == "?")


def _heard(tokens: Sequence[Token], scene: Scene, moment: Moment) -> tuple[list[Token], Scene]:
    """The message without its small talk, in a scene that knows the coin and the period told of there."""
    heard = without_chatter(tokens)
    if not heard.told or (names_an_order(heard.told) and bare_of_it(heard.tokens)):
        return list(tokens), scene
    coins = Clause(tuple(heard.told)).coins
    if len(coins) == 1:
        symbol = scene.symbol(coins[0])
        scene = replace(scene, last_symbol=symbol, named=symbol)
    told = [token for token in heard.told if token.tag not in POLITE]  # good morning names no period
    idle = tells_of_idleness(Clause(tuple(told)))
    return heard.tokens, replace(scene, told=find_period(told, moment.today), idle=idle)


def _yes_and_look(message: Clause, moment: Moment, scene: Scene) -> Plan | None:
    """'Yes, and show my balance': the yes, and look-ups that are no question about it."""
    joint = next((at for at, token in enumerate(message.tokens) if token.text in ("and", "then")), 0)
    head = Clause(tuple(token for token in message.tokens[:joint] if token.kind is not Kind.MARK))
    rest = Clause(message.tokens[joint + 1 :], message.asked)
    if not joint or len(moment.pending) != 1 or rest.question or not says_yes(head):
        return None
    calls = assemble(_of_sentence(rest, scene, moment.text, False) or [lost("")]).calls
    if not calls or any(call.effect is not Effect.READ for call in calls):
        return None
    return Plan(Outcome.EXECUTE, (*moment.pending, *calls), answers_pending=True)


def _scene(moment: Moment) -> Scene:
    return Scene(
        moment.today, moment.positions, moment.orders, moment.prices, _last_symbol(moment), moment.quote
    )  # fmt: skip


def _last_symbol(moment: Moment) -> str | None:
    """The coin last spoken of: in an open proposal, else in the latest turn that names exactly one."""
    for call in reversed(moment.pending):
        if call.slots.get("symbol"):
            return str(call.slots["symbol"])
    bare = Scene(moment.today, quote=moment.quote)
    for turn in moment.history[: -_LOOK_BACK - 1 : -1]:
        coins = Clause(tuple(read(turn.text[:_GIST]))).coins
        if coins:
            return bare.symbol(coins[0]) if len(coins) == 1 or turn.role == "user" else None
    return None


def _in_the_same_period(plan: Plan, message: Clause, moment: Moment, scene: Scene, depth: int) -> Plan:
    """'And how many did we win?' is asked of the period and the coin just spoken of."""
    last = _last_wish(moment, depth)
    before = last.calls[-1] if last and last.calls else None
    if len(plan.calls) != 1 or before is None or plan.calls[0].intent != before.intent:
        return plan
    kept = {
        name: before.slots[name]
        for name, said in (("period", scene.period(message.tokens)), ("symbol", message.coins))
        if not said and name in before.slots
    }
    return replace(plan, calls=(plan.calls[0].with_slots(**kept),)) if kept else plan


def _leaning(message: Clause, moment: Moment, scene: Scene, depth: int) -> Plan | None:
    """A fragment read against the owner's last wish, which is understood again from what was said."""
    last = _last_wish(moment, depth)
    return continued(message, still_asked(last, moment.history), scene) if last else None


def _whole_by_itself(message: Clause, moment: Moment, leaning: Plan) -> bool:
    """'45 bucks on xrp', 'do not touch my btc' after a question: a wish of its own, and no more of it."""
    if leaning.outcome is not Outcome.CALL and elliptic(message):
        return False
    if leaning.calls and leaning.calls[0].intent == "alerts":
        return message.has("BUY", "SELL", "SPEND")  # '3000 on eth' is where to alert
    tried = leaning.calls and leaning.calls[0].intent == "backtest" and message.says(*_TRYING)
    if tried and message.coins and not message.question:
        return False  # try it on link too
    alone = understand(replace(moment, history=()), 0)
    if leaning.outcome is not Outcome.CALL:
        return alone.outcome is Outcome.CONFIRM and bool(message.coins)
    if alone.outcome is Outcome.CONFIRM:
        return all(call.effect is not Effect.READ for call in alone.calls)
    told = alone.outcome is Outcome.CALL and any(call.effect is not Effect.READ for call in alone.calls)
    goes_on = len(message.tokens) <= _SHORT or message.tokens[0].text in _ADDING or elliptic(message)
    return told or (alone.outcome is Outcome.CALL and not goes_on)


def _last_wish(moment: Moment, depth: int) -> Plan | None:
    """What the owner said last, understood again."""
    places = [
        at for at, turn in enumerate(moment.history) if turn.role == "user" and not only_answers(turn.text)
    ]
    if not places:
        return None
    last = places[-1]
    earlier = replace(moment, text=moment.history[last].text, history=moment.history[:last], pending=())
    return understand(earlier, depth - 1)


def _frames(tokens: Sequence[Any], text: str, scene: Scene) -> list[Frame]:
    found: list[Frame] = []
    uncut = sentences(tokens)
    parts = [part for sentence in uncut for part in apart(sentence)]
    raws = [part for part in _SENTENCE_END.split(text) if part.strip()]
    supposed = any(manner_of(part, part) in (Manner.REPORTED, Manner.HYPOTHESIS) for part in parts[:-1])
    for at, sentence in enumerate(parts):
        raw = raws[at] if len(raws) == len(parts) else text
        raw = raw if sentence in uncut or sentence.has("REMEMBER") else " ".join(sentence.texts)
        if found and (whole := completed(sentence, found[-1], scene)):
            found[-1:] = whole
            continue
        explained = terms(raw) if len(parts) > 1 else None
        idle = found and found[-1].intent == "get_price" and tells_of_idleness(parts[at - 1])
        if found and only_why(sentence) and (found[-1].intent in _TOLD_OF or idle):
            found[-1:] = [reason_of(found[-1], parts[at - 1])]
            continue
        kept = [explained] if explained else standing(sentence, scene) or notes(sentence, scene, raw)
        heard = kept or _of_sentence(sentence, scene, raw, supposed)
        heard = [] if elsewhere(sentence, heard) else heard
        if found and only_points_back(sentence, found, heard):
            continue
        found += heard if len(parts) == 1 or opens_wish(sentence.tokens) else without_guesses(heard)
        if len(sentence.coins) == 1:
            symbol = scene.symbol(sentence.coins[0])
            scene = replace(scene, last_symbol=symbol, named=symbol)
    return without_pleasantries(without_overtaken(found))


def _of_sentence(sentence: Clause, scene: Scene, raw: str, supposed: bool) -> list[Frame]:
    if bounded := loss_stop(sentence, manner_of(sentence, sentence), scene, raw):
        return bounded
    found: list[Frame] = []
    undated: list[int] = []  # results asked for without a period so far
    clauses = [clause for at, clause in enumerate(split(sentence)) if not (at and keeps(clause))]
    for clause, following in zip(clauses, [*clauses[1:], Clause(())], strict=True):
        manner = manner_of(clause, sentence)
        if supposed and manner in (Manner.PLAIN, Manner.SCHEDULED):
            manner = Manner.REPORTED
        frames = _of_clause(clause, manner, _with_coin_of(following, clause, scene), raw, found)
        if frames and frames[0].intent == "get_performance":
            if period := scene.period(clause.tokens):
                for at in undated:
                    found[at] = replace(found[at], slots={**found[at].slots, "period": period})
            undated = [] if period else [*undated, len(found)]
            frames = frames if period else _as_dated(frames, found)
        found += [] if only_urges(clause, found, frames) else frames
        if len(clause.coins) == 1 and not _only_excludes(clause):
            scene = replace(scene, last_symbol=scene.symbol(clause.coins[0]))
    return found


def _as_dated(frames: Sequence[Frame], found: Sequence[Frame]) -> list[Frame]:
    """'Last month's win rate and profit factor': the second figure is asked of the same period."""
    before = found[-1].slots if found and found[-1].intent == "get_performance" else {}
    if "period" not in before or not all(frame.slots.get("metric") for frame in frames):
        return list(frames)
    return [replace(frame, slots={**frame.slots, "period": before["period"]}) for frame in frames]


def _with_coin_of(following: Clause, clause: Clause, scene: Scene) -> Scene:
    """'The min size and fee for sol': the coin that comes only after the last of the things asked."""
    waits = clause.has("MININFO", "FEEINFO", "PRECINFO", "PRICE", "CHART") and not clause.coins
    if not waits or len(following.coins) != 1 or following.has("BUY", "SELL", "FLAT"):
        return scene
    return replace(scene, last_symbol=scene.symbol(following.coins[0]))


def _of_clause(
    clause: Clause, manner: Manner, scene: Scene, raw: str, before: Sequence[Frame]
) -> list[Frame]:
    taken_over = inherited(clause, scene, before)
    if taken_over or _only_excludes(clause):
        return taken_over
    if manner is Manner.HYPOTHESIS and clause.has("BOUGHT", "SOLD"):
        return [look_up("get_positions"), chat("What would have been I do not count; I count what was done.")]
    if lacking := asks_what_lacks(clause, scene):
        return lacking
    for rule in (reads, *_RULES) if asks_why(clause) else _RULES:
        frames = rule(clause, Manner.QUESTION if rule is reads and asks_why(clause) else manner, scene, raw)
        if frames:
            return of_other_things(clause, frames) or frames
    if manner is Manner.HYPOTHESIS:
        return [look_up("get_positions"), chat("I do not predict; your stops bound what a fall can cost.")]
    fallback = small_talk(clause, scene) or (
        unfinished(clause, scene) if manner is not Manner.REPORTED else None
    )
    return [fallback] if fallback else []


def _only_excludes(clause: Clause) -> bool:
    """'Not eth, ...': names what is not meant, and wishes nothing itself."""
    words = [t for t in clause.opening if t.kind is not Kind.MARK and t.tag != "MY" and t.text != "the"]
    return len(words) > 1 and words[0].tag == "NOT" and all(t.kind is Kind.COIN for t in words[1:])
