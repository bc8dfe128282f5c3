"""A circuit breaker: who got no answer several times in a row stops asking for a while.

Only for questions. What guards or reduces risk, and every order, goes through regardless.
"""

from __future__ import annotations

from core.clock import Clock
from core.model.errors import Transient

FAILURES = 6  # in a row, two whole readings with their tries
FIRST_S, LONGEST_S = 2.0, 10.0  # wall seconds; doubling


class Breaker:
    """Closed: everything is asked. Open: nothing is, until one question after the pause tries again."""

    def __init__(self, peer: str, clock: Clock) -> None:
        self._peer = peer
        self._clock = clock
        self._failures = 0
        self._pause = FIRST_S
        self._until = 0.0
        self.tried_at = 0.0  # when the pause that lasts began: with a failure, or with one more question

    @property
    def open(self) -> bool:
        return self._failures >= FAILURES

    @property
    def left_s(self) -> float:
        """How long nothing is asked yet; 0 when somebody may."""
        return max(0.0, self._until - self._clock.monotonic()) if self.open else 0.0

    def refuse_while_open(self) -> None:
        """Raises Transient while nothing is asked."""
        if left := self.left_s:
            raise Transient(f"{self._peer} has not answered for a while; I ask again in {left:.0f} s")

    def check(self) -> None:
        """As above; the first caller after the pause may try, and must ask at once."""
        self.refuse_while_open()
        if self.open:
            self._wait()

    def answered(self) -> None:
        self._failures, self._pause = 0, FIRST_S

    def failed(self) -> None:
        self._failures += 1
        if self._failures == FAILURES:
            self._wait()

    def _wait(self) -> None:
        self.tried_at = self._clock.monotonic()
        self._until = self.tried_at + self._pause
        self._pause = min(self._pause * 2, LONGEST_S)
