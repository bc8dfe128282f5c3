"""What the owner reads: exact numbers, the world named, receipts with every threshold."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

from core.agent.render import offered, shown
from core.agent.show_money import Face
from core.engine import words
from core.engine.registry import Proposal
from core.model.account import Balance
from core.model.decisions import Action, Decision, FilterReading, SignalResult, Verdict
from core.model.orders import Fill, Side
from core.model.views import BalanceRow, BalancesView, Preview, StatusView, TradesView, WhyView
from tests.support.chatting import NOW_MS, STAMP

FACE = Face("jimmy", "Europe/Berlin")


def test_a_receipt_shows_every_filter_with_value_threshold_and_what_would_have_turned_it() -> None:
    passed = FilterReading("rsi", True, 55.2, 70.0, "< 70")
    failed = FilterReading("volume", False, 22.0, 40.0, ">= 40")
    signal = SignalResult(Action.HOLD, "volume too thin", (passed,), (failed,), "up", 3100.0)
    decision = Decision("ETH/USD", NOW_MS, NOW_MS, signal, Verdict.FILTERED, "volume too thin", "c1")
    text = shown(WhyView(STAMP, "ETH/USD", decision, (), None, None, ""), FACE).plain
    for part in ("55.2", "< 70", "volume", "22", ">= 40", "failed", "volume 18 percentile points higher"):
        assert part in text


def test_no_receipt_is_said_in_words() -> None:
    view = WhyView(STAMP, "ETH/USD", None, (), None, None, "That was your own order.")
    assert "That was your own order." in shown(view, FACE).plain


def test_times_are_the_owners() -> None:
    fill = Fill("f", "o", "ETH/USD", Side.BUY, D("3000"), D("0.5"), D("1500"), D("3.9"), NOW_MS)  # type: ignore[arg-type]
    text = shown(TradesView(STAMP, (fill,), frozenset(), 1), FACE).plain
    assert "16:00" in text and "1,500.00" in text and "3.90" in text


def test_small_amounts_are_not_rounded_away() -> None:
    row = BalanceRow(Balance("BTC", D("0.00001234"), D(0)), None, None)
    assert "0.00001234" in shown(BalancesView(STAMP, (row,), D(0), "USD"), FACE).plain


def test_a_preview_names_everything_before_a_yes() -> None:
    preview = Preview(
        "Buy 0.0153 ETH at about 3,267.12", "place_order", {}, "ETH/USD", "buy", D("0.0153"), D("3267.12"),
        D("49.99"), D("0.13"), D("3201.8"), D("3400"), D("1.16"), D("0.0037"), ("A note.",), "live",
    )  # fmt: skip
    reply = offered(Proposal("tok", preview, NOW_MS + 60_000), NOW_MS)
    for part in ("[live]", "0.0153 ETH", "3,267.12", "49.99 USD", "0.13", "3,201.80", "3,400.00", "1.16",
                 "0.4 % of today's loss budget", "A note.", "Good for 60 s"):  # fmt: skip
        assert part in reply.plain
    assert reply.proposal == "tok"


def test_a_long_reason_is_told_by_what_it_says_first() -> None:
    lesson = "calm markets are worse: -0.99 R a trade against the rest (95 % -1.19 to -0.09), n = 313, " * 2
    assert words.gist(lesson) == "calm markets are worse"
    assert words.gist("cooling off (2 candles left)") == "cooling off (2 candles left)"
    assert len(words.gist("x" * 500)) == 90


def test_a_daily_target_stands_in_the_status_with_how_much_of_it_is_made() -> None:
    zero = D(0)
    view = StatusView(
        STAMP, "jimmy", True, "", D(10_000), D(9_000), "USD", D(50), D("0.005"), D(300), D(300), 1, 2,
        ("ETH/USD",), None, None, NOW_MS, 1.0, False, False, profit_target=D(200),
    )  # fmt: skip
    assert "200.00 USD, 25 % of it made" in shown(view, FACE).plain
    assert "200.00 USD, 0 % of it made" in shown(replace(view, pnl_today=D(-9)), FACE).plain
    assert "Daily target" not in shown(replace(view, profit_target=None), FACE).plain
    assert "Daily target" not in shown(replace(view, profit_target=zero), FACE).plain
