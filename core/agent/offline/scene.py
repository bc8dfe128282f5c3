"""What a rule may know besides the clause, and what it hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from core.agent.intents import Outcome
from core.agent.offline.manner import Manner
from core.agent.offline.periods import TODAY, Period, find_period
from core.agent.offline.tokens import Token
from core.model.pair_table import bundled_pair


@dataclass(frozen=True, slots=True)
class Scene:
    """The moment a message is read in: the owner's day, what is held and resting, what was last spoken of."""

    today: date
    positions: tuple[str, ...] = ()  # symbols
    orders: tuple[Mapping[str, Any], ...] = ()  # id, symbol
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    last_symbol: str | None = None
    quote: str = "USD"
    named: str | None = None  # the coin of an earlier sentence of this message

    told: Period | None = None  # the period spoken of on the way to the wish
    idle: bool = False  # on the way to the wish it was told that nothing was done

    def symbol(self, coin: Token, money: str = "") -> str:
        """The pair of a coin: as written, else against the money named, else the owner's currency."""
        if coin.quote:
            return f"{coin.unit}/{coin.quote}"
        wanted = f"{coin.unit}/{money}" if money else ""
        if wanted and bundled_pair(wanted):
            return wanted
        return f"{coin.unit}/{self.quote}"

    def period(self, tokens: tuple[Token, ...]) -> Period | None:
        """The period named; one that was told of before where there is none, or only a 'so far'."""
        found = find_period(tokens, self.today)
        so_far = found == "today" and not {token.text for token in tokens} & TODAY
        return self.told if self.told and (found is None or so_far) else found


@dataclass(frozen=True, slots=True)
class Frame:
    """What one clause comes to. An unfinished one keeps its slots, so that an answer can complete it."""

    outcome: Outcome
    intent: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    say: str = ""
    suggestions: tuple[str, ...] = ()

    def lacks(self, missing: tuple[str, ...], say: str) -> Frame:
        return Frame(Outcome.CLARIFY, self.intent, self.slots, missing, say)


def look_up(intent: str, **slots: Any) -> Frame:
    """A question to be answered; empty slots are left out."""
    return Frame(Outcome.CALL, intent, _given(slots))


def propose(intent: str, **slots: Any) -> Frame:
    return Frame(Outcome.CONFIRM, intent, _given(slots))


def act(intent: str, **slots: Any) -> Frame:
    return Frame(Outcome.EXECUTE, intent, _given(slots))


def ask(say: str, *missing: str, intent: str = "", **slots: Any) -> Frame:
    return Frame(Outcome.CLARIFY, intent, _given(slots), missing, say)


def refuse(say: str) -> Frame:
    return Frame(Outcome.REFUSE, say=say)


def chat(say: str) -> Frame:
    return Frame(Outcome.CHAT, say=say)


def _given(slots: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in slots.items() if value is not None}


def if_plain(manner: Manner, frames: list[Frame], what: str) -> list[Frame]:
    """The frames when they are plainly wished; else an answer that acts on nothing."""
    if manner in (Manner.CONDITION, Manner.SCHEDULED):
        return [ask(f"I cannot wait for a moment or a price to {what}. Shall I do it now?", "when")]
    if manner is Manner.TENTATIVE:
        return [ask(f"Tell me when you are sure and I will {what}.", "decision")]
    if manner is Manner.REPORTED:
        return [chat("I act on your own words only. Tell me yourself if you want that done.")]
    if manner in (Manner.ADVICE, Manner.HYPOTHESIS):
        return [chat(f"That is yours to decide. Say the word and I will {what}."), *_facts(frames)]
    return frames


def _facts(frames: list[Frame]) -> list[Frame]:
    """What bears on a deed that is only thought about: the position and the price, or all positions."""
    symbols = [str(frame.slots["symbol"]) for frame in frames if frame.slots.get("symbol")]
    about = [look_up(intent, symbol=one) for one in symbols for intent in ("get_positions", "get_price")]
    return about or [look_up("get_positions")]
