"""Candles as Kraken's OHLC gives them: folded from five-minute bars, encoded once, the last still open."""

from __future__ import annotations

from functools import cache

from core.sim.kraken.bars import STEP_MS, Bar
from core.sim.kraken.listing import Listed
from core.sim.kraken.market import Market
from core.sim.kraken.walk import BAR_MS

INTERVALS = (1, 5, 15, 30, 60, 240, 1440, 10080, 21600)
MOST_ROWS = 720
_STEPS_A_MINUTE = 60_000 // STEP_MS


class OhlcDesk:
    """Answers of the OHLC endpoint. `listed_ms` is when trading began: nothing is older."""

    def __init__(self, market: Market, listed_ms: int) -> None:
        self._market, self._listed_s = market, listed_ms // 1000
        self._rows: dict[tuple[str, int], dict[int, str]] = {}
        self._hours: dict[tuple[str, int], Bar] = {}  # what longer candles are folded from

    def answer(self, listed: Listed, interval: int, since: int | None, now_ms: int) -> str:
        """The JSON of a result: up to 720 committed rows after `since` (seconds), then the open one."""
        length = interval * 60
        current = now_ms // 1000 // length * length
        oldest = max(current - MOST_ROWS * length, -(-self._listed_s // length) * length)
        first = oldest if since is None else max(oldest, since // length * length + length)
        known = self._known(listed.pair.symbol, interval)
        rows = []
        for opened in range(first, current, length):
            row = known.get(opened)
            if row is None:
                row = known[opened] = self._row(listed, opened, self._closed(listed, opened, interval))
            rows.append(row)
        if since is None or current > since:
            rows.append(self._row(listed, current, self._open_bar(listed, current, interval, now_ms)))
        return f'{{"{listed.id}":[{",".join(rows)}],"last":{current - length}}}'

    def bar(self, listed: Listed, interval: int, opened_s: int, now_ms: int) -> Bar:
        """The candle that opened at `opened_s` seconds, as its trades have made it until now."""
        if now_ms < (opened_s + interval * 60) * 1000:
            return self._open_bar(listed, opened_s, interval, now_ms)
        return self._closed(listed, opened_s, interval)

    def _known(self, symbol: str, interval: int) -> dict[int, str]:
        known = self._rows.setdefault((symbol, interval), {})
        if len(known) > 3 * MOST_ROWS:
            for opened in sorted(known)[: -2 * MOST_ROWS]:
                del known[opened]
        return known

    def _closed(self, listed: Listed, opened_s: int, interval: int) -> Bar:
        if interval == 1:
            return self._minute(listed, opened_s * 1000, _STEPS_A_MINUTE)
        if interval > 60:
            hours = [self._hour(listed, opened_s + k * 3600) for k in range(interval // 60)]
            return _fold(hours, listed.lot_decimals)
        path, first = self._market.path(listed.pair.symbol), opened_s * 1000 // BAR_MS
        bars = [path.bar(index) for index in range(first, first + interval // 5)]
        return bars[0] if interval == 5 else _fold(bars, listed.lot_decimals)

    def _hour(self, listed: Listed, opened_s: int) -> Bar:
        """Kept: the same half year of hours makes the candles of four hours, a day and a week."""
        key = listed.pair.symbol, opened_s
        hour = self._hours.get(key)
        if hour is None:
            hour = self._hours[key] = self._closed(listed, opened_s, 60)
        return hour

    def _open_bar(self, listed: Listed, opened_s: int, interval: int, now_ms: int) -> Bar:
        if interval == 1:
            return self._minute(listed, opened_s * 1000, (now_ms - opened_s * 1000) // STEP_MS + 1)
        symbol = listed.pair.symbol
        path, first, current = self._market.path(symbol), opened_s * 1000 // BAR_MS, now_ms // BAR_MS
        bars = [path.bar(index) for index in range(first, current)]
        bars.append(self._market.bar_so_far(symbol, now_ms))
        return _fold(bars, listed.lot_decimals)

    def _minute(self, listed: Listed, opened_ms: int, steps: int) -> Bar:
        path, first = self._market.path(listed.pair.symbol), opened_ms // STEP_MS
        prices = [path.price(first + step) for step in range(steps)]
        whole = path.bar(opened_ms // BAR_MS)
        volume = round(whole.volume * steps / (5 * _STEPS_A_MINUTE), listed.lot_decimals)
        trades = steps if whole.trades else 0
        return Bar(prices[0], max(prices), min(prices), prices[-1], volume, trades)

    def _row(self, listed: Listed, opened_s: int, bar: Bar) -> str:
        units, scale = listed.tick_units, 10**listed.pair_decimals
        high, low, close = bar.high * units / scale, bar.low * units / scale, bar.close * units / scale
        vwap = (high + low + close) / 3 if bar.volume else 0.0
        return _row_form(listed.pair_decimals) % (
            opened_s,
            bar.open * units / scale,
            high,
            low,
            close,
            vwap,
            bar.volume,
            bar.trades,
        )


@cache
def _row_form(decimals: int) -> str:
    """A row's JSON with gaps for its numbers; prices have the pair's decimals."""
    price = f'"%.{decimals}f"'
    return f'[%d,{price},{price},{price},{price},{price},"%.8f",%d]'


def _fold(bars: list[Bar], lot_decimals: int) -> Bar:
    return Bar(
        bars[0].open,
        max(bar.high for bar in bars),
        min(bar.low for bar in bars),
        bars[-1].close,
        round(sum(bar.volume for bar in bars), lot_decimals),
        sum(bar.trades for bar in bars),
    )
