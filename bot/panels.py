"""The views of /status beyond the overview: health, settings in force, the way to the web site."""

from __future__ import annotations

from collections.abc import Callable

from bot.assembly import Core
from core.engine.policies import in_words
from core.model.time_context import from_ms
from core.model.views import TextView
from core.store.telemetry_db import FILE_NAME
from core.trading_config import describe

_SETTINGS = ("autopilot.", "filters.", "indicators.", "risk.", "exits.", "execution.", "edge.", "features.")


def fill_panels(core: Core, link: Callable[[], str], reachable: bool) -> None:
    """Bind what only the whole service knows. `reachable`: the web site has an address for a phone."""
    panels = _Panels(core, link, reachable)
    core.panels.update(health=panels.health, settings=panels.settings, web=panels.web)


class _Panels:
    def __init__(self, core: Core, link: Callable[[], str], reachable: bool) -> None:
        self._core = core
        self._link = link
        self._reachable = reachable

    async def health(self) -> TextView:
        """Every check, the last candle and its lag, the database, the model's cost today."""
        core = self._core
        view = await core.status.status()
        lines = [f"{'ok' if one.ok else '!!'} {one.name}: {one.text}" for one in view.health]
        lines += [self._candle(), await self._database(), await self._model()]
        return TextView("\n".join(lines))

    def _candle(self) -> str:
        clock, engine = self._core.world.clock, self._core.engine
        closed = engine.autopilot.last_round.close_ms
        if not closed:
            return "last candle: none judged yet"
        age = (clock.market_ms() - closed) // 1000
        synced = (clock.market_ms() - engine.sync.state.as_of_ms) // 1000
        return f"last candle: closed {from_ms(closed):%H:%M} UTC, {age} s ago; account read {synced} s ago"

    async def _database(self) -> str:
        store = self._core.store
        if store.trouble:
            return f"!! database: {store.trouble}"
        size = (self._core.config.world_dir / FILE_NAME).stat().st_size
        return f"ok database: {size / 1_048_576:.1f} MB, schema {store.found.version}"

    async def _model(self) -> str:
        budget = self._core.budget
        if budget is None:
            return "model: none; I answer with my own understanding"
        return f"model: {await budget.spent():.4f} of {budget.daily:.2f} USD used today"

    async def settings(self) -> TextView:
        """What is in force: changed settings, and the mandate on top of them."""
        rows = [one for one in describe(self._core.config) if one.key.startswith(_SETTINGS)]
        changed = [f"{one.key} = {one.value} {one.unit}".rstrip() for one in rows if one.value != one.default]
        kept = [in_words(row) for row in self._core.engine.in_force.rows]
        limits = [
            f"{one.key} = {one.value} {one.unit}".rstrip() for one in rows if one.key.startswith("risk.")
        ]
        return TextView(
            "\n".join(
                [
                    "The settings in force (zyn config lists every one):",
                    *limits,
                    *[line for line in changed if line not in limits],
                    *(["On top of them, your mandate:", *kept] if kept else []),
                ]
            )
        )

    async def web(self) -> TextView:
        """A fresh way in."""
        link = self._link()
        if not link.startswith("http"):
            return TextView("There is no web site in this session; zyn run starts one.")
        if not self._reachable:
            return TextView(
                f"The web site is here, on this machine: {link}\n"
                "For a link that works on your phone, set WEB_PUBLIC_URL to an address that reaches it."
            )
        return TextView(f"A fresh login link, good once and for ten minutes: {link}")
