"""A year of five-minute candles on 200 pairs from files: a backtest's memory, for each pair and in all."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.engines import workload as w

SUMMARY = "a backtest of 200 pair-years keeps to 1 MB a pair above its base, and to 600 MB"
ROUNDS = 1
FEW, MANY = 10, 200
KB_A_PAIR, KB_IN_ALL = 1024, 600 * 1024
_DIFFERENT = 8  # markets; their files go by many names
ROOT = Path(__file__).parents[1]


async def play(number: int) -> dict[str, int]:
    return measure(number, FEW, MANY, w.A_YEAR)


def check(counts: Counter[str]) -> None:
    """At most 1 MB for each pair more, and 600 MB for all."""
    assert counts["kb a pair more"] <= KB_A_PAIR, f"{counts['kb a pair more']} KB a pair"
    assert counts["kb for all"] <= KB_IN_ALL, f"{counts['kb for all']} KB"


def measure(seed: int, few: int, many: int, candles: int) -> dict[str, int]:
    """Peak memory of `zyn backtest` on a few pairs and on many."""
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        made = [_write(folder, seed * _DIFFERENT + k, candles) for k in range(_DIFFERENT)]
        backtest(_pairs(folder / "first", made, 1))  # compiles, where nothing is compiled yet
        less, _ = backtest(_pairs(folder / "few", made, few))
        more, found = backtest(_pairs(folder / "many", made, many))
    return {
        "pairs": many, "candles": found["candles"], "trades": found["trades"],
        "seconds of the engine": round(found["seconds"]), "kb for a few": less, "kb for all": more,
        "kb a pair more": (more - less) // (many - few),
    }  # fmt: skip


def _write(folder: Path, seed: int, count: int) -> Path:
    rows = zip(*(column.tolist() for column in w.make(seed, count)), strict=True)
    lines = ["timestamp,open,high,low,close,volume", *(",".join(map(repr, row)) for row in rows)]
    path = folder / f"market{seed}.csv.gz"
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), 1))
    return path


def _pairs(folder: Path, made: list[Path], count: int) -> Path:
    folder.mkdir()
    for k in range(count):
        (folder / f"P{k:03d}USD_5m.csv.gz").symlink_to(made[k % len(made)])
    return folder


def backtest(folder: Path) -> tuple[int, dict[str, int]]:
    """(peak resident kilobytes, the result) of the command in a process of its own."""
    words = ["backtest", "--data", str(folder), "--json", "--set", "filters.enabled=rsi"]
    script = (
        "import resource, sys; from bot.__main__ import main; code = main(sys.argv[1:]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(code)"
    )
    command = [sys.executable, "-c", script, *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result, peak = done.stdout.splitlines()
    return int(peak), json.loads(result)
