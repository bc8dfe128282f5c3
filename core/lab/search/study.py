"""The study: every trial ever made on these candles, in a file that outlives its process.

One file a set of candles; in it one Optuna study a search (settings, ranges, seed and code). A search is an
unbroken row of trials: trial n is written after trial n-1 and before anybody is told, in one line. So a
killed search has lost nothing that was written, and writes nothing twice when it goes on. Trials that other
searches made on the same candles stay in the file, for luck counts them too.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.storages.journal._file import BaseJournalFileLock
from optuna.trial import FrozenTrial, TrialState, create_trial

from core.lab.search.evidence import Moments
from core.lab.search.space import Dimension, Values
from core.lab.search.trial import Score
from core.model.errors import Refused

WALKS = "walkforward-"  # how the names of searches that hold a walk-forward's result begin


@dataclass(frozen=True, slots=True)
class Trial:
    """One that was made: its number in the search, what it tried, what it came to."""

    number: int
    values: Values
    score: Score


class Archive:
    """The file, held by one process at a time."""

    def __init__(self, path: Path) -> None:
        """Raises Refused while another search holds it, or when it cannot be written."""
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Refused(f"{path} cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise Refused(
                f"Another search is writing to {path}.", hint="Wait for it, or name another --study."
            ) from None
        self.path = path
        _drop_torn_line(self._file)
        try:
            self._storage = JournalStorage(JournalFileBackend(str(path), _Held()))
        except (ValueError, KeyError) as error:
            self.close()
            raise Refused(
                f"{path} is not a file of searches ({error}).", hint="Name another --study."
            ) from error

    def search(self, name: str, space: Sequence[Dimension]) -> Search:
        """The search of that name, with the trials it has."""
        study = optuna.create_study(
            storage=self._storage, study_name=name, direction="maximize", load_if_exists=True
        )
        return Search(study, space)

    def sharpes(self, kind: str = "") -> list[float]:
        """Daily Sharpe ratios of all trials ever made on these candles, in searches whose name begins so."""
        return [
            float(trial.user_attrs["moments"][1])
            for found in self._storage.get_all_studies()
            if found.study_name.startswith(kind)
            for trial in self._storage.get_all_trials(found._study_id, deepcopy=False)
        ]

    @property
    def tried(self) -> int:
        """How many trials were ever made on these candles; a walk-forward's result is none."""
        return len(self.sharpes()) - len(self.sharpes(WALKS))

    def close(self) -> None:
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Search:
    """One search's row of trials."""

    def __init__(self, study: optuna.Study, space: Sequence[Dimension]) -> None:
        self._study = study
        self._space = {one.key: one for one in space}
        self._shapes = {one.key: _shape(one) for one in space}
        self.trials = [self._known(one) for one in study.get_trials(deepcopy=False)]

    def add(self, trial: Trial) -> None:
        """Write the next trial down; one that is there already is left as it is."""
        if trial.number < len(self.trials):
            return
        assert trial.number == len(self.trials), "trials are written in their order"
        self._study.add_trial(self._frozen(trial))
        self.trials.append(trial)

    def ask(self, known: int, count: int, seed: int) -> list[Values]:
        """What the `count` trials after the first `known` try: the same for the same past and seed.

        Every second one follows what is known, the others are drawn anywhere: a search that only follows
        knows only its own hill.
        """
        past = [self._frozen(one) for one in telling(self.trials[:known])]
        learns = optuna.samplers.TPESampler(seed=seed, n_startup_trials=0, constant_liar=False)
        draws = optuna.samplers.RandomSampler(seed=seed)
        hands = [self._study_of(draws, []), self._study_of(learns if past else draws, past)]
        return [self._texts(hands[k % 2].ask(self._shapes).params) for k in range(count)]

    @staticmethod
    def _study_of(sampler: optuna.samplers.BaseSampler, past: list[FrozenTrial]) -> optuna.Study:
        study = optuna.create_study(direction="maximize", sampler=sampler)
        study.add_trials(past)
        return study

    def _texts(self, params: dict[str, Any]) -> Values:
        return {key: self._space[key].values[params[key]] for key in self._shapes}

    def _frozen(self, trial: Trial) -> FrozenTrial:
        score = trial.score
        seen = score.moments
        return create_trial(
            state=TrialState.COMPLETE,
            params={key: self._space[key].values.index(text) for key, text in trial.values.items()},
            distributions=self._shapes,
            value=score.goal,
            user_attrs={
                "settings": dict(trial.values), "trades": score.trades, "net": score.net,
                "moments": [seen.days, seen.sharpe, seen.skew, seen.kurtosis], "blocks": score.blocks,
            },
        )  # fmt: skip

    @staticmethod
    def _known(trial: FrozenTrial) -> Trial:
        kept = trial.user_attrs
        days, *rest = kept["moments"]
        blocks = tuple(tuple(row) for row in kept["blocks"])
        score = Score(Moments(days, *rest), kept["trades"], kept["net"], blocks)
        return Trial(trial.number, kept["settings"], score)


_TOLD, _BEST_TOLD = 256, 64


def telling(trials: Sequence[Trial]) -> list[Trial]:
    """The trials a sampler learns from: the best and an even choice of the others.

    Its time grows with them.
    """
    if len(trials) <= _TOLD:
        return list(trials)
    ranked = sorted(trials, key=lambda one: (-one.score.goal, one.number))
    rest = ranked[_BEST_TOLD:]
    step = len(rest) / (_TOLD - _BEST_TOLD)
    return ranked[:_BEST_TOLD] + [rest[int(k * step)] for k in range(_TOLD - _BEST_TOLD)]


def _shape(one: Dimension) -> BaseDistribution:
    """A dimension's places: numbers in a row where neighbours are alike, else names."""
    places = range(len(one.values))
    return IntDistribution(0, len(places) - 1) if one.ordered else CategoricalDistribution(tuple(places))


class _Held(BaseJournalFileLock):
    """The whole file is locked already, by `Archive`, as long as it is open."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        """Until the archive is closed."""


def _drop_torn_line(file: int) -> None:
    """Take away what a killed process wrote of a line without its end."""
    size = os.fstat(file).st_size
    at = size
    while at > 0:
        start = max(0, at - 65_536)
        found = os.pread(file, at - start, start).rfind(b"\n")
        if found >= 0:
            at = start + found + 1
            break
        at = start
    if at < size:
        os.ftruncate(file, at)
