"""Whatever is ordered and however the market moves, the money adds up."""

from __future__ import annotations

from decimal import Decimal as D

from hypothesis import given, settings
from hypothesis import strategies as st

from core.matching.depth import Depth, Level
from core.matching.engine import MatchingEngine
from core.matching.fees import FlatFees
from core.model.errors import Rejected
from core.model.market import Pair, Quote
from core.model.money import ZERO, Price, Qty
from core.model.orders import OrderRequest, OrderType, Side, TimeInForce

PAIR = Pair("BTC/USD", "BTC", "USD", tick=D("0.1"), lot=D("0.001"), min_qty=D("0.001"))
START = {"USD": D(1_000), "BTC": D(5)}

prices = st.integers(500, 1500).map(lambda ticks: Price(D(ticks) / 10))
sizes = st.integers(1, 6_000).map(lambda lots: Qty(D(lots) / 1000))


@st.composite
def requests(draw: st.DrawFn) -> OrderRequest:
    kind = draw(st.sampled_from(list(OrderType)))
    limit = kind is OrderType.LIMIT
    return OrderRequest(
        cl_ord_id=draw(st.sampled_from(["", "a", "b"])),
        symbol=PAIR.symbol,
        side=draw(st.sampled_from(list(Side))),
        type=kind,
        qty=draw(sizes),
        price=None if kind is OrderType.MARKET else draw(prices),
        limit_price=draw(prices) if kind.value.endswith("-limit") else None,
        close_stop=draw(st.none() | prices),
        post_only=limit and draw(st.booleans()),
        time_in_force=draw(st.sampled_from([TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK]))
        if limit
        else TimeInForce.GTC,
        expire_ms=draw(st.none() | st.integers(0, 60)),
    )


@st.composite
def quotes(draw: st.DrawFn) -> tuple[Price, Price, Depth | None]:
    bid = draw(prices)
    ask = Price(bid + D(draw(st.integers(0, 20))) / 10)
    if draw(st.booleans()):
        return bid, ask, None
    levels = range(draw(st.integers(1, 4)))
    bids = tuple(Level(Price(bid - D(n) / 10), draw(sizes)) for n in levels)
    asks = tuple(Level(Price(ask + D(n) / 10), draw(sizes)) for n in levels)
    return bid, ask, Depth(bids, asks)


moves = st.one_of(
    requests(),
    quotes(),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("amend"), st.integers(0, 9), st.none() | prices, st.none() | sizes),
)


def play(engine: MatchingEngine, move: object, now_ms: int) -> None:
    opened = engine.open_orders()
    try:
        match move:
            case OrderRequest():
                engine.submit(move, now_ms)
            case ("cancel", int(n)) if opened:
                engine.cancel(opened[n % len(opened)].txid, now_ms)
            case ("amend", int(n), price, qty) if opened:
                engine.amend(opened[n % len(opened)].txid, now_ms, price=price, qty=qty)
            case (D() as bid, D() as ask, depth):
                engine.on_quote(Quote(PAIR.symbol, Price(bid), Price(ask), Price(bid), now_ms), depth)
    except Rejected:
        pass


def check_books(engine: MatchingEngine) -> None:
    fills, balances = engine.fills(), engine.balances()
    coins = sum((f.qty if f.side is Side.BUY else -f.qty for f in fills), ZERO)
    money = sum((-f.cost - f.fee if f.side is Side.BUY else f.cost - f.fee for f in fills), ZERO)
    assert balances["BTC"].total == START["BTC"] + coins
    assert balances["USD"].total == START["USD"] + money
    for balance in balances.values():
        assert 0 <= balance.held <= balance.total
    for order in engine.open_orders() + engine.closed_orders():
        mine = [fill for fill in fills if fill.order_txid == order.txid]
        assert order.filled == sum((fill.qty for fill in mine), ZERO) <= order.qty
        assert order.fee == sum((fill.fee for fill in mine), ZERO)
    assert all(order.left > 0 for order in engine.open_orders())


@settings(max_examples=70, deadline=None)
@given(st.lists(moves, max_size=40), st.booleans())
def test_no_sequence_of_orders_and_quotes_makes_or_loses_money(steps: list[object], hold: bool) -> None:
    engine = MatchingEngine(
        {PAIR.symbol: PAIR}, FlatFees(D("0.0040"), D("0.0080")), START, hold_trigger_orders=hold
    )
    for now_ms, move in enumerate(steps):
        play(engine, move, now_ms)
        check_books(engine)


@settings(max_examples=40, deadline=None)
@given(st.lists(moves, max_size=30), st.integers(0, 30))
def test_an_engine_restored_anywhere_goes_on_as_if_nothing_had_happened(
    steps: list[object], stop_at: int
) -> None:
    fees = FlatFees(D("0.0040"), D("0.0080"))
    engine = MatchingEngine({PAIR.symbol: PAIR}, fees, START)
    twin = MatchingEngine({PAIR.symbol: PAIR}, fees, START)
    for now_ms, move in enumerate(steps):
        if now_ms == stop_at:
            seen = twin.quote(PAIR.symbol)
            twin = MatchingEngine.restore(twin.snapshot(), engine.pairs, fees)
            for each in (engine, twin):  # a restored engine waits for its next quote
                each.on_quote(seen) if seen else None
        play(engine, move, now_ms)
        play(twin, move, now_ms)
    assert engine.snapshot() == twin.snapshot()
