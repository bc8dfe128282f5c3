"""The simulation's loop: time moves only when nothing is left to do, and nothing leaves it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from core.store.telemetry_db import TelemetryDb
from tests.support.virtual_network import Conditions, Fate
from tests.support.virtual_time import Deadlock, RealWorld, VirtualClock, VirtualLoop

pytestmark = pytest.mark.blocks


def lived(work: Callable[[VirtualLoop], Awaitable[Any]]) -> Any:
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(work(loop))
    finally:
        loop.close()


def test_a_day_of_sleep_takes_no_time_and_is_a_day() -> None:
    async def day(loop: VirtualLoop) -> float:
        await asyncio.sleep(86_400)
        return loop.time()

    assert lived(day) == 86_400


def test_an_executor_is_refused() -> None:
    async def outside(loop: VirtualLoop) -> None:
        await asyncio.to_thread(sum, (1, 2))

    with pytest.raises(RealWorld, match="executor"):
        lived(outside)


def test_time_does_not_move_while_a_thread_works() -> None:
    done = threading.Event()

    async def outside(loop: VirtualLoop) -> None:
        threading.Thread(target=done.wait, name="hidden-work").start()
        await asyncio.sleep(1)

    try:
        with pytest.raises(RealWorld, match="hidden-work"):
            lived(outside)
    finally:
        done.set()


def test_the_services_threaded_database_is_refused(tmp_path: Any) -> None:
    async def outside(loop: VirtualLoop) -> None:
        await TelemetryDb.open(tmp_path, "demo")

    with pytest.raises(RealWorld):
        lived(outside)


def test_real_descriptors_and_names_are_refused() -> None:
    async def outside(loop: VirtualLoop) -> None:
        await asyncio.open_connection("127.0.0.1", 9)

    async def named(loop: VirtualLoop) -> None:
        await loop.getaddrinfo("localhost", 80)

    for work in (outside, named):
        with pytest.raises(RealWorld):
            lived(work)


def test_waiting_for_what_can_never_come_is_a_deadlock() -> None:
    async def forever(loop: VirtualLoop) -> None:
        await asyncio.Event().wait()

    with pytest.raises(Deadlock):
        lived(forever)


def test_a_clock_may_change_its_pace_while_somebody_sleeps() -> None:
    async def sleeper(loop: VirtualLoop) -> tuple[float, int]:
        clock = VirtualClock(loop, 0, 1.0)
        asleep = asyncio.ensure_future(clock.sleep_until_market(100_000))
        await asyncio.sleep(10)
        clock.set_speed(30.0)
        await asleep
        return loop.time(), clock.market_ms()

    assert lived(sleeper) == (13.0, 100_000)


class Counted:
    """A server that counts what arrives, and a client at the end of a line with these conditions."""

    def __init__(self, loop: VirtualLoop, conditions: Conditions) -> None:
        self.seen: list[str] = []
        self._conditions = conditions
        self._loop = loop

    async def ask(self, body: str) -> str:
        app = web.Application()
        app.router.add_post("/", self._serve)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        listener = socket.create_server(("127.0.0.1", 0))
        await web.SockSite(runner, listener).start()
        self._loop.network.conditions = lambda: self._conditions
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        try:
            session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(5))
            async with session, session.post(url, data=body) as reply:
                return await reply.text()
        finally:
            await asyncio.sleep(60)
            await runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        self.seen.append(await request.text())
        return web.Response(text="got it")


@pytest.mark.parametrize(
    ("fate", "arrivals", "error"),
    [
        (Fate.WELL, 1, None),
        (Fate.LOST, 0, TimeoutError),
        (Fate.LATE, 1, TimeoutError),
        (Fate.UNANSWERED, 1, TimeoutError),
        (Fate.RESET_BEFORE, 0, aiohttp.ClientError),
        (Fate.RESET_AFTER, 1, aiohttp.ClientError),
        (Fate.DOUBLED, 2, None),
        (Fate.OVERTAKEN, 2, None),
    ],
)
def test_a_request_meets_its_fate(fate: Fate, arrivals: int, error: Any) -> None:
    async def exchange(loop: VirtualLoop) -> list[str]:
        rng = Random(1)
        line = Counted(loop, Conditions(lambda: rng.uniform(0.01, 0.05), lambda data: fate))
        if error is None:
            assert await line.ask("one order") == "got it"
        else:
            with pytest.raises(error):
                await line.ask("one order")
        return line.seen

    assert lived(exchange) == ["one order"] * arrivals


def test_nobody_answers_where_the_line_is_down() -> None:
    async def exchange(loop: VirtualLoop) -> list[str]:
        line = Counted(loop, Conditions(refused=True))
        with pytest.raises(aiohttp.ClientConnectorError):
            await line.ask("one order")
        return line.seen

    assert lived(exchange) == []
