"""Own fills into positions and round trips, and what those add up to."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal as D
from math import sqrt

import pytest

from core.ledger.book import Book, OwnFill
from core.ledger.performance import by_symbol, max_drawdown, sharpe, tally
from core.model.account import RoundTrip
from core.model.money import Money, Price, Qty
from core.model.orders import Fill, Origin, Side

DAY = 86_400_000


def fill(
    number: int, side: Side, qty: str, price: str, fee: str = "0", time_ms: int | None = None
) -> OwnFill:
    cost = D(qty) * D(price)
    made = Fill(
        f"T{number:04}", f"O{number}", "BTC/USD", side, Price(D(price)), Qty(D(qty)), Money(cost),
        Money(D(fee)), number if time_ms is None else time_ms,
    )  # fmt: skip
    return OwnFill(made, Origin.AUTOPILOT, f"cause{number}", "rule", "stop" if side is Side.SELL else "entry")


def book(*fills: OwnFill) -> Book:
    made = Book(lot_of=lambda symbol: D("0.001"))
    for one in fills:
        made.add(one)
    return made


def test_a_round_trip_earns_proceeds_less_cost_less_both_fees() -> None:
    made = book(fill(1, Side.BUY, "2", "100", "0.52"), fill(2, Side.SELL, "2", "110", "0.572"))
    (trip,) = made.round_trips
    assert (trip.net_pnl, trip.fees, trip.reason, trip.cause) == (D("18.908"), D("1.092"), "stop", "cause1")
    assert (trip.entry_price, trip.exit_price, trip.opened_ms, trip.closed_ms) == (100, 110, 1, 2)
    assert not made.positions and made.realised == trip.net_pnl


def test_several_entries_have_their_average_cost_and_a_part_sold_takes_its_share() -> None:
    made = book(
        fill(1, Side.BUY, "1", "100", "1"),
        fill(2, Side.BUY, "3", "120", "3"),
        fill(3, Side.SELL, "1", "130", "1"),
    )
    held = made.position("BTC/USD")
    assert held is not None
    assert (held.qty, held.entry_price, held.entry_cost) == (3, 115, 345)
    assert held.realised == 130 - 115 - 1 - 1  # its share of the entry fees and its own
    assert made.open_fees == 3


def test_prices_are_those_of_the_fills_though_the_exchange_books_rounded_costs() -> None:
    def rounded(one: OwnFill) -> OwnFill:
        cost = one.fill.cost.quantize(D("0.0001"))
        return replace(one, fill=replace(one.fill, cost=Money(cost)))

    first = rounded(fill(1, Side.BUY, "31.375502", "79.7"))
    held = book(first).position("BTC/USD")
    assert held is not None and held.entry_price == D("79.7") and held.entry_cost == D("2500.6275")
    (trip,) = book(first, rounded(fill(2, Side.SELL, "31.375502", "80.1"))).round_trips
    assert (trip.entry_price, trip.exit_price) == (D("79.7"), D("80.1"))
    assert trip.net_pnl == D("2513.1777") - D("2500.6275")


def test_dust_ends_a_position_only_when_another_entry_buys() -> None:
    first, again = fill(1, Side.BUY, "1", "100"), fill(3, Side.BUY, "2", "100")
    same = replace(again, cause=first.cause)
    for second, closed in ((again, 1), (same, 0)):
        made = Book(lot_of=lambda symbol: D("0.001"), is_dust=lambda symbol, qty, price: qty < 1)
        for one in (first, fill(2, Side.SELL, "0.9", "100"), second):
            made.add(one)
        held = made.position("BTC/USD")
        assert held is not None and held.qty == (2 if closed else D("2.1"))
        assert len(made.round_trips) == closed


def test_what_is_left_below_one_lot_closes_the_position() -> None:
    made = book(fill(1, Side.BUY, "1.0005", "100"), fill(2, Side.SELL, "1", "100"))
    assert not made.holds("BTC/USD")
    assert made.round_trips[0].net_pnl == D("-0.05")


def test_a_fill_that_comes_twice_counts_once() -> None:
    made = book(fill(1, Side.BUY, "1", "100"), fill(1, Side.BUY, "1", "100"))
    held = made.position("BTC/USD")
    assert held is not None and held.qty == 1


def test_fills_in_any_order_make_the_same_book() -> None:
    rng = random.Random(5)
    fills = []
    for i in range(0, 60, 3):
        fills += [
            fill(i, Side.BUY, "1", str(rng.randint(90, 110)), "0.1", i // 2),
            fill(i + 1, Side.BUY, "1", str(rng.randint(90, 110)), "0.1", i // 2),
            fill(i + 2, Side.SELL, "2", str(rng.randint(90, 110)), "0.2", i // 2 + 1),
        ]
    fills.sort(key=lambda one: one.key)
    straight = book(*fills)
    for _ in range(20):
        mixed = fills[:]
        rng.shuffle(mixed)
        other = book(*mixed)
        assert other.round_trips == straight.round_trips
        assert other.realised == straight.realised
        assert other.positions == straight.positions


def test_a_sell_with_nothing_to_sell_is_set_aside() -> None:
    made = book(fill(1, Side.SELL, "1", "100"))
    assert len(made.unmatched) == 1 and made.realised == 0


def trip(net: str, symbol: str = "BTC/USD", fees: str = "1") -> RoundTrip:
    return RoundTrip(
        symbol, Qty(D(1)), Price(D(1)), Price(D(1)), 0, 1, Money(D(fees)), Money(D(net)),
        Origin.AUTOPILOT, "stop",
    )  # fmt: skip


def test_trades_add_up() -> None:
    total = tally([trip("10"), trip("-4"), trip("0"), trip("2")])
    assert (total.trades, total.wins, total.losses) == (4, 2, 1)
    assert (total.net_pnl, total.fees, total.win_rate, total.profit_factor) == (8, 4, D("0.5"), 3)


def test_what_is_undefined_is_none() -> None:
    assert tally([]).win_rate is None and tally([]).profit_factor is None
    assert tally([trip("5")]).profit_factor is None
    assert max_drawdown([]) is None and sharpe([], D(1)) is None
    assert sharpe([(0, D(10))], D(10)) is None
    assert sharpe([(0, D(10)), (DAY, D(10))], D(10)) is None


def test_symbols_are_tallied_apart_in_order() -> None:
    found = by_symbol([trip("1", "ETH/USD"), trip("2"), trip("3", "ETH/USD")])
    assert list(found) == ["BTC/USD", "ETH/USD"]
    assert found["ETH/USD"].net_pnl == 4


def test_the_deepest_fall_is_a_share_of_its_peak() -> None:
    assert max_drawdown(map(D, [100, 120, 90, 130, 100])) == D(30) / 120
    assert max_drawdown(map(D, [1, 2, 3])) == 0


def test_sharpe_is_over_utc_days_and_a_day_without_a_point_is_flat() -> None:
    points = [(DAY // 2, D(110)), (DAY - 1, D(101)), (3 * DAY, D(103))]
    returns = [0.01, 0.0, 0.0, float(D(103) / D(101)) - 1]
    mean = sum(returns) / 4
    deviation = sqrt(sum((one - mean) ** 2 for one in returns) / 3)
    assert sharpe(points, D(100)) == pytest.approx(mean / deviation * sqrt(365))
