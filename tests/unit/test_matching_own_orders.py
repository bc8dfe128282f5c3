"""An account's orders among themselves: it never trades with itself, and price goes before time."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from core.matching.depth import Depth, Level
from core.matching.engine import MatchingEngine
from core.matching.fees import FlatFees
from core.matching.orders import Terms
from core.matching.register import ChangeLog
from core.model.market import Pair, Quote
from core.model.money import Price, Qty
from core.model.orders import OrderRequest, OrderStatus, OrderType, Side

PAIR = Pair("BTC/USD", "BTC", "USD", tick=D("0.1"), lot=D("0.001"), min_qty=D("0.001"))


def engine(changes: ChangeLog | None = None) -> MatchingEngine:
    made = MatchingEngine(
        {PAIR.symbol: PAIR}, FlatFees(D(0), D(0)), {"USD": D(10_000), "BTC": D(10)}, changes=changes
    )
    quote(made, "99", "101")
    return made


def quote(made: MatchingEngine, bid: str, ask: str, depth: Depth | None = None) -> None:
    made.on_quote(Quote(PAIR.symbol, Price(D(bid)), Price(D(ask)), Price(D(bid)), 1), depth)


def limit(made: MatchingEngine, side: Side, price: str, qty: str = "1", stp: str = "cancel-newest") -> str:
    request = OrderRequest("", PAIR.symbol, side, OrderType.LIMIT, Qty(D(qty)), Price(D(price)))
    return made.submit(request, 1, terms=Terms(stp=stp)).txid


def status(made: MatchingEngine, txid: str) -> OrderStatus:
    report = made.order(txid)
    assert report is not None
    return report.status


@pytest.mark.parametrize(
    ("stp", "older", "newer"),
    [
        ("cancel-newest", OrderStatus.OPEN, OrderStatus.CANCELED),
        ("cancel-oldest", OrderStatus.CANCELED, OrderStatus.OPEN),
        ("cancel-both", OrderStatus.CANCELED, OrderStatus.CANCELED),
    ],
)
def test_an_account_does_not_trade_with_itself(stp: str, older: OrderStatus, newer: OrderStatus) -> None:
    made = engine()
    first = limit(made, Side.BUY, "100")
    second = limit(made, Side.SELL, "100", stp=stp)
    assert (status(made, first), status(made, second)) == (older, newer)
    assert not made.fills()
    canceled = [order for order in made.closed_orders() if order.status is OrderStatus.CANCELED]
    assert {order.reason for order in canceled} == {"Self trade prevention"}


def test_orders_of_both_sides_that_do_not_meet_rest_side_by_side() -> None:
    made = engine()
    orders = [limit(made, Side.BUY, "99.5"), limit(made, Side.SELL, "100.5")]
    assert {status(made, txid) for txid in orders} == {OrderStatus.OPEN}


def test_a_market_order_that_the_market_fills_first_never_meets_its_own() -> None:
    made = engine()
    own = limit(made, Side.SELL, "105")
    request = OrderRequest("", PAIR.symbol, Side.BUY, OrderType.MARKET, Qty(D(1)))
    assert made.submit(request, 2).status is OrderStatus.CLOSED
    assert status(made, own) is OrderStatus.OPEN


def test_the_better_price_is_filled_first_and_the_older_of_equal_ones() -> None:
    made = engine()
    worse, better, younger = (limit(made, Side.BUY, price) for price in ("97", "98", "98"))
    thin = Depth((Level(Price(D(96)), Qty(D(9))),), (Level(Price(D("96.5")), Qty(D("1.5"))),))
    quote(made, "96", "96.5", thin)
    assert [fill.order_txid for fill in made.fills()] == [better, younger]
    assert [fill.qty for fill in made.fills()] == [D(1), D("0.5")]
    assert status(made, worse) is OrderStatus.OPEN


def test_a_change_log_tells_every_turn_with_what_had_filled_by_then() -> None:
    changes = ChangeLog()
    made = engine(changes)
    txid = limit(made, Side.BUY, "98", "2")
    made.amend(txid, 1, price=Price(D("97.5")))
    thin = Depth((Level(Price(D(96)), Qty(D(9))),), (Level(Price(D("96.5")), Qty(D("1.5"))),))
    quote(made, "96", "96.5", thin)
    made.cancel(txid, 2)
    _, _, events = changes.drain()
    assert [(event.kind, event.filled) for event in events] == [
        ("pending_new", 0), ("new", 0), ("amended", 0), ("trade", D("1.5")), ("canceled", D("1.5")),
    ]  # fmt: skip


def test_an_order_is_filled_by_force_on_the_lot_grid_and_never_above_what_is_left() -> None:
    made = engine()
    txid = limit(made, Side.BUY, "98", "1")
    made.fill_by_force(txid, Qty(D("0.0005")), 2)
    assert not made.fills()
    made.fill_by_force(txid, Qty(D("0.4")), 2)
    made.fill_by_force(txid, Qty(D(7)), 2)
    assert [fill.qty for fill in made.fills()] == [D("0.4"), D("0.6")]


def test_a_waiting_stop_that_is_filled_by_force_fires() -> None:
    made = engine()
    request = OrderRequest("", PAIR.symbol, Side.SELL, OrderType.STOP_LOSS, Qty(D(1)), Price(D(90)))
    made.fill_by_force(made.submit(request, 1).txid, None, 2)
    assert [fill.price for fill in made.fills()] == [D(99)]


def test_a_resting_order_joins_the_public_levels_and_hides_those_it_would_have_met() -> None:
    levels = tuple(Level(Price(D(price)), Qty(D(1))) for price in (99, 98))
    book = Depth(levels, tuple(Level(Price(D(price)), Qty(D(2))) for price in (101, 102)))
    joined = book.joined(Side.BUY, Level(Price(D(98)), Qty(D(3))))
    assert joined.bids == (Level(Price(D(99)), Qty(D(1))), Level(Price(D(98)), Qty(D(4))))
    crossed = book.joined(Side.BUY, Level(Price(D("101.5")), Qty(D(1))))
    assert [level.price for level in crossed.asks] == [D(102)]
