"""Zyn's fast engine beside five others: the same year of candles, the same rule, in one run, side by side.

Installs them first (`tools/install_rivals.sh`, each into its own environment). A machine may be shared and noisy:
runs are interleaved and only ratios of medians count. What is compared is told in `docs/benchmarks.md`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Self

import numpy as np

from benchmarks.engines import workload as w

SUMMARY = "the fast engine beside raptorbt, vectorbt, backtesting.py, freqtrade and nautilus, side by side"
ROUNDS = 1
ROOT = Path(__file__).parents[1]
ENGINES = ROOT / "benchmarks" / "engines"

# How many times as fast as the other, at least; a whole process at most that share of the other's time.
KERNEL = {"raptorbt": 3.0, "vectorbt": 8.0, "backtesting": 100.0, "freqtrade": 1_000.0, "nautilus": 1_000.0}
SWEEP, SWEEP_MEMORY = 15.0, 0.2
PROCESS, FIRST_RUN_S = 0.15, 20.0
# How far a price may be. freqtrade prices a stop on the candle of its entry in a way of its own: candles alone.
SAME_TRADES = {"vectorbt": 1e-3, "backtesting": 1e-3, "freqtrade": inf}

_RULES = (
    "indicators.cross=fast_slow", "filters.enabled=rsi", "risk.sizing=fixed", "risk.daily_loss_limit=1",
    "risk.cooloff_candles=0", "risk.max_position=1", "risk.max_exposure=1", "exits.on_opposite_signal=false",
    "costs.spread_bps=0", "paper.start_cash=1000000",
)  # fmt: skip


class Engine:
    """An engine in its own process, which answers when asked."""

    def __init__(self, name: str, data: Path) -> None:
        self.name = name
        self._process = subprocess.Popen(
            command(name, data), cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.ready = self._answer()["ready"]

    def ask(self, words: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            if line.startswith("{"):
                found: dict[str, Any] = json.loads(line)
                return found
        raise AssertionError(f"{self.name} died; try: {' '.join(map(str, command(self.name, Path('FILE'))))}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def command(name: str, data: Path) -> list[str]:
    if name == "zyn":
        return [sys.executable, "-m", "benchmarks.engines.zyn_engine", str(data)]
    return [str(ROOT / f".venv-rivals/{name}/bin/python"), str(ENGINES / f"{name}_engine.py"), str(data)]


def environment(**more: str) -> dict[str, str]:
    """As a user's: what is imported is kept compiled."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return kept | more


async def play(number: int) -> dict[str, float]:
    """One run of everything; microseconds and kilobytes, medians."""
    subprocess.run([ROOT / "tools/install_rivals.sh"], check=True)
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "candles.npz"
        candles = w.make(number + 1)
        np.savez(data, **candles._asdict())
        found.update(kernels(data, Path(folder)))
        found.update(sweeps(data))
        found.update(processes(data, candles, Path(folder)))
    return dict(found)


def kernels(data: Path, folder: Path) -> dict[str, float]:
    """The warm engine on one pair and one year, and whether it makes the same trades."""
    found: dict[str, float] = {}
    with Engine("zyn", data) as zyn:
        ours = _trades(zyn, folder)
        found["trades"] = len(ours)
        for name, runs in (
            ("raptorbt", 15),
            ("vectorbt", 15),
            ("backtesting", 3),
            ("freqtrade", 3),
            ("nautilus", 3),
        ):
            with Engine(name, data) as other:
                times = interleaved((zyn, other), "one", runs)
                found[f"one: zyn beside {name}"], found[f"one: {name}"] = times
                if name in SAME_TRADES:
                    found[_unlike(name)] = unlike(ours, _trades(other, folder), SAME_TRADES[name])
                else:
                    found[f"trades of {name}"] = other.ask("one")["trades"]
            print(f"{name}: {times[1] / times[0]:,.1f} x", file=sys.stderr, flush=True)
    return found


def interleaved(engines: Sequence[Engine], words: str, runs: int) -> list[float]:
    """Median microseconds of each, asked in turns. Zyn's milliseconds are asked for often enough to be warm
    again after the seconds of another one's turn, which that one spends warming itself."""
    seconds: list[list[float]] = [[] for _ in engines]
    for _ in range(runs):
        for mine, engine in zip(seconds, engines, strict=True):
            mine += [engine.ask(words)["seconds"] for _ in range(15 if engine.name == "zyn" else 1)]
    return [median(one) * 1e6 for one in seconds]


def _unlike(name: str) -> str:
    return f"trades unlike {name}'s"


def _trades(engine: Engine, folder: Path) -> list[list[float]]:
    path = folder / f"{engine.name}.json"
    engine.ask(f"trades {path}")
    found: list[list[float]] = json.loads(path.read_text())
    return found


def unlike(ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]], near: float) -> int:
    """How many trades differ in a candle, or in a price by more than `near`."""
    differ = sum(
        one[:2] != other[:2] or any(abs(a - b) > near for a, b in zip(one[2:], other[2:], strict=True))
        for one, other in zip(ours, theirs, strict=False)
    )
    return differ + abs(len(ours) - len(theirs))


def sweeps(data: Path) -> dict[str, float]:
    """A hundred combinations on one pair and one year."""
    found = {}
    for name in ("vectorbt", "raptorbt"):
        with Engine("zyn", data) as zyn, Engine(name, data) as other:
            last = {}
            for engine in (zyn, other):
                engine.ask("sweep")
            times = interleaved((zyn, other), "sweep", 5)
            found[f"sweep: zyn beside {name}"], found[f"sweep: {name}"] = times
            for engine in (zyn, other):
                last[engine.name] = engine.ask("sweep")["memory"]
            found[f"sweep memory: zyn beside {name}"], found[f"sweep memory: {name}"] = (
                last["zyn"],
                last[name],
            )
        print(f"sweep {name}: {times[1] / times[0]:,.1f} x", file=sys.stderr, flush=True)
    return found


def processes(data: Path, candles: w.Candles, folder: Path) -> dict[str, float]:
    """Whole processes from start to exit, and Zyn's very first run on a machine."""
    columns = zip(*(column.tolist() for column in candles), strict=True)
    lines = ["timestamp,open,high,low,close,volume", *(",".join(map(repr, row)) for row in columns)]
    (folder / "AAAUSD_5m.csv").write_text("\n".join(lines) + "\n")
    rules = [word for rule in _RULES for word in ("--set", rule)]
    ours = [
        sys.executable,
        "-m",
        "bot",
        "backtest",
        "--data",
        str(folder),
        "--engine",
        "fast",
        "--json",
        *rules,
    ]
    cold = environment(NUMBA_CACHE_DIR=str(folder / "cold"))
    found = {"first run": timed(ours, cold)}
    for name, runs in (("vectorbt", 5), ("freqtrade", 1)):
        theirs = command(name, data)
        timed(theirs, environment())
        pairs = [(timed(ours, cold), timed(theirs, environment())) for _ in range(runs)]
        found[f"process: zyn beside {name}"] = median(one for one, _ in pairs)
        found[f"process: {name}"] = median(other for _, other in pairs)
        print(
            f"process {name}: {found[f'process: zyn beside {name}'] / found[f'process: {name}']:.3f}",
            file=sys.stderr,
        )
    return found


def timed(words: Sequence[str], environ: Mapping[str, str]) -> float:
    """Microseconds from start to exit. An engine that gets nothing to read runs the workload once and goes."""
    started = perf_counter()
    done = subprocess.run(
        words, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise AssertionError(f"{' '.join(words)} failed: {done.stderr[-500:]}")
    return (perf_counter() - started) * 1e6


def ratio(counts: Mapping[str, float], what: str, name: str) -> float:
    """How many times as much the other needs."""
    return counts[f"{what}: {name}"] / counts[f"{what}: zyn beside {name}"]


def told(counts: Mapping[str, float]) -> str:
    """The line of the results: what the other needs in multiples of what Zyn needs."""
    parts = [f"one pair-year {name} {ratio(counts, 'one', name):,.1f} x" for name in KERNEL]
    parts += [
        f"sweep of 100 {name} {ratio(counts, 'sweep', name):,.1f} x" for name in ("vectorbt", "raptorbt")
    ]
    parts += [f"its memory {ratio(counts, 'sweep memory', name):,.1f} x" for name in ("vectorbt",)]
    parts += [
        f"whole process {name} {ratio(counts, 'process', name):,.1f} x" for name in ("vectorbt", "freqtrade")
    ]
    parts.append(f"first run after set-up {counts['first run'] / 1e6:,.1f} s")
    parts.append(f"Zyn alone {counts['one: zyn beside vectorbt'] / 1e3:,.2f} ms")
    others = ", ".join(f"{name}'s {counts[_unlike(name)]:,.0f}" for name in SAME_TRADES)
    parts.append(f"{counts['trades']:,.0f} trades, unlike {others}")
    return ", ".join(parts) + f"; {machine()}"


def machine() -> str:
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "unknown processor",
    )  # fmt: skip
    return f"{len(os.sched_getaffinity(0))} cores, {model}, Python {sys.version.split()[0]}"


def check(counts: Mapping[str, float]) -> None:
    """Every goal, all misses at once."""
    missed = [
        f"{name}: {ratio(counts, 'one', name):.1f} x, not {least:g}"
        for name, least in KERNEL.items() if ratio(counts, "one", name) < least
    ]  # fmt: skip
    if ratio(counts, "sweep", "vectorbt") < SWEEP:
        missed.append(f"sweep {ratio(counts, 'sweep', 'vectorbt'):.1f} x, not {SWEEP:g}")
    if 1 / ratio(counts, "sweep memory", "vectorbt") > SWEEP_MEMORY:
        missed.append(f"sweep's memory {1 / ratio(counts, 'sweep memory', 'vectorbt'):.2f} of vectorbt's")
    missed += [
        f"process {1 / ratio(counts, 'process', name):.3f} of {name}'s, not {PROCESS}"
        for name in ("vectorbt", "freqtrade") if 1 / ratio(counts, "process", name) > PROCESS
    ]  # fmt: skip
    missed += [f"unlike {name}" for name in SAME_TRADES if counts[_unlike(name)]]
    if counts["first run"] > FIRST_RUN_S * 1e6:
        missed.append(f"first run {counts['first run'] / 1e6:.1f} s")
    assert not missed, "; ".join(missed)
