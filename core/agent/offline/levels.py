"""New levels for a position that is held: 'raise the stop on eth to 2900', 'set my sol target to 160'."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from core.agent.intents import Call, Outcome, Plan
from core.agent.offline.clause import Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.scene import Frame, Scene, ask, propose
from core.agent.offline.tokens import Kind

Levels = Mapping[str, tuple[Decimal, str]]

_NAMES = {"STOP": "stop", "STOPLOSS": "stop", "TARGET": "take_profit"}
_PRICES = ("", "USD", "USDT", "USDC", "EUR", "GBP")
MOVING = tuple(bag("move raise lift lower tighten loosen widen trail adjust amend change shift modify edit"))
_SETTING = ("MOVE", "SET", "RAISE")
WHERE = (
    "Where shall {what} be: a price, or how many percent from the price now? I move a stop up only, "
    "and sell where you say."
)
UNNAMED = WHERE.format(what="it") + " Of which coin that I hold?"


def levels_of(clause: Clause, only: str = "") -> Levels:
    """Each level with the last number after its name, else the one before; `only` names a lone one."""
    after: dict[str, tuple[Decimal, str]] = {}
    before: dict[str, tuple[Decimal, str]] = {}
    named, latest = only, None
    for token in clause.tokens:
        if token.tag in _NAMES:
            named = _NAMES[token.tag]
            if latest is not None:
                before[named], latest = latest, None
        elif token.kind is Kind.NUMBER and token.unit in (*_PRICES, "%"):
            level = token.amount, "percent" if token.unit == "%" else "price"
            if named:
                after[named] = level
            else:
                latest = level
    return {**before, **after}


def whole_move(clause: Clause) -> bool:
    """Whether a move names its coin, its level and its place, and leans on nothing said before."""
    return shifts(clause) and bool(clause.coins and clause.numbers)


def shifts(clause: Clause) -> bool:
    """Whether a level is to be moved or set."""
    return clause.has(*_NAMES) and (clause.says(*MOVING, "put", "place", "new") or clause.has(*_SETTING))


def replaced(clause: Clause, scene: Scene, symbols: list[str]) -> list[Frame]:
    """What moves the levels of the one position that is meant, or asks for what is missing."""
    levels = levels_of(clause)
    if len(symbols) != 1:
        return [ask(UNNAMED, "symbol", "stop")]
    symbol = symbols[0]
    if levels:
        return [propose("place_bracket", symbol=symbol, **levels)]
    named = [name for name in ("stop", "take_profit") if any(_NAMES.get(one) == name for one in clause.tags)]
    what = f"the {'stop' if 'stop' in named else 'target'} of {symbol.partition('/')[0]}"
    missing = named if clause.coins else ["symbol", *named]
    return [ask(WHERE.format(what=what), *missing, intent="place_bracket", symbol=symbol)]


def moves(call: Call) -> bool:
    """Whether a bracket is no buy: it moves what guards a position."""
    return call.intent == "place_bracket" and "amount" not in call.slots and "side" not in call.slots


def filled_levels(message: Clause, draft: Call, missing: tuple[str, ...], scene: Scene) -> Plan | None:
    """A move with what the owner just added or changed: 'make it 2,950', '2%', 'and the target 3300'."""
    known = [name for name in ("stop", "take_profit") if name in (*missing, *draft.slots)]
    levels = levels_of(message, known[0] if known else "stop")
    symbol = scene.symbol(message.coins[0]) if message.coins else draft.slots.get("symbol")
    if not symbol or not (levels or message.coins):
        return None
    call = draft.with_slots(symbol=symbol, **levels)
    if "stop" not in call.slots and "take_profit" not in call.slots:
        return None
    return Plan(Outcome.CONFIRM, (call,))
