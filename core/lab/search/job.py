"""A search from its wishes to its result: candles, file, hands, and the search itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.lab.data import Unfit
from core.lab.engines import Tell
from core.lab.run import BacktestJob, histories_of, rates
from core.lab.search.cluster import Cluster
from core.lab.search.hands import Hands, Threads
from core.lab.search.optimise import Finding, Plan, Progress, candles_name, ground_of, optimise
from core.lab.search.study import Archive
from core.lab.search.trial import Ground
from core.lab.search.walk_forward import WalkForward, tuning, walk_forward
from core.model.errors import Refused
from core.model.tuning import FILE_NAME, to_json

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class SearchJob:
    """What to search and who does it: `jobs` threads here, or a Dask cluster at `scheduler`.

    `archive` is the file of the trials; without one it is named after the candles, in the data folder.
    """

    data: BacktestJob
    plan: Plan
    jobs: int
    scheduler: str | None = None
    archive: Path | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """What everything was searched on, and where the trials are."""

    ground: Ground
    archive: Path


def run_optimise(job: SearchJob, tell: Tell, progress: Progress) -> tuple[Searched, Finding]:
    """Raises ConfigError, DataFault and Refused."""
    return _run(
        job, tell, lambda ground, archive, hands: optimise(ground, job.plan, archive, hands, progress)
    )


def run_walk_forward(
    job: SearchJob, shape: tuple[int, int], tell: Tell, progress: Progress
) -> tuple[Searched, WalkForward]:
    """`shape`: windows, and test lengths in a training. Leaves its `TuningEvidence` in the data folder.

    Raises ConfigError, DataFault and Refused.
    """
    searched, walk = _run(
        job, tell,
        lambda ground, archive, hands: walk_forward(ground, job.plan, shape, archive, hands, progress),
    )  # fmt: skip
    path = job.data.config.world_dir / FILE_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".tmp")
    fresh.write_text(to_json(tuning(walk, searched.ground)) + "\n")
    fresh.replace(path)
    return searched, walk


def _run(
    job: SearchJob, tell: Tell, work: Callable[[Ground, Archive, Hands], Found]
) -> tuple[Searched, Found]:
    histories = histories_of(job.data, tell)
    config = job.data.config
    ground = ground_of(config, histories, rates(config.costs))
    path = job.archive or config.world_dir / "searches" / f"{candles_name(histories)}.journal"
    try:
        with Archive(path) as archive, _hands(job, ground) as hands:
            tell(f"Trials are kept in {path}; the same command goes on from there.")
            return Searched(ground, path), work(ground, archive, hands)
    except Unfit as why:
        raise Refused(f"A search needs the fast engine, which cannot do this: {why}.") from why


@contextmanager
def _hands(job: SearchJob, ground: Ground) -> Iterator[Hands]:
    if job.scheduler is None:
        yield Threads(ground, job.jobs)
        return
    cluster = Cluster(job.scheduler, ground)
    try:
        yield cluster
    finally:
        cluster.close()
