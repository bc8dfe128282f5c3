"""The account: settled with the exchange not long ago.

Blocks entries when three intervals passed without a good reading. Heals by itself: the sync asks again,
sooner while something is not right.
"""

from __future__ import annotations

from core.clock import Clock
from core.engine.account_sync import AccountSync
from core.engine.api_watchdog.check import ENTRIES, STOPS_STAY

LATE_SYNCS = 3
LATE_WALL_S = 15.0  # never sooner than this, for a fast market's minutes are short


class Settlement:
    """Looks at how old the account state is."""

    name, blocks, meanwhile = "account", ENTRIES, STOPS_STAY
    back = "The account is in step with Kraken again."

    def __init__(self, sync: AccountSync, clock: Clock, interval_s: int) -> None:
        self._sync = sync
        self._clock = clock
        self._interval_ms = interval_s * 1000

    async def look(self) -> str:
        as_of = self._sync.state.as_of_ms
        silent = self._clock.market_ms() - as_of
        late = self._clock.monotonic() - self._sync.settled_at > LATE_WALL_S
        if as_of and (silent <= LATE_SYNCS * self._interval_ms or not late):
            return ""
        reason = f" ({self._sync.trouble})" if self._sync.trouble else ""
        ago = f"{silent // 1000} s ago" if as_of else "never"
        return f"the account was last settled with Kraken {ago}{reason}"
