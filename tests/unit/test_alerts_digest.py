"""The daily summary on a clock that is moved by hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from core.alerts.digest import DailySummary
from core.alerts.schedule import LAST, Schedule
from core.clock import ManualClock
from core.model.account import RoundTrip
from core.model.events import Announcement, EventKind
from core.model.money import Money, Price, Qty
from core.model.orders import Origin
from core.model.views import PnlView, PositionsView, Stamp, StatusView
from tests.support.fake_conversation import FakeUpdateLog

STAMP = Stamp(0, "paper", "paper")
DAY_MS = 86_400_000
NOON = 1_795_435_200_000  # 2026-11-23 12:00 UTC


def trip(symbol: str, net: str) -> RoundTrip:
    return RoundTrip(
        symbol, Qty(Decimal(1)), Price(Decimal(10)), Price(Decimal(11)), 0, 1, Money(Decimal("0.1")),
        Money(Decimal(net)), Origin.AUTOPILOT, "target",
    )  # fmt: skip


@dataclass
class Figures:
    """A status service that counts what it is asked."""

    asked: list[tuple[int, int]] = field(default_factory=list)
    view: PnlView = PnlView(
        STAMP, "day", 0, 1, Decimal("12.34"), Decimal(0), Decimal("3.2"), 5, 3, 2, None, None,
        trip("ETH/USD", "8.1"), trip("BTC/USD", "-4"), (), "USD",
    )  # fmt: skip

    async def pnl(self, from_ms: int, to_ms: int, period: str) -> PnlView:
        self.asked.append((from_ms, to_ms))
        return self.view

    async def positions(self) -> PositionsView:
        return PositionsView(STAMP, (), Decimal(0), Decimal(0))

    async def status(self) -> StatusView:
        number = Decimal("10012.34")
        return StatusView(
            STAMP, "jimmy", False, "paused by you", number, number, "USD", Decimal(0), Decimal(0),
            Decimal(300), Decimal(300), 0, 5, ("ETH/USD",), None, None, 0, 1.0, True, False,
        )  # fmt: skip


@dataclass
class Desk:
    """Journal and herald in one."""

    told: list[Announcement] = field(default_factory=list)

    async def commit(self, *facts: Any) -> None:
        self.told.extend(facts)

    def announced(self, announcement: Announcement) -> None:
        assert announcement in self.told

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the digest needs no {name}")


class Digest(Schedule):
    """A schedule with the daily summary alone."""

    def __init__(self, clock: ManualClock, desk: Desk, values: FakeUpdateLog, figures: Figures, gap: float):
        self.day = DailySummary(figures, clock, "Europe/Berlin")
        super().__init__([self.day], desk, desk, values, clock, gap)

    async def told(self) -> bool:
        return await self.tell(self.day)


def digest(
    clock: ManualClock, desk: Desk, values: FakeUpdateLog, figures: Figures, gap: float = 0.0
) -> Digest:
    return Digest(clock, desk, values, figures, gap)


async def test_a_finished_day_is_told_once_with_its_bounds_in_the_owners_zone() -> None:
    clock, desk, values, figures = ManualClock(NOON), Desk(), FakeUpdateLog(), Figures()
    one = digest(clock, desk, values, figures)
    assert await one.told() and not await one.told()
    (news,) = desk.told
    assert news.kind is EventKind.DAILY_SUMMARY and news.key == "daily:2026-11-22"
    assert figures.asked == [(NOON - DAY_MS // 2 - DAY_MS - 3_600_000, NOON - DAY_MS // 2 - 3_600_000)]
    assert news.text.split("\n") == [
        "Sunday 22 November: +12.34 USD after 3.20 in fees.",
        "5 trades closed, 3 won. Best ETH +8.10, worst BTC -4.00.",
        "Nothing is open.",
        "Equity 10,012.34 USD.",
        "Not opening anything new: paused by you",
    ]
    assert not await digest(clock, desk, values, figures).told()  # nor after a restart


async def test_summaries_keep_their_distance_in_wall_time() -> None:
    clock, desk, values = ManualClock(NOON), Desk(), FakeUpdateLog()
    one = digest(clock, desk, values, Figures(), 3 * 86_400)
    told = []
    for _ in range(6):
        told.append(await one.told())
        clock.advance(DAY_MS)
    assert told == [True, False, False, True, False, False]


async def test_a_quiet_day_is_said_as_one() -> None:
    clock, desk, figures = ManualClock(NOON), Desk(), Figures()
    figures.view = replace(figures.view, trades=0, wins=0, realised=Decimal(0), best=None, worst=None)
    await digest(clock, desk, FakeUpdateLog(), figures).told()
    assert desk.told[0].text.split("\n")[1] == "No trade was closed."


async def test_a_newcomer_is_not_told_about_a_day_before_zyn() -> None:
    values, desk = FakeUpdateLog(), Desk()
    running = digest(ManualClock(NOON), desk, values, Figures())
    await running.begin()
    assert values.values[LAST + "day"] == "2026-11-22" and not await running.told()
