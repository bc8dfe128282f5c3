"""Readers of the account never see it as it was before something that Zyn did."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.support.trading import Desk, around, trading


class SlowDesk(Desk):
    """An exchange that lets a reader of the balances wait."""

    def __init__(self, world_desk: Desk) -> None:
        super().__init__(world_desk.matching, world_desk.time)
        self.answers = asyncio.Event()
        self.answers.set()

    async def balances(self) -> Mapping[str, Any]:
        found = await super().balances()
        await self.answers.wait()
        return found


async def test_a_question_during_the_look_that_follows_a_fill_waits_for_that_look() -> None:
    made = trading()
    desk = SlowDesk(made.desk)
    sync = around(made.config, made.clock, desk, made.journal, made.silent).engine.sync
    await sync.recover()
    before = await sync.current()
    desk.answers.clear()
    sync.soon()
    look = asyncio.create_task(sync.refresh())
    question = asyncio.create_task(sync.current())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not question.done()
    desk.answers.set()
    assert await question is await look
    assert await question is not before
