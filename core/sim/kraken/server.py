"""The local Kraken: a stand-alone exchange that speaks Kraken's REST and WebSocket v2 to unmodified clients.

Start reading here. `desk` is HTTP in front of the `door`, `ws/` the sockets, `admin` the switches; behind
them `public`, `private` and `order_form` read Kraken's arguments and `wire` writes Kraken's JSON; `exchange`
joins the account (core/matching), the market (`walk`, `bars`, `market`, `tapes`, `ohlc`), the `ledger` and
the `books` on disk. It shares no code with the client.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, suppress
from decimal import Decimal
from pathlib import Path

from aiohttp import web

from core.clock import Clock, ManualClock, WallSeconds
from core.matching.customs import Customs
from core.model.money import NO_MONEY, Money
from core.sim.kraken.admin import Admin
from core.sim.kraken.auth import Gatekeeper
from core.sim.kraken.books import Books
from core.sim.kraken.desk import HttpDesk
from core.sim.kraken.door import Door
from core.sim.kraken.exchange import Exchange, Founding
from core.sim.kraken.listing import DEMO_SYMBOLS, Listing
from core.sim.kraken.ohlc import MOST_ROWS
from core.sim.kraken.tapes import read_tapes
from core.sim.kraken.walk import BAR_MS
from core.sim.kraken.ws.hub import Hub
from core.sim.kraken.ws.sockets import Sockets

__all__ = ["DEMO_KEY", "DEMO_SECRET", "DEMO_SYMBOLS", "LocalKraken"]

# Only ever accepted by an exchange that this process runs itself.
DEMO_KEY = "local-kraken-demo-key"
DEMO_SECRET = "bG9jYWwta3Jha2VuLWRlbW8tc2VjcmV0LW5vdC1vZi1hbnktdXNlLWVsc2V3aGVyZQ=="

_PULSE = WallSeconds(0.25)


class LocalKraken:
    """An exchange to embed: start it, hand its address to a client, stop it.

    `books` is the SQLite file it keeps (None: memory only); existing books win over seed and money, and the
    clock then goes on from where they stopped. `keys` maps API keys to base64 secrets, `permissions` keys to
    what they may do, `nonce_windows` keys to how far a nonce may lag. `tier` is whose request limits are
    enforced (empty: none). `customs` answers what nobody knows of the real exchange. `symbols` are the liquid
    markets made ready at start; all others come on first request. A new exchange has `history_days` behind
    it. With a ManualClock the market moves only when somebody asks.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        seed: int = 1,
        books: Path | None = None,
        keys: Mapping[str, str] | None = None,
        permissions: Mapping[str, tuple[str, ...]] | None = None,
        start_cash: Decimal = Decimal(10_000),
        volume_30d: Decimal = NO_MONEY,
        symbols: tuple[str, ...] = DEMO_SYMBOLS,
        tape: Path | None = None,
        customs: Customs | None = None,
        tier: str = "",
        nonce_windows: Mapping[str, int] | None = None,
        history_days: int = 180,
    ) -> None:
        self._clock, self._books, self._symbols = clock, books, symbols
        self._keys = keys if keys is not None else {DEMO_KEY: DEMO_SECRET}
        self._founding = Founding(
            seed, start_cash, Money(volume_30d), tape, customs or Customs(), tier, history_days
        )
        self._gate = Gatekeeper(
            self._keys, permissions or {}, windows=nonce_windows or {}, locks_out=bool(tier)
        )
        self.door = Door(lambda: self.exchange, self._gate)
        self.admin = Admin(lambda: self.exchange, lambda: self.hub.close())
        self._desk = HttpDesk(self.door, self.admin, clock)
        self._sockets = Sockets(lambda: self.hub)
        self._hub: Hub | None = None
        self._runner: web.AppRunner | None = None
        self._exchange: Exchange | None = None
        self.app = self._build()

    @property
    def hub(self) -> Hub:
        """Its WebSocket connections; they exist once the app has started."""
        if self._hub is None:
            raise RuntimeError("the local Kraken has not been started")
        return self._hub

    @property
    def exchange(self) -> Exchange:
        """The exchange behind the door; it exists once the app has started."""
        if self._exchange is None:
            raise RuntimeError("the local Kraken has not been started")
        return self._exchange

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve; the base URL. Port 0 takes a free one.

        Raises OSError when the port is taken, ConfigError when books or tape cannot be used.
        """
        listener = socket.create_server((host, port))
        with ExitStack() as unless_started:
            unless_started.callback(listener.close)
            self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=1.0)
            await self._runner.setup()
            await web.SockSite(self._runner, listener).start()
            unless_started.pop_all()
        return f"http://{host}:{listener.getsockname()[1]}"

    async def stop(self) -> None:
        """Stop serving and put the books away; market time stands until the next start."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _build(self) -> web.Application:
        app = web.Application()
        app.add_routes(self._desk.routes())
        app.add_routes(self._sockets.routes())
        app.cleanup_ctx.append(self._live)
        app.on_shutdown.append(self._let_go)
        return app

    async def _let_go(self, app: web.Application) -> None:
        self._desk.close()
        if self._hub is not None:
            self._hub.close()

    async def _live(self, app: web.Application) -> AsyncIterator[None]:
        """Open the exchange, keep its market moving, and put it away."""
        listing, tape = Listing(), self._founding.tape
        tapes = await asyncio.to_thread(read_tapes, tape, listing) if tape is not None else {}
        books = Books(self._books)
        try:
            self._exchange = Exchange(self._clock, self._founding, books, listing, tapes)
            self._gate.nonces.update(self._exchange.nonces)
            self._hub = Hub(self._exchange, self._gate)
            self._make_ready(self._exchange)
            pulse = asyncio.create_task(self._pulse(self._exchange))
            try:
                yield
            finally:
                pulse.cancel()
                with suppress(asyncio.CancelledError):
                    await pulse
                self._exchange.stop()
        finally:
            books.close()

    def _make_ready(self, exchange: Exchange) -> None:
        """Walk the liquid markets through their warm-up, so that the first questions are answered at once."""
        current = exchange.now_ms() // BAR_MS
        for symbol in self._symbols:
            path = exchange.market.path(symbol)
            for index in range(current - MOST_ROWS, current + 1):
                path.bar(index)

    async def _pulse(self, exchange: Exchange) -> None:
        """Let stops fire and limits fill while nobody asks."""
        while not isinstance(self._clock, ManualClock):
            await self._clock.sleep(_PULSE)
            exchange.advance()
