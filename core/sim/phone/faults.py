"""What can go wrong between a client and a server, made to order, and the limits that real servers set."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from core.clock import Clock


@dataclass(frozen=True, slots=True)
class Fault:
    """One answer that goes wrong. `lost` carries the call out first, so that only its answer is lost."""

    status: int
    retry_after: int | None = None
    lost: bool = False
    description: str = ""  # instead of the status's usual words


@dataclass(slots=True)
class Faults:
    """Faults waiting for a method, by its lower-case name; "*" meets any."""

    waiting: dict[str, deque[Fault]] = field(default_factory=dict)
    down: Fault | None = None  # answers everything until lifted

    def add(self, method: str, fault: Fault) -> None:
        self.waiting.setdefault(method.lower(), deque()).append(fault)

    def take(self, method: str) -> Fault | None:
        """The fault that this call meets, or None."""
        if self.down:
            return self.down
        for name in (method.lower(), "*"):
            if queue := self.waiting.get(name):
                return queue.popleft()
        return None


@dataclass(frozen=True, slots=True)
class Limits:
    """Telegram's own limits; calls beyond them get 429 with retry_after."""

    messages_per_second: int = 30
    edits_per_minute: int = 20


@dataclass(slots=True)
class Throttle:
    """Counts calls against the limits; without limits everything passes."""

    clock: Clock
    limits: Limits | None = None
    sent: deque[int] = field(default_factory=deque)
    edits: deque[int] = field(default_factory=deque)
    refused: int = 0

    def retry_after(self, method: str) -> int | None:
        """Seconds to wait when this call is one too many, else None and the call is counted."""
        if self.limits is None:
            return None
        if method.startswith("edit"):
            return self._count(self.edits, self.limits.edits_per_minute, 60_000)
        if method.startswith("send") and method != "sendchataction":
            return self._count(self.sent, self.limits.messages_per_second, 1_000)
        return None

    def _count(self, times: deque[int], most: int, window_ms: int) -> int | None:
        now = self.clock.wall_ms()
        while times and times[0] <= now - window_ms:
            times.popleft()
        if len(times) >= most:
            self.refused += 1
            return max(1, -(-(times[0] + window_ms - now) // 1000))
        times.append(now)
        return None
