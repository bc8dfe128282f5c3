"""Pictures for the phone: what they say, that they are whole, and that drawing never blocks the loop."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest

from core.engine.registry import Actor, Answer, Door, Registry
from core.model.account import Position
from core.model.errors import Refused
from core.model.market import Candle
from core.model.money import Money, Price, Qty
from core.model.orders import Fill, Side
from core.model.views import (
    CandlesView,
    EquityView,
    PictureView,
    PositionRow,
    PositionsView,
    Stamp,
    StatusView,
)
from core.pictures.candles import candles_picture
from core.pictures.chart_command import Charts
from core.pictures.equity import drawdowns, equity_picture
from core.pictures.theme import DARK, LIGHT, Theme
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
    assert alt == "Equity from 10,000.00 USD to 10,200.00 USD (+2.00 %); deepest fall from a peak 5.00%."
    assert drawdowns(POINTS) == [0.0, 0.0, -0.05, pytest.approx(-300 / 10_500)]


@pytest.mark.parametrize("points", [(), POINTS[:1]])
def test_an_equity_curve_that_has_not_begun_says_so(points: tuple[tuple[int, Decimal], ...]) -> None:
    assert "not enough" in equity_picture(EquityView(STAMP, points), "USD", LIGHT, "UTC")[1]


@dataclass
class Facts:
    """A status service with one pair, and a preference."""

    asked: list[tuple[str, str]] = field(default_factory=list)
    theme: str = ""
    held: tuple[Position, ...] = ()

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

    async def preferences(self) -> dict[str, str]:
        return {"theme": self.theme} if self.theme else {}


async def asked(facts: Facts, **slots: Any) -> PictureView:
    registry = Registry()
    Charts(facts, facts, "UTC", "15m").bind(registry)
    request = registry.request("chart", slots, Actor("1", Door.TELEGRAM, "s"), "c1")
    answer = await registry.carry_out(request)
    assert isinstance(answer, Answer) and isinstance(answer.view, PictureView)
    return answer.view


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
