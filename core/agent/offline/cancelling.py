"""Rules for cancelling: which resting order is meant, by which verb, and on which side."""

from __future__ import annotations

import re

from core.agent.offline.clause import Clause
from core.agent.offline.clauses import bare_of_it, names_an_order
from core.agent.offline.closing import RIDDING
from core.agent.offline.flow import taken_out
from core.agent.offline.lexicon import bag
from core.agent.offline.manner import Manner
from core.agent.offline.scene import Frame, Scene, ask, chat, if_plain, look_up, propose
from core.agent.offline.tokens import Kind

TXID = re.compile(r"\bO[A-Z0-9]{1,6}(?:-[A-Z0-9]{4,6}){0,2}\b")


def cancel(clause: Clause, manner: Manner, scene: Scene, raw: str) -> list[Frame] | None:
    unwanted = clause.has("ORDER") and clause.has("WANT") and clause.has("NO", "NOT")
    if unwanted and manner is Manner.PLAIN and not clause.has("BUY", "SELL") and not clause.numbers:
        return _cancel_frames(clause, scene, raw)
    at = _cancel_word(clause)
    if at < 0 and (scene.orders or scene.named) and _takes_back(clause) and manner is Manner.PLAIN:
        return [_the_one_order(scene, None, clause)]
    if (
        at < 0
        or clause.has("HELP")
        or (clause.question and clause.coins and clause.says("us", "me") and not clause.has("ORDER"))
        or _shown_instead(clause)
        or clause.has("NOTIFY", "DAILYREPORT")
        or (clause.numbers and taken_out(clause))
    ):
        return None
    if clause.has("PAUSE") and not clause.has("ORDER"):
        return [propose("resume")]
    if clause.negated(at):
        return [chat("Your orders stay where they are.")]
    if clause.has("POSITION") and not clause.has("ORDER", "RESTING"):
        return None
    named = (
        clause.has("ORDER", "RESTING", "LIMIT", "BID", "OFFER", "ALL", "LAST", "TRADE")
        or clause.says("buys", "sells")
        or clause.coins
        or TXID.search(raw)
    )
    if not named and not clause.says("it", "them") and not clause.has("IT") and len(clause.opening) > 2:
        return None
    if manner in (Manner.QUESTION, Manner.PAST):
        return [look_up("get_orders")]
    stops = clause.says("stops") and not clause.has("ORDER")
    if clause.has("STOP", "STOPLOSS") and (stops or not clause.says("all")):
        return [
            ask(
                "A stop protects your position, so I do not take it away alone. Close the position instead?",
                "order",
            )
        ]
    return if_plain(manner, _cancel_frames(clause, scene, raw), "cancel")


_DROPPING = ("never mind", "nevermind", "forget about", "scratch that")


def _cancel_word(clause: Clause) -> int:
    """Where a resting order is told to go, or -1."""
    at = max(clause.place("CANCEL", "WITHDRAW"), _verb_on_order(clause), _verb_behind_order(clause))
    resting = clause.has("ORDER") or (clause.has("LIMIT") and bool(clause.coins) and not clause.numbers)
    if (
        at < 0
        and resting
        and clause.says("drop", "lose", "ditch", "clear", "wipe", "bin", "trash", "forget", "undo")
    ):
        at = max(clause.place("MOVE", "SELL", "PNL", "FORGET"), 0)
    if (
        at < 0
        and clause.has("ORDER")
        and not (clause.question or clause.has("SHOW"))  # 'set out the orders' lists them
        and (
            clause.says("gone", "removed", "deleted", "out")
            or (clause.says("off", "down", "away") and clause.has("WANT", "MOVE"))
        )
    ):
        at = clause.place("ORDER")
    unminded = clause.run("changed", "my", "mind", "about") or (
        clause.opening and clause.opening[0].text in _DROPPING
    )
    if at < 0 and clause.has("NO") and unminded and not clause.asked:
        at = clause.place("NO") if clause.has("ORDER", "LIMIT", "BID", "OFFER", "RESTING") else -1
    return at


def _shown_instead(clause: Clause) -> bool:
    """'Pull the last ten fills': what is pulled there is a list to be seen."""
    undone = any(token.text in _UNDOING for token in clause.tokens) and clause.says("buys", "sells")
    listed = clause.has("TRADELIST", "PNL", "BALANCE", "CHART") and not clause.has("ORDER", "RESTING")
    return listed and not undone


_UNDOING = bag("cancel scrap void abort revoke rescind") | {"call off"}
_OF_ORDERS = bag("ALL MY OPENED RESTING IT LIMIT BUY SELL BID OFFER")
_POINTING = bag("ALL MY OPENED RESTING IT")


def _verb_on_order(clause: Clause) -> int:
    """Where a verb of selling or closing has resting orders as its object: 'dump all open orders'; or -1."""
    for at, verb in enumerate(clause.tokens):
        if verb.tag not in ("SELL", "CLOSE", "FLAT"):
            continue
        pointed = bool({"all", "everything"} & set(verb.text.split()))
        for token in clause.tokens[at + 1 : at + 7]:
            if token.tag == "ORDER":
                return at if pointed else -1
            if (
                token.tag not in _OF_ORDERS
                and token.kind is not Kind.COIN
                and token.text not in ("the", "of")
            ):
                break
            pointed |= token.tag in _POINTING or token.text == "the"
    return -1


def _verb_behind_order(clause: Clause) -> int:
    """'That link order is old, get rid of it', 'the eth order can go': the verb behind its order, or -1."""
    at = clause.place("ORDER", "RESTING", "BID")
    rest = clause.tokens[at + 1 :]
    if at < 0 or clause.question or not names_an_order(clause.tokens):
        return -1
    if bare_of_it(rest):
        return at + 1 + Clause(rest).place("SELL", "FLAT", "CLOSE", "CANCEL", "CASHOUT", "MOVE", "LESSEN")
    goes = _GOES.search(" ".join(token.text for token in rest))
    return at if goes else -1


_GOES = re.compile(
    r"^(?:can|may|must|should|has to|have to|needs to|gotta) (?:go|leave|disappear|vanish|be gone)\b"
)


def _takes_back(clause: Clause) -> bool:
    """'Cancel it' where no proposal is open: what can be taken back then is a resting order."""
    return any(token.tag == "NO" and token.text.split()[0] == "cancel" for token in clause.opening[:1])


def _cancel_frames(clause: Clause, scene: Scene, raw: str) -> list[Frame]:
    verb, behind = _verb_on_order(clause), _verb_behind_order(clause)
    named = clause.tokens[verb + 1 :] if verb >= 0 else clause.tokens[: behind if behind > 0 else None]
    side = _side_of_order(Clause(named))
    txid = TXID.search(raw)
    if txid:
        return [propose("cancel_order", order_id=txid[0], which="one")]
    plural = clause.says(
        "buys", "sells", "orders", "bids", "offers", "ordenes", "ordres", "auftrage"
    ) or clause.has("ALL")
    plural = plural and not any(clause.run(one, "of") for one in ("one", "1", "some"))
    scope = "all" if plural else "one"
    if clause.coins:
        return [
            propose("cancel_order", symbol=scene.symbol(coin), which=scope, side=side)
            for coin in clause.coins
        ]
    if plural:
        return [propose("cancel_order", which="all", side=side)]
    if clause.has("LAST"):
        return [propose("cancel_order", which="last", side=side)]
    return [_the_one_order(scene, side, clause)]


def _side_of_order(named: Clause) -> str | None:
    """The side that an order is called by; a verb of ridding oneself of it is none."""
    sells = any(token.tag == "SELL" and token.text not in RIDDING for token in named.tokens)
    if sells or named.has("OFFER") or named.says("sells"):
        return "sell"
    return "buy" if named.has("BUY", "BID") or named.says("buys") else None


def _the_one_order(scene: Scene, side: str | None, clause: Clause) -> Frame:
    """The order that must be meant: the only one, or that of the coin just spoken of."""
    symbol = scene.last_symbol if clause.has("IT", "ORDER") or clause.says("it", "that", "this") else None
    if len(scene.orders) == 1:
        symbol = str(scene.orders[0].get("symbol", "")) or symbol
    if symbol:
        return propose("cancel_order", symbol=symbol, which="one", side=side)
    known = ", ".join(str(order.get("symbol", "")) for order in scene.orders)
    detail = f" There are orders on {known}." if known else ""
    return ask(f"Which order shall I cancel?{detail}", "order", intent="cancel_order", which="one", side=side)
