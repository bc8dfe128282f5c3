"""One WebSocket v2 connection to Kraken that keeps itself up.

Kraken sends something every second while anything is subscribed, closes after a minute of nothing and bans an
address for ten minutes after about 150 connects within ten. So silence is asked after with a ping, then taken
for a broken line, and every further attempt waits longer.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
from typing import Any, Protocol

import aiohttp

from core.clock import Clock, WallSeconds
from core.model.errors import AuthFailed, VenueError
from core.venues.kraken_wire import decode

QUIET_S = 4.0  # wall seconds without a frame before a ping
SILENT_S = 10.0  # and before the line counts as broken
PAUSES_S = (0.5, 5.0, 5.0, 10.0, 20.0, 30.0)  # between attempts; well below Kraken's limit of connects
FORBIDDEN_PAUSE_S = 600.0  # a key that may not open this socket is not asked for it again and again
CALM_S = 60.0  # a line that stood this long begins with the first pause again
_CONNECT_S = 10.0
_BROKEN = (aiohttp.ClientError, OSError, TimeoutError, ValueError)


def _reason(error: Exception) -> str:
    """Why a line broke, as its owner would say it."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, socket.gaierror):
        return "its name was not found"
    if isinstance(cause, OSError) and cause.errno:
        return os.strerror(cause.errno).lower()
    return str(error) or type(error).__name__


class Listener(Protocol):
    """Who subscribes on a connection and hears it."""

    async def opened(self) -> None:
        """The line stands: subscribe. A VenueError gives this connection up."""
        ...

    def heard(self, frame: dict[str, Any]) -> None:
        """A frame of a channel or an answer. A VenueError says that the line cannot be believed any more."""
        ...

    def closed(self) -> None:
        """The line is gone: nothing that it told is current."""
        ...


class Socket:
    """A connection with its own life. `run` for ever; `fresh` says whether it can be believed now."""

    def __init__(
        self,
        name: str,
        url: str,
        listener: Listener,
        clock: Clock,
        quiet_s: float = QUIET_S,
        silent_s: float = SILENT_S,
    ) -> None:
        """`name` is how the owner reads of it. All durations here are wall seconds."""
        self._quiet_s, self._silent_s = quiet_s, silent_s
        self.name = name
        self._url = url
        self._listener = listener
        self._clock = clock
        self._line: aiohttp.ClientWebSocketResponse | None = None
        self._numbers = itertools.count(1)
        self._heard_at = 0.0
        self.up = asyncio.Event()
        self.connects = 0
        self.trouble = "not connected yet"  # why it is not up, in words

    @property
    def fresh(self) -> bool:
        """Whether it stands and spoke within the last seconds."""
        return self.up.is_set() and self._clock.monotonic() - self._heard_at <= self._silent_s

    async def run(self) -> None:
        """Connect, listen, and connect again for ever."""
        async with aiohttp.ClientSession() as session:
            failures = 0
            while True:
                began = self._clock.monotonic()
                pause = await self._live(session)
                failures = 0 if self._clock.monotonic() - began > CALM_S else failures
                longest = len(PAUSES_S) - 1
                await self._clock.sleep(WallSeconds(pause or PAUSES_S[min(failures, longest)]))
                failures += 1

    async def _live(self, session: aiohttp.ClientSession) -> float:
        """One connection from its opening to its end; how long to wait then, 0 for the usual."""
        try:
            async with asyncio.timeout(_CONNECT_S):
                self._line = await session.ws_connect(self._url, autoclose=True, max_msg_size=2**24)
            self.connects += 1
            self._heard_at = self._clock.monotonic()
            async with asyncio.timeout(_CONNECT_S):
                await self._listener.opened()
            self.trouble = await self._listen(self._line)
        except AuthFailed as error:
            self.trouble = str(error)
            return FORBIDDEN_PAUSE_S
        except VenueError as error:
            self.trouble = str(error)
        except _BROKEN as error:
            self.trouble = f"the connection failed ({_reason(error)})"
        finally:
            await self._end()
        return 0.0

    async def _listen(self, line: aiohttp.ClientWebSocketResponse) -> str:
        """Hear frames until the line ends; why it did."""
        asked = False
        while True:
            try:
                message = await line.receive(timeout=self._patience(asked))
            except TimeoutError:
                if asked:
                    return f"it was silent for {self._silent_s:g} s"
                asked = True
                await self.send("ping")
                continue
            if message.type is not aiohttp.WSMsgType.TEXT:
                return "it was closed"
            asked = False
            self._take(message.data)

    def _patience(self, asked: bool) -> float:
        return self._silent_s - self._quiet_s if asked else self._quiet_s

    def _take(self, text: str) -> None:
        frame = decode(text)
        if not isinstance(frame, dict):
            raise ValueError("a frame that is no object")
        self._heard_at = self._clock.monotonic()
        self._listener.heard(frame)

    async def _end(self) -> None:
        line, self._line = self._line, None
        self.up.clear()
        self._listener.closed()
        if line is not None:
            await line.close()

    def stands(self) -> None:
        """The listener has everything it needs: from now on it can be believed."""
        self.trouble = ""
        self.up.set()

    async def drop(self, why: str) -> None:
        """End this connection, for what it told cannot be true; a new one follows."""
        if self._line is not None:
            self.trouble = why
            await self._line.close()

    async def send(self, method: str, **params: Any) -> bool:
        """Send a request when the line stands; whether it was sent."""
        if self._line is None or self._line.closed:
            return False
        frame = {"method": method, **({"params": params} if params else {}), "req_id": next(self._numbers)}
        try:
            await self._line.send_json(frame)
        except (ConnectionError, RuntimeError):
            return False  # it is ending; the listener subscribes again on the next one
        return True
