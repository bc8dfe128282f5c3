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
_TIMES_MORE = 8  # trials of a batch are given out again
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
        self._ground = ground
        self._spread: Any = self._scattered()

    def _scattered(self) -> Any:
        """The candles on every worker before a trial, so that no death takes the last copy."""
        return self._client.scatter(self._ground, broadcast=True, hash=False)

    def play(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Score]]:
        """Raises Refused when the cluster is lost."""
        hands = max(1, sum(self._client.nthreads().values()))
        parts = {self._submit(part): part for part in map(list, shared_out(tasks, hands))}
        coming = self._dask.as_completed(list(parts), loop=self._client.loop)
        again = _TIMES_MORE
        try:
            for done in coming:
                part = parts.pop(done)
                try:
                    scores = done.result()
                except CancelledError:
                    # A worker that died with a result may leave it cancelled: played again it is the same.
                    if not again:
                        raise
                    again -= 1
                    self._spread = self._scattered()
                    fresh = self._submit(part)
                    parts[fresh] = part
                    coming.add(fresh)
                    continue
                yield from scores
        except (CancelledError, self._dask.KilledWorker, OSError) as error:
            raise Refused(f"The Dask cluster was lost ({error}).", hint=_GONE) from error

    def _submit(self, part: list[Task]) -> Any:
        return self._client.submit(play_all, self._spread, part, pure=False)

    def close(self) -> None:
        self._client.close()


_START = "Start one with `dask scheduler` and `dask worker ADDRESS`, and give its address, such as tcp://host:8786."
