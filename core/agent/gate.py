"""The policy gate: which money actions a turn may propose at all, decided by code from the owner's own words.

A model, a tool result or a quoted text can ask for nothing here. Whatever passes is still only a proposal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from core.agent.intents import Call, Outcome, Plan, entry_of
from core.agent.offline.brain import Moment, Said
from core.agent.offline.clause import Clause
from core.agent.offline.dangers import danger
from core.agent.offline.heed import to_keep
from core.agent.offline.manner import Manner, manner_of, own_words
from core.agent.offline.sides import side_of
from core.agent.offline.tagging import read
from core.agent.offline.tokens import Token
from core.agent.phrases import described
from core.agent.slash_plan import only_shows
from core.engine.registry import Effect

_WORDS = {
    "flatten": ("FLAT", "CLOSE", "SELL", "CASHOUT", "PANIC", "LESSEN"),
    "cancel_order": ("CANCEL", "FLAT", "PANIC", "NO", "WITHDRAW"),
    "resume": ("RESUME", "ON", "AUTOPILOT", "TRADE"),
    "pause": ("PAUSE", "STOP", "OFF", "PANIC"),
    "set_risk": ("RISKWORD", "DAYLOSS", "MAXPOS", "MAXEXP", "MAXOPEN", "LIMIT", "POSITION"),
}
_ORDERING = (
    "BUY",
    "SELL",
    "SPEND",
    "MOVE",
    "BID",
    "OFFER",
    "WANT",
    "CONVERT",
    "BRACKET",
    "ALLIN",
    "LESSEN",
    "SET",
)
_NOT_A_WISH = (Manner.HYPOTHESIS, Manner.CONDITION, Manner.REPORTED, Manner.TENTATIVE, Manner.ADVICE)
_ORDERS = ("place_order", "place_bracket")
_EXACT = ("set_risk", "mandate", "universe", "learning")  # in force: only as the owner said
_SAID_BEFORE = 6  # turns whose numbers and coins the owner may refer to


class Gate:
    """What this turn allows, judged once from the words and the offline reading of them."""

    def __init__(self, moment: Moment, reading: Plan) -> None:
        text, _ = own_words(moment.text)
        self._message = Clause(tuple(read(text)), asked=moment.text.rstrip().endswith("?"))
        self._reading = reading
        self._blocked = danger(moment.text, self._message) is not None
        self._manner = manner_of(self._message, self._message)
        said = [self._message, *_owners(moment.history[-_SAID_BEFORE:])]
        self._numbers = {value for clause in said for value in _values(clause.tokens)}
        self._coins = {coin.unit for clause in said for coin in clause.coins} | _spoken_of(moment)

    def objection(self, call: Call) -> str:
        """Why this call may not even be proposed; empty when it may."""
        effect = entry_of(call.intent).effect
        if effect is Effect.READ or (call.intent != "set_risk" and only_shows(call.intent, call.slots)):
            return ""
        if effect is Effect.OWNER:
            return "Only the owner can do that, with a command of their own."
        if call.slots.get("now"):
            return "Acting at once is for a typed command."
        if self._blocked:
            return "This message asks for something that is never done."
        if call.intent == "pause" and not self._said_end(call):
            return "The owner did not say when the pause ends; leave duration and until empty."
        if call.intent in _EXACT:
            said = (*self._reading.calls, *to_keep(self._reading))
            return "" if call in said else "That changes what the owner said; ask them."
        asked = any(call.intent == own.intent for own in self._reading.calls)
        if asked and call.intent not in _ORDERS and self._reading.outcome is not Outcome.CONFIRM:
            return ""
        if effect is Effect.MEMORY:
            return "" if self._reading.outcome is not Outcome.REFUSE else "Not asked for."
        if self._reading.outcome is Outcome.CONFIRM and call.intent != "pause":
            return self._as_read(call)
        if self._manner in _NOT_A_WISH:
            return "The owner did not plainly ask for it: a condition, a question or a report is no order."
        return self._order(call) if call.intent in _ORDERS else self._steering(call)

    def _said_end(self, call: Call) -> bool:
        """Whether a pause without an end is asked for, or one that ends as the owner said."""
        ends = {_end_of(own) for own in self._reading.calls if own.intent == "pause"}
        return _end_of(call) in ends | {(None, None)}

    def _as_read(self, call: Call) -> str:
        """A wish that was read whole is proposed as it was read, or not at all."""
        if any(_core(call) == _core(own) for own in self._reading.calls):
            return ""
        asked = "; ".join(described(own) for own in self._reading.calls)
        return f"The owner asked for exactly this: {asked}. Propose that, or ask."

    def _steering(self, call: Call) -> str:
        words = _WORDS.get(call.intent, ())
        if self._negated(*words):
            return "The owner said not to."
        if not self._message.has(*words):
            return "The owner's words of this turn do not ask for it."
        value = call.slots.get("value")
        invented = value is not None and Decimal(value) not in self._numbers
        return f"The owner did not say {value}." if invented else ""

    def _order(self, call: Call) -> str:
        draft = self._reading.draft
        drafted = (draft is not None and draft.intent in _ORDERS) or self._reading.outcome is Outcome.CONFIRM
        if not drafted and not self._message.has(*_ORDERING):
            return "The owner's words of this turn do not ask for an order."
        if self._negated(*_ORDERING):
            return "The owner said not to."
        side = side_of(self._message)
        if side in ("buy", "sell") and side != call.slots.get("side"):
            return f"The owner said {side}."
        coin = str(call.slots.get("symbol", "")).partition("/")[0]
        if coin not in self._coins:
            return f"The owner did not name {coin}. Ask which coin."
        invented = [value for value in _order_values(call.slots) if value not in self._numbers]
        return f"The owner did not say {invented[0]}. Ask for the number." if invented else ""

    def _negated(self, *tags: str) -> bool:
        at = self._message.place(*tags)
        return at >= 0 and self._message.negated(at)


def _core(call: Call) -> tuple[str, Mapping[str, Any]]:
    """What an order comes to, however it is written: a bracket is an order with both levels."""
    slots = {name: value for name, value in call.slots.items() if value not in (None, False)}
    if call.intent in _ORDERS:
        return "order", {"type": "market", **slots}
    return call.intent, slots


def _end_of(pause: Call) -> tuple[object, object]:
    return pause.slots.get("duration"), pause.slots.get("until")


def _owners(history: Iterable[Said]) -> list[Clause]:
    return [Clause(tuple(read(turn.text))) for turn in history if turn.role == "user"]


def _spoken_of(moment: Moment) -> set[str]:
    symbols = [str(call.slots["symbol"]) for call in moment.pending if call.slots.get("symbol")]
    return {symbol.partition("/")[0] for symbol in (*symbols, *moment.positions)}


def _values(tokens: Iterable[Token]) -> Iterable[Decimal]:
    """Every number said; a whole, a half and a single coin in words count as theirs."""
    for token in tokens:
        if token.value is not None:
            yield token.value
        if token.tag in ("ALL", "ALLIN", "MY"):
            yield Decimal(100)
        if token.text in ("a", "an", "one"):
            yield Decimal(1)


def _order_values(slots: Mapping[str, Any]) -> Iterable[Decimal]:
    for name in ("amount", "stop", "take_profit"):
        if slots.get(name):
            yield Decimal(slots[name][0])
    if slots.get("limit_price"):
        yield Decimal(slots["limit_price"])
