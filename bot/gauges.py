"""What is measured beside the checks: age of candles and account, lag, budgets, database, model cost."""

from __future__ import annotations

import asyncio

from bot.assembly import Core
from core.model.time_context import from_ms
from core.model.views import Health
from core.store.telemetry_db import FILE_NAME

_LOW = 0.2  # of a budget


class Gauges:
    """Reads the instruments; asks the exchange nothing."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def rows(self) -> tuple[Health, ...]:
        """One row an instrument; `ok` False asks for a look and blocks nothing."""
        return (
            self._candle(), self._account(), *self._sockets(), *self._budgets(), self._lag(),
            await self._database(), await self._model(),
        )  # fmt: skip

    def _candle(self) -> Health:
        closed, now = self._core.engine.autopilot.last_round.close_ms, self._core.world.clock.market_ms()
        if not closed:
            return Health("last candle", True, "none judged yet")
        return Health(
            "last candle", True, f"closed {from_ms(closed):%H:%M} UTC, {(now - closed) // 1000} s ago"
        )

    def _account(self) -> Health:
        as_of, now = self._core.engine.sync.state.as_of_ms, self._core.world.clock.market_ms()
        if not as_of:
            return Health("account", False, "not read yet")
        return Health("account", True, f"settled with the exchange {(now - as_of) // 1000} s ago")

    def _sockets(self) -> list[Health]:
        line = self._core.world.line
        found = line.troubles() if line is not None else {}
        return [Health(name, not wrong, wrong or "up") for name, wrong in found.items()]

    def _budgets(self) -> list[Health]:
        line = self._core.world.line
        found = line.spare() if line is not None else {}
        return [
            Health(
                f"budget of the {name}", points >= _LOW * most, f"{points:.1f} of {most:g} points to spend"
            )
            for name, (points, most) in found.items()
        ]

    def _lag(self) -> Health:
        late = self._core.engine.watchdog.late_s * 1000
        return Health("lag", late < 1000, f"{late:.0f} ms late at the last look")

    async def _database(self) -> Health:
        if trouble := self._core.store.trouble:
            return Health("database", False, trouble)
        path = self._core.config.world_dir / FILE_NAME
        size = (await asyncio.to_thread(path.stat)).st_size
        schema = self._core.store.found.version
        return Health("database", True, f"{size / 1_048_576:.1f} MB on disk, schema {schema}")

    async def _model(self) -> Health:
        budget = self._core.budget
        if budget is None:
            return Health("model", True, "none; I answer with my own understanding")
        spent = await budget.spent()
        return Health("model", spent < budget.daily, f"{spent:.4f} of {budget.daily:.2f} USD used today")
