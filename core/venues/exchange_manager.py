"""The exchange manager: one Kraken for the whole process, through ccxt, on three lanes.

It implements the engine's Market, Account and Orders. Public data, reads of the account and orders have
connections of their own; the client library's limiter is off and our budget stands in its place. Built once
in the composition root and handed in; a second one in a process is refused.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Protocol, TypeVar

from core.clock import Clock
from core.model.account import Balance
from core.model.errors import ConfigError, InvariantBroken, UnknownOutcome
from core.model.market import (
    Advisory,
    Candle,
    ExchangeStatus,
    FeeRates,
    Latency,
    Pair,
    Quote,
    Timeframe,
    TradePage,
)
from core.model.money import Price
from core.model.orders import Fill, OrderReport, OrderRequest
from core.venues.kraken_account import KrakenAccount
from core.venues.kraken_budget import TIERS, Budget, PublicBudgets
from core.venues.kraken_lane import Key, KeyGate, Lane, LaneSettings, ServerTime
from core.venues.kraken_market import KrakenMarket
from core.venues.kraken_orders import KrakenOrders
from core.venues.kraken_private_feed import PrivateFeed
from core.venues.kraken_public_feed import PublicFeed, topics_of
from core.venues.kraken_settled import Settled, SettledAccount
from core.venues.kraken_socket import Socket

P = TypeVar("P")
WARM_UP_S = 3.0  # wall seconds that a start waits for the sockets


@dataclass(frozen=True, slots=True)
class Access:
    """Where Kraken is and with which keys; no key at all means public data only."""

    base_url: str = "https://api.kraken.com"
    api_key: str = ""
    secret: str = ""
    read_api_key: str = ""  # of the reading lane; empty: the trading key reads as well
    read_secret: str = ""
    tier: str = "starter"
    money: str = "USD"  # quote meant when a person names only a coin
    traded: tuple[str, ...] = ()  # symbols whose fees are asked together and whose market is subscribed to
    timeframe: Timeframe = Timeframe.M5  # candles that they are traded by
    ws_url: str = ""  # of the public socket; empty: REST alone
    ws_auth_url: str = ""  # of the private one, which needs a key
    audit_s: int = 1200  # market time after which REST is asked although the private socket is whole
    timeout_s: float = 10.0  # wall seconds for one answer

    @property
    def public_only(self) -> bool:
        return not self.api_key


class KeptNonces(Protocol):
    """What outlives a process of the nonces of its keys, which are known by a fingerprint."""

    async def highest_nonce(self, key: str) -> int: ...

    def note_nonce(self, key: str, up_to: int) -> None: ...


def _check_secrets(access: Access) -> None:
    given = (("KRAKEN_API_SECRET", access.secret), ("KRAKEN_READ_API_SECRET", access.read_secret))
    broken = [name for name, secret in given if not _is_base64(secret)]
    if broken:
        raise ConfigError([f"{name}: this is not a Kraken secret (base64); copy it again" for name in broken])


def _is_base64(text: str) -> bool:
    try:
        return base64.b64decode(text, validate=True) is not None
    except ValueError:
        return False


class KrakenVenue:
    """Kraken. `start` before use, `close` at the end; raises the errors of core.model.errors."""

    _running: ClassVar[weakref.ref[KrakenVenue] | None] = None

    def __init__(self, access: Access, clock: Clock, nonces: KeptNonces | None = None) -> None:
        """Without `nonces` a process trusts that the clock was never set back."""
        self.access = access
        self._nonces = nonces
        self.server_time = ServerTime(clock)
        self._clock = clock
        self._lanes: dict[str, Lane] = {}
        self._market: KrakenMarket | None = None
        self._account: SettledAccount | None = None
        self._at_once: SettledAccount | None = None
        self._settled: Settled | None = None
        self._public_feed: PublicFeed | None = None
        self._private_feed: PrivateFeed | None = None
        self._orders: KrakenOrders | None = None
        self._keys: list[KrakenAccount] = []
        self._budgets: dict[str, Budget] = {}
        self._public = PublicBudgets(clock)

    async def start(self) -> None:
        """Load the client library and open the lanes; nothing is sent yet.

        Raises ConfigError for a secret that cannot be one, InvariantBroken when this process has a running
        one already (two would fight over the nonces), StoreError when the kept nonces cannot be read.
        """
        _check_secrets(self.access)
        running = KrakenVenue._running and KrakenVenue._running()
        if running is not None and running is not self:
            raise InvariantBroken("this process has a Kraken already: one account, one exchange manager")
        KrakenVenue._running = weakref.ref(self)
        access, clock = self.access, self._clock
        public = Key("", "", KeyGate(clock), self._public)
        if access.ws_url:
            topics = topics_of(access.traded, access.timeframe)
            self._public_feed = PublicFeed(_v2(access.ws_url), clock, self.server_time, topics)
        self._market = KrakenMarket(
            self._lane("public data", public), clock, self.server_time, access.money, self._public_feed
        )
        if not access.public_only:
            await self._open_private(self._market)

    async def _open_private(self, market: KrakenMarket) -> None:
        access = self.access
        trading = reading = await self._key("trading key", access.api_key, access.secret)
        if access.read_api_key:
            reading = await self._key("reading key", access.read_api_key, access.read_secret)
        orders = self._lane("orders", trading)
        self._orders = KrakenOrders(orders, market, self.server_time)
        fees: dict[str, tuple[int, FeeRates]] = {}
        shared = (market, self._clock, access.traded, fees)
        reads = self._lane("account", reading)
        account, at_once = KrakenAccount(reads.read, *shared), KrakenAccount(orders.ask, *shared)
        self._keys = [account] if reading is trading else [account, at_once]
        if access.ws_auth_url:
            self._private_feed = PrivateFeed(_v2(access.ws_auth_url), self._clock, account.socket_token)
        self._settled = Settled(self._private_feed, self._clock, access.audit_s)
        self._account = SettledAccount(account, self._settled)
        self._at_once = SettledAccount(at_once, self._settled)

    async def _key(self, name: str, api_key: str, secret: str) -> Key:
        budget = self._budgets[name] = Budget(TIERS[self.access.tier], self._clock)
        return Key(api_key, secret, await self._gate(api_key), budget)

    async def _gate(self, api_key: str) -> KeyGate:
        if self._nonces is None:
            return KeyGate(self._clock)
        name = hashlib.sha256(api_key.encode()).hexdigest()[:16]
        highest = await self._nonces.highest_nonce(name)
        return KeyGate(self._clock, highest=highest, keep=partial(self._nonces.note_nonce, name))

    def _lane(self, name: str, key: Key) -> Lane:
        settings = LaneSettings(self.access.base_url, self.access.timeout_s)
        lane = self._lanes[name] = Lane(settings, key, self._clock, self.server_time)
        return lane

    async def close(self) -> None:
        if self._settled is not None:
            self._settled.close()
        lanes, self._lanes = self._lanes, {}
        await asyncio.gather(*(lane.close() for lane in lanes.values()))
        if KrakenVenue._running and KrakenVenue._running() is self:
            KrakenVenue._running = None

    def _started(self, part: P | None) -> P:
        if part is None:
            raise InvariantBroken("the exchange manager was asked before it was started")
        return part

    def _private(self, part: P | None) -> P:
        """Paper never makes a private call: there is no key to make it with."""
        if self.access.public_only:
            raise InvariantBroken("a private call of Kraken in a world that has no key")
        return self._started(part)

    @property
    def market(self) -> KrakenMarket:
        return self._started(self._market)

    # Market

    async def pairs(self) -> Mapping[str, Pair]:
        return await self.market.pairs()

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        return await self.market.candles(symbol, timeframe, limit)

    async def fetch_ohlc(self, symbol: str, timeframe: str = "5m", limit: int = 720) -> list[Candle]:
        """The latest `limit` closed candles, oldest first.

        Raises Refused for an unknown pair or timeframe or a limit outside 1-720.
        """
        return await self.market.fetch_ohlc(symbol, timeframe, limit)

    async def trades(self, symbol: str, since_ns: int) -> TradePage:
        """Up to 1,000 public trades after a moment, oldest first. Raises Refused for an unknown pair."""
        return await self.market.trades(symbol, since_ns)

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        return await self.market.quotes(symbols)

    def told(self, symbol: str) -> Quote | None:
        """The best prices this moment as the public socket has them; None when it does not know."""
        return self.market.told(symbol)

    async def status(self) -> ExchangeStatus:
        return await self.market.status()

    async def advisories(self) -> Sequence[Advisory]:
        return await self.market.advisories()

    def resolve(self, text: str) -> str | None:
        """The symbol that a person means by btc, xbt, bitcoin or XBTUSD; None for no pair here."""
        return self.market.resolve(text)

    async def learn_time(self) -> int:
        """Ask Kraken's clock; how far it is surely ahead of ours, in ms, 0 when they may agree."""
        return await self.market.learn_time()

    # Account

    async def balances(self) -> Mapping[str, Balance]:
        return await self._private(self._account).balances()

    async def open_orders(self) -> list[OrderReport]:
        return await self._private(self._account).open_orders()

    async def closed_orders(self, since_ms: int) -> list[OrderReport]:
        return await self._private(self._account).closed_orders(since_ms)

    async def fills(self, since_ms: int) -> list[Fill]:
        return await self._private(self._account).fills(since_ms)

    async def fees(self, symbol: str) -> FeeRates:
        return await self._private(self._account).fees(symbol)

    def forget(self) -> None:
        self._private(self._account).forget()

    @property
    def at_once(self) -> SettledAccount:
        """The account for whoever cannot wait for budget: a stop, an exit, a fill to be booked."""
        return self._private(self._at_once)

    async def key_permissions(self) -> frozenset[str]:
        """Everything that any of the keys in use may do, such as withdraw-funds."""
        self._private(self._account)
        found: list[Any] = [await account.permissions() for account in self._keys]
        return frozenset().union(*found)

    async def check_socket_key(self) -> None:
        """Raises AuthFailed when the key that reads the account may not open the private socket."""
        self._private(self._account)
        await self._keys[0].socket_token()

    # Orders

    async def place(self, request: OrderRequest) -> str:
        with self._changing():
            return await self._private(self._orders).place(request)

    async def cancel(self, txid: str) -> None:
        with self._changing():
            await self._private(self._orders).cancel(txid)

    async def raise_stop(self, txid: str, price: Price, deadline_ms: int) -> None:
        with self._changing():
            await self._private(self._orders).raise_stop(txid, price, deadline_ms)

    async def order(self, txid: str) -> OrderReport:
        return await self._private(self._orders).order(txid)

    async def find(self, cl_ord_id: str, since_ms: int) -> OrderReport | None:
        return await self._private(self._orders).find(cl_ord_id, since_ms)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """What was said of the account does not hold after a change; after an unknown one nothing does."""
        settled = self._private(self._settled)
        with settled.changing():
            try:
                yield
            except UnknownOutcome:
                settled.forget()
                raise

    # Sockets

    @property
    def sockets(self) -> tuple[Socket, ...]:
        """Those that this world has; each is to be run for ever."""
        return tuple(one.socket for one in (self._public_feed, self._private_feed) if one is not None)

    def troubles(self) -> Mapping[str, str]:
        """By socket, what is wrong with it, empty when nothing is: its part is asked by REST then."""
        found = {one.name: one.trouble for one in self.sockets}
        if self._private_feed is not None and self._settled is not None:
            private = self._private_feed.socket
            found[private.name] = private.trouble or self._settled.disagreement
        return found

    def spare(self) -> Mapping[str, tuple[float, float]]:
        """By API key and public endpoint, points of its budget that may be spent now, and at most."""
        public = {f"public {path} calls": budget for path, budget in self._public.used.items()}
        return {name: (one.points, one.most) for name, one in (self._budgets | public).items()}

    def latency(self) -> Mapping[str, Latency]:
        """By lane, how long the newest answers took."""
        return {name: lane.answers.figures() for name, lane in self._lanes.items()}

    async def warm_up(self) -> None:
        """Wait until the sockets stand, a few seconds at most: then the first reading holds longer."""
        ups = [asyncio.ensure_future(one.up.wait()) for one in self.sockets]
        if ups:
            await asyncio.wait(ups, timeout=WARM_UP_S)
        for one in ups:
            one.cancel()

    def when_changed(self, call: Callable[[], None]) -> None:
        """`call` is made soon after something happened to the account."""
        if self._settled is not None:
            self._settled.when_changed(call)


def _v2(base_url: str) -> str:
    return f"{base_url.rstrip('/')}/v2"
