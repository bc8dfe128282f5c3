"""Lists of trades: which are asked for, how many, and when 'trade' is a deed and no list."""

from __future__ import annotations

from decimal import Decimal

from core.agent.offline.clause import Clause
from core.agent.offline.results import asked_within, side_of_deed, symbols_or
from core.agent.offline.scene import Frame, Scene, look_up
from core.agent.offline.tokens import Kind, Token

_BEFORE_HOUR = ("between", "from", "at", "to", "until", "since", "and")


def _how_many(clause: Clause) -> int | None:
    """The number of trades asked for; the last trade is one, and an hour is none."""
    counted = [
        number.amount
        for before, number in zip((Token(""), *clause.tokens), clause.tokens, strict=False)
        if number.kind is Kind.NUMBER and number.unit == "" and before.text not in _BEFORE_HOUR
    ]
    limit = next((int(one) for one in counted if Decimal(1) <= one <= 500 and one % 1 == 0), None)
    if (
        limit is None
        and clause.has("LAST")
        and clause.says("trade", "fill", "execution", "buy", "sell", "thing", "sale", "purchase")
        and not clause.says("trades")
    ):
        limit = 1
    return limit


_TRADERS = ("to", "you", "we", "i", "they", "zyn", "it", "can", "may", "should", "will", "would")


def _would_trade(clause: Clause, scene: Scene) -> bool:
    """'Who decides what to trade', 'what do you trade': a deed of every day, and no list of what was done."""
    verb = any(one.text in _TRADERS and two.text == "trade" for one, two in clause.pairs())
    told = clause.says("did", "have", "has", "trades", "history", "bought", "sold") or clause.has(
        "LAST", "SHOW"
    )
    return verb and not told and scene.period(clause.tokens) is None


def trades(clause: Clause, scene: Scene) -> list[Frame] | None:
    shown = bool(clause.opening) and clause.opening[0].tag in ("SHOW", "LAST") and clause.has("BUY", "SELL")
    listed = (
        shown
        or clause.has("TRADELIST", "BOUGHT", "SOLD", "DIDTRADE")
        or (clause.has("LAST") and clause.says("purchase", "sale"))
        or (clause.has("TRADE") and clause.says("trades", "trade"))
    )
    if clause.run("did", "we", "do") or clause.run("have", "we", "done") or _would_trade(clause, scene):
        return None
    if clause.has("WHERE") and clause.coins and clause.says("trade"):
        return None  # where it trades is its price
    if (
        clause.coins
        and any(clause.run(word, "for") for word in ("trades", "trade", "sells"))
        and not clause.numbers
    ):
        return None  # what it trades for is its price
    did = (
        clause.says("did", "done", "been")
        and clause.says("you", "we", "zyn", "anything", "something", "it", "i", "bot")
        and clause.has("WHAT", "WHEN", "DO", "HOW")
    )
    deed = (
        clause.has("BUY", "SELL")
        or clause.run("you", "do")
        or clause.run("you", "done")
        or clause.run("we", "do")
    )
    bought = did and deed and not (clause.has("HOW") and not clause.has("BUY", "SELL"))
    if clause.has("OPENED", "POSITION") and clause.has("TRADE") and not clause.has("TRADELIST"):
        return None
    ended = (
        clause.has("CLOSE") and clause.question and clause.says("anything", "something") and not clause.coins
    )
    if not listed and not bought and not ended:
        return None
    counted = clause.has("BALANCE") or (clause.has("MONEY") and clause.has("OWN", "FREE"))
    if counted and clause.has("MUCH") and not clause.has("TRADELIST"):
        return None  # how much there is to trade with
    if clause.has("ALIVE") and not clause.says("trades", "history"):
        return None
    period = scene.period(clause.tokens)
    side, limit = side_of_deed(clause), _how_many(clause)
    return [
        look_up("get_trades", symbol=symbol, side=side, period=period, limit=limit)
        for symbol in symbols_or(clause, scene, scene.last_symbol if asked_within(clause) else None)
    ]
