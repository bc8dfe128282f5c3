"""Rules for questions about what is held: positions, resting orders, money."""

from __future__ import annotations

from core.agent.offline.clause import Clause
from core.agent.offline.results import one_symbol, symbols_of, symbols_or
from core.agent.offline.scene import Frame, Scene, look_up


def orders(clause: Clause, scene: Scene) -> list[Frame] | None:
    done = clause.says("fill", "filled", "execute", "executed", "trigger", "triggered", "through", "hit")
    limit_asked = clause.has("LIMIT", "BID", "OFFER") and clause.question
    done = done or clause.says("buys", "sells")
    limit_asked = limit_asked and ((clause.has("MY", "OPENED", "NEGNO") and bool(clause.coins)) or done)
    limit_asked = limit_asked or (
        clause.has("OPENED", "RESTING")
        and clause.has("BUY", "SELL")
        and clause.question
        and not clause.numbers
    )
    bids = (
        clause.has("BID", "OFFER")
        and (clause.says("any", "bids", "offers") or clause.has("MY"))
        and not clause.numbers
    )
    limit_asked = limit_asked or (bids and (clause.question or clause.asked or clause.has("SHOW")))
    waiting = clause.has("RESTING") and not clause.has("POSITION", "AUTOPILOT")
    resting = clause.has("ORDER") or limit_asked or waiting
    guarded = clause.question and clause.says("protected", "protection", "guarded", "covered", "unprotected")
    stops = clause.has("STOP", "STOPLOSS", "TARGET") and (clause.question or clause.has("SHOW", "WHERE"))
    stops = stops or guarded
    if stops and not resting:
        return [
            look_up("get_positions", symbol=one_symbol(clause, scene)),
            look_up("get_orders", symbol=one_symbol(clause, scene)),
        ]
    wished = clause.has("BUY", "SELL", "CANCEL") or bool(clause.numbers)
    if not resting or (wished and not clause.question and not clause.has("SHOW", "OPENED", "LAST")):
        return None
    return [look_up("get_orders", symbol=symbol) for symbol in symbols_or(clause, scene)]


_COLOURS = ("profit", "loss", "green", "red", "underwater", "up", "down")


def my_coin(clause: Clause, scene: Scene) -> list[Frame] | None:
    """'Is my btc in profit': the position, not the results of a day."""
    mine = clause.has("MY") and bool(clause.coins) and not scene.period(clause.tokens)
    fares = clause.has("IS", "HOW") and clause.says(*_COLOURS)
    if (
        mine
        and clause.has("HOW")
        and (clause.has("DOING") or clause.says("doing"))
        and not clause.has("ORDER", "TRADE")
    ):
        symbols = symbols_of(clause, scene)
        return [look_up(intent, symbol=one) for one in symbols for intent in ("get_positions", "get_price")]
    coloured = clause.says("up", "down", "red", "green", "black")
    floats = clause.has("HOW", "IS") and coloured and clause.says("i", "we")
    if floats and clause.coins and clause.says("on") and not scene.period(clause.tokens):
        return [look_up("get_positions", symbol=scene.symbol(coin)) for coin in clause.coins]
    if not mine or not fares:
        return None
    return [look_up("get_positions", symbol=scene.symbol(coin)) for coin in clause.coins]


def positions(clause: Clause, scene: Scene) -> list[Frame] | None:
    """Positions; a coin that is held or owned is looked up both as position and as balance."""
    held, owned = clause.has("HOLD", "HOLDINGS"), _owned(clause) and bool(clause.coins)
    if (
        (held or _owned(clause))
        and not clause.coins
        and scene.last_symbol
        and clause.says("any", "some", "it", "one")
    ):
        return [look_up("get_positions", symbol=scene.last_symbol)]
    if clause.run("cash", "position"):
        return None
    unrealised = clause.says("unrealized", "unrealised", "floating")
    unrealised = unrealised or (clause.says("paper") and clause.has("PNL"))
    entered = _entered(clause) or (_paid_for_it(clause) and scene.last_symbol is not None)
    going = (
        (clause.has("DOING") or clause.says("doing", "going"))
        and clause.has("TRADE")
        and clause.has("HOW")
        and not scene.period(clause.tokens)
    )
    running = clause.has("TRADE") and clause.coins and clause.says("still") and clause.has("IS")
    if (
        entered
        or going
        or running  # is that link trade still on
        or clause.has("POSITION", "BAGS")
        or unrealised
        or (clause.has("OPENED") and clause.says("trade", "trades"))
    ):
        spoken_of = scene.last_symbol if _paid_for_it(clause) else None
        symbols: list[str | None] = list(symbols_of(clause, scene)) or [
            one_symbol(clause, scene) or spoken_of
        ]
        return [look_up("get_positions", symbol=symbol) for symbol in symbols]
    if (held or owned) and clause.coins:
        both = [look_up("get_positions", symbol=scene.symbol(coin)) for coin in clause.coins]
        return both + [look_up("get_balances", asset=coin.unit) for coin in clause.coins]
    owned_things = clause.has("OWN") and clause.has("WHAT") and (clause.has("COINWORD") or clause.says("own"))
    if held or (owned_things and not clause.coins):
        return [look_up("get_positions"), look_up("get_balances")]
    if _lying_open(clause):
        return [look_up("get_positions"), look_up("get_orders")]
    return [look_up("get_positions", symbol=one_symbol(clause, scene))] if _in_market(clause) else None


def _in_market(clause: Clause) -> bool:
    """'Are we in eth', 'am I long anything'."""
    ours = clause.has("IS") and clause.says("in", "long") and clause.says("we", "i", "you")
    named = clause.coins or clause.has("WHAT")
    named = named or clause.says("market", "anything", "any", "trade", "trades")
    return bool(ours and named) and not clause.says("live", "paper") and not clause.has("PNL")


def _entered(clause: Clause) -> bool:
    """'My average entry on btc', 'what did we pay for our eth'."""
    entered = (clause.has("MY") or clause.says("we", "i")) and clause.says("entry", "basis", "average")
    paid = clause.says("pay", "paid") and clause.says("did", "have") and not clause.has("FEEINFO")
    named = entered or ((clause.has("MY") or clause.says("we", "i")) and paid)
    return named and bool(clause.coins) and not clause.has("EXPECT", "WINRATE")


def _paid_for_it(clause: Clause) -> bool:
    """'What did we pay for it', 'how much did I pay': of the coin just spoken of."""
    paid = clause.says("pay", "paid") and clause.says("did", "have") and clause.says("we", "i", "you")
    return paid and clause.question and not clause.coins and not clause.has("FEEINFO", "PNL")


def _lying_open(clause: Clause) -> bool:
    """'What is open', 'anything running?': positions and orders alike."""
    running = clause.says("running") and clause.has("WHAT") and not clause.has("AUTOPILOT", "ALIVE")
    active = clause.says("active") and not clause.has("TRADE", "AUTOPILOT")
    asked = clause.question or clause.has("SHOW")
    return (
        (clause.says("open") or running or active) and asked and not clause.has("ORDER") and not clause.coins
    )


def _owned(clause: Clause) -> bool:
    return (
        clause.has("OWN")
        and not clause.says("been")  # have we been burned by it
        and not clause.has("PNL", "BOUGHT", "SOLD", "DIDTRADE")
        and clause.says("i", "we", "you", "my", "do", "mine", "me", "tengo", "habe", "ai", "tenho", "tenemos")
    )


def balances(clause: Clause, scene: Scene) -> list[Frame] | None:
    money = next((token.unit for token in clause.tokens if token.tag == "MONEY"), None)
    if money is None and clause.says("cash") and clause.says("spend", "use", "invest"):
        money = scene.quote
    if clause.has("HOW") and clause.has("CAN") and clause.says("spend", "use", "invest") and not clause.coins:
        return [look_up("get_balances", asset=money)]
    left = clause.has("OWN", "FREE") or clause.says("left", "there", "idle", "uninvested", "unused", "lying")
    if money and clause.has("MUCH") and left and not (clause.coins or clause.numbers or clause.has("PNL")):
        return [look_up("get_balances", asset=money)]
    if clause.has("BALANCE") or (clause.has("FREE") and (money or clause.has("MUCH"))):
        if money is None and clause.says("cash", "powder") and not clause.says("position", "portfolio"):
            money = scene.quote  # cash is the owner's money, not every coin of the account
        assets: list[str | None] = [coin.unit for coin in clause.coins] or [money]
        return [look_up("get_balances", asset=asset) for asset in assets]
    inside = clause.has("MUCH") and clause.has("IS") and clause.says("there", "account", "wallet", "in")
    if inside and clause.coins and not clause.has("PRICE", "WORTH", "MONEY"):
        return [look_up("get_balances", asset=coin.unit) for coin in clause.coins]
    owned = clause.has("OWN") and (clause.has("HOW", "MUCH", "WHAT") or money or clause.has("DO"))
    if (
        owned
        and clause.says("i", "we", "you")
        and not clause.says("been")
        and not clause.has("TRADE", "PNL", "BUY", "SELL", "DO_", "INSIGHT")
    ):
        return (
            [look_up("get_balances", asset=money)]
            if money or clause.has("MUCH") or len(clause.tokens) <= 5
            else None
        )
    if money and len(clause.opening) <= 3 and not clause.numbers and not clause.coins:
        return [look_up("get_balances", asset=money)]
    return None
