"""What other parts of Zyn have to say on the weekly card: what was learned, and live trades beside paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from core.alerts.weekly import Chapter
from core.engine.parity import slippage_bps
from core.model.events import Announcement
from core.model.facts import ParityRow
from core.risk.record import record_of

_LESSON = "lesson:"
_SHOWN = 3


class Announced(Protocol):
    async def announced(self, from_ms: int) -> list[Announcement]: ...


def learned(told: Announced, standing: Callable[[], str]) -> Chapter:
    """Lessons that were made or taken back in the week, and how learning stands."""

    async def chapter(from_ms: int, to_ms: int) -> str:
        news = [one for one in await told.announced(from_ms) if one.key.startswith(_LESSON)]
        lines = [one.text for one in news if one.time_ms < to_ms]
        earlier = len(lines) - _SHOWN
        left_out = [f"Lessons of the week before these: {earlier}, see /learning."] if earlier > 0 else []
        return "\n".join([*left_out, *lines[-_SHOWN:], f"Learning: {standing()}"])

    return chapter


def beside_paper(rows: Callable[[], Iterable[ParityRow]]) -> Chapter:
    """Slippage of the week's live orders against what the paper account would have paid."""

    async def chapter(from_ms: int, to_ms: int) -> str:
        week = [one for one in rows() if from_ms <= one.time_ms < to_ms and not one.maker]
        if not week:
            return ""
        found = record_of([slippage_bps(one) for one in week])
        sure = ""
        if found.low is not None and found.high is not None:
            sure = f" (95 % sure: {found.low:+.1f} to {found.high:+.1f})"
        orders = f"{len(week)} order{'s'[: len(week) != 1]}"
        return f"Slippage against the model: {found.mean:+.1f} bps a side{sure} over {orders}."

    return chapter
