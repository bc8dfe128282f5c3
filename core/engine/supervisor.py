"""Named tasks with a restart policy: one part's trouble never stops trading, and nothing dies silently."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from core.clock import Clock, WallSeconds
from core.model.errors import InvariantBroken

Factory = Callable[[], Coroutine[Any, Any, None]]
OnFailure = Callable[[str, BaseException], Awaitable[None]]

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_CALM_S = 300.0  # a task that ran this long starts over with the first pause


async def _nothing(name: str, error: BaseException) -> None:
    """Without an engine there is nothing to stop."""


class Supervisor:
    """Runs tasks by name and starts those again that fail."""

    def __init__(self, clock: Clock, on_failure: OnFailure) -> None:
        """`on_failure(name, error)` tells the owner and the log; it must not raise."""
        self._clock = clock
        self._on_failure = on_failure
        self._on_broken: OnFailure = _nothing
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._short: set[asyncio.Task[None]] = set()
        self.restarts: dict[str, int] = {}

    def when_broken(self, stop: OnFailure) -> None:
        """`stop(name, error)` is called first when an invariant is broken: nothing may be opened any more."""
        self._on_broken = stop

    def keep(self, name: str, factory: Factory) -> None:
        """Run `factory()` for ever under this name; a failure is told and it is started again."""
        if name in self._tasks:
            raise ValueError(f"a task named {name} runs already")
        self._tasks[name] = asyncio.create_task(self._keep(name, factory), name=name)

    async def _keep(self, name: str, factory: Factory) -> None:
        pause = _FIRST_PAUSE
        while True:
            began = self._clock.monotonic()
            if not await self._once(name, factory()):
                return
            if self._clock.monotonic() - began > _CALM_S:
                pause = _FIRST_PAUSE
            self.restarts[name] = self.restarts.get(name, 0) + 1
            await self._clock.sleep(WallSeconds(pause))
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _once(self, name: str, work: Coroutine[Any, Any, None]) -> bool:
        """Run to the end; True when it failed and should be started again."""
        try:
            await work
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - the supervisor is where nothing may be lost
            await self._failed(name, error)
            return True
        return False

    async def _failed(self, name: str, error: Exception) -> None:
        """A broken invariant stops entries, but who guards positions goes on. Telling may fail, too."""
        try:
            if isinstance(error, InvariantBroken):
                await self._on_broken(name, error)
        except Exception as failure:  # noqa: BLE001 - what holds is held in memory by now
            error.add_note(f"and it could not be written: {failure}")
        try:
            await self._on_failure(name, error)
        except Exception:  # noqa: BLE001 - a disk that fails must not end the tasks that wait for it
            return

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run something once that outlives its caller; a failure is told."""
        task = asyncio.create_task(self._short_work(name, work), name=name)
        self._short.add(task)
        task.add_done_callback(self._short.discard)
        task.add_done_callback(lambda _: work.close())  # cancelled before it began, it would never be awaited

    async def _short_work(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        await self._once(name, work)

    @property
    def running(self) -> tuple[str, ...]:
        return tuple(name for name, task in self._tasks.items() if not task.done())

    async def stop(self) -> None:
        """Cancel everything and wait for it."""
        tasks = [*self._tasks.values(), *self._short]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()
