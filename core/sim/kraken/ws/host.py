"""What a session needs of the hub that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from core.sim.kraken.auth import Gatekeeper
from core.sim.kraken.exchange import Exchange


class Host(Protocol):
    """The exchange behind a connection, and who is told when the connection ends."""

    exchange: Exchange
    gate: Gatekeeper
    step: int  # the last step of the market that was told

    def monotonic(self) -> float: ...

    def counter_of(self, key: str) -> Callable[[str], float]: ...

    def gone(self, session: Any) -> None: ...
