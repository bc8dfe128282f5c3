"""Whether the edge gate would let anything in just now, said before a signal has to be turned down."""

from __future__ import annotations

from contextlib import suppress

from core.clock import Clock
from core.engine.edge_gate import EdgeGate
from core.engine.in_force import InForce
from core.engine.last_prices import LastPrices
from core.engine.tracks import Track, Tracks
from core.model.decisions import Denied
from core.model.errors import VenueError
from core.model.market import Quote
from core.risk.brackets import distances
from core.risk.edge import Edge

_PAIRS = 8  # those whose targets lie widest are asked about; the others have less to earn
_HOLDS_S = 30.0  # wall seconds that an answer holds: screens ask often
_OPENS = (
    "It opens by itself when a target outgrows its cost; slower candles, resting entries or a tuition open "
    "it too: /edge has the numbers, /risk tuition 50 lets me learn with that much"
)
_RECORD_OPENS = (
    "Other settings open it: zyn walkforward looks for them. So does a tuition: /risk tuition 50 lets me go "
    "on with that much. /edge has the numbers"
)


class EdgeOutlook:
    """The gate's answer to an entry at this moment, whichever pair would give it."""

    def __init__(
        self, gate: EdgeGate, tracks: Tracks, prices: LastPrices, in_force: InForce, clock: Clock
    ) -> None:
        self._gate, self._tracks, self._prices = gate, tracks, prices
        self._in_force, self._clock = in_force, clock
        self._said = ""
        self._asked_s: float | None = None

    async def closed(self) -> str:
        """What is closed, why, and what would open it; nothing when an entry could pass or nobody can say."""
        if not self._gate.enforced or self._gate.tuition.budget is not None:
            self._asked_s = None
            return ""
        now = self._clock.monotonic()
        if self._asked_s is None or now - self._asked_s >= _HOLDS_S:
            self._said, self._asked_s = await self._look(), now
        return self._said

    async def _look(self) -> str:
        edges = await self._edges()
        if not edges or not all(isinstance(self._gate.verdict(edge), Denied) for edge in edges.values()):
            return ""
        symbol, best = max(edges.items(), key=lambda one: one[1].move - one[1].cost)
        if best.pays:
            record = self._gate.record().text()
            return f"the edge gate is closed: my rule's own record loses, {record}. {_RECORD_OPENS}"
        nearest = f"the nearest to paying is {symbol}, where {best.text()}"
        return f"the edge gate is closed: {nearest}. {_OPENS}"

    async def _edges(self) -> dict[str, Edge]:
        """An entry of the pairs that may earn most, as it would be judged now."""
        ready = [track for track in self._tracks if track.engine.ready]
        widest = sorted(ready, key=lambda track: track.engine.atr / track.engine.close)[-_PAIRS:]
        quotes = await self._prices.known([track.symbol for track in widest])
        found: dict[str, Edge] = {}
        for track in widest:
            quote = quotes.get(track.symbol)
            if quote is not None and quote.ask > 0:
                with suppress(VenueError):  # its fee was never told
                    found[track.symbol] = await self._edge(track, quote)
        return found

    async def _edge(self, track: Track, quote: Quote) -> Edge:
        risk, fees = self._in_force.risk, await self._prices.fees(track.symbol)
        away = distances(track.engine.atr, risk.stop_atr, risk.take_profit_atr)
        return self._gate.edge_at(quote, quote.ask, away, fees)
