"""Pictures for the phone: what they say, that they are whole, and that drawing never blocks the loop."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest

from core.engine.registry import Actor, Answer, Door, Registry
from core.model.account import Position, RoundTrip
from core.model.errors import Refused
from core.model.market import Candle
from core.model.money import Money, Price, Qty
from core.model.orders import Fill, Leg, OrderIntent, OrderRequest, OrderType, Origin, Side
from core.model.time_context import TimeContext
from core.model.views import (
    CandlesView,
    EquityView,
    PictureView,
    PnlView,
    PositionRow,
    PositionsView,
    RoundTripsView,
    Stamp,
    StatusView,
    WhyView,
)
from core.pictures.candles import candles_picture
from core.pictures.chart_command import Charts
from core.pictures.equity import drawdowns, equity_picture
from core.pictures.theme import DARK, LIGHT, Theme
from core.pictures.trade_card import TradeEvidence, trade_picture
from core.pictures.week_card import Week, week_picture
from core.sim.phone.shapes import png_size

START, STEP = 1_795_435_200_000, 300_000
STAMP = Stamp(START, "paper", "demo")


def candles(count: int) -> tuple[Candle, ...]:
    dice, price, made = random.Random(4), 3267.0, []
    for number in range(count):
        close = price * (1 + dice.gauss(0, 0.002))
        high, low = max(price, close) * 1.001, min(price, close) * 0.999
        made.append(Candle(START + number * STEP, price, high, low, close, 10.0 + number % 7))
        price = close
    return tuple(made)


def fill(side: Side, number: int) -> Fill:
    one = Money(Decimal(1))
    return Fill(
        str(number),
        "O1",
        "ETH/USD",
        side,
        Price(Decimal(3260)),
        Qty(Decimal(1)),
        one,
        one,
        START + number * STEP,
    )


POSITION = Position(
    "ETH/USD", Qty(Decimal(1)), Price(Decimal(3260)), Money(Decimal(3260)), Money(Decimal(1)), START,
    stop=Price(Decimal(3200)), target=Price(Decimal("3350.5")),
)  # fmt: skip
VIEW = CandlesView(STAMP, "ETH/USD", "5m", candles(150), (fill(Side.BUY, 20), fill(Side.SELL, 40)), POSITION)
POINTS = tuple(
    (START + day * 86_400_000, Decimal(value)) for day, value in enumerate((10_000, 10_500, 9_975, 10_200))
)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_a_candle_picture_is_phone_sized_and_says_what_it_shows(theme: Theme) -> None:
    png, alt = candles_picture(VIEW, theme, "Europe/Berlin")
    assert png_size(png) == (1080, 907)
    assert "1 bought, 1 sold" in alt and "stop 3,200.00, target 3,350.50" in alt


def test_day_and_night_differ() -> None:
    assert candles_picture(VIEW, DARK, "UTC")[0] != candles_picture(VIEW, LIGHT, "UTC")[0]


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_few_candles_make_a_picture_too(rows: int) -> None:
    png, alt = candles_picture(replace(VIEW, candles=candles(rows), fills=(), position=None), DARK, "UTC")
    assert png_size(png) and ("No candles" in alt) is (rows == 0)


def test_a_market_that_stands_still_can_be_drawn() -> None:
    flat = tuple(
        Candle(START + n * STEP, 0.00001234, 0.00001234, 0.00001234, 0.00001234, 0.0) for n in range(9)
    )
    png, _ = candles_picture(replace(VIEW, candles=flat, fills=(), position=None), LIGHT, "UTC")
    assert png_size(png)


def test_an_equity_picture_tells_the_change_and_the_deepest_fall() -> None:
    png, alt = equity_picture(EquityView(STAMP, POINTS), "USD", DARK, "UTC")
    assert png_size(png)
    assert alt == "Equity from 10,000.00 USD to 10,200.00 USD (+2.00 %); deepest fall from a peak 5.00 %."
    assert drawdowns(POINTS) == [0.0, 0.0, -0.05, pytest.approx(-300 / 10_500)]


@pytest.mark.parametrize("points", [(), POINTS[:1]])
def test_an_equity_curve_that_has_not_begun_says_so(points: tuple[tuple[int, Decimal], ...]) -> None:
    assert "not enough" in equity_picture(EquityView(STAMP, points), "USD", LIGHT, "UTC")[1]


TRIP = RoundTrip(
    "ETH/USD", Qty(Decimal("0.5")), Price(Decimal(3260)), Price(Decimal(3228)), START + 40 * STEP,
    START + 60 * STEP, Money(Decimal(4)), Money(Decimal(-20)), Origin.AUTOPILOT, "stop", "mine", "sma_cross",
)  # fmt: skip


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_closed_trades_stand_on_the_candles_with_their_reason(theme: Theme) -> None:
    png, alt = candles_picture(replace(VIEW, trips=(TRIP,)), theme, "UTC")
    assert png_size(png) and "Closed: stop -20.00." in alt
    assert png != candles_picture(VIEW, theme, "UTC")[0]


@pytest.mark.parametrize("rows", [0, 90])
def test_a_trade_card_sets_what_came_of_it_beside_the_plan(rows: int) -> None:
    stop, target = Price(Decimal(3230)), Price(Decimal(3305))
    evidence = TradeEvidence(TRIP, candles(rows), "5m", stop, target, "crossed up", "USD", "demo")
    assert (evidence.planned_loss, evidence.planned_gain) == (Decimal(-19), Decimal("18.5"))
    pictures = [trade_picture(evidence, theme, "UTC") for theme in (DARK, LIGHT)]
    assert pictures[0][0] != pictures[1][0] and all(png_size(png) for png, _ in pictures)
    assert "sold at 3,228.00 (stop), -20.00 USD" in pictures[0][1]
    assert "Planned stop 3,230.00, planned target 3,305.00. Why: crossed up" in pictures[0][1]


@pytest.mark.parametrize("empty", [True, False])
def test_the_weeks_picture_adds_up_its_days(empty: bool) -> None:
    days = tuple((START + n * 86_400_000, Decimal(0 if empty else n * 10 - 20)) for n in range(7))
    week = Week(
        START, START + 7 * 86_400_000, days, () if empty else POINTS, 5, 3, Decimal(2), None, "USD", "demo"
    )
    png, alt = week_picture(week, DARK, "UTC")
    assert png_size(png) and week.net == sum(net for _, net in days)
    assert empty or ("+70.00 USD" in alt and "Best day +40.00, worst -20.00" in alt)


@dataclass
class Facts:
    """A status service with one pair, and a preference."""

    asked: list[tuple[str, str]] = field(default_factory=list)
    theme: str = ""
    held: tuple[Position, ...] = ()
    closed: tuple[RoundTrip, ...] = ()

    async def candles(self, symbol: str, timeframe: str = "5m", limit: int = 288) -> CandlesView:
        self.asked.append((symbol, timeframe))
        return replace(VIEW, symbol=symbol, timeframe=timeframe)

    async def equity(self, limit: int = 2000) -> EquityView:
        return EquityView(STAMP, POINTS)

    async def status(self) -> StatusView:
        zero = Decimal(0)
        return StatusView(
            STAMP, "jimmy", True, "", zero, zero, "USD", zero, zero, zero, zero, 0, 0, ("BTC/USD", "ETH/USD"),
            None, None, START, 1.0, False, False,
        )  # fmt: skip

    async def positions(self) -> PositionsView:
        zero = Decimal(0)
        rows = tuple(
            PositionRow(one, one.entry_price, zero, zero, zero, None, None, True) for one in self.held
        )
        return PositionsView(STAMP, rows, zero, zero)

    async def round_trips(self, limit: int = 50) -> RoundTripsView:
        return RoundTripsView(STAMP, self.closed)

    async def pnl(self, from_ms: int, to_ms: int, period: str) -> PnlView:
        trips = [trip for trip in self.closed if from_ms <= trip.closed_ms < to_ms]
        net = sum((trip.net_pnl for trip in trips), Decimal(0))
        won, zero = sum(trip.won for trip in trips), Decimal(0)
        return PnlView(
            STAMP, period, from_ms, to_ms, net, zero, Decimal(3), len(trips), won, len(trips) - won, None,
            None, None, None, (), "USD",
        )  # fmt: skip

    async def why(
        self, symbol: str | None = None, side: str | None = None, from_ms: int | None = None,
        to_ms: int | None = None,
    ) -> WhyView:  # fmt: skip
        return WhyView(STAMP, symbol or "", None, (), None, None, "That was your own order (chat).")

    @property
    def context(self) -> TimeContext:
        return TimeContext(START + 150 * STEP, "UTC")

    async def intents(self, *, since_ms: int) -> list[OrderIntent]:
        request = OrderRequest("c", "ETH/USD", Side.BUY, OrderType.MARKET, Qty(Decimal(1)))
        return [
            OrderIntent(
                "c", "mine", Leg.ENTRY, 1, Origin.AUTOPILOT, request, START,
                stop_distance=Price(Decimal(30)), target_distance=Price(Decimal(45)),
            )
        ]  # fmt: skip

    async def preferences(self) -> dict[str, str]:
        return {"theme": self.theme} if self.theme else {}


async def asked(facts: Facts, **slots: Any) -> PictureView:
    registry = Registry()
    Charts(facts, facts, "UTC", "15m").bind(registry)
    request = registry.request("chart", slots, Actor("1", Door.TELEGRAM, "s"), "c1")
    answer = await registry.carry_out(request)
    assert isinstance(answer, Answer) and isinstance(answer.view, PictureView)
    return answer.view


async def test_the_last_trade_and_the_week_are_asked_for_by_their_kind() -> None:
    facts = Facts(closed=(TRIP,))
    card = await asked(facts, kind="trade")
    assert "Planned stop 3,230.00, planned target 3,305.00" in card.alt and "your own order" in card.alt
    assert "-20.00 USD" in (await asked(facts, kind="week")).alt
    with pytest.raises(Refused, match="No trade is closed yet"):
        await asked(facts, kind="trade", symbol="BTC/USD")


async def test_a_chart_without_a_coin_offers_the_others() -> None:
    more = dict((await asked(Facts())).more)
    assert more["ETH"] == "/chart ETH" and more["Last trade"] == "/chart trade"
    assert (await asked(Facts(), symbol="ETH/USD")).more == ()


async def test_a_chart_without_a_pair_shows_the_first_one_on_zyns_own_candles() -> None:
    facts = Facts()
    view = await asked(facts)
    assert facts.asked == [("BTC/USD", "15m")] and view.alt.startswith("BTC/USD") and png_size(view.png)


async def test_a_chart_without_a_pair_shows_what_was_bought_last() -> None:
    facts = Facts(held=(replace(POSITION, symbol="SOL/USD", opened_ms=START - 1), POSITION))
    assert (await asked(facts)).alt.startswith("ETH/USD")


async def test_a_chart_follows_the_wish_for_pair_candles_and_look() -> None:
    facts = Facts()
    dark = await asked(facts, symbol="ETH/USD", timeframe="1h")
    facts.theme = "light"
    light = await asked(facts, symbol="ETH/USD", timeframe="1h")
    assert facts.asked == [("ETH/USD", "1h")] * 2 and dark.png != light.png


async def test_the_equity_chart_is_asked_for_by_its_kind() -> None:
    assert (await asked(Facts(), kind="equity")).alt.startswith("Equity from")


async def test_candles_that_do_not_exist_are_refused_with_those_that_do() -> None:
    with pytest.raises(Refused, match="no candles of 7m") as refusal:
        await asked(Facts(), timeframe="7m")
    assert "15m" in refusal.value.hint
