"""Lanes to Kraken: one connection pool each, so that an order never queues behind data.

The client library signs, addresses and transports. Around it stand our nonces, our budget, our reading of
every reply and our answer to the question what a failed request proves.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import aiohttp
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from core.clock import Clock, WallSeconds
from core.engine.api_watchdog.breaker import Breaker
from core.model.errors import NONCE_RESENDS, NonceRefused, RateLimited, Rejected, Transient, VenueError
from core.venues.kraken_budget import Budget, PublicBudgets
from core.venues.kraken_class import load
from core.venues.kraken_latency import AnswerTimes
from core.venues.kraken_wire import WRITES, check_envelope, decode, no_answer

ORDER = "AddOrder"  # sent once here: whether it still may go is asked before each time
NONCE_BLOCK = 10_000_000  # microseconds: as far as a restart may run ahead of the clock
HEAD_START_S = 0.1  # wall time that an order has before the next read leaves: reads do not overtake it
TRIES = 3  # of a read
MEMORY_MS = 3_600_000  # market time that an answer of Kraken's clock is remembered
LONGEST_HOLD_S = 0.5  # wall time a request may take to be handed over before others go first
LONGEST_PAUSE_S = 10.0  # a read that must wait longer is given up and asked again by its owner
COSTS: Mapping[str, float] = {"TradesHistory": 2.0, "Ledgers": 2.0}  # points of Kraken's counter; else one

# Whatever the library raises after sending proves nothing about the order.
_ANY_FAILURE = (
    aiohttp.ClientError, OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError,
    ArithmeticError,
)  # fmt: skip
_NEVER_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, socket.gaierror)


class KeyGate:
    """One key's nonces, shared by its lanes.

    A nonce is stamped and its request handed to the network before the next one is stamped, for Kraken
    demands that they arrive in order; no one waits here for another's reply, nor long for its connection.

    Kraken remembers the highest nonce of a key for ever, and a machine's clock may be set back. `keep` is
    told a number that no nonce has passed yet, a block at a time and without waiting for it; the next process
    begins above it.
    """

    def __init__(
        self,
        clock: Clock,
        longest_hold_s: float = LONGEST_HOLD_S,
        highest: int = 0,
        keep: Callable[[int], None] = lambda up_to: None,
    ) -> None:
        """`highest` is what an earlier process kept of this key."""
        self._clock = clock
        self._longest_hold_s = longest_hold_s
        self._last = self._kept = highest
        self._keep = keep
        self._lock = asyncio.Lock()
        self._holder: object | None = None
        self._order_left = -HEAD_START_S  # wall seconds

    def next_nonce(self) -> int:
        """Microseconds of wall time, and always above the last one."""
        self._last = max(self._last + 1, self._clock.wall_ms() * 1000)
        if self._last > self._kept:
            self._kept = self._last + NONCE_BLOCK
            self._keep(self._kept)
        return self._last

    @asynccontextmanager
    async def handing_over(self, path: str) -> AsyncIterator[None]:
        """Hold the gate from the stamp until `handed_over`, or until the request failed before that.

        One that finds no connection is overtaken, and its nonce is then refused: it is sent again. A question
        that follows an order gives it a head start, once.
        """
        if path not in WRITES:
            await self._after_the_last_order()
        await self._lock.acquire()
        if path == ORDER:
            self._order_left = self._clock.monotonic()
        mine = self._holder = object()
        overdue = asyncio.get_running_loop().call_later(self._longest_hold_s, self._let_go, mine)
        try:
            yield
        finally:
            overdue.cancel()
            self._let_go(mine)

    async def _after_the_last_order(self) -> None:
        if (wait := self._order_left + HEAD_START_S - self._clock.monotonic()) > 0:
            await self._clock.sleep(WallSeconds(wait))

    def _let_go(self, holder: object) -> None:
        if self._holder is holder:
            self.handed_over()

    def handed_over(self) -> None:
        """The request's body has been written to its connection."""
        if self._holder is not None:
            self._holder = None
            self._lock.release()


class ServerTime:
    """Kraken's clock as seen from ours. Its Time counts whole seconds; several answers tell more than one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._within = (0, 0)  # where the offset lies for certain
        self._learned_ms: int | None = None
        self.offset_ms = 0

    def now_ms(self) -> int:
        return self._clock.market_ms() + self.offset_ms

    def learn(self, server_s: int, asked_ms: int, answered_ms: int) -> None:
        """Take one answer in: each gives a second in which the offset lies, together they narrow it down.

        Answers that contradict each other, or are older than an hour, say that a clock has moved.
        """
        low, high = server_s * 1000 - answered_ms, server_s * 1000 + 999 - asked_ms
        if self._learned_ms is not None and abs(answered_ms - self._learned_ms) < MEMORY_MS:
            both = max(low, self._within[0]), min(high, self._within[1])
            low, high = both if both[0] <= both[1] else (low, high)
        self._within, self._learned_ms = (low, high), answered_ms
        self.offset_ms = 0 if low <= 0 <= high else (low + high) // 2

    @property
    def surely_off_ms(self) -> int:
        """How far Kraken's clock is ahead of ours at least; below zero: behind. 0 when they may agree."""
        low, high = self._within
        return 0 if low <= 0 <= high else low if low > 0 else high


@dataclass(frozen=True, slots=True)
class Key:
    """An API key with its nonces and its budget of calls. An empty key reads public data only."""

    api_key: str
    secret: str
    gate: KeyGate
    budget: Budget | PublicBudgets


class _Wire:
    """What Zyn does differently from the library's class; mixed in before it."""

    gate: KeyGate
    server_time: ServerTime

    def incrementing_nonce(self) -> int:
        return self.gate.next_nonce()

    def on_json_response(self, response_body: str) -> Any:
        return decode(response_body)

    def handle_errors(
        self, code: int, reason: str, url: str, method: str, headers: Any, body: str, response: Any,
        request_headers: Any, request_body: Any,
    ) -> None:  # fmt: skip
        """Refuse every reply that is not a sound envelope, before the library can take it for empty."""
        write = url.rpartition("/")[2] in WRITES
        check_envelope(code, response, write=write, now_ms=self.server_time.now_ms())

    async def fetch2(
        self, path: str, api: Any = ("public",), method: str = "GET", params: Any = None, config: Any = None
    ) -> Any:
        request: Any = super().fetch2  # type: ignore[misc]
        if "private" not in api:
            return await request(path, api, method, params or {}, config or {})
        async with self.gate.handing_over(path):
            return await request(path, api, method, params or {}, config or {})


@dataclass(frozen=True, slots=True)
class LaneSettings:
    """Where Kraken is and how long one answer may take, in wall seconds."""

    base_url: str
    timeout_s: float = 10.0


class Lane:
    """One path to Kraken with connections of its own: public data, reads of the account, or orders."""

    def __init__(self, settings: LaneSettings, key: Key, clock: Clock, server_time: ServerTime) -> None:
        """Needs a running event loop."""
        self._key = key
        self._clock = clock
        self._breaker = Breaker("Kraken", clock)
        self.answers = AnswerTimes()
        self._call = "private_post" if key.api_key else "public_get"
        library = load()
        made: Any = type("Wire", (_Wire, library.kraken), {"gate": key.gate, "server_time": server_time})
        urls = dict.fromkeys(("public", "private", "zendesk"), settings.base_url.rstrip("/"))
        self._client: Any = made({
            "apiKey": key.api_key, "secret": key.secret, "enableRateLimit": False, "urls": {"api": urls},
            "timeout": round(settings.timeout_s * 1000), "timeout_on_exit": 0,
        })  # fmt: skip
        self._open_session()
        self._failures = (*_ANY_FAILURE, library.error)

    def _open_session(self) -> None:
        told = aiohttp.TraceConfig()
        told.on_request_chunk_sent.append(self._on_sent)
        trust = _trust(self._client.urls["api"]["private"], self._client.cafile)
        self._client.ssl_context = trust
        self._client.own_session = False
        self._client.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=trust), trace_configs=[told]
        )

    async def _on_sent(self, *_: Any) -> None:
        self._key.gate.handed_over()

    async def close(self) -> None:
        session, self._client.session = self._client.session, None
        if session is not None:
            await session.close()
        await self._client.close()

    async def read(self, path: str, **params: str) -> dict[str, Any]:
        """The result of a question, within the budget; tried a few times.

        Raises Transient, RateLimited, AuthFailed, or Rejected for a question that Kraken refuses.
        """
        retrying = AsyncRetrying(
            retry=retry_if_exception(_worth_another_try), stop=stop_after_attempt(TRIES), wait=_pause,
            sleep=self._sleep, reraise=True,
        )  # fmt: skip
        return await retrying(self._read_once, path, params)

    async def ask(self, path: str, **params: str) -> dict[str, Any]:
        """As `read`, once and without waiting for budget: a live order depends on the answer."""
        self._key.budget.of(path).take_now(COSTS.get(path, 1.0))
        return await self._as_read(path, params)

    async def write(self, path: str, **params: str) -> dict[str, Any]:
        """Make a change. Raises Rejected (nothing happened), UnknownOutcome or AuthFailed.

        NonceRefused for an order: whoever placed it may do so again at once.
        """
        return await self._resending(path, params, write=True)

    async def _read_once(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        self._breaker.refuse_while_open()  # before points are spent for nothing
        await self._key.budget.of(path).take(COSTS.get(path, 1.0))
        self._breaker.check()
        try:
            result = await self._as_read(path, params)
        except RateLimited:
            raise  # an answer, if not the one that was wanted
        except Transient:
            self._breaker.failed()
            raise
        self._breaker.answered()
        return result

    async def _as_read(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        try:
            return await self._resending(path, params, write=False)
        except RateLimited:
            self._key.budget.of(path).drain()
            raise
        except NonceRefused as error:
            raise Transient(str(error)) from error

    async def _resending(self, path: str, params: Mapping[str, str], *, write: bool) -> dict[str, Any]:
        """With a new nonce as long as the last one is refused, for then Kraken did not look at it."""
        for _ in range(0 if path == ORDER else NONCE_RESENDS):
            try:
                return await self._once(path, params, write=write)
            except NonceRefused:
                continue
        return await self._once(path, params, write=write)

    async def _once(self, path: str, params: Mapping[str, str], *, write: bool) -> dict[str, Any]:
        method = getattr(self._client, f"{self._call}_{path.lower()}")
        asked_s = self._clock.monotonic()
        try:
            reply = await method(dict(params))
        except VenueError:
            raise
        except self._failures as error:
            raise _meaning_of_failure(error, write=write) from error
        self.answers.took(self._clock.monotonic() - asked_s)
        result: dict[str, Any] = reply["result"]
        return result

    async def _sleep(self, seconds: float) -> None:
        await self._clock.sleep(WallSeconds(seconds))


@cache
def _trust(url: str, cafile: str) -> ssl.SSLContext | bool:
    """Whom to believe that they are Kraken; read once, for it takes 30 ms."""
    return ssl.create_default_context(cafile=cafile) if url.startswith("https") else False


def _meaning_of_failure(error: BaseException, *, write: bool) -> VenueError:
    """No answer at all: a write may have happened, unless there never was a connection."""
    why = error.__cause__ or error
    if isinstance(why, _NEVER_CONNECTED):
        said = f"Kraken cannot be reached, nothing was sent ({_reason(why)})"
        return Rejected(said) if write else Transient(said)
    if isinstance(why, TimeoutError):
        return no_answer("no answer in time", write=write)
    return no_answer(f"no usable answer ({_reason(why)})", write=write)


def _reason(error: BaseException) -> str:
    os_error = getattr(error, "os_error", None)
    return str(os_error.strerror or os_error) if isinstance(os_error, OSError) else type(error).__name__


def _worth_another_try(error: BaseException) -> bool:
    if isinstance(error, RateLimited):
        return error.after_s <= LONGEST_PAUSE_S
    return isinstance(error, Transient)


def _pause(state: RetryCallState) -> float:
    """What Kraken asked for, else a quarter second that doubles."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, RateLimited):
        return error.after_s
    return float(0.25 * 2 ** (state.attempt_number - 1))
