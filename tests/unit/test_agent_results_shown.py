"""How a result is told: the headline, where it has led to, and no more coins than an eye takes in."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from core.agent.replies import Table, Text
from core.agent.show_money import Face, breakdown, pnl
from core.model.views import BreakdownView, PnlView, Slice, Stamp, Standing, SymbolPnl

TODAY = PnlView(
    Stamp(0, "kraken", "demo"), "today", 0, 1, D("-15.10"), D("2.5"), D("12"), 7, 2, 5, D("0.2857"),
    D("0.5"), None, None, tuple(SymbolPnl(f"C{n}/USD", 1, 0, D(-n), D(1)) for n in range(1, 8)), "USD",
    standing=Standing(D("9987.4"), 2, True),
)  # fmt: skip
FACE = Face("jimmy", "UTC")


def texts(view: PnlView) -> list[str]:
    return [block.text for block in pnl(view, FACE) if isinstance(block, Text)]


@pytest.mark.parametrize(
    ("standing", "line"),
    [
        (Standing(D("9987.4"), 2, True), "2 positions open, all with their stops on the exchange."),
        (Standing(D("9987.4"), 1, True), "1 position open, with its stop on the exchange."),
        (Standing(D("9987.4"), 0, True), "No position is open."),
        (Standing(D("9987.4"), 2, False), "2 positions open, not all covered by a stop yet"),
    ],
)
def test_a_result_says_where_it_has_led_to(standing: Standing, line: str):
    head, second, *_ = texts(replace(TODAY, standing=standing))
    assert head == "[demo] Today: -12.60 USD"
    assert second.startswith(f"Equity 9,987.40 USD. {line}")


def test_what_was_counted_yesterday_is_a_line_of_its_own_and_off_the_total():
    view = replace(TODAY, carried=D("-4.00"))
    rows = next(block.rows for block in pnl(view, FACE) if isinstance(block, Table))
    assert texts(view)[0] == "[demo] Today: -8.60 USD"
    assert ("Counted before today", "-4.00 USD") in rows


def test_the_five_coins_that_mattered_most_are_listed_and_the_rest_is_counted():
    table = [block for block in pnl(TODAY, FACE) if isinstance(block, Table)][1]
    assert [row[0] for row in table.rows] == ["C7", "C6", "C5", "C4", "C3"]
    assert "and 2 more coins with smaller results." in texts(TODAY)


@pytest.mark.parametrize(
    ("by", "name", "shown"),
    [
        ("day", "2026-11-29", "Sun 29 Nov"), ("week", "2026-W48", "from 23 Nov"),
        ("month", "2026-11", "Nov 2026"), ("symbol", "ETH/USD", "ETH"), ("exit", "on_signal", "on signal"),
        ("day", "not a day", "not a day"),
    ],
)  # fmt: skip
def test_a_slice_is_named_as_a_person_says_it(by: str, name: str, shown: str):
    row = Slice(name, 2, 1, D("1.50"), D("0.20"), 60_000)
    view = BreakdownView(TODAY.stamp, "2026-11-16 to 2026-11-29", by, (row,), D("1.50"), 2, "USD")
    head, table, _ = breakdown(view, FACE)
    assert isinstance(head, Text) and head.text.startswith("[demo] 16 Nov to 29 Nov, by ")
    assert isinstance(table, Table) and table.rows[0][0] == shown
