"""One search by one process, and by a Dask cluster that loses a worker and then its client.

Scheduler and workers are processes of their own, two workers of four threads. The client is the command. The
one that is killed is asked for more trials than it ever makes, so that it cannot end before it is killed; a
search comes to the same however many trials are asked for later.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from core.lab.search.study import Archive
from tests.support.made_markets import market, save

SUMMARY = (
    "10,000 trials on a cluster that loses a worker and its client: the same as one process, nothing twice"
)
ROUNDS = 1
TRIALS, DAYS = 10_000, 60
ENDLESS = 10**9
PATIENCE_S = 100.0
ROOT = Path(__file__).parents[1]


async def play(number: int) -> dict[str, int]:
    return search(number, TRIALS, DAYS)


def search(seed: int, trials: int, days: int) -> dict[str, int]:
    """Counts; raises when anything is lost, counted twice, or different."""
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        save(market(seed, 24 * days, edge=0.3), str(folder), "BTCUSD")
        with Cluster(folder) as cluster:
            shared = folder / "shared"
            client = _zyn(folder, ENDLESS, shared, cluster.address)
            _until(lambda: _written(shared) > trials // 4, client)
            cluster.kill_a_worker()
            _until(lambda: _written(shared) > trials // 2, client)
            client.send_signal(signal.SIGKILL)
            client.communicate()
            before = _kept(shared)
            trials = max(trials, len(before) + 1)
            again = _told(_zyn(folder, trials, shared, cluster.address))
        alone = folder / "alone"
        told = _told(_zyn(folder, trials, alone))
        mine, theirs = _kept(alone), _kept(shared)
    assert [one["number"] for one in before] == list(range(len(before))), "a hole, or a trial twice"
    assert theirs[: len(before)] == before, "what was written has changed"
    assert mine == theirs and len(mine) == trials, "the cluster came to something else"
    assert {**told, "study": ""} == {**again, "study": ""}
    return {
        "trials": len(theirs), "written before the client died": len(before),
        "best trial": told["best"]["number"],
        "trials that differ": sum(a != b for a, b in zip(mine, theirs, strict=True)),
    }  # fmt: skip


def _zyn(folder: Path, trials: int, study: Path, scheduler: str | None = None) -> subprocess.Popen[str]:
    words = [
        "optimize", "--data", str(folder), "--timeframe", "1h", "--trials", str(trials),
        "--study", str(study), "--json", "--set", "filters.volatility_max=0.5", "--set", "costs.taker=0",
    ]  # fmt: skip
    if scheduler:
        words += ["--scheduler", scheduler]
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *words],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _told(client: subprocess.Popen[str]) -> Any:
    """What a client that may end has found."""
    out, said = client.communicate()
    assert client.returncode == 0, said[-500:]
    return json.loads(out)


def _written(study: Path) -> int:
    return study.read_bytes().count(b"\n") if study.exists() else 0


def _kept(study: Path) -> list[dict[str, Any]]:
    """Every trial of the file's one search, in the order in which it was written."""
    with Archive(study) as archive:
        (found,) = archive._storage.get_all_studies()
        trials = archive._storage.get_all_trials(found._study_id, deepcopy=False)
        return [{"number": one.number, "goal": one.value, **one.user_attrs} for one in trials]


def _until(done: Callable[[], bool], client: subprocess.Popen[str]) -> None:
    while not done():
        if client.poll() is not None:
            raise AssertionError(f"the client ended early: {client.communicate()[1][-500:]}")
        sleep(0.02)


class Cluster:
    """A scheduler and two workers, as `dask scheduler` and `dask worker` start them."""

    def __init__(self, folder: Path) -> None:
        """Returns when all three listen: a client waits for workers only as long as an owner would."""
        self._folder = folder
        ports = _free_ports(3)
        self.address = f"tcp://127.0.0.1:{ports[0]}"
        self._scheduler = self._dask("scheduler", "--port", str(ports[0]))
        _until_it_listens(ports[0], self._scheduler)
        self._workers = [
            self._dask("worker", self.address, "--worker-port", str(port), "--nthreads", "4", "--no-nanny")
            for port in ports[1:]
        ]
        for port, worker in zip(ports[1:], self._workers, strict=True):
            _until_it_listens(port, worker)

    def _dask(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *words, "--host", "127.0.0.1", "--no-dashboard"],
            cwd=self._folder, env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill_a_worker(self) -> None:
        self._workers[0].send_signal(signal.SIGKILL)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self._workers, self._scheduler):
            process.kill()
            process.wait()


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    until = monotonic() + PATIENCE_S
    while not _listens(port):
        assert process.poll() is None and monotonic() < until, f"does not start: {process.args!r}"
        sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
