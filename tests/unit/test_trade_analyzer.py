"""What closed trades show, and how carefully it is said."""

from decimal import Decimal

from core.learning.trade_analyzer import analyse, in_words
from core.model.account import RoundTrip
from core.model.money import Money, Price, Qty
from core.model.orders import Origin

MONDAY_NOON = 1_700_481_600_000  # 2023-11-20T12:00Z


def trip(net: str, symbol: str = "ETH/USD", opened: int = MONDAY_NOON, reason: str = "stop") -> RoundTrip:
    one = Decimal(1)
    return RoundTrip(
        symbol, Qty(one), Price(one), Price(one), opened, opened + 1, Money(Decimal("0.5")),
        Money(Decimal(net)), Origin.AUTOPILOT, reason,
    )  # fmt: skip


def test_slices_count_every_trade_once_and_add_up_to_the_whole():
    trips = [trip("3"), trip("-1", "BTC/USD"), trip("-2", "BTC/USD", reason="target")]
    analysis = analyse(trips, "UTC")
    for by in ("symbol", "session", "weekday", "exit", "origin"):
        found = analysis.of(by)
        assert sum(one.tally.trades for one in found) == 3
        assert sum(one.tally.net_pnl for one in found) == analysis.whole.tally.net_pnl == 0
    assert [one.name for one in analysis.of("symbol")] == ["ETH/USD", "BTC/USD"]


def test_the_weekday_is_the_owners_and_the_session_is_utc():
    late = MONDAY_NOON + 11 * 3_600_000 + 30 * 60_000  # Monday 23:30 UTC is Tuesday in Berlin
    analysis = analyse([trip("1", opened=late)], "Europe/Berlin")
    assert analysis.of("weekday")[0].name == "Tuesday"
    assert analysis.of("session")[0].name == "20-24"


def test_the_error_is_half_a_95_percent_interval_of_the_mean():
    analysis = analyse([trip("1"), trip("3")], "UTC")
    assert analysis.whole.mean == 2
    assert abs(float(analysis.whole.error) - 1.96) < 1e-9  # s = sqrt(2), n = 2
    assert analyse([trip("1")], "UTC").whole.error is None


def test_a_slice_stands_out_only_when_its_interval_leaves_zero_out():
    clear = analyse([trip(f"{10 + i % 3}") for i in range(12)], "UTC").whole
    unclear = analyse([trip("10"), trip("-9"), trip("11"), trip("-12")], "UTC").whole
    assert clear.stands_out and not unclear.stands_out


def test_words_never_sell_a_few_trades_as_evidence():
    assert "nothing to learn" in in_words(analyse([], "UTC"), "USD")
    text = in_words(analyse([trip("3"), trip("-1")], "UTC"), "USD")
    assert "2 closed trades: 50 % won, +2.00 USD after 1.00 in fees." in text
    assert "not yet evidence" in text
