"""Prices, markets, orders, executions and receipts as reply blocks."""

from __future__ import annotations

from decimal import Decimal

from core.agent.replies import Block, Table, Text
from core.agent.show_money import Face, tag
from core.engine import words
from core.model.decisions import Decision, FilterReading
from core.model.money import plain, to_decimal
from core.model.views import (
    CandlesView,
    MarketInfoView,
    OrdersView,
    PriceView,
    RoundTripsView,
    TradesView,
    WhyView,
)


def price(view: PriceView, face: Face) -> tuple[Block, ...]:
    quote = view.quote
    day = ""
    if quote.open_24h:
        day = f", {words.share(quote.last / quote.open_24h - 1)} in 24 h"
    head = f"{tag(view.stamp)} {quote.symbol} {words.price(quote.last)}{day}"
    sides = f"Bid {words.price(quote.bid)}, ask {words.price(quote.ask)}, {_age(view.age_ms)} old."
    return (Text(head, strong=True), Text(sides))


def _age(ms: int) -> str:
    seconds = max(0, ms) / 1000
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def market_info(view: MarketInfoView, face: Face) -> tuple[Block, ...]:
    pair, fees = view.pair, view.fees
    rows = (
        ("Smallest order", f"{plain(pair.min_qty)} {pair.base}"),
        ("Least value", words.money(pair.min_cost, pair.quote)),
        ("Price step", plain(pair.tick)),
        ("Amount step", plain(pair.lot)),
        ("Fee, maker / taker", f"{_fee(fees.maker)} / {_fee(fees.taker)}"),
        ("State", pair.status.value.replace("_", " ")),
        ("Watched by me", "yes" if view.watched else "no"),
    )
    return (Text(f"{tag(view.stamp)} {pair.symbol}", strong=True), Table(("", ""), rows))


def _fee(rate: Decimal) -> str:
    return words.percent(rate)


def orders(view: OrdersView, face: Face) -> tuple[Block, ...]:
    if not view.rows:
        return (Text(f"{tag(view.stamp)} No order is resting."),)
    rows = tuple(
        (
            f"{order.side.value.capitalize()} {words.coin(order.symbol)}",
            words.qty(order.left),
            order.type.value.replace("-", " "),
            words.price(order.price) if order.price else "market",
            "mine" if order.txid in view.ours else "yours",
            order.txid,
        )
        for order in view.rows
    )
    head = Text(f"{tag(view.stamp)} {len(view.rows)} resting", strong=True)
    return (head, Table(("", "amount", "kind", "price", "whose", "id"), rows))


def trades(view: TradesView, face: Face) -> tuple[Block, ...]:
    if not view.rows:
        return (Text(f"{tag(view.stamp)} No trade in that time."),)
    rows = tuple(
        (
            f"{fill.side.value.capitalize()} {words.coin(fill.symbol)}",
            face.clock(fill.time_ms),
            words.qty(fill.qty),
            words.price(fill.price),
            f"{fill.cost:,.2f}",
            f"{fill.fee:,.2f}",
        )
        for fill in view.rows
    )
    shown = f"the latest {len(rows)} of {view.total}" if view.total > len(rows) else str(view.total)
    head = Text(f"{tag(view.stamp)} Executions: {shown}", strong=True)
    table = Table(("", "when", "amount", "price", "value", "fee"), rows)
    if not view.begins_ms:
        return (head, table)
    since = face.clock(view.begins_ms)
    return (head, table, Text(f"Your own trades before {since} are still being read; mine are all here."))


def round_trips(view: RoundTripsView, face: Face) -> tuple[Block, ...]:
    if not view.rows:
        return (Text(f"{tag(view.stamp)} No closed position yet."),)
    rows = tuple(
        (
            words.coin(trip.symbol),
            face.clock(trip.closed_ms),
            words.price(trip.entry_price),
            words.price(trip.exit_price),
            f"{trip.net_pnl:+,.2f}",
            trip.reason,
        )
        for trip in view.rows
    )
    return (
        Text(f"{tag(view.stamp)} Closed positions", strong=True),
        Table(("", "closed", "in", "out", "net", "why"), rows),
    )


def candles(view: CandlesView, face: Face) -> tuple[Block, ...]:
    if not view.candles:
        return (Text(f"{tag(view.stamp)} No candles of {view.symbol} yet."),)
    last = view.candles[-1]
    closed = f"last close {words.price(to_decimal(last.close))} at {face.clock(last.time_ms)}"
    count = words.count(len(view.candles), "candle")
    return (Text(f"{tag(view.stamp)} {view.symbol} {view.timeframe}: {count}, {closed}."),)


def why(view: WhyView, face: Face) -> tuple[Block, ...]:
    """The receipt: what was judged, every filter with its value and threshold, and what came of it."""
    if view.decision is None:
        return (Text(f"{tag(view.stamp)} {view.text or 'I have no receipt for that.'}"),)
    decision = view.decision
    head = f"{tag(view.stamp)} {decision.symbol}, candle of {face.clock(decision.candle_ms)}"
    said = decision.reason or decision.signal.reason
    blocks: list[Block] = [Text(head, strong=True), Text(f"{decision.verdict.value}: {said}")]
    if view.text and view.text != said:
        blocks.append(Text(view.text))
    return (*blocks, *_filters(decision), *_flips(decision), *_aftermath(view))


def _filters(decision: Decision) -> tuple[Block, ...]:
    signal = decision.signal
    readings = [*signal.passed_filters, *signal.failed_filters]
    if not readings:
        return (
            Text(f"Crossed: {signal.crossed or 'nothing'}; close {words.price(to_decimal(signal.close))}."),
        )
    rows = tuple(_filter_row(reading) for reading in readings)
    return (Table(("filter", "value", "needs"), rows),)


def _filter_row(reading: FilterReading) -> tuple[str, str, str]:
    needed = reading.needed or f"{reading.threshold:g}"
    verdict = "passed" if reading.passed else "failed"
    return (f"{reading.name.replace('_', ' ')} {verdict}", reading.shown, needed)


def _flips(decision: Decision) -> tuple[Block, ...]:
    if decision.signal.flip:
        return (Text(f"The nearest change that would have turned it: {decision.signal.flip}."),)
    return tuple(
        Text(f"It would have turned: {one.flip}") for one in decision.signal.failed_filters if one.flip
    )


def _aftermath(view: WhyView) -> tuple[Block, ...]:
    lines = [
        f"{fill.side.value} {words.qty(fill.qty)} at {words.price(fill.price)}, fee {fill.fee:,.2f}"
        for fill in view.fills[:4]
    ]
    if view.round_trip is not None:
        lines.append(f"Closed by {view.round_trip.reason}: {view.round_trip.net_pnl:+,.2f} net of fees.")
    elif view.position is not None and view.position.stop:
        target = f", target {words.price(view.position.target)}" if view.position.target else ""
        lines.append(f"Still open: stop {words.price(view.position.stop)}{target}.")
    return tuple(Text(line) for line in lines)
