"""The morning brief, the weekly report card and the incident report: every figure from what was kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import time
from decimal import Decimal
from typing import Any

from core.alerts.incident_report import IncidentReporter, planned
from core.alerts.incidents import CALM_MS
from core.alerts.morning import MorningBrief
from core.alerts.schedule import Schedule
from core.alerts.weekly import Sources, WeeklyReport
from core.clock import ManualClock
from core.model.errors import Transient
from core.model.events import EventKind, Severity
from core.model.market import Candle, Timeframe
from core.model.money import Money, Price, Qty
from core.model.orders import OrderIntent
from core.model.time_context import from_ms
from tests.support.alarm_desk import Kept
from tests.support.facts import an_intent
from tests.support.fake_outbox import news
from tests.unit.test_alerts_digest import DAY_MS, NOON, Desk, Figures, trip

BERLIN = "Europe/Berlin"
MONDAY = NOON  # 2026-11-23 is one


class Counts:
    """What the store would count."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {"openai_spent:2026-11-18": "0.42"}

    async def lived_candles(self, from_ms: int, to_ms: int) -> int:
        return 2000

    async def judged_candles(self, from_ms: int, to_ms: int) -> int:
        return 1998

    async def safety_counts(self, from_ms: int, to_ms: int) -> dict[str, int]:
        return {"latched:kill_switch": 1, "refused:over_cap": 4, "refused:cooling": 3, "confirmed": 9}

    async def equity_at(self, at_ms: int) -> str | None:
        return "10000"

    async def first_mark_ms(self, from_ms: int) -> int | None:
        return from_ms

    async def get_value(self, key: str) -> str | None:
        return self.values.get(key)


class Days:
    """Daily candles that double over the week."""

    broken = False

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        assert timeframe is Timeframe.D1
        if self.broken:
            raise Transient("down")
        start = MONDAY - DAY_MS // 2 - 20 * DAY_MS
        return [Candle(start + n * DAY_MS, 1, 1, 1, 100.0 if n < 13 else 110.0, 5) for n in range(20)]

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the report card needs no {name}")


def card(days: Days, can_wake: bool = True, chapters: Sequence[Any] = ()) -> WeeklyReport:
    market: Any = days
    sources = Sources(Figures(), Counts(), market, ("ETH/USD", "BTC/USD"), chapters, can_wake)
    return WeeklyReport(sources, ManualClock(MONDAY), BERLIN, time(8))


async def test_the_report_card_has_every_figure_of_the_week() -> None:
    async def chapter(from_ms: int, to_ms: int) -> str:
        assert (from_ms_text(from_ms), to_ms - from_ms) == ("2026-11-15T23:00", 7 * DAY_MS)
        return "I learned nothing new."

    report = card(Days(), can_wake=False, chapters=[chapter])
    period = report.period(MONDAY)
    assert (from_ms_text(period.start_ms), from_ms_text(period.end_ms)) == (
        "2026-11-15T23:00",
        "2026-11-22T23:00",
    )
    lines = (await report.write(period)).text.split("\n")
    assert lines == [
        "Report card, 16 Nov to 22 Nov: +12.34 USD after 3.20 in fees.",
        "Buying and holding the same pairs in equal parts: +10.00 %; "
        "mine +0.12 % of the week's first equity.",
        "5 trades, 3 won (60 %). Worst BTC -4.00.",
        "Up 99.2 % of the time; 1,998 candles judged, 2 missed while up.",
        "The rules stepped in: kill switch 1, refused entries 7.",
        "The language model cost 0.42 USD.",
        "I learned nothing new.",
        "Plan: I open nothing new for now (paused by you).",
        "No SMS is set up, so nothing can wake you when Telegram is silent: TWILIO_* and SMS_TO change that.",
    ]


def from_ms_text(ms: int) -> str:
    return from_ms(ms).isoformat()[:16]


async def test_without_prices_the_card_leaves_the_comparison_out() -> None:
    days = Days()
    days.broken = True
    report = card(days)
    text = (await report.write(report.period(MONDAY))).text
    assert "Buying and holding" not in text and "SMS" not in text


def test_the_card_comes_on_monday_at_the_owners_hour_and_not_before() -> None:
    report = card(Days())
    at_eight = MONDAY - 5 * 3_600_000  # 07:00 UTC
    assert report.period(at_eight).key == "2026-11-16" and report.period(at_eight - 1).key == "2026-11-09"
    assert report.next_ms(at_eight - 1) == at_eight
    assert report.next_ms(at_eight) == at_eight + 7 * DAY_MS


async def test_the_morning_brief_tells_the_night_and_what_today_may_cost() -> None:
    brief = MorningBrief(Figures(), ManualClock(MONDAY), BERLIN, time(8))
    period = brief.period(MONDAY)
    assert (from_ms_text(period.start_ms), from_ms_text(period.end_ms)) == (
        "2026-11-22T19:00",
        "2026-11-23T07:00",
    )
    text = (await brief.write(period)).text
    assert text.split("\n") == [
        "Good morning, jimmy. Overnight 5 trades closed, 3 won: +12.34 USD after 3.20 in fees. Equity "
        "10,012.34 USD.",
        "Nothing is open.",
        "I open nothing new: paused by you",
    ]
    assert brief.next_ms(MONDAY) == period.end_ms + DAY_MS


async def test_each_report_is_told_once_and_a_first_start_tells_nothing() -> None:
    clock, desk, kept = ManualClock(MONDAY), Desk(), Kept()
    reports = [card(Days()), MorningBrief(Figures(), clock, BERLIN, time(8))]
    schedule = Schedule(reports, desk, desk, kept, clock)
    await schedule.begin()
    assert [await schedule.tell(one) for one in reports] == [False, False]
    clock.advance(7 * DAY_MS)
    assert [await schedule.tell(one) for one in reports] == [True, True]
    again = Schedule(reports, desk, desk, kept, clock)
    await again.begin()
    assert [await again.tell(one) for one in reports] == [False, False]


class Story(Kept):
    """What the incident left behind."""

    trips: Sequence[Any] = ()
    intended: Sequence[OrderIntent] = ()

    async def round_trips(self, limit: int = 50, **_: Any) -> list[Any]:
        return list(self.trips)

    async def intents(self, **_: Any) -> list[OrderIntent]:
        return list(self.intended)


class Standing(Figures):
    async def status(self) -> Any:
        return replace(await super().status(), killed=True)


class Herald:
    def announced(self, one: object) -> None: ...

    def changed(self, topic: str) -> None: ...


async def test_an_incident_report_says_planned_against_actual_and_is_told_once() -> None:
    story, clock = Story(), ManualClock(MONDAY)
    kill = news("kill", Severity.CRITICAL, EventKind.KILL_SWITCH, "Kill switch: today fell to -300.", MONDAY)
    sold = news("eth", Severity.TRADE, EventKind.POSITION_CLOSED, at=MONDAY + 60_000)
    await story.commit(kill, sold)
    request = replace(an_intent().request, close_stop=Price(Decimal("9.5")))
    story.trips = [
        replace(
            trip("ETH/USD", "-4.1"),
            exit_price=Price(Decimal(6)),
            reason="stop",
            cause="c",
            opened_ms=MONDAY,
        )  # fmt: skip
    ]
    story.intended = [replace(an_intent(), cause="c", request=request)]
    reporter = IncidentReporter(story, story, Standing(), Herald(), clock, BERLIN)
    await reporter.look()
    assert len(story.news) == 2  # it is not over yet
    clock.advance(CALM_MS + 120_000)
    await reporter.look()
    await reporter.look()
    (report,) = [one for one in story.news if one.kind is EventKind.INCIDENT_REPORT]
    assert report.text.split("\n") == [
        "Incident of 23 November 13:00 to 13:01, over now. Kill switch: today fell to -300.",
        "ETH: -4.10 USD, planned at worst -0.60 (3.50 more, because it sold at 6, below the stop: "
        "the market jumped over it); its stop on the exchange sold it.",
        "What I did: stopped all trading, sold what had to go.",
        "Nothing is open. Equity 10,012.34 USD, today +0.00 USD.",
        "Next: nothing needs you; I open nothing more today. From midnight on I trade again. "
        "/pnl shows the day.",
    ]


def test_without_a_written_stop_nothing_is_called_planned() -> None:
    assert planned(trip("ETH/USD", "-4"), []) is None
    qty = replace(trip("ETH/USD", "-4"), qty=Qty(Decimal(2)), fees=Money(Decimal(1)), cause="c")
    stopped = replace(
        an_intent(), cause="c", request=replace(an_intent().request, close_stop=Price(Decimal(9)))
    )
    assert planned(qty, [stopped]) == Decimal(-3)
