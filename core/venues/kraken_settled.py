"""What REST said of the account, for as long as the private socket proves that nothing has happened since.

An answer is given again without asking while the line is whole and fresh, nothing was told since it was
read, no change of ours is or was just under way, and the audit is not due. Else REST is asked; its answer is
settled when it agrees with what the line told. An audit costs two points, for balances and open orders: every
trade moves a balance, so equal balances prove that no trade is missing either. What does not agree is read
again in full, and is told when it stays so.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from core.clock import Clock
from core.model.account import Balance
from core.model.market import FeeRates
from core.model.orders import Fill, OrderReport
from core.venues.kraken_private_feed import Mark, PrivateFeed

T = TypeVar("T")

CALM_S = 5.0  # wall seconds after a change of ours in which REST is asked
LAG_S = 30.0  # after which an order that ended, or a fill, is surely listed
DOUBTS = 3  # readings in a row that disagree before the line is begun anew
DOUBT_PAUSE_S = 600.0  # wall seconds between two new beginnings for that reason
_TOGETHER_S = 0.5  # wall seconds in which events count as one
_AGAIN_S = 2.0  # wall seconds until a reading that disagreed is repeated
_NOWHERE = Mark(0, 0)


class Account(Protocol):
    """The account as REST tells it."""

    async def balances(self) -> Mapping[str, Balance]: ...

    async def open_orders(self) -> list[OrderReport]: ...

    async def closed_orders(self, since_ms: int) -> list[OrderReport]: ...

    async def fills(self, since_ms: int) -> list[Fill]: ...

    async def fees(self, symbol: str) -> FeeRates: ...


@dataclass(frozen=True, slots=True)
class _Said:
    """One answer of REST: when it was read, from when it is complete, and where the line stood."""

    value: Any
    read_ms: int
    since_ms: int
    mark: Mark
    writes: int
    agrees: bool


class Settled:
    """The answers that hold, shared by everybody who asks about the account."""

    def __init__(self, feed: PrivateFeed | None, clock: Clock, audit_s: int) -> None:
        """`audit_s` is market time. Without a feed only closed orders are ever given again."""
        self._feed = feed
        self._clock = clock
        self._audit_ms = audit_s * 1000
        self._said: dict[str, _Said] = {}
        self._open: frozenset[str] | None = None  # the open orders of the latest reading
        self._open_beside: frozenset[str] | None = None  # and those when the closed ones were read
        self._writing = self._writes = 0  # changes of ours under way, and all that began or ended
        self._wrote_at = clock.monotonic() - LAG_S
        self._stood_ms = clock.market_ms()  # since when a line stands; before it others may have traded
        self._epoch = 0  # of the line that stood at the last look
        self._doubts: Counter[str] = Counter()  # readings of a part in a row that disagreed
        self._doubted_at = clock.monotonic() - DOUBT_PAUSE_S
        self._changed: Callable[[], None] | None = None
        self._ringing: asyncio.TimerHandle | None = None
        self.disagreement = ""  # what REST and the line do not agree on, in words
        if feed is not None:
            feed.when_told(lambda: self._ring(_TOGETHER_S))

    # Changes

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Around every change of ours: what was said before does not hold afterwards."""
        self._touch(1)
        try:
            yield
        finally:
            self._touch(-1)

    def _touch(self, step: int) -> None:
        self._writing += step
        self._writes += 1
        self._wrote_at = self._clock.monotonic()

    def forget(self) -> None:
        """Something is unknown: everything is read again."""
        self._said.clear()

    def when_changed(self, call: Callable[[], None]) -> None:
        """`call` is made soon after something happened at the exchange."""
        self._changed = call

    def _ring(self, after_s: float) -> None:
        if self._changed is not None and self._ringing is None:
            self._ringing = asyncio.get_running_loop().call_later(after_s, self._rung)

    def _rung(self) -> None:
        self._ringing = None
        if self._changed is not None:
            self._changed()

    def close(self) -> None:
        if self._ringing is not None:
            self._ringing.cancel()

    # Answers

    async def answer(
        self,
        part: str,
        ask: Callable[[], Awaitable[T]],
        agrees: Callable[[PrivateFeed, T, int], bool],
        since_ms: int = 0,
    ) -> T:
        """What was said of `part` where it holds, else REST's word now.

        `agrees` compares an answer with the line; it is told the market time at which REST was asked.
        """
        self._notice_a_new_line()
        known = self._said.get(part)
        if known is not None and known.since_ms <= since_ms and self._holds(part, known):
            return cast(T, known.value)
        mark, writes, now = self._mark, self._writes, self._clock.market_ms()
        value = await ask()
        unmoved = mark == self._mark and writes == self._writes and self._calm(CALM_S)
        agreed = unmoved and (not self._line_stands or agrees(cast(PrivateFeed, self._feed), value, now))
        self._said[part] = _Said(value, now, since_ms, mark, writes, agreed and self._complete(part, now))
        if self._line_stands and unmoved:
            await self._judge(part, agreed)
        return value

    def _notice_a_new_line(self) -> None:
        """Remember when it began to stand."""
        if self._mark.epoch != self._epoch:
            self._epoch, self._stood_ms = self._mark.epoch, self._clock.market_ms()

    def _complete(self, part: str, read_ms: int) -> bool:
        """Whether a reading of fills is late enough to hold those from before the line stood: no line tells
        them, and REST may list them late."""
        return part != "fills" or read_ms - self._stood_ms >= LAG_S * 1000

    @property
    def _mark(self) -> Mark:
        return self._feed.mark if self._feed is not None else _NOWHERE

    @property
    def _line_stands(self) -> bool:
        return self._feed is not None and self._feed.fresh

    def _calm(self, seconds: float) -> bool:
        return not self._writing and self._clock.monotonic() - self._wrote_at >= seconds

    def _holds(self, part: str, known: _Said) -> bool:
        if known.writes != self._writes or not self._calm(CALM_S):
            return False
        if part == "closed" and self._open is not None and self._open == self._open_beside:
            return True  # no order has left the open ones since
        if not (self._line_stands and known.agrees and known.mark == self._mark):
            return False
        return part in ("closed", "fills") or self._clock.market_ms() - known.read_ms < self._audit_ms

    def noted_open(self, orders: list[OrderReport]) -> None:
        self._open = frozenset(one.txid for one in orders)

    def noted_closed(self) -> None:
        """Orders that end just after a change of ours may be listed late: such a reading proves little."""
        self._open_beside = self._open if self._calm(LAG_S) else None

    async def _judge(self, part: str, agreed: bool) -> None:
        """Count readings that disagree; after some in a row the line is begun anew and all is read again."""
        said = f"it tells other {part} than Kraken's REST"
        if agreed:
            del self._doubts[part]
            if self.disagreement == said:
                self.disagreement = ""
            return
        self._ring(_AGAIN_S)
        self._doubts[part] += 1
        if self._doubts[part] < DOUBTS:
            return
        self._doubts.clear()
        self.disagreement = said
        self.forget()
        now = self._clock.monotonic()
        if self._feed is not None and now - self._doubted_at >= DOUBT_PAUSE_S:
            self._doubted_at = now
            await self._feed.socket.drop(self.disagreement)


class SettledAccount:
    """The Account port: what holds without asking, the rest from `rest`."""

    def __init__(self, rest: Account, settled: Settled) -> None:
        self._rest = rest
        self._settled = settled

    async def balances(self) -> Mapping[str, Balance]:
        return await self._settled.answer(
            "balances", self._rest.balances, lambda feed, said, _: feed.same_balances(said)
        )

    async def open_orders(self) -> list[OrderReport]:
        async def ask() -> list[OrderReport]:
            found = await self._rest.open_orders()
            self._settled.noted_open(found)
            return found

        return await self._settled.answer("open orders", ask, lambda feed, said, _: feed.same_orders(said))

    async def closed_orders(self, since_ms: int) -> list[OrderReport]:
        async def ask() -> list[OrderReport]:
            found = await self._rest.closed_orders(since_ms)
            self._settled.noted_closed()
            return found

        closed = await self._settled.answer("closed", ask, lambda *_: True, since_ms)
        return [one for one in closed if (one.closed_ms or 0) >= since_ms]

    async def fills(self, since_ms: int) -> list[Fill]:
        fills = await self._settled.answer(
            "fills",
            lambda: self._rest.fills(since_ms),
            lambda feed, said, asked_ms: feed.has_all(said, since_ms, asked_ms),
            since_ms,
        )
        return [one for one in fills if one.time_ms >= since_ms]

    async def fees(self, symbol: str) -> FeeRates:
        return await self._rest.fees(symbol)

    def forget(self) -> None:
        self._settled.forget()
