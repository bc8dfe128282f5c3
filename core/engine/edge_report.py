"""/edge: expected move against cost, the rule's own record, and cheaper ways to the same trade in numbers."""

from __future__ import annotations

from core.engine import words
from core.engine.edge_gate import EdgeGate
from core.engine.entrance import Entrance
from core.engine.maker_first import MakerFirst
from core.engine.parity import Parity
from core.engine.ports import Market
from core.engine.tracks import Tracks
from core.model.errors import VenueError
from core.model.market import FeeRates, Quote, Timeframe
from core.model.money import to_decimal
from core.risk.brackets import Distances, distances
from core.risk.edge import Edge, as_maker
from core.strategy.candle_strategy import calculate_atr
from core.trading_config import IndicatorConfig, RiskConfig

_PAIRS = 5
_STATES = {
    "off": "The gate is off: I do not ask whether a trade can pay for itself.",
    "warn": "The gate only warns here: I trade on and show the numbers.",
    "enforce": "The gate is enforced: what cannot pay for itself I do not trade.",
}


class EdgeReport:
    """Works out the edge of what is watched, now."""

    def __init__(
        self,
        gate: EdgeGate,
        entrance: Entrance,
        makers: MakerFirst,
        parity: Parity | None,
        market: Market,
        tracks: Tracks,
        risk: RiskConfig,
        indicators: IndicatorConfig,
    ) -> None:
        self._gate = gate
        self._entrance = entrance
        self._makers = makers
        self._parity = parity
        self._market = market
        self._tracks = tracks
        self._risk = risk
        self._indicators = indicators

    async def text(self) -> str:
        """All of it, one fact a line."""
        lines = [_STATES[self._gate.gate]]
        for symbol in self._symbols():
            lines += await self._pair(symbol)
        lines.append(f"My rule's own record: {self._gate.record().text()}.")
        if self._parity is not None:
            lines.append(self._parity.text())
        lines += await self._cheaper()
        lines.append(await self._gate.walk_forward())
        if self._gate.enforced or self._gate.tuition.budget:
            lines.append(self._gate.tuition.text())
        return "\n".join(lines)

    def _symbols(self) -> tuple[str, ...]:
        ready = [track.symbol for track in self._tracks if track.engine.ready]
        return tuple(ready[:_PAIRS])

    async def _numbers(self, symbol: str) -> tuple[Quote, FeeRates] | None:
        try:
            quote, fees = await self._entrance.quote(symbol), await self._entrance.fees(symbol)
        except VenueError:
            return None
        return (quote, fees) if quote is not None and quote.ask > 0 else None

    def _edge(self, atr: float, quote: Quote, fees: FeeRates) -> Edge:
        away: Distances = distances(atr, self._risk.stop_atr, self._risk.take_profit_atr)
        return self._gate.edge_at(quote, quote.ask, away, fees)

    async def _pair(self, symbol: str) -> list[str]:
        found = await self._numbers(symbol)
        if found is None:
            return [f"{symbol}: the exchange gave no price just now."]
        edge = self._edge(self._tracks[symbol].engine.atr, *found)
        return [f"{symbol}: {edge.text()} ({edge.parts()})."]

    async def _cheaper(self) -> list[str]:
        """The same trade by a resting limit, and on slower candles; of the first pair that can be told."""
        for symbol in self._symbols():
            found = await self._numbers(symbol)
            if found is not None:
                return [self._as_maker(symbol, *found), *await self._slower(symbol, *found)]
        return []

    def _as_maker(self, symbol: str, quote: Quote, fees: FeeRates) -> str:
        edge = self._edge(self._tracks[symbol].engine.atr, quote, fees)
        if self._gate.resting:
            return f"Entries rest as limits: {self._makers.measured.text()}."
        maker = as_maker(edge, fees)
        saved = words.share(maker.cost - edge.cost).lstrip("+")
        return (
            f"Cheaper: entering {words.coin(symbol)} by a resting limit costs {words.percent(maker.cost)} "
            f"a round trip ({saved}); {self._makers.measured.text()}. "
            "ZYN_EXECUTION__ENTRY=maker_first does it."
        )

    async def _slower(self, symbol: str, quote: Quote, fees: FeeRates) -> list[str]:
        told = []
        for timeframe in Timeframe:
            if timeframe.ms <= self._tracks.timeframe.ms:
                continue
            atr = await self._atr(symbol, timeframe)
            if atr:
                edge = self._edge(atr, quote, fees)
                pays = f"{to_decimal(float(edge.move / edge.cost)):.1f} times the cost"
                told.append(f"{timeframe.value} {words.percent(edge.move)} ({pays})")
        if not told:
            return []
        return [
            f"Slower candles aim further at the same cost, {words.coin(symbol)} target by candle: "
            f"{', '.join(told)}. ZYN_AUTOPILOT__TIMEFRAME sets it."
        ]

    async def _atr(self, symbol: str, timeframe: Timeframe) -> float:
        period = self._indicators.atr_period
        try:
            candles = await self._market.candles(symbol, timeframe, 10 * period)
        except VenueError:
            return 0.0
        if len(candles) <= period:
            return 0.0
        columns = [[one[k] for one in candles] for k in (2, 3, 4)]
        return calculate_atr(columns[0], columns[1], columns[2], period)[-1]
