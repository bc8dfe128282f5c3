"""From what the service answers to what the owner reads: one reply a view, one card a proposal."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import singledispatch

from core.agent import show_money, show_trading
from core.agent.intents import Call
from core.agent.replies import Block, Button, Buttons, Picture, Reply, Style, Table, Text, say
from core.agent.show_money import Face
from core.engine import words
from core.engine.registry import Proposal
from core.model import views
from core.model.errors import Refused, UnknownOutcome, ZynError

# What ages, by the word that brings it up to date.
_AGES = {
    "get_status": "/status", "get_positions": "/positions", "get_orders": "/orders",
    "get_balances": "/balance", "get_trades": "/trades", "get_performance": "/pnl", "get_price": "/price",
}  # fmt: skip
_STANDS = ("web", "version", "settings")  # views of the status that stay as they are


@singledispatch
def blocks(view: object, face: Face) -> tuple[Block, ...]:
    """The blocks of one view."""
    raise TypeError(f"nobody knows how to show {type(view).__name__}")


blocks.register(views.StatusView, show_money.status)
blocks.register(views.BalancesView, show_money.balances)
blocks.register(views.PositionsView, show_money.positions)
blocks.register(views.PnlView, show_money.pnl)
blocks.register(views.BreakdownView, show_money.breakdown)
blocks.register(views.EquityView, show_money.equity)
blocks.register(views.PriceView, show_trading.price)
blocks.register(views.MarketInfoView, show_trading.market_info)
blocks.register(views.OrdersView, show_trading.orders)
blocks.register(views.TradesView, show_trading.trades)
blocks.register(views.RoundTripsView, show_trading.round_trips)
blocks.register(views.CandlesView, show_trading.candles)
blocks.register(views.WhyView, show_trading.why)


@blocks.register
def _text(view: views.TextView, face: Face) -> tuple[Block, ...]:
    return tuple(Text(line) for line in view.text.split("\n") if line.strip())


@blocks.register
def _picture(view: views.PictureView, face: Face) -> tuple[Block, ...]:
    picture = Picture(view.png, view.alt)
    more = tuple(Button(label, f"ask:{command}") for label, command in view.more)
    return (picture, Buttons(more)) if more else (picture,)


def shown(view: views.View, face: Face, refresh: str = "", done: bool = False) -> Reply:
    """A view as one reply; `refresh` is the command that brings it up to date."""
    return Reply(blocks(view, face), refresh=refresh, done=done)


def refresh_of(call: Call, typed: str = "") -> str:
    """The command that brings an answer up to date, as it was typed if it was; empty where nothing ages."""
    slots = {name: value for name, value in call.slots.items() if value is not None}
    word, view = _AGES.get(call.intent, ""), slots.pop("view", "overview")
    if not word or view in _STANDS:
        return ""
    if typed:
        return typed
    if view != "overview":
        return f"/{view}"
    symbol = slots.pop("symbol", None)
    if slots:
        return ""  # more was asked for than a short command says
    return f"{word} {words.coin(str(symbol)).lower()}" if symbol else word


def offered(proposal: Proposal, now_wall_ms: int) -> Reply:
    """A preview with its buttons and how long it is good for."""
    preview = proposal.preview
    mode = f"[{preview.mode}] " if preview.mode else ""
    left = max(1, round((proposal.expires_wall_ms - now_wall_ms) / 1000))
    good = f"Good for {left} s." if left <= 120 else f"Good for {left // 60} min."
    facts = tuple(_facts(preview))
    parts: list[Block] = [Text(f"{mode}{preview.summary}", strong=True)]
    if facts:
        parts.append(Table(("", ""), facts))
    parts += [Text(line) for line in preview.lines]
    ask = good if proposal.one_button else f"Shall I? {good}"
    return Reply((*parts, Text(ask), _buttons(proposal)), proposal=proposal.token)


def _facts(preview: views.Preview) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    coin = words.coin(preview.symbol or "")
    quote = (preview.symbol or "/").partition("/")[2]
    if preview.qty is not None:
        rows.append(("Amount", f"{words.qty(preview.qty)} {coin}".strip()))
    if preview.price is not None:
        rows.append(("Price", f"{_bound(preview)} {words.price(preview.price)}"))
    if preview.notional is not None:
        rows.append(("Value", f"{preview.notional:,.2f} {quote}".strip()))
    if preview.fee is not None:
        rows.append(("Fee", f"about {preview.fee:,.2f} {quote}".strip()))
    rows += [(name, words.price(value)) for name, value in _levels(preview) if value is not None]
    if preview.worst_loss is not None:
        rows.append(("Worst loss", _worst(preview, quote)))
    return rows


def _bound(preview: views.Preview) -> str:
    """How sure the price is: a limit holds on one side, the market on neither."""
    slots = preview.slots or {}
    if slots.get("type") != "limit":
        return "about"
    return "at most" if slots.get("side") == "buy" else "at least"


def _levels(preview: views.Preview) -> tuple[tuple[str, Decimal | None], ...]:
    return (("Stop", preview.stop), ("Target", preview.target))


def _worst(preview: views.Preview, quote: str) -> str:
    line = f"{preview.worst_loss:,.2f} {quote}".strip()
    if preview.worst_loss_share is None:
        return line
    return f"{line}, {words.percent(preview.worst_loss_share, 1)} of today's loss budget"


def _buttons(proposal: Proposal) -> Buttons:
    if proposal.one_button:
        return Buttons((Button(_verb(proposal), f"yes:{proposal.token}", Style.DANGER),))
    confirm = Button("Confirm", f"yes:{proposal.token}", Style.CONFIRM)
    return Buttons((confirm, Button("Cancel", f"no:{proposal.token}")))


def or_kept(reply: Reply) -> Reply:
    """The offer to sell after /stop, asked as the question that it is, with the other answer beside it."""
    if reply.proposal is None:
        return reply
    keep = Button("Keep it, with its stop", f"no:{reply.proposal}")
    parts = [Buttons((*one.buttons, keep)) if isinstance(one, Buttons) else one for one in reply.blocks]
    return replace(reply, blocks=(Text("And what is open: shall I sell it now, or keep it?"), *parts))


def _verb(proposal: Proposal) -> str:
    return "Sell now" if proposal.preview.intent == "flatten" else "Do it"


def refused(error: Refused) -> Reply:
    """A no with its reason and the way on."""
    return Reply(tuple(Text(line) for line in (error.message, error.hint) if line))


def failed(error: ZynError) -> Reply:
    """Something between Zyn and the exchange went wrong."""
    if isinstance(error, UnknownOutcome):
        return say(
            "The exchange did not say whether it took the order. I am finding out and will tell you; "
            "I do not send it again. /orders shows what rests."
        )
    return say(
        f"That did not work just now: {error}. Nothing was changed. Try again in a moment, or /status."
    )


def choices(question: str, texts: tuple[str, ...]) -> Reply:
    """A line with buttons that say something for the owner."""
    buttons = tuple(Button(text, f"ask:{text}") for text in texts if len(f"ask:{text}".encode()) <= 64)
    return Reply((Text(question), Buttons(buttons))) if buttons else Reply((Text(question),))
