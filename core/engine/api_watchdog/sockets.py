"""The sockets to the exchange.

Block nothing: while one is down its part goes over REST, more slowly and within the budget. Heal by
themselves: they connect again with growing pauses and begin with a fresh snapshot. A line that is back within
seconds is not worth a message.
"""

from __future__ import annotations

from core.clock import Clock
from core.engine.ports import Line

PATIENCE_S = 20.0  # wall seconds that a socket may be down before it is told


class Sockets:
    """Asks the line which of its sockets are down."""

    name, blocks, back = "sockets", "", "Kraken's sockets stand again."
    meanwhile = "I ask Kraken by REST every minute instead, stops rest there as ever."

    def __init__(self, line: Line, clock: Clock) -> None:
        self._line = line
        self._clock = clock
        self._down: dict[str, float] = {}

    async def look(self) -> str:
        now = self._clock.monotonic()
        troubles = {name: why for name, why in self._line.troubles().items() if why}
        self._down = {name: self._down.get(name, now) for name in troubles}
        lasting = [name for name, since in self._down.items() if now - since >= PATIENCE_S]
        return "; ".join(f"Kraken's {name} is down: {troubles[name]}" for name in lasting)
