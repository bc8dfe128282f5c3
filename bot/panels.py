"""The views of /status beyond the overview: health, settings in force, the way to the web site."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

from bot.assembly import Core
from bot.gauges import Gauges
from bot.release import release
from core.engine.policies import in_words
from core.engine.registry import Request, StatusSlots, slots_of
from core.model.money import plain
from core.model.views import Health, TextView
from core.trading_config import describe

_SETTINGS = ("autopilot.", "filters.", "indicators.", "risk.", "exits.", "execution.", "edge.", "features.")

_PLAIN_UNITS = ("count", "comma list", "0-100")  # that the value says by itself
_LOG_LINES, _LINE_MAX = 10, 220


def fill_panels(core: Core, link: Callable[[], str], reachable: bool) -> None:
    """Bind what only the whole service knows. `reachable`: the web site has an address for a phone."""
    panels = _Panels(core, link, reachable)
    core.panels.update(
        health=panels.health,
        settings=panels.settings,
        web=panels.web,
        version=panels.version,
        logs=panels.logs,
    )


class _Panels:
    def __init__(self, core: Core, link: Callable[[], str], reachable: bool) -> None:
        self._core = core
        self._gauges = Gauges(core)
        self._link = link
        self._reachable = reachable
        self._since = core.world.clock.monotonic()

    async def health(self, _: Request) -> TextView:
        """Every check, and every gauge beside them."""
        checks = (await self._core.status.status()).health
        gauges = await self._gauges.rows()
        return TextView("\n".join(in_health(checks, gauges)))

    async def settings(self, _: Request) -> TextView:
        """What is in force: changed settings, and the mandate on top of them."""
        rows = [one for one in describe(self._core.config) if one.key.startswith(_SETTINGS)]
        changed = [_setting(one.key, one.value, one.unit) for one in rows if one.value != one.default]
        kept = [in_words(row) for row in self._core.engine.in_force.rows]
        limits = [_setting(one.key, one.value, one.unit) for one in rows if one.key.startswith("risk.")]
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

    async def version(self, request: Request) -> TextView:
        """Which Zyn this is, how long it has been up, and who is talking to it."""
        core = self._core
        up_s = round(core.world.clock.monotonic() - self._since)
        hours = f"{up_s // 3600} h " if up_s >= 3600 else ""
        up, who = f"{hours}{up_s % 3600 // 60} min", request.actor
        return TextView(
            f"Zyn {release()} in the {core.config.mode} world, up for {up}.\n"
            f"You are user {who.user}, by {who.door.value}, in the conversation {who.session}."
        )

    async def logs(self, request: Request) -> TextView:
        """The last lines of the log, which holds no secret."""
        count = slots_of(request, StatusSlots).count or _LOG_LINES
        lines = await asyncio.to_thread(_tail, self._core.config.world_dir / "logs" / "zyn.log", count)
        return TextView("\n".join(lines) or "The log is empty.")

    async def web(self, _: Request) -> TextView:
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


def in_health(checks: Sequence[Health], gauges: Sequence[Health]) -> list[str]:
    """What needs a look first, what passes in one line, and the figures."""
    wrong = [one for one in (*checks, *gauges) if not one.ok]
    passed = ", ".join(one.name for one in checks if one.ok)
    head = f"{len(wrong)} of {len(checks) + len(gauges)} need a look:" if wrong else "All is well."
    return [
        head,
        *(f"! {one.name}: {one.text}" for one in wrong),
        *([f"Checked and fine: {passed}."] if passed else []),
        *(f"{one.name[:1].upper()}{one.name[1:]}: {one.text}" for one in gauges if one.ok),
    ]


def _setting(key: str, value: str, unit: str) -> str:
    """A setting under its own name, a share as percent."""
    if not value:
        return f"{key} is not set"
    what, _, of = unit.partition(" ")
    if what == "share":
        return f"{key} = {plain(100 * Decimal(value))} % {of}".rstrip()
    return f"{key} = {value} {'' if unit in _PLAIN_UNITS else unit}".rstrip()


def _tail(path: Path, count: int) -> list[str]:
    """The last lines of a file, each cut to what a phone can show. Blocking."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", errors="replace") as lines:
        return [line.rstrip()[:_LINE_MAX] for line in deque(lines, maxlen=count)]
