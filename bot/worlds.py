"""The worlds: which exchange, which account and whose clock. Nothing below the composition root asks."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from bot.patience import Say, until_answered
from core.clock import Clock, ScaledClock, SystemClock, WallSeconds
from core.engine.ports import Account, Line, Market, Orders
from core.engine.supervisor import Factory
from core.learning.school import AGREEING
from core.model.account import can_withdraw
from core.model.errors import ConfigError
from core.model.market import Quote, Timeframe
from core.trading_config import Config, Mode

if TYPE_CHECKING:
    from core.venues.exchange_manager import KeptNonces, KrakenVenue

_FOLLOW_PAUSE = WallSeconds(0.5)


@dataclass(frozen=True, slots=True)
class World:
    """One world's venue behind the engine's ports. `account_name` goes into order ids."""

    market: Market
    account: Account
    at_once: Account  # the same without waiting for the request budget
    orders: Orders
    clock: Clock
    symbols: tuple[str, ...]
    source: str
    account_name: str
    at_life_speed: Callable[[bool], None] | None = None  # slow the market to life and back
    mirrored: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    keep: Mapping[str, Factory] = field(default_factory=dict)
    line: Line | None = None  # the way to the exchange, for whoever watches it
    agreeing: int = 0  # own trades that must agree with their shadows before lessons act
    told: Callable[[str], Quote | None] = lambda _: None  # a pair's prices this moment, without asking


async def open_world(
    config: Config, state: Mapping[str, object], stack: AsyncExitStack, say: Say, nonces: KeptNonces
) -> World:
    """Build the world of `config`; `stack` closes what it holds open. `state` is the last state.json.

    Waits for an exchange that does not answer.
    """
    if config.mode is Mode.DEMO:
        return await _demo(config, stack, nonces)
    if config.mode is Mode.LIVE:
        return await _live(config, stack, say, nonces)
    return await _simulated_account(config, state, stack, say, nonces)


async def _demo(config: Config, stack: AsyncExitStack, nonces: KeptNonces) -> World:
    """The local Kraken, inside this process or as a running `zyn sim` on loopback."""
    if is_loopback(config.service.kraken_api_base_url):
        return await _demo_outside(config, stack, nonces)
    from bot.opening import opening_ms
    from core.sim.kraken.server import DEMO_KEY, DEMO_SECRET, LocalKraken

    books, symbols = config.world_dir / "kraken.db", _demo_symbols(config)
    clock = ScaledClock(SystemClock().wall_ms(), config.demo.speed)
    if not books.exists():
        clock.set_speed(
            1.0
        )  # a slow machine starts without the market running away; at its pace once Zyn is up
        clock.jump_to(await asyncio.to_thread(opening_ms, clock.wall_ms(), symbols, config))
    kraken = LocalKraken(
        clock,
        seed=config.demo.seed,
        books=books,
        start_cash=config.paper.start_cash,
        volume_30d=config.demo.volume_30d,
        symbols=symbols,
    )
    url = await kraken.start()
    stack.push_async_callback(kraken.stop)
    venue = await _venue(config, clock, url, (DEMO_KEY, DEMO_SECRET), stack, nonces, symbols)

    def at_life_speed(slow: bool) -> None:
        clock.set_speed(1.0 if slow else config.demo.speed)

    return World(
        venue, venue, venue.at_once, venue, clock, symbols, "kraken", "demo", at_life_speed,
        keep=socket_tasks(venue), line=venue, told=venue.told,
    )  # fmt: skip


async def _demo_outside(config: Config, stack: AsyncExitStack, nonces: KeptNonces) -> World:
    """A `zyn sim` of its own: Zyn follows its clock."""
    from core.sim.kraken.server import DEMO_KEY, DEMO_SECRET

    service = config.service
    clock = ScaledClock(0, 1.0)
    session = await stack.enter_async_context(aiohttp.ClientSession(trust_env=False))
    follow = _Follower(session, service.kraken_api_base_url, clock)
    await follow.once()
    task = asyncio.create_task(follow.run(), name="sim-clock")
    stack.callback(task.cancel)
    key, secret = service.kraken_api_key or DEMO_KEY, service.kraken_api_secret or DEMO_SECRET
    symbols = _demo_symbols(config)
    venue = await _venue(config, clock, service.kraken_api_base_url, (key, secret), stack, nonces, symbols)
    name, slow = f"sim:{key}", follow.at_life_speed
    return World(
        venue, venue, venue.at_once, venue, clock, symbols, "kraken", name, slow,
        keep=socket_tasks(venue), line=venue, told=venue.told,
    )  # fmt: skip


def _demo_symbols(config: Config) -> tuple[str, ...]:
    if "service.symbols" in config.sources:
        return config.service.symbols
    from core.sim.kraken.server import DEMO_SYMBOLS

    return DEMO_SYMBOLS


class _Follower:
    """Keeps a clock in step with another process's market, and may ask it for another speed."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, clock: ScaledClock) -> None:
        self._session = session
        self._url = f"{base_url.rstrip('/')}/__sim__/clock"
        self._clock = clock
        self._own_speed = 0.0  # before it was slowed; 0 while it was not
        self._asked: set[asyncio.Task[None]] = set()

    async def once(self) -> None:
        """Read the market's clock. Raises ConfigError when nothing answers there."""
        try:
            async with self._session.get(self._url) as response:
                told = await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            line = (
                f"KRAKEN_API_BASE_URL: no local Kraken answers at {self._url} ({error}); start zyn sim first"
            )
            raise ConfigError([line]) from error
        self._clock.jump_to(float(told["now_ms"]))
        if float(told["speed"]) != self._clock.speed:
            self._clock.set_speed(float(told["speed"]))

    async def run(self) -> None:
        while True:
            await self._clock.sleep(_FOLLOW_PAUSE)
            try:
                await self.once()
            except ConfigError:
                continue  # its market stands while it is away, and ours goes on until it is back

    def at_life_speed(self, slow: bool) -> None:
        if slow == bool(self._own_speed):
            return
        asked = 1.0 if slow else self._own_speed
        self._own_speed = self._clock.speed if slow else 0.0
        task = asyncio.create_task(self._ask(asked))
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)

    async def _ask(self, speed: float) -> None:
        try:
            async with self._session.post(self._url, json={"speed": speed}):
                await self.once()
        except (aiohttp.ClientError, ConfigError):
            return  # a preview's price is checked again at its confirmation anyway


async def _live(config: Config, stack: AsyncExitStack, say: Say, nonces: KeptNonces) -> World:
    service = config.service
    clock, key = SystemClock(), (service.kraken_api_key, service.kraken_api_secret)
    venue = await _venue(config, clock, service.kraken_api_base_url, key, stack, nonces)
    may = await until_answered(venue.key_permissions, clock, service.kraken_api_base_url, say)
    if can_withdraw(may):
        raise ConfigError(
            ["KRAKEN_API_KEY: this key can withdraw; make one without that right, Zyn never needs it"]
        )
    return World(
        venue, venue, venue.at_once, venue, clock, service.symbols, "kraken", service.kraken_api_key,
        keep=socket_tasks(venue), line=venue, agreeing=AGREEING, told=venue.told,
    )  # fmt: skip


async def _simulated_account(
    config: Config, state: Mapping[str, object], stack: AsyncExitStack, say: Say, nonces: KeptNonces
) -> World:
    """Paper and validate: Kraken's public data and a simulated account."""
    from core.venues.paper_trading import PaperVenue

    service, clock = config.service, SystemClock()
    validate = config.mode is Mode.VALIDATE
    key = (service.kraken_api_key, service.kraken_api_secret) if validate else ("", "")
    kraken = await _venue(config, clock, service.kraken_api_base_url, key, stack, nonces)
    pairs = await until_answered(kraken.pairs, clock, service.kraken_api_base_url, say)
    paper = PaperVenue.open(config, kraken, pairs, clock, state.get("paper"))
    orders: Orders = paper
    if validate:
        from core.venues.validate import ValidateOrders

        orders = ValidateOrders(kraken, paper)
    return World(
        kraken, paper, paper, orders, clock, service.symbols, "paper", f"{service.mode}:paper",
        mirrored={"paper": paper.snapshot}, keep=socket_tasks(kraken) | {"paper-market": paper.run},
        line=kraken,
    )  # fmt: skip


def socket_tasks(venue: KrakenVenue) -> dict[str, Factory]:
    return {one.name: one.run for one in venue.sockets}


async def _venue(
    config: Config,
    clock: Clock,
    url: str,
    key: tuple[str, str],
    stack: AsyncExitStack,
    nonces: KeptNonces,
    symbols: tuple[str, ...] = (),
) -> KrakenVenue:
    """`key` is with its secret; `symbols` are what is traded, where that is not what the settings say."""
    from core.venues.exchange_manager import Access, KrakenVenue

    service = config.service
    real = config.mode is not Mode.DEMO and bool(key[0])
    public, private = _socket_urls(config, url)
    access = Access(
        url, *key,
        service.kraken_read_api_key if real else "",
        service.kraken_read_api_secret if real else "",
        tier=service.kraken_tier if real or is_loopback(service.kraken_api_base_url) else "local",
        money=service.base_currency,
        traded=symbols or service.symbols,
        timeframe=Timeframe(config.autopilot.timeframe),
        ws_url=public,
        ws_auth_url=private if config.mode in (Mode.DEMO, Mode.LIVE) else "",
        audit_s=config.sync.audit_s,
    )  # fmt: skip
    venue = KrakenVenue(access, clock, nonces)
    await venue.start()
    stack.push_async_callback(venue.close)
    return venue


def _socket_urls(config: Config, url: str) -> tuple[str, str]:
    """Public and private; an exchange on this machine has its sockets where its REST is."""
    service = config.service
    if not is_loopback(url):
        return service.kraken_ws_base_url, service.kraken_ws_auth_base_url
    if is_loopback(service.kraken_ws_base_url):
        return service.kraken_ws_base_url, service.kraken_ws_auth_base_url
    here = f"ws{url.rstrip('/').removeprefix('http')}"
    return here, f"{here}/auth"


def is_loopback(url: str) -> bool:
    """Whether an address can only be this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
