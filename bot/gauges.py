"""What is measured beside the checks: ages, latency, request budgets, lag, database, model cost."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

from bot.assembly import Core
from core.model.market import Latency
from core.model.time_context import from_ms
from core.model.views import Health, Reading
from core.store.telemetry_db import FILE_NAME

_LOW = 0.2  # of a budget
_SLOW_S = 2.0  # for the middle answer of the exchange


class Gauges:
    """Reads the instruments; asks the exchange nothing."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def rows(self) -> tuple[Health, ...]:
        """One row an instrument; `ok` False asks for a look and blocks nothing."""
        return (
            self._candle(), self._account(), *self._sockets(), *self._latency(), *self._budgets(),
            self._lag(), await self._database(), await self._model(),
        )  # fmt: skip

    def _candle(self) -> Health:
        closed, now = self._core.engine.autopilot.last_round.close_ms, self._core.world.clock.market_ms()
        if not closed:
            return Health("last candle", True, "none judged yet")
        age_s = (now - closed) // 1000
        local = from_ms(closed).astimezone(ZoneInfo(self._core.config.service.timezone))
        text = f"closed {local:%H:%M}, {age_s} s ago"
        return Health("last candle", True, text, reading=Reading("candle_age_seconds", age_s))

    def _account(self) -> Health:
        as_of, now = self._core.engine.sync.state.as_of_ms, self._core.world.clock.market_ms()
        if not as_of:
            return Health("account", False, "not read yet")
        age_s = (now - as_of) // 1000
        reading = Reading("account_age_seconds", age_s)
        return Health("account", True, f"settled with the exchange {age_s} s ago", reading=reading)

    def _sockets(self) -> list[Health]:
        line = self._core.world.line
        found = line.troubles() if line is not None else {}
        return [
            Health(name, not wrong, wrong or "up", reading=Reading("socket_up", not wrong, name))
            for name, wrong in found.items()
        ]

    def _latency(self) -> list[Health]:
        """How long the exchange takes to answer, lane by lane."""
        line = self._core.world.line
        found = line.latency() if line is not None else {}
        return [_answers(name, one) for name, one in found.items() if one.answers]

    def _budgets(self) -> list[Health]:
        line = self._core.world.line
        found = line.spare() if line is not None else {}
        return [
            Health(
                f"requests left, {name}", points >= _LOW * most, f"{points:.0f} of {most:g}",
                reading=Reading("request_budget_points", points, name),
            )
            for name, (points, most) in found.items()
        ]  # fmt: skip

    def _lag(self) -> Health:
        late_s = self._core.engine.watchdog.late_s
        reading = Reading("lag_seconds", late_s)
        return Health(
            "own pace", late_s < 1, f"{late_s * 1000:.0f} ms late at the last look", reading=reading
        )

    async def _database(self) -> Health:
        if trouble := self._core.store.trouble:
            return Health("database", False, trouble)
        path = self._core.config.world_dir / FILE_NAME
        size = (await asyncio.to_thread(path.stat)).st_size
        schema = self._core.store.found.version
        reading = Reading("database_bytes", size)
        return Health(
            "database", True, f"{size / 1_048_576:.1f} MB on disk, schema {schema}", reading=reading
        )

    async def _model(self) -> Health:
        budget = self._core.budget
        if budget is None:
            return Health("model", True, "none; I answer with my own understanding")
        spent = await budget.spent()
        text = f"{spent:.4f} of {budget.daily:.2f} USD used today"
        return Health("model", spent < budget.daily, text, reading=Reading("model_cost_usd", float(spent)))


def _answers(lane: str, one: Latency) -> Health:
    """One lane's latency in words: the middle answer is the rule, the slowest the exception."""
    text = (
        f"half of the last {one.answers} within {one.middle_s * 1000:,.0f} ms, "
        f"the slowest {one.slowest_s * 1000:,.0f} ms"
    )
    reading = Reading("exchange_answer_seconds", one.middle_s, lane)
    return Health(f"answers for {lane}", one.middle_s < _SLOW_S, text, reading=reading)
