"""What can go wrong between a client and a server, made to order, and the limits that real servers set."""

from __future__ import annotations

from collections import defaultdict, deque
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

    messages_per_second: int = 30  # sent and edited, in all chats together
    edits_per_minute: int = 20  # in one chat


@dataclass(slots=True)
class Throttle:
    """Counts calls against the limits; without limits everything passes."""

    clock: Clock
    limits: Limits | None = None
    sent: deque[int] = field(default_factory=deque)
    edits: defaultdict[str, deque[int]] = field(default_factory=lambda: defaultdict(deque))  # by chat
    refused: int = 0

    def retry_after(self, method: str, chat: str) -> int | None:
        """Seconds to wait when this call is one too many, else None and the call is counted."""
        counts = self._counts(method, chat)
        waits = [self._wait(*count) for count in counts]
        if any(waits):
            self.refused += 1
            return max(waits)
        for times, _, _ in counts:
            times.append(self.clock.wall_ms())
        return None

    def _counts(self, method: str, chat: str) -> list[tuple[deque[int], int, int]]:
        """What the call is counted in: the calls so far, how many may be, in how many milliseconds."""
        edit = method.startswith("edit")
        sent = method.startswith("send") and method != "sendchataction"
        if self.limits is None or not (edit or sent):
            return []
        overall = (self.sent, self.limits.messages_per_second, 1_000)
        return [overall, (self.edits[chat], self.limits.edits_per_minute, 60_000)] if edit else [overall]

    def _wait(self, times: deque[int], most: int, window_ms: int) -> int:
        now = self.clock.wall_ms()
        while times and times[0] <= now - window_ms:
            times.popleft()
        return max(1, -(-(times[0] + window_ms - now) // 1000)) if len(times) >= most else 0
