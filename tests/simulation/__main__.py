"""Play schedules by hand: `python -m tests.simulation SEED` replays one, `FROM TO` runs a campaign."""

from __future__ import annotations

import logging
import sys
from collections import Counter

from loguru import logger

from tests.simulation.schedule import play


def main(arguments: list[str]) -> int:
    logger.remove()
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)  # what faults do to the exchange's own server
    first = int(arguments[0]) if arguments else 0
    last = int(arguments[1]) if len(arguments) > 1 else first + 1
    met: Counter[str] = Counter()
    failed = 0
    for seed in range(first, last):
        outcome = play(seed)
        met.update(outcome.record.met)
        if outcome.trouble:
            failed += 1
            print(f"seed {seed}: {outcome.trouble}\n    replay: {outcome.replay}", flush=True)
    if last - first == 1 and outcome.trouble:
        print("\n".join(outcome.record.events))
    for name, count in sorted(met.items()):
        print(f"{count:8d}  {name}")
    print(f"{last - first} schedules, {failed} failed, last fingerprint {outcome.fingerprint}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
