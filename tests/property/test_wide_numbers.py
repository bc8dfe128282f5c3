"""Wide numbers, ticks and lots against exact fractions and against the Decimal that money is counted with."""

from __future__ import annotations

from decimal import ROUND_DOWN
from decimal import Decimal as D
from fractions import Fraction
from math import floor

from hypothesis import example, given
from hypothesis import strategies as st

from core.lab.atoms import fee_of, nearest_ticks, price_of, quoted_ticks, written
from core.lab.packing import slots_of
from core.lab.tables import ATOMS
from core.model.market import Pair
from core.model.money import to_decimal
from core.model.wide import Wide, floored, from_int, nearest, parts, whole
from core.risk.brackets import distances
from core.risk.limits import loss_reaches
from core.risk.sizing import cash_room, exposure_room, position_room, wanted_size
from tests.support.made_candles import bars
from tests.support.made_histories import history

whole_numbers = st.integers(1, 10**26)
ticks = st.sampled_from(["0.1", "0.01", "0.00001", "0.0000001", "0.5", "0.25", "0.05", "5"])
lots = st.sampled_from(["1", "0.0001", "1E-8"])


def wide(value: Fraction | D | int) -> Wide:
    return Wide(*parts(Fraction(value)))


def exact(value: Wide) -> Fraction:
    return Fraction(value.hi) + Fraction(value.lo)


@given(whole_numbers, whole_numbers)
def test_sums_of_whole_numbers_are_exact(a: int, b: int) -> None:
    assert exact(wide(a) + wide(b)) == a + b
    assert exact(wide(a) - wide(b)) == a - b


@given(whole_numbers, st.integers(1, 10**9))
def test_quotients_and_products_are_right_to_thirty_digits(a: int, b: int) -> None:
    assert abs(exact(wide(a) / wide(b)) * b / a - 1) < Fraction(1, 2**102)
    assert abs(exact(wide(a) * wide(b)) / (a * b) - 1) < Fraction(1, 2**102)


@given(st.integers(0, 10**17), st.sampled_from([1, 2, 3, 7, 10, 26, 10026]), st.integers(1, 10**6))
def test_whole_and_nearest_know_what_lies_on_the_line(number: int, part: int, scale: int) -> None:
    value = Fraction(number, part * 2) / scale * scale + Fraction(1, 2) * (number % 3)
    assert whole(wide(value)) == floor(value)
    assert exact(floored(wide(value))) == floor(value)
    assert nearest(wide(value)) == round(value)


@given(st.integers(1, 10**25), st.integers(1, 10**12))
def test_a_quotient_that_is_whole_counts_as_whole(number: int, step: int) -> None:
    share = wide(Fraction(number * step, 10)) / wide(Fraction(step, 10))
    assert exact(floored(share)) == number


@given(st.floats(1e-7, 1e7))
@example(0.1)
@example(67123.45)
@example(1e-7)
def test_a_float_stands_for_the_decimal_it_is_written_as(value: float) -> None:
    told = exact(written(value))
    assert abs(told / Fraction(to_decimal(value)) - 1) < Fraction(1, 2**52)
    if len(to_decimal(value).as_tuple().digits) <= 15:
        assert abs(told / Fraction(to_decimal(value)) - 1) < Fraction(1, 2**102)


def pair_of(tick: str, lot: str = "1E-8") -> Pair:
    return Pair("AAA/USD", "AAA", "USD", D(tick), D(lot))


def slot_of(pair: Pair) -> object:
    return slots_of([history(bars(1, 2), pair=pair)], 0)[0]


@given(ticks, st.integers(1, 10**8), st.integers(0, 8), st.floats(1e-3, 1e6))
def test_a_price_goes_to_the_tick_that_decimal_finds(tick: str, digits: int, places: int, raw: float) -> None:
    pair = pair_of(tick)
    slot = slot_of(pair)
    for value in (float(D(digits).scaleb(-places)), raw, float(D(2 * digits + 1) * pair.tick / 2)):
        assert nearest_ticks(slot, value) * pair.tick == pair.price(value)


@given(ticks, st.integers(1, 10**6), st.integers(0, 8), st.sampled_from(["0", "5", "10", "80", "7.3"]))
def test_bid_and_ask_lie_where_the_replay_venue_quotes_them(
    tick: str, digits: int, places: int, spread: str
) -> None:
    pair, half = pair_of(tick), D(spread) / 20_000
    slot = slot_of(pair)
    price = D(digits).scaleb(-places)
    for factor in (1 + half, 1 - half):
        assert quoted_ticks(slot, float(price), wide(factor)) * pair.tick == pair.price(price * factor)


@given(ticks, st.integers(1, 10**7), st.floats(1e-6, 1e4), st.integers(1, 10**5))
def test_stop_and_target_lie_where_the_bracket_puts_them(tick: str, at: int, atr: float, half: int) -> None:
    pair = pair_of(tick)
    slot = slot_of(pair)
    scale = wide(1 / Fraction(pair.tick))
    for distance in (atr, float(D(half) * pair.tick / 2)):
        away = distances(distance, 2.0, 3.0)
        fill = at * pair.tick
        assert nearest(from_int(at) - written(2.0 * distance) * scale) * pair.tick == pair.price(
            fill - away.stop
        )
        assert nearest(from_int(at) + written(3.0 * distance) * scale) * pair.tick == pair.price(
            fill + away.target
        )
    assert price_of(slot, at) == float(at * pair.tick)


shares = st.sampled_from(["0.25", "0.5", "0.1", "0.013", "1", "0.2718281828"])
money = st.integers(1, 10**21)  # atoms of 1e-16


@given(ticks, lots, st.integers(2, 10**6), st.integers(1, 10**5), money, shares, st.sampled_from([0, 1]))
def test_sizes_come_to_the_lots_that_decimal_finds(
    tick: str, lot: str, at: int, away: int, cash: int, share: str, sizing: int
) -> None:
    pair, rate = pair_of(tick, lot), D("0.0026")
    entry, stop = at * pair.tick, (at - min(away, at - 1)) * pair.tick
    equity, held = D(cash) / ATOMS, D(cash // 3) / ATOMS
    per_lot, stop_lot = wide(Fraction(entry * pair.lot) * ATOMS), wide(Fraction(stop * pair.lot) * ATOMS)
    mine = wide(cash), wide(cash // 3)
    sized = [
        (wanted_size(sizing, equity, D(share), equity, entry, stop),
         wanted_size(sizing, mine[0], wide(D(share)), mine[0], per_lot, stop_lot)),
        (position_room(equity, D(share), entry), position_room(mine[0], wide(D(share)), per_lot)),
        (cash_room(equity, rate, entry), cash_room(mine[0], wide(rate), per_lot)),
        (exposure_room(equity, held, D("0.5"), entry),
         exposure_room(mine[0], mine[1], wide(D("0.5")), per_lot)),
    ]  # fmt: skip
    for decimal, compiled in sized:
        assert whole(compiled) * pair.lot == pair.qty(decimal)


@given(money, st.sampled_from(["0.0026", "0.0016", "0", "0.0025000001"]))
def test_a_fee_is_cut_to_the_atom(cost: int, rate: str) -> None:
    theirs = (D(cost) / ATOMS * D(rate)).quantize(D("1E-16"), ROUND_DOWN)
    assert exact(fee_of(wide(cost), wide(D(rate)))) == Fraction(theirs) * ATOMS


@given(money, st.sampled_from(["0.03", "0.05", "0.001", "0.1"]))
def test_a_loss_of_exactly_the_limit_is_the_limit(start: int, limit: str) -> None:
    start -= start % 1000
    lost = int(start * Fraction(limit))
    assert loss_reaches(wide(start), wide(start - lost), wide(D(limit)))
    if start:
        assert not loss_reaches(wide(start), wide(start - lost + 1), wide(D(limit)))
