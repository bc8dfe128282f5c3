"""What Zyn knows of each watched pair: its rule's state and which candle was judged last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from core.model.market import Candle, Pair, Timeframe
from core.strategy.signal_engine import SignalEngine
from core.trading_config import IndicatorConfig, MarketFilters


class Track:
    """One pair under watch. A candle is judged at most once, in order, across restarts."""

    __slots__ = ("engine", "judged_ms", "pair")

    def __init__(self, pair: Pair, engine: SignalEngine) -> None:
        self.pair = pair
        self.engine = engine
        self.judged_ms = -1  # open of the newest candle that was judged

    @property
    def symbol(self) -> str:
        return self.pair.symbol

    def fresh(self, candles: Iterable[Candle]) -> list[Candle]:
        """The candles that were not taken yet, oldest first."""
        return [candle for candle in candles if candle.time_ms > self.engine.last_ms]


class Tracks:
    """All watched pairs, in order of symbol."""

    def __init__(
        self,
        pairs: Mapping[str, Pair],
        symbols: Iterable[str],
        timeframe: Timeframe,
        indicators: IndicatorConfig,
        filters: MarketFilters,
    ) -> None:
        self.timeframe = timeframe
        self._pairs = pairs
        self._indicators = indicators
        self._filters = filters
        self._kept: dict[str, int] = {}  # judged by an earlier run, also of pairs not watched now
        self._tracks: dict[str, Track] = {}
        self.watch(symbols)

    def watch(self, symbols: Iterable[str]) -> None:
        """Watch exactly these pairs; whoever goes through the old ones goes on undisturbed."""
        self._kept.update(self.judged)
        self._tracks = {symbol: self._tracks.get(symbol) or self._new(symbol) for symbol in sorted(symbols)}

    def _new(self, symbol: str) -> Track:
        pair = self._pairs[symbol]
        track = Track(pair, SignalEngine(self._indicators, self._filters, pair.tick))
        track.judged_ms = self._kept.get(symbol, -1)
        return track

    def __iter__(self) -> Iterator[Track]:
        return iter(self._tracks.values())

    def __getitem__(self, symbol: str) -> Track:
        return self._tracks[symbol]

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._tracks

    def __len__(self) -> int:
        return len(self._tracks)

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(self._tracks)

    @property
    def judged(self) -> dict[str, int]:
        """Symbol -> open of the newest judged candle, for state.json."""
        return {symbol: track.judged_ms for symbol, track in self._tracks.items()}

    def restore(self, judged: Mapping[str, int]) -> None:
        """Take over what an earlier run judged."""
        self._kept.update(judged)
        for symbol, at in judged.items():
            if symbol in self._tracks:
                self._tracks[symbol].judged_ms = at
