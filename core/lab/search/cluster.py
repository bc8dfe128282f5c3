"""A running Dask cluster plays the trials. Everything that may die there is Dask's business: a task of a lost
worker is given to another one, and a client that comes back asks for what is not written yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from typing import Any

from core.lab.search.hands import shared_out
from core.lab.search.trial import Ground, Score, Task, play_all
from core.model.errors import Refused

_ANSWER_S = 5  # that a scheduler may take to answer
_WORKERS_S = 10  # that its first worker may take to come
_GONE = "What was done is kept; the same command goes on from there."


class Cluster:
    """Hands at the end of a scheduler's address."""

    def __init__(self, address: str, ground: Ground) -> None:
        """Raises Refused when Dask is not installed, nobody answers, or there is no worker."""
        try:
            import distributed  # noqa: PLC0415 - the extra `cluster`
        except ImportError:
            raise Refused("--scheduler needs Dask.", hint="pip install 'zyn[cluster]'") from None
        try:
            self._dask: Any = distributed
            self._client = self._dask.Client(address, timeout=_ANSWER_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise Refused(f"No Dask scheduler answers at {address} ({error}).", hint=_START) from None
        try:
            self._client.wait_for_workers(1, timeout=_WORKERS_S)
        except TimeoutError:
            self.close()
            raise Refused(f"The scheduler at {address} has no workers.", hint=_START) from None
        # Every worker has the candles before the first trial, so that no death takes the last copy.
        self._ground = self._client.scatter(ground, broadcast=True, hash=False)

    def play(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Score]]:
        """Raises Refused when the cluster is lost."""
        hands = max(1, sum(self._client.nthreads().values()))
        parts = [list(part) for part in shared_out(tasks, hands)]
        waiting = [self._client.submit(play_all, self._ground, part, pure=False) for part in parts]
        try:
            for done in self._dask.as_completed(waiting, loop=self._client.loop):
                yield from done.result()
        except (CancelledError, self._dask.KilledWorker, OSError) as error:
            raise Refused(f"The Dask cluster was lost ({error}).", hint=_GONE) from error

    def close(self) -> None:
        self._client.close()


_START = "Start one with `dask scheduler` and `dask worker ADDRESS`, and give its address, such as tcp://host:8786."
