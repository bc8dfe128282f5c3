"""One answer for many askers: what was just built is handed out again, and one building serves all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from core.clock import Clock

FRESH_S = 0.5
MOST_KEYS = 200

T = TypeVar("T")


@dataclass(slots=True)
class _Kept:
    task: asyncio.Task[Any]
    until: float


class Shared:
    """Keeps what was built for half a second of wall time, or until `forget`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    async def get(self, key: str, build: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The answer of `key`; a failure reaches everyone who waited and is not kept."""
        kept, now = self._kept.get(key), self._clock.monotonic()
        if kept is None or now >= kept.until or _failed(kept.task):
            self._make_room()
            task = asyncio.create_task(build(), name=f"web {key}")
            task.add_done_callback(_failed)  # a failure nobody waits for any more is no news
            kept = _Kept(task, now + FRESH_S)
            self._kept[key] = kept
        shared: Awaitable[T] = asyncio.shield(kept.task)
        return await shared

    def forget(self) -> None:
        """Something changed: build anew. What is being built is still handed to those who wait for it."""
        self._kept.clear()

    def _make_room(self) -> None:
        if len(self._kept) >= MOST_KEYS:
            self._kept.clear()


def _failed(task: asyncio.Task[Any]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
