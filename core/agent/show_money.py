"""Money, positions and results as reply blocks: exact where it counts, short for the eye."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.agent.replies import Block, Table, Text
from core.engine import words
from core.model.account import RoundTrip
from core.model.time_context import from_ms
from core.model.views import (
    BalancesView,
    BreakdownView,
    EquityView,
    PnlView,
    PositionsView,
    Stamp,
    Standing,
    StatusView,
)

_COINS_SHOWN = 5
_PERIODS = {
    "today": "today", "yesterday": "yesterday", "this_week": "this week", "last_week": "last week",
    "this_month": "this month", "last_month": "last month", "ytd": "this year", "all": "since the start",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Face:
    """How the owner sees things: the name to call, the zone times are shown in."""

    owner: str
    zone: str

    def local(self, ms: int) -> datetime:
        return from_ms(ms).astimezone(ZoneInfo(self.zone))

    def clock(self, ms: int) -> str:
        return self.local(ms).strftime("%a %d %b %H:%M")


def tag(stamp: Stamp) -> str:
    """The world in brackets, before anything about money."""
    return f"[{stamp.mode}]"


def amount(value: Decimal, currency: str) -> str:
    return words.money(value, currency)


def period_words(name: str) -> str:
    if name.endswith("d") and name[:-1].isdigit():
        return f"the last {words.count(int(name[:-1]), 'day')}"
    first, between, last = name.partition(" to ")
    if between and len(first) == len(last) == len("2026-11-29"):
        return f"{_day(first)} to {_day(last)}"
    return _PERIODS.get(name, name.replace("_", " "))


def status(view: StatusView, face: Face) -> tuple[Block, ...]:
    head = "I am trading." if view.trading else f"I am not trading: {view.why_not}"
    share = words.share(view.pnl_today_share)
    rows = (
        ("Equity", amount(view.equity, view.currency)),
        ("Free cash", amount(view.cash, view.currency)),
        ("Today", f"{words.signed(view.pnl_today, view.currency)} ({share})"),
        ("Loss budget left", f"{amount(view.loss_budget_left, view.currency)} of {view.loss_limit:,.2f}"),
        *_target(view),
        ("Open positions", str(view.open_positions)),
        ("Closed today", str(view.trades_today)),
        ("Watching", _listed(view.symbols)),
    )
    trouble = tuple(Text(f"! {one.name}: {one.text}") for one in view.health if not one.ok)
    candles = _candles(view, face)
    return (Text(f"{tag(view.stamp)} {head}", strong=True), Table(("", ""), rows), *trouble, *candles)


def _target(view: StatusView) -> tuple[tuple[str, str], ...]:
    """Today's profit target and how much of it is made, where there is one."""
    if not view.profit_target:
        return ()
    made = words.percent(max(Decimal(0), view.pnl_today / view.profit_target), 0)
    return (("Daily target", f"{amount(view.profit_target, view.currency)}, {made} of it made"),)


def _listed(symbols: tuple[str, ...]) -> str:
    shown = ", ".join(words.coin(symbol) for symbol in symbols[:8])
    return f"{shown} and {len(symbols) - 8} more" if len(symbols) > 8 else shown


def _candles(view: StatusView, face: Face) -> tuple[Block, ...]:
    if view.next_candle_ms is None:
        return ()
    speed = f", market running {view.speed:g} x" if view.speed != 1 else ""
    return (Text(f"Next candle closes {face.clock(view.next_candle_ms)}{speed}."),)


def balances(view: BalancesView, face: Face) -> tuple[Block, ...]:
    if not view.rows:
        return (Text(f"{tag(view.stamp)} The account is empty."),)
    rows = tuple(
        (
            row.balance.asset,
            _held(row.balance.total, row.balance.asset, view.currency),
            _held(row.balance.free, row.balance.asset, view.currency),
            f"{row.value:,.2f}" if row.value is not None else "?",
        )
        for row in view.rows
    )
    head = Text(f"{tag(view.stamp)} {amount(view.total, view.currency)} in all", strong=True)
    return (head, Table(("", "total", "free", f"in {view.currency}"), rows))


def _held(value: Decimal, asset: str, currency: str) -> str:
    """Money to the cent, coins exactly."""
    return f"{value:,.2f}" if asset == currency else words.qty(value)


def positions(view: PositionsView, face: Face) -> tuple[Block, ...]:
    if not view.rows:
        of = f" in {words.coin(view.symbol)}" if view.symbol else ""
        return (Text(f"{tag(view.stamp)} No open position{of}."),)
    rows = tuple(
        (
            words.coin(row.position.symbol),
            words.qty(row.position.qty),
            words.price(row.position.entry_price),
            words.price(row.price),
            f"{row.unrealised:+,.2f} ({words.share(row.unrealised_share)})",
            words.price(row.position.stop) if row.position.stop else "none!",
            words.price(row.position.target) if row.position.target else "-",
        )
        for row in view.rows
    )
    bare = [words.coin(row.position.symbol) for row in view.rows if not row.protected]
    warning = (Text(f"! Not fully protected by a stop: {', '.join(bare)}"),) if bare else ()
    foot = f"In the market {view.exposure:,.2f}; if every stop is hit that costs {view.worst_loss:,.2f}."
    head = Text(f"{tag(view.stamp)} {len(view.rows)} open", strong=True)
    table = Table(("", "amount", "entry", "now", "result", "stop", "target"), rows)
    return (head, table, *warning, *(() if view.symbol else (Text(foot),)))


def pnl(view: PnlView, face: Face) -> tuple[Block, ...]:
    period = period_words(view.period)
    head = f"{tag(view.stamp)} {period[:1].upper()}{period[1:]}: {words.signed(view.total, view.currency)}"
    standing = (Text(_standing(view.standing, view.currency)),) if view.standing else ()
    earlier = round(view.carried, 2)
    rows = (
        ("Closed trades", words.signed(view.realised, view.currency)),
        ("Still open", words.signed(view.unrealised, view.currency)),
        *((("Counted before today", words.signed(earlier, view.currency)),) if earlier else ()),
        ("Fees, included", amount(view.fees, view.currency)),
        ("Round trips", f"{view.trades} ({view.wins} won, {view.losses} lost)"),
        ("Win rate", words.percent(view.win_rate, 1) if view.win_rate is not None else "-"),
        ("Profit factor", f"{view.profit_factor:.2f}" if view.profit_factor is not None else "-"),
    )
    single = tuple(
        Text(f"{name}: {_trip(trip)}")
        for name, trip in (("Best", view.best), ("Worst", view.worst))
        if trip is not None and view.trades > 1
    )
    if view.asked:
        return (Text(head, strong=True), Text(_asked(view)))
    return (Text(head, strong=True), *standing, Table(("", ""), rows), *_per_symbol(view), *single)


def _asked(view: PnlView) -> str:
    """The one figure that was asked for, in a sentence."""
    assert view.asked is not None
    name, value = view.asked.name, view.asked.value
    if value is None:
        return f"{_FIGURES[name]}: too little happened to tell."
    told = f"{value:.2f}"
    if name == "win_rate":
        told = f"{words.percent(value, 1)} of {words.count(view.trades, 'trade')}"
    elif name == "max_drawdown":
        told = f"{words.percent(value)} below the peak before it"
    elif name == "fees":
        told = amount(value, view.currency)
    elif name == "expectancy":
        told = f"{words.signed(value, view.currency)}, fees included"
    return f"{_FIGURES[name]}: {told}."


_FIGURES = {
    "win_rate": "Win rate", "profit_factor": "Profit factor", "max_drawdown": "Deepest fall",
    "sharpe": "Sharpe", "expectancy": "Average trade", "fees": "Fees",
}  # fmt: skip


_BY = {
    "symbol": "coin", "rule": "rule", "origin": "who opened it", "exit": "reason of the exit",
    "hour": "hour of the entry", "weekday": "weekday of the entry", "session": "session of the entry",
}  # fmt: skip


def breakdown(view: BreakdownView, face: Face) -> tuple[Block, ...]:
    """Results taken apart; few trades a slice, so that it says what it is."""
    by = _BY.get(view.by, view.by)
    period = period_words(view.period)
    head = f"{tag(view.stamp)} {period[:1].upper()}{period[1:]}, by {by}: "
    if not view.rows:
        return (Text(f"{head}no trade was closed."),)
    rows = tuple(
        (
            _slice(view.by, row.name),
            str(row.trades),
            str(row.wins),
            f"{row.net_pnl:+,.2f}",
            f"{row.fees:,.2f}",
        )
        for row in view.rows
    )
    total = f"{words.signed(view.realised, view.currency)} in {words.count(view.trades, 'trade')}"
    note = "Observations: with few trades in a row luck looks the same."
    return (Text(head + total, strong=True), Table(("", "trades", "won", "net", "fees"), rows), Text(note))


def _slice(by: str, name: str) -> str:
    """A row's name as a person says it: a coin, a day, the Monday of a week, a month."""
    if by == "symbol":
        return words.coin(name)
    try:
        if by == "day":
            return f"{date.fromisoformat(name):%a %-d %b}"
        if by == "week":
            return f"from {datetime.strptime(f'{name}-1', '%G-W%V-%u'):%-d %b}"  # noqa: DTZ007  a date
        if by == "month":
            return f"{date.fromisoformat(f'{name}-01'):%b %Y}"
    except ValueError:
        pass
    return name.replace("_", " ")


def _day(text: str) -> str:
    try:
        return f"{date.fromisoformat(text):%-d %b}"
    except ValueError:
        return text


def _standing(now: Standing, currency: str) -> str:
    count = now.open_positions
    equity = f"Equity {amount(now.equity, currency)}."
    if not count:
        return f"{equity} No position is open."
    if not now.protected:
        return f"{equity} {_positions(count)} open, not all covered by a stop yet: /positions shows which."
    stops = "with its stop" if count == 1 else "all with their stops"
    return f"{equity} {_positions(count)} open, {stops} on the exchange."


def _positions(count: int) -> str:
    return f"{count} position{'s'[: count != 1]}"


def _trip(trip: RoundTrip) -> str:
    prices = f"{words.price(trip.entry_price)} to {words.price(trip.exit_price)}"
    return f"{words.coin(trip.symbol)} {trip.net_pnl:+,.2f} ({prices}, {trip.reason})"


def _per_symbol(view: PnlView) -> tuple[Block, ...]:
    if len(view.by_symbol) < 2:
        return ()
    rows = tuple(
        (words.coin(row.symbol), str(row.trades), str(row.wins), f"{row.net_pnl:+,.2f}", f"{row.fees:,.2f}")
        for row in sorted(view.by_symbol, key=lambda row: -abs(row.net_pnl))[:_COINS_SHOWN]
    )
    hidden = len(view.by_symbol) - len(rows)
    rest = (Text(f"and {hidden} more coin{'s'[: hidden != 1]} with smaller results."),) if hidden else ()
    return (Table(("", "trades", "won", "net", "fees"), rows), *rest)


def equity(view: EquityView, face: Face) -> tuple[Block, ...]:
    if not view.points:
        return (Text(f"{tag(view.stamp)} No equity recorded yet."),)
    first, last = view.points[0], view.points[-1]
    change = last[1] - first[1]
    span = f"{face.clock(first[0])} to {face.clock(last[0])}"
    return (Text(f"{tag(view.stamp)} Equity {last[1]:,.2f}, {change:+,.2f} from {span}."),)
