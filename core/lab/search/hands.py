"""Who plays the trials: this machine's cores, or a running Dask cluster (`core.lab.search.cluster`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Protocol

from core.lab.search.trial import Ground, Score, Task, play_all


class Hands(Protocol):
    """Plays tasks; the scores come in any order, each with its task's number."""

    def play(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Score]]: ...


class Threads:
    """So many tasks at a time in this process: compiled code lets other threads run."""

    def __init__(self, ground: Ground, count: int) -> None:
        self._ground = ground
        self._count = count

    def play(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Score]]:
        if self._count == 1:
            yield from play_all(self._ground, tasks)
            return
        self._ground.engine  # noqa: B018 - made once, before the threads ask for it together
        with ThreadPoolExecutor(self._count) as pool:
            waiting = [pool.submit(play_all, self._ground, part) for part in shared_out(tasks, self._count)]
            for done in as_completed(waiting):
                yield from done.result()


def shared_out(tasks: Sequence[Task], hands: int) -> list[Sequence[Task]]:
    """A few parts for each hand, so that none waits long for another."""
    size = max(1, -(-len(tasks) // (hands * 4)))
    return [tasks[at : at + size] for at in range(0, len(tasks), size)]
