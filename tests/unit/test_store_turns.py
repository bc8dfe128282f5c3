"""Money first, evidence soon: who waits for whom at the one writer, on a disk whose pace is known."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from core.store.tables import Statement
from core.store.writer import Writer
from tests.support.lossy import live
from tests.support.virtual_time import VirtualLoop

COMMIT_S, ROW_S = 0.0005, 0.00001  # of a middling disk


class SteadyDisk:
    """A database that takes as long as it takes, and remembers when rows were written."""

    def __init__(self) -> None:
        self.written: dict[object, float] = {}

    async def write(self, statements: Sequence[Statement]) -> int:
        rows = [row for one in statements for row in one.rows]
        await asyncio.sleep(COMMIT_S + ROW_S * len(rows))
        self.written |= {row[0]: asyncio.get_running_loop().time() for row in rows}
        return len(rows)


async def _through_a_flood(loop: VirtualLoop, pause: float) -> tuple[list[float], list[float]]:
    """Seconds that commits took, and that evidence noted before each of them took to the disk."""
    disk = SteadyDisk()
    writer = Writer(disk)  # type: ignore[arg-type]
    waits: list[float] = []
    noted: dict[object, float] = {}
    for number in range(300):
        rows = [(f"{number}-{row}",) for row in range(3)]
        noted |= {row[0]: loop.time() for row in rows}
        writer.note([("INSERT evidence", row) for row in rows])
        began = loop.time()
        await asyncio.gather(
            *(writer.commit([Statement("INSERT money", ((f"m{number}-{i}",),))]) for i in range(3))
        )
        waits.append(loop.time() - began)
        await asyncio.sleep(pause)
    await writer.close()
    return waits, [disk.written[name] - at for name, at in noted.items()]


@pytest.mark.parametrize("pause", [0.0, 0.002, 0.05])
def test_money_waits_at_most_five_milliseconds_for_evidence_and_evidence_at_most_fifty(pause: float) -> None:
    waits, ages = live(lambda loop: _through_a_flood(loop, pause))
    alone = 3 * (COMMIT_S + ROW_S)
    assert max(waits) - alone <= 0.005
    assert max(ages) <= 0.050


async def _without_a_pause(loop: VirtualLoop) -> float:
    disk = SteadyDisk()
    writer = Writer(disk)  # type: ignore[arg-type]

    async def trade(name: str) -> None:
        for number in range(400):
            await writer.commit([Statement("INSERT money", ((f"{name}{number}",),))])

    traders = [asyncio.ensure_future(trade(name)) for name in "abc"]
    await asyncio.sleep(0.01)
    noted = loop.time()
    writer.note([("INSERT evidence", ("seen",))])
    await asyncio.gather(*traders)
    await writer.close()
    return disk.written["seen"] - noted


def test_evidence_gets_its_turn_where_commits_follow_each_other_without_a_pause() -> None:
    assert live(_without_a_pause) <= 0.050
