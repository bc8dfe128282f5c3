"""A deed or a why that points at the last wish: 'forget that', 'cancel them', 'why not?', 'undo that'."""

from __future__ import annotations

from core.agent.intents import Call, Outcome, Plan
from core.agent.offline.clause import Clause
from core.agent.offline.dialogue import ORDER_INTENTS
from core.agent.offline.lexicon import bag
from core.agent.offline.scene import Scene
from core.agent.offline.tokens import Kind

_DROPPING = bag(
    "cancel lose drop bin scrap kill pull remove ditch delete axe scratch nix revoke withdraw dump chuck"
)
_UNDOING = bag("undo reverse revert unwind")
_POINTED = bag("it that this them those all one both these")


def pointed(message: Clause, last: Plan, scene: Scene) -> Plan | None:
    """A deed or a why that points at the last wish: 'forget that', 'cancel them', 'why?', 'undo that'."""
    if extreme := _extreme_of(message, last):
        return extreme
    if switched := _switched_back(message, last):
        return switched
    words = [token for token in message.tokens if token.kind is not Kind.MARK and token.tag != "PLEASE"]
    heads = [token for token in words if not set(token.text.split()) <= _POINTED]
    if heads and heads[0].tag == "WHY":
        heads = [token for token in heads if token.tag != "IS"]  # why is that
    not_done = len(heads) == 2 and heads[0].tag == "WHY" and heads[1].tag == "NOT"
    heads = heads[:1] if not_done else heads
    if len(heads) != 1 or len(words) > 3 or not last.calls:
        return None
    head, call = heads[0], last.calls[-1]
    points = len(words) > 1 or " " in head.text
    verb = head.text.split()[0]
    if verb == "forget" and points and call.intent == "remember":
        return Plan(Outcome.CALL, (Call("forget", {"query": call.slots["text"]}),))
    if head.tag == "WHY" and call.intent in ("get_performance", "get_trades") and call.slots.get("period"):
        kept = {name: call.slots[name] for name in ("symbol", "period", "side") if call.slots.get(name)}
        return Plan(
            Outcome.CALL, (Call("explain_trade", kept | ({"decision": "why_not"} if not_done else {})),)
        )
    if verb in _DROPPING and points and call.intent == "get_orders":
        return _cancelled(message, call, scene)
    if verb in _UNDOING and points and call.intent in ORDER_INTENTS:
        what = "sell" if call.slots.get("side") == "buy" else "buy"
        coin = str(call.slots.get("symbol", "")).partition("/")[0]
        say = f"A fill cannot be undone, only traded back. Shall I {what} the {coin} again? Tell me how much."
        return Plan(Outcome.CLARIFY, missing=("amount",), say=say)
    return None


_SWITCHING = bag("turn switch put set flip it that them back on off again please now and")


def _switched_back(message: Clause, last: Plan) -> Plan | None:
    """'(Turn learning off.) Turn it back on': what was switched last, and not trading."""
    call = last.calls[-1] if last.calls else None
    said = {word for token in message.tokens if token.kind is not Kind.MARK for word in token.text.split()}
    ways = said & {"on", "off"}
    if call is None or call.intent != "learning" or len(ways) != 1 or not said <= _SWITCHING:
        return None
    return Plan(Outcome.CONFIRM, (Call("learning", {"action": ways.pop()}),)) if "it" in said else None


_BESIDE_EXTREME = bag("which one ones was is were did the of them those these that and what trade do my our")
_KEPT = ("symbol", "period")


def asks_an_extreme(message: Clause) -> bool:
    """'Which one was the best', 'and the worst?': of what was just shown."""
    said = [
        token
        for token in message.tokens
        if token.kind is not Kind.MARK and token.tag not in ("BEST", "WORST")
    ]
    beside = all(set(token.text.split()) <= _BESIDE_EXTREME for token in said)
    return message.has("BEST", "WORST") and bool(said) and beside


def _extreme_of(message: Clause, last: Plan) -> Plan | None:
    call = last.calls[-1] if last.calls else None
    if call is None or call.intent not in ("get_performance", "get_trades") or not asks_an_extreme(message):
        return None
    kept = {name: call.slots[name] for name in _KEPT if call.slots.get(name)}
    which = "best" if message.has("BEST") else "worst"
    return Plan(Outcome.CALL, (Call("explain_trade", {**kept, "which": which}),))


def _cancelled(message: Clause, orders: Call, scene: Scene) -> Plan:
    """The orders just looked at: all of them, or the only one."""
    if message.says("them", "those", "all", "these", "both"):
        slots = {"which": "all"} | ({"symbol": orders.slots["symbol"]} if orders.slots.get("symbol") else {})
        return Plan(Outcome.CONFIRM, (Call("cancel_order", slots),))
    symbol = orders.slots.get("symbol") or (
        str(scene.orders[0].get("symbol", "")) if len(scene.orders) == 1 else ""
    )
    if symbol:
        return Plan(Outcome.CONFIRM, (Call("cancel_order", {"symbol": symbol, "which": "one"}),))
    return Plan(Outcome.CLARIFY, missing=("order",), say="Which order shall I cancel? Name its coin.")
