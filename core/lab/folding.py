"""Public trades into candles, as the exchange makes them: silent intervals are flat and without volume."""

from __future__ import annotations

from collections.abc import Iterable

from core.model.market import Candle, PublicTrade, Timeframe


class Fold:
    """The candles of one pair from its trades, which come oldest first; a trade told twice counts once."""

    def __init__(self, timeframe: Timeframe, before: Candle | None = None) -> None:
        """`before` is the candle before the first one wanted: its close fills the silence after it."""
        self._step = timeframe.ms
        self._last = before
        self._open: Candle | None = None
        self.number = -1  # of the newest trade taken
        self.trades = 0

    def take(self, trades: Iterable[PublicTrade]) -> list[Candle]:
        """The candles that these trades show to be over."""
        closed: list[Candle] = []
        for trade in trades:
            if trade.number <= self.number:
                continue
            self.number = trade.number
            self.trades += 1
            at = trade.time_ms // self._step * self._step
            if self._last is not None and at <= self._last.time_ms:
                continue  # older than what is wanted
            if self._open is None or at > self._open.time_ms:
                closed += self.close(at)
                self._open = Candle(at, trade.price, trade.price, trade.price, trade.price, 0.0)
            self._open = _with(self._open, trade)
        return closed

    def close(self, until_ms: int) -> list[Candle]:
        """Every candle that is over at `until_ms`, the silent ones too."""
        closed: list[Candle] = []
        if self._open is not None and self._open.time_ms < until_ms:
            self._silence(closed, self._open.time_ms)
            self._last = self._open._replace(volume=round(self._open.volume, 8))
            closed.append(self._last)
            self._open = None
        self._silence(closed, until_ms)
        return closed

    def _silence(self, closed: list[Candle], until_ms: int) -> None:
        """Flat candles from the last one on; none before the pair's first trade."""
        while self._last is not None and self._last.time_ms + self._step < until_ms:
            close = self._last.close
            self._last = Candle(self._last.time_ms + self._step, close, close, close, close, 0.0)
            closed.append(self._last)


def _with(candle: Candle, trade: PublicTrade) -> Candle:
    return Candle(
        candle.time_ms, candle.open, max(candle.high, trade.price), min(candle.low, trade.price),
        trade.price, candle.volume + trade.volume,
    )  # fmt: skip
