"""zyn learn: replay the learner over a ledger, or fill the shadow ledger from recorded candles."""

from __future__ import annotations

import argparse
import json
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli.backtest import add_data_flags, read_data
from bot.cli.options import config_of
from bot.cli.search_options import tell
from core.model.errors import Refused

if TYPE_CHECKING:
    from core.learning.replay import Replay


_HANDFUL = 500  # candles with rows between two waits for the disk


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command's flags."""
    parser = subparsers.add_parser(
        "learn",
        help="replay what is learned from a ledger of outcomes",
        description="Replays the learner over closed outcomes, or fills the shadow ledger. No network.",
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    replaying = actions.add_parser("replay", help="run the learner over a ledger of closed outcomes")
    replaying.add_argument(
        "ledger", type=Path, metavar="LEDGER.csv",
        help="columns day,session,symbol,strength,side,weekend,vol,trend,r; whole numbers but for r",
    )  # fmt: skip
    filling = actions.add_parser(
        "backfill", help="fill the shadow ledger from recorded candles, marked as backfill"
    )
    add_data_flags(filling)
    replaying.add_argument("--json", action="store_true", help="print one JSON object")
    replaying.add_argument("--out", type=Path, metavar="FILE.csv", help="write trade,multiplier")


def run(args: argparse.Namespace) -> int | Coroutine[Any, Any, int]:
    """Carry out the action. Raises Refused for a ledger or file that cannot be used."""
    return _backfill(args) if args.action == "backfill" else _replay(args)


async def _backfill(args: argparse.Namespace) -> int:
    """Recorded candles through the live rule into the shadow ledger of the world in force."""
    from core.lab.backfill import backfill
    from core.lab.data import load
    from core.lab.grid import Grids, read_pairs
    from core.lab.remarks import never_judged, remarks
    from core.lab.run import rates
    from core.model.shadow import Evidence
    from core.store.instance import DataFolder
    from core.store.telemetry_db import TelemetryDb

    config, job = config_of(args), read_data(args)
    with DataFolder(config.world_dir):
        histories = load(job.wanted, Grids(read_pairs(job.pairs_file) if job.pairs_file else None))
        config = replace(config, autopilot=job.config.autopilot)
        for line in (*remarks(job.wanted, histories), *never_judged(config, histories)):
            tell(line)
        async with await TelemetryDb.open(config.world_dir, config.service.mode) as store:
            before = await store.count_outcomes(Evidence.BACKFILL)
            for number, rows in enumerate(backfill(config, histories, rates(config.costs))):
                store.note(*rows)
                if number % _HANDFUL == 0:
                    await store.settled()
            lessons = await store.lessons(Evidence.BACKFILL)
    candles = sum(map(len, histories))
    mean = sum(one.outcome.r for one in lessons) / len(lessons) if lessons else 0.0
    print(f"{candles:,} candles of {len(histories)} pairs: {len(lessons) - before:,} new outcomes, "
          f"{len(lessons):,} in all, {mean:+.2f} R each on average; marked as backfill in the "
          f"{config.service.mode} world, never mixed with what Zyn lives through.")  # fmt: skip
    return 0


def _replay(args: argparse.Namespace) -> int:
    from core.learning.replay import read_ledger, replay

    try:
        with args.ledger.open(newline="", encoding="utf-8-sig") as lines:
            found = replay(read_ledger(lines, args.ledger.name))
    except OSError as error:
        raise Refused(f"{args.ledger} cannot be read: {error.strerror}") from error
    if args.out:
        _write(args.out, found)
    print(_json(found) if args.json else _text(found))
    return 0


def _write(path: Path, found: Replay) -> None:
    rows = "".join(f"{number},{one:g}\n" for number, one in enumerate(found.multipliers))
    try:
        path.write_text(f"trade,multiplier\n{rows}", encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}") from error


def _json(found: Replay) -> str:
    from core.learning.claims import as_json

    result = {"without": round(found.without_r, 6), "with": round(found.with_r, 6)}
    claims = [as_json(one) for one in found.claims]
    return json.dumps({"trades": len(found.multipliers), "claims": claims, "result_r": result})


def _text(found: Replay) -> str:
    from core.learning.claims import in_words

    lines = [f"{len(found.multipliers):,} outcomes, {found.without_r:+.1f} R without learning and "
             f"{found.with_r:+.1f} R with it."]  # fmt: skip
    lines += [in_words(one) for one in found.claims]
    if not found.claims:
        lines.append("Nothing is evidence: no feature tells good trades from bad ones beyond chance.")
    return "\n".join(lines)
