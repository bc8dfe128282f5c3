"""A second backtester, written from the text of the rules alone: plain lists, slow, no code shared with ours.

Prices come in as decimal texts. Indicators are recomputed from whole lists with fractions where a comparison
must be exact. Used to compare trades one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from fractions import Fraction

Bar = tuple[int, str, str, str, str, float]  # ms of the open, open, high, low, close, volume


@dataclass
class Rules:
    length_ms: int
    cross: str = "price_fast"
    fast: int = 20
    slow: int = 50
    rsi_period: int = 14
    atr_period: int = 14
    filters: tuple[str, ...] = ()
    rsi_long_max: float = 70.0
    volume_lookback: int = 96
    volume_percentile_min: float = 40.0
    volatility_min: float = 0.0005
    volatility_max: float = 0.03
    chop_lookback: int = 20
    chop_slope_min: float = 0.001
    chop_range_min: float = 0.006
    atr_spike_lookback: int = 50
    atr_spike_max: float = 2.0
    trend_min: float = 0.0
    stop_atr: float = 2.0
    take_profit_atr: float = 3.0
    sizing: str = "risk_percent"
    risk_per_trade: str = "0.01"
    fixed_stake: str = "1000"
    max_position: str = "0.25"
    max_exposure: str = "0.5"
    max_open: int = 5
    daily_loss: str = "1"
    cooloff: int = 6
    on_opposite: bool = True
    taker: str = "0.0026"
    spread_bps: str = "5"
    cash: str = "10000"


@dataclass
class Market:
    bars: list[Bar]
    tick: Decimal
    lot: Decimal = Decimal("1E-8")
    min_qty: Decimal = Decimal(0)
    min_cost: Decimal = Decimal(0)


@dataclass
class Trade:
    symbol: str
    entry_time: int
    entry_price: Decimal
    exit_time: int
    exit_price: Decimal
    qty: Decimal
    reason: str
    fees: Decimal
    net: Decimal


@dataclass
class Held:
    entry_time: int
    price: Decimal
    qty: Decimal
    stop: Decimal
    target: Decimal
    fee: Decimal


@dataclass
class Pairs:
    """One pair while the run goes on."""

    market: Market
    long: list[bool]
    down: list[bool]
    atr: list[float | None]
    offset: int = 0
    held: Held | None = None
    cooling_from: int | None = None
    trades: list[Trade] = field(default_factory=list)


def sma(values: list[Fraction], n: int) -> list[Fraction | None]:
    return [None if i + 1 < n else sum(values[i + 1 - n : i + 1]) / n for i in range(len(values))]


def wilder(values: list[float | None], n: int) -> list[float | None]:
    """Mean of the first n values (the first one is missing), then (before x (n - 1) + now) / n."""
    found: list[float | None] = [None] * len(values)
    if len(values) <= n:
        return found
    now = sum(float(v or 0.0) for v in values[1 : n + 1]) / n
    found[n] = now
    for i in range(n + 1, len(values)):
        now = (now * (n - 1) + float(values[i] or 0.0)) / n
        found[i] = now
    return found


def indicators(market: Market, rules: Rules) -> Pairs:
    bars = market.bars
    closes = [Fraction(bar[4]) for bar in bars]
    highs, lows = [Fraction(bar[2]) for bar in bars], [Fraction(bar[3]) for bar in bars]
    volumes = [bar[5] for bar in bars]
    size = len(bars)
    fast, slow = sma(closes, rules.fast), sma(closes, rules.slow)
    ranges: list[float | None] = [None]
    ups: list[float | None] = [None]
    downs: list[float | None] = [None]
    for i in range(1, size):
        ranges.append(float(max(highs[i], closes[i - 1]) - min(lows[i], closes[i - 1])))
        change = closes[i] - closes[i - 1]
        ups.append(float(max(change, 0)))
        downs.append(float(max(-change, 0)))
    atr = wilder(ranges, rules.atr_period)
    gain, loss = wilder(ups, rules.rsi_period), wilder(downs, rules.rsi_period)

    def exists(i: int) -> bool:
        if i < 0:
            return False
        needs_slow = rules.cross == "fast_slow" or "trend" in rules.filters
        return (
            fast[i] is not None
            and atr[i] is not None
            and (slow[i] is not None or not needs_slow)
            and (gain[i] is not None or "rsi" not in rules.filters)
            and (i >= rules.volume_lookback - 1 or "volume" not in rules.filters)
            and ("chop" not in rules.filters or i - rules.chop_lookback >= rules.fast - 1)
            and ("atr_spike" not in rules.filters or i - rules.atr_spike_lookback >= rules.atr_period)
        )

    def passes(i: int) -> bool:
        close = float(closes[i])
        ok = []
        for name in rules.filters:
            if name == "trend":
                gap = (fast[i] - slow[i]) / slow[i]  # type: ignore[operator]
                ok.append(gap > Fraction(rules.trend_min))
            elif name == "rsi":
                moved = gain[i] + loss[i]  # type: ignore[operator]
                ok.append((100 * gain[i] / moved if moved else 0.0) < rules.rsi_long_max)  # type: ignore[operator]
            elif name == "volume":
                window = volumes[i + 1 - rules.volume_lookback : i + 1]
                below = sum(v < volumes[i] for v in window)
                equal = sum(v == volumes[i] for v in window) - 1
                rank = 100 * (below + equal / 2) / (len(window) - 1) if volumes[i] > 0 else 0
                ok.append(rank >= rules.volume_percentile_min)
            elif name == "volatility":
                ok.append(rules.volatility_min <= atr[i] / close <= rules.volatility_max)  # type: ignore[operator]
            elif name == "chop":
                n = rules.chop_lookback
                slope = abs(fast[i] - fast[i - n]) / fast[i - n]  # type: ignore[operator]
                reach = (max(highs[i + 1 - n : i + 1]) - min(lows[i + 1 - n : i + 1])) / closes[i]
                ok.append(float(slope) >= rules.chop_slope_min or float(reach) >= rules.chop_range_min)
            elif name == "atr_spike":
                before = atr[i - rules.atr_spike_lookback : i]
                mean = sum(float(v or 0) for v in before) / len(before)
                ok.append(not mean or atr[i] / mean <= rules.atr_spike_max)  # type: ignore[operator]
        return all(ok)

    a, b = (closes, fast) if rules.cross == "price_fast" else (fast, slow)
    longs, crossed_down = [False] * size, [False] * size
    for i in range(size):
        if exists(i) and exists(i - 1):
            crossed_down[i] = a[i] < b[i] and a[i - 1] >= b[i - 1]  # type: ignore[operator]
            longs[i] = a[i] > b[i] and a[i - 1] <= b[i - 1] and passes(i)  # type: ignore[operator]
    return Pairs(market, longs, crossed_down, atr)


def on_grid(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (value / step).to_integral_value(rounding=rounding) * step


def run(markets: dict[str, Market], rules: Rules) -> tuple[list[Trade], list[tuple[int, Decimal]]]:
    """Closed trades in order of exit, and (ms of the candle's open, equity at its close) of every candle."""
    start = min(market.bars[0][0] for market in markets.values())
    pairs = {}
    for name in sorted(markets):
        pairs[name] = indicators(markets[name], rules)
        pairs[name].offset = (markets[name].bars[0][0] - start) // rules.length_ms
    places = max(pair.offset + len(pair.market.bars) for pair in pairs.values())
    book = Book(rules, pairs)
    curve = []
    for place in range(places):
        for name, pair in pairs.items():
            book.inside(name, pair, place - pair.offset)
        curve.append((start + place * rules.length_ms, book.equity(place)))
        for name, pair in pairs.items():
            book.end(name, pair, place - pair.offset)
        if book.equity(place) != curve[-1][1]:
            curve.append((start + place * rules.length_ms, book.equity(place)))
        book.next_open(place, start + place * rules.length_ms)
    trades = [trade for pair in pairs.values() for trade in pair.trades]
    return sorted(trades, key=lambda t: (t.exit_time, t.symbol)), curve


class Book:
    def __init__(self, rules: Rules, pairs: dict[str, Pairs]) -> None:
        self.rules, self.pairs = rules, pairs
        self.cash = Decimal(rules.cash)
        self.taker = Decimal(rules.taker)
        self.half = Decimal(rules.spread_bps) / 20_000
        self.day: int | None = None
        self.day_start = self.cash
        self.killed = False

    def value(self, pair: Pairs, place: int) -> Decimal:
        i = place - pair.offset
        return pair.held.qty * Decimal(pair.market.bars[i][4]) if pair.held else Decimal(0)

    def equity(self, place: int) -> Decimal:
        return self.cash + sum(self.value(pair, place) for pair in self.pairs.values())

    def close(self, name: str, pair: Pairs, price: Decimal, i: int, reason: str) -> None:
        held = pair.held
        assert held is not None
        price = on_grid(price, pair.market.tick, ROUND_HALF_EVEN)
        fee = held.qty * price * self.taker
        self.cash += held.qty * price - fee
        net = held.qty * (price - held.price) - fee - held.fee
        time = pair.market.bars[i][0]
        trade = Trade(name, held.entry_time, held.price, time, price, held.qty, reason, fee + held.fee, net)
        pair.trades.append(trade)
        pair.held = None
        if net < 0:
            pair.cooling_from = i
        else:
            pair.cooling_from = None

    def inside(self, name: str, pair: Pairs, i: int) -> None:
        if pair.held is None or not 0 <= i < len(pair.market.bars):
            return
        _, opened, high, low, _, _ = pair.market.bars[i]
        if Decimal(low) <= pair.held.stop:
            self.close(name, pair, min(Decimal(opened), pair.held.stop), i, "stop")
        elif Decimal(high) >= pair.held.target:
            self.close(name, pair, max(Decimal(opened), pair.held.target), i, "target")

    def end(self, name: str, pair: Pairs, i: int) -> None:
        if pair.held is not None and i == len(pair.market.bars) - 1:
            self.close(name, pair, Decimal(pair.market.bars[i][4]), i, "end")

    def next_open(self, place: int, opened_ms: int) -> None:
        """Trades at the open after the close of `place`."""
        now = opened_ms + self.rules.length_ms
        if self.day != now // 86_400_000:
            self.day, self.day_start, self.killed = now // 86_400_000, self.equity(place), False
        was_held = {name for name, pair in self.pairs.items() if pair.held}
        live = {}
        for name, pair in self.pairs.items():
            i = place - pair.offset
            if i >= 0 and i + 1 < len(pair.market.bars):
                live[name] = (pair, i)
        for name, (pair, i) in live.items():
            opened = Decimal(pair.market.bars[i + 1][1])
            if pair.held and opened <= pair.held.stop:
                self.close(name, pair, opened, i + 1, "stop")
        limit = Decimal(self.rules.daily_loss)
        if limit < 1 and self.equity(place) <= self.day_start * (1 - limit):
            self.killed = True
        for name, (pair, i) in live.items():
            if pair.held and pair.down[i] and self.rules.on_opposite:
                self.close(name, pair, Decimal(pair.market.bars[i + 1][1]) * (1 - self.half), i + 1, "signal")
        for name, (pair, i) in live.items():
            if pair.long[i] and name not in was_held and not self.killed:
                self.enter(pair, i, place)

    def enter(self, pair: Pairs, i: int, place: int) -> None:
        rules, market = self.rules, pair.market
        if pair.cooling_from is not None and i - pair.cooling_from < rules.cooloff:
            return
        if sum(other.held is not None for other in self.pairs.values()) >= rules.max_open:
            return
        atr = pair.atr[i]
        assert atr is not None
        entry = on_grid(Decimal(market.bars[i + 1][1]) * (1 + self.half), market.tick, ROUND_HALF_EVEN)
        stop = on_grid(entry - Decimal(repr(rules.stop_atr * atr)), market.tick, ROUND_HALF_EVEN)
        target = on_grid(entry + Decimal(repr(rules.take_profit_atr * atr)), market.tick, ROUND_HALF_EVEN)
        if not 0 < stop < entry:
            return
        equity = self.equity(place)
        exposure = equity - self.cash
        if rules.sizing == "fixed":
            qty = Decimal(rules.fixed_stake) / entry
        else:
            qty = equity * Decimal(rules.risk_per_trade) / (entry - stop)
        qty = min(
            qty,
            equity * Decimal(rules.max_position) / entry,
            (equity * Decimal(rules.max_exposure) - exposure) / entry,
            self.cash / (1 + self.taker) / entry,
        )
        qty = on_grid(qty, market.lot, ROUND_FLOOR)
        if qty <= 0 or qty < market.min_qty or qty * entry < market.min_cost:
            return
        fee = qty * entry * self.taker
        self.cash -= qty * entry + fee
        pair.held = Held(market.bars[i + 1][0], entry, qty, stop, target, fee)
