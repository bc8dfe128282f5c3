"""`make proof` lists the campaigns, `make proof NAME` runs or resumes one and records its line in RESULTS.md.

A campaign is a module of benchmarks/ with `SUMMARY`, `ROUNDS` and `async play(round) -> dict[str, int]`: one
round's counts, added up over all rounds; `check(counts)`, where there is one, judges them all together and
`told(counts)` says them in its own way. What is done is kept in .proof/, so that an interrupted campaign goes
on where it stopped. A round that breaks a promise raises, and the round's number replays it.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
PROGRESS = ROOT / ".proof"
_HEAD = (
    "# Results\n\nOne line a campaign, its last run; `make proof NAME` writes it. Seeds are round numbers.\n"
)
ROUNDS_A_PROCESS = 250  # what leaks in a round adds up over thousands


def main() -> int:
    parser = argparse.ArgumentParser(prog="make proof", description=__doc__)
    parser.add_argument("name", nargs="?", help="the campaign to run; without it they are listed")
    parser.add_argument("--rounds", type=int, help="fewer or more rounds than the campaign asks for")
    args = parser.parse_args()
    known = campaigns()
    if args.name is None:
        for name, campaign in known.items():
            print(f"{name:<16} {campaign.ROUNDS:>7,} rounds  {campaign.SUMMARY}")
        return 0
    if args.name not in known:
        print(f"there is no campaign {args.name}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    line = asyncio.run(run(args.name, known[args.name], args.rounds or known[args.name].ROUNDS))
    print(line)
    record(args.name, line)
    return 0


def campaigns() -> dict[str, ModuleType]:
    """Every campaign by name."""
    names = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if path.stem != "__init__")
    return {name.replace("_", "-"): import_module(f"benchmarks.{name}") for name in names}


async def run(name: str, campaign: ModuleType, rounds: int, progress: Path = PROGRESS) -> str:
    """Play the rounds that are not played yet; the campaign's line."""
    path = progress / f"{name}.json"
    done, counts = resume(path)
    if done >= rounds:  # played to the end, and judged to have missed something
        done, counts = 0, Counter()
    async for met in played(campaign, range(done, rounds)):
        done += 1
        counts.update(met)
        save(path, done, counts)
        if sys.stderr.isatty():
            print(f"\r{name}: {done} of {rounds}", end="", file=sys.stderr)
    if hasattr(campaign, "check"):
        campaign.check(counts)
    path.unlink(missing_ok=True)
    told = campaign.told if hasattr(campaign, "told") else _told
    return f"{name}: {rounds:,} rounds, {told(counts)}"


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{what} {count:,}" for what, count in sorted(counts.items()))


async def played(campaign: ModuleType, rounds: range) -> AsyncIterator[Mapping[str, int]]:
    """What each round counted, in order."""
    processes = getattr(campaign, "PROCESSES", 1)
    if processes == 1:
        for number in rounds:
            yield await campaign.play(number)
        return
    context, share = get_context("spawn"), processes * getattr(campaign, "ROUNDS_A_PROCESS", ROUNDS_A_PROCESS)
    for first in range(0, len(rounds), share):  # a pool that renews its processes by itself hangs in 3.11
        pool = ProcessPoolExecutor(processes, context, _settle, (campaign.__name__,))
        try:
            for met in pool.map(partial(_play_elsewhere, campaign.__name__), rounds[first : first + share]):
                yield met
        finally:
            pool.shutdown(cancel_futures=True)


def _settle(campaign: str) -> None:
    """What is imported stays: the collector need not go through it again and again."""
    import_module(campaign)
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


def _play_elsewhere(campaign: str, number: int) -> Mapping[str, int]:
    return asyncio.run(import_module(campaign).play(number))


def resume(path: Path) -> tuple[int, Counter[str]]:
    if not path.exists():
        return 0, Counter()
    kept = json.loads(path.read_text())
    return kept["done"], Counter(kept["counts"])


def save(path: Path, done: int, counts: Counter[str]) -> None:
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_suffix(".tmp")
    fresh.write_text(json.dumps({"done": done, "counts": counts}))
    fresh.replace(path)


def record(name: str, line: str) -> None:
    """The campaign's line with commit, command and date, in place of its last one."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", f":!{RESULTS.relative_to(ROOT)}")
    commit = _git("describe", "--always") + ("-dirty" if changed else "")
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else _HEAD.splitlines()
    lines = [one for one in lines if f"`make proof {name}`" not in one]
    lines.append(f"- {datetime.now(UTC).date()} `{commit}` `make proof {name}`: {line.partition(': ')[2]}")
    RESULTS.write_text("\n".join(lines) + "\n")


def _git(*words: str) -> str:
    return subprocess.run(
        ("git", *words), cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
