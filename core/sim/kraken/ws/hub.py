"""All connections of one exchange: tells them what the market did and what was booked. No socket in here."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from core.matching.register import Event
from core.model.errors import Rejected
from core.sim.kraken.auth import Gatekeeper
from core.sim.kraken.bars import STEP_MS
from core.sim.kraken.books import LedgerEntry
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.ws.session import Session

_MOST_CONNECTS = 150
_WINDOW_MS = 600_000
TOO_MANY = "EGeneral:Too many requests"


class Hub:
    """Hears of everything through the exchange; connections come by `connect` and go by `close`."""

    def __init__(self, exchange: Exchange, gate: Gatekeeper) -> None:
        self.exchange, self.gate = exchange, gate
        self.sessions: list[Session] = []
        self.step = exchange.now_ms() // STEP_MS
        self._numbers = 0
        self._connects: deque[int] = deque()
        self._banned_until_ms = 0
        exchange.on_booked.append(self._booked)
        exchange.on_moved.append(self._moved)

    def connect(self, private: bool) -> Session:
        """A new connection; Rejected after 150 within ten minutes, and for the ten minutes after that."""
        self.exchange.advance()
        if self.exchange.limits.enforced:
            self._count_connect(self.exchange.now_ms())
        self._numbers += 1
        session = Session(self, private, self._numbers)
        self.sessions.append(session)
        return session

    def gone(self, session: Session) -> None:
        if session in self.sessions:
            self.sessions.remove(session)

    def close(self) -> None:
        """End every connection."""
        for session in list(self.sessions):
            session.close()

    def monotonic(self) -> float:
        return self.exchange.clock.monotonic()

    def counter_of(self, key: str) -> Callable[[str], float]:
        """Reads a key's order counter of a market."""
        return lambda symbol: self.exchange.limits.orders_at(key, symbol, self.exchange.now_ms())

    def _count_connect(self, now_ms: int) -> None:
        if now_ms < self._banned_until_ms:
            raise Rejected(TOO_MANY)
        self._connects.append(now_ms)
        while self._connects[0] <= now_ms - _WINDOW_MS:
            self._connects.popleft()
        if len(self._connects) > _MOST_CONNECTS:
            self._banned_until_ms = now_ms + _WINDOW_MS
            self._connects.clear()
            raise Rejected(TOO_MANY)

    def _booked(self, events: Sequence[Event], entries: Sequence[LedgerEntry]) -> None:
        for session in list(self.sessions):
            session.booked(events, entries)

    def _moved(self) -> None:
        since, self.step = self.step, self.exchange.now_ms() // STEP_MS
        for session in list(self.sessions):
            session.tell_status()
            if self.step > since:
                session.market_moved(since, self.step)
            session.time_passed()
