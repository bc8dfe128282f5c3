"""A command typed without what it needs becomes buttons: the coin first, then the amount, and Cancel."""

from __future__ import annotations

from collections.abc import Sequence

from core.agent.ports import Holdings, Offers
from core.agent.replies import Button, Buttons, Reply, Text
from core.engine import words
from core.engine.registry import Actor, Answer, Entry
from core.model.orders import OrderReport, Side
from core.model.views import StatusView

PICK = "pick"  # what a picker's Cancel names; there is nothing to withdraw
_MONEY = tuple((amount, amount) for amount in ("25", "50", "100", "250"))
_SHARES = (("A quarter", "25%"), ("Half", "50%"), ("All of it", "100%"))
_NEED_COIN = frozenset({"place_order", "place_bracket", "get_price", "get_market_info"})
_CHOICES_MAX = 8


class Pickers:
    """Knows what can be picked now: pairs watched, pairs held, own resting entries."""

    def __init__(self, offers: Offers, holdings: Holdings) -> None:
        self._offers = offers
        self._holdings = holdings

    async def instead(self, entry: Entry, word: str, symbol: str | None, actor: Actor) -> Reply | None:
        """Buttons for what a command lacks that names at most a coin; None where only words can help."""
        if entry.intent in _NEED_COIN and symbol is None:
            return await self._which_coin(entry, word, actor)
        if entry.intent == "place_order" and symbol is not None:
            return _how_much(entry, word, symbol)
        if entry.intent == "cancel_order":
            return await self._which_order(entry, word)
        return None

    async def _which_coin(self, entry: Entry, word: str, actor: Actor) -> Reply | None:
        pairs = await (self._held() if word == "sell" else self._watched(actor))
        if not pairs:
            return Reply((Text("I hold no coin of mine to sell."),)) if word == "sell" else None
        coins = [words.coin(pair) for pair in pairs[:_CHOICES_MAX]]
        return _choose(entry, "Which coin?", [(coin, f"/{word} {coin}") for coin in coins])

    async def _which_order(self, entry: Entry, word: str) -> Reply | None:
        view = await self._holdings.orders()
        own = [one for one in view.rows if one.txid in view.ours and one.side is Side.BUY]
        rests = [(_named(one), f"/{word} {one.txid}") for one in own]
        more = [("All of them", f"/{word} all")] if len(rests) > 1 else []
        if not rests:
            return Reply(
                (Text("No entry of mine rests. Stops guard positions and stay; /orders lists all."),)
            )
        return _choose(entry, "Which order?", [*rests[:_CHOICES_MAX], *more])

    async def _held(self) -> Sequence[str]:
        return [row.position.symbol for row in (await self._holdings.positions()).rows]

    async def _watched(self, actor: Actor) -> Sequence[str]:
        request = self._offers.request("get_status", {}, actor, f"{actor.session}:pick")
        outcome = await self._offers.carry_out(request)
        view = outcome.view if isinstance(outcome, Answer) else None
        return view.symbols if isinstance(view, StatusView) else ()


def _named(order: OrderReport) -> str:
    at = f" at {words.price(order.price)}" if order.price else ""
    return f"{words.qty(order.left)} {words.coin(order.symbol)}{at}"


def _how_much(entry: Entry, word: str, symbol: str) -> Reply:
    coin, _, quote = symbol.partition("/")
    question = f"How much of your {coin}?" if word == "sell" else f"{coin} for how much {quote}?"
    amounts = _SHARES if word == "sell" else _MONEY
    return _choose(entry, question, [(label, f"/{word} {coin} {amount}") for label, amount in amounts])


def _choose(entry: Entry, question: str, choices: Sequence[tuple[str, str]]) -> Reply:
    """A choice takes the question's place; Cancel takes its buttons away."""
    buttons = tuple(Button(label, f"go:{command}") for label, command in choices)
    written = Text(f"Or write it: {entry.usage}")
    return Reply((Text(question), written, Buttons((*buttons, Button("Cancel", f"no:{PICK}")))))
