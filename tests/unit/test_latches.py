"""Latches hold at once, and what a failing disk did not take is written later, once."""

import asyncio

import pytest

from core.clock import ManualClock
from core.engine.latches import Latches
from core.model.errors import StoreError
from core.model.facts import Fact, Latch
from tests.support.trading import KeptJournal


class Failing(KeptJournal):
    """Refuses while it is full, and takes its time otherwise."""

    full = True

    async def commit(self, *facts: Fact) -> None:
        if self.full:
            raise StoreError("the disk is full")
        await asyncio.sleep(0)
        await super().commit(*facts)


async def test_what_is_owed_is_written_once_though_two_write_it_at_the_same_time():
    journal = Failing()
    latches = Latches(journal, ManualClock(1_700_000_000_000))
    for name in ("first", "second", "third"):
        with pytest.raises(StoreError):
            await latches.set(name, "a test")
    assert {latch.name for latch in latches.all()} == {"first", "second", "third"}
    journal.full = False
    lifted, *_ = await asyncio.gather(
        latches.lift("third", "the owner"), latches.write_owed(), latches.write_owed()
    )
    written = [(one.name, one.lifted_ms is not None) for one in journal.written if isinstance(one, Latch)]
    assert lifted and "third" not in latches
    assert sorted(written) == [("first", False), ("second", False), ("third", False), ("third", True)]
    assert written.index(("third", False)) < written.index(("third", True))


async def test_a_latch_that_could_not_be_lifted_holds_and_is_still_owed():
    journal = Failing()
    latches = Latches(journal, ManualClock(1_700_000_000_000))
    with pytest.raises(StoreError):
        await latches.set("first", "a test")
    with pytest.raises(StoreError):
        await latches.lift("first", "the owner")
    assert "first" in latches
    journal.full = False
    await latches.write_owed()
    assert [one.name for one in journal.written if isinstance(one, Latch)] == ["first"]
