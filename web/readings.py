"""Reads the rows of the wire off the views: money as plain decimal text, times as ISO."""

from __future__ import annotations

import math
from decimal import Decimal

from core.model.account import RoundTrip
from core.model.decisions import Decision, FilterReading
from core.model.events import Announcement
from core.model.market import Candle
from core.model.money import plain, to_decimal
from core.model.orders import Fill, OrderReport
from core.model.time_context import iso
from core.model.views import (
    BalanceRow,
    BalancesView,
    Estimate,
    Health,
    ParityLine,
    PnlView,
    PositionRow,
    Preview,
    PriceView,
    StatusView,
)
from web.wire import (
    AlertOut,
    Amount,
    BalanceOut,
    CandleOut,
    DecisionOut,
    EstimateOut,
    FilterOut,
    HealthOut,
    OrderOut,
    PnlOut,
    PositionOut,
    PreviewOut,
    PriceOut,
    RoundTripOut,
    StatusOut,
    SymbolPnlOut,
    Time,
    TradeOut,
    TwinOut,
)

_DECIMALS = 12


def amount(value: Decimal) -> Amount:
    """As exact as any exchange books it; an average that never ends is cut at the twelfth decimal."""
    endless = int(value.as_tuple().exponent) < -_DECIMALS
    return Amount(plain(round(value, _DECIMALS) if endless else value))


def maybe(value: Decimal | None) -> Amount | None:
    return None if value is None else amount(value)


def when(ms: int) -> Time:
    return Time(iso(ms))


def maybe_when(ms: int | None) -> Time | None:
    return when(ms) if ms else None


def number(value: float) -> float | None:
    """A float JSON can say; what is not finite becomes null."""
    return value if math.isfinite(value) else None


def indicator(value: float) -> Amount:
    return amount(to_decimal(value)) if math.isfinite(value) else Amount("0")


def status_out(view: StatusView, timezone: str, timeframe: str, phone: bool) -> StatusOut:
    return StatusOut(
        owner=view.owner, trading=view.trading, why_not=view.why_not, equity=amount(view.equity),
        cash=amount(view.cash), currency=view.currency, pnl_today=amount(view.pnl_today),
        pnl_today_share=amount(view.pnl_today_share), loss_budget_left=amount(view.loss_budget_left),
        loss_limit=amount(view.loss_limit), profit_target=maybe(view.profit_target),
        open_positions=view.open_positions,
        trades_today=view.trades_today, symbols=view.symbols, last_candle=maybe_when(view.last_candle_ms),
        next_candle=maybe_when(view.next_candle_ms), market_time=when(view.market_ms), speed=view.speed,
        paused=view.paused, killed=view.killed, health=tuple(map(health_out, view.health)),
        activity=view.activity, timezone=timezone, timeframe=timeframe, phone=phone,
    )  # fmt: skip


def health_out(one: Health) -> HealthOut:
    return HealthOut(one.name, one.ok, one.text, maybe_when(one.since_ms), one.blocks)


def balance_out(row: BalanceRow) -> BalanceOut:
    have = row.balance
    return BalanceOut(
        have.asset,
        amount(have.total),
        amount(have.held),
        amount(have.free),
        maybe(row.price),
        maybe(row.value),
    )


def balances_out(view: BalancesView) -> tuple[BalanceOut, ...]:
    return tuple(map(balance_out, view.rows))


def position_out(row: PositionRow) -> PositionOut:
    held = row.position
    return PositionOut(
        symbol=held.symbol, qty=amount(held.qty), entry=amount(held.entry_price), stop=maybe(held.stop),
        target=maybe(held.target), stop_order_id=held.stop_txids[0] if held.stop_txids else None,
        stop_order_ids=held.stop_txids, protected=row.protected, price=amount(row.price),
        value=amount(row.value), cost=amount(held.entry_cost), fees=amount(held.fees),
        unrealised=amount(row.unrealised), unrealised_share=amount(row.unrealised_share),
        to_stop=maybe(row.to_stop), to_target=maybe(row.to_target), realised=amount(held.realised),
        opened=when(held.opened_ms), origin=held.origin.value, rule=held.rule,
    )  # fmt: skip


def round_trip_out(trip: RoundTrip) -> RoundTripOut:
    return RoundTripOut(
        trip.symbol, amount(trip.qty), amount(trip.entry_price), amount(trip.exit_price),
        when(trip.opened_ms), when(trip.closed_ms), amount(trip.fees), amount(trip.net_pnl),
        trip.origin.value, trip.reason, trip.rule,
    )  # fmt: skip


def order_out(order: OrderReport, ours: bool) -> OrderOut:
    return OrderOut(
        id=order.txid, client_id=order.cl_ord_id, symbol=order.symbol, side=order.side.value,
        type=order.type.value, status=order.status.value, qty=amount(order.qty),
        filled=amount(order.filled), left=amount(order.left), price=maybe(order.price),
        average=maybe(order.average), cost=amount(order.cost), fee=amount(order.fee),
        opened=when(order.opened_ms), parent_id=order.parent_txid, ours=ours,
    )  # fmt: skip


def trade_out(fill: Fill, ours: bool) -> TradeOut:
    return TradeOut(
        fill.id, fill.order_txid, when(fill.time_ms), fill.symbol, fill.side.value, amount(fill.price),
        amount(fill.qty), amount(fill.cost), amount(fill.fee), fill.maker, ours,
    )  # fmt: skip


def pnl_out(view: PnlView) -> PnlOut:
    by_symbol = tuple(
        SymbolPnlOut(one.symbol, one.trades, one.wins, amount(one.net_pnl), amount(one.fees))
        for one in view.by_symbol
    )
    return PnlOut(
        period=view.period, from_=when(view.from_ms), to=when(view.to_ms), realised=amount(view.realised),
        unrealised=amount(view.unrealised), fees=amount(view.fees), trades=view.trades, wins=view.wins,
        losses=view.losses, win_rate=maybe(view.win_rate), profit_factor=maybe(view.profit_factor),
        best=round_trip_out(view.best) if view.best else None,
        worst=round_trip_out(view.worst) if view.worst else None, by_symbol=by_symbol,
        currency=view.currency, carried=amount(view.carried), total=amount(view.total),
    )  # fmt: skip


def candle_out(candle: Candle) -> CandleOut:
    values = (candle.open, candle.high, candle.low, candle.close, candle.volume)
    return CandleOut(when(candle.time_ms), *(indicator(value) for value in values))


def price_out(view: PriceView) -> PriceOut:
    quote = view.quote
    prices = amount(quote.bid), amount(quote.ask), amount(quote.last)
    return PriceOut(quote.symbol, *prices, when(quote.time_ms), view.age_ms)


def twin_out(one: ParityLine) -> TwinOut:
    return TwinOut(
        one.symbol, one.side, one.leg, when(one.time_ms), amount(one.qty), amount(one.price),
        amount(one.twin_price), amount(one.fee), amount(one.twin_fee), one.maker, round(one.slippage_bps, 4),
    )  # fmt: skip


def estimate_out(one: Estimate) -> EstimateOut:
    return EstimateOut(one.n, one.mean, one.low, one.high)


def decision_out(decision: Decision) -> DecisionOut:
    signal = decision.signal
    return DecisionOut(
        symbol=decision.symbol, candle=when(decision.candle_ms), decided=when(decision.decided_ms),
        action=signal.action.value, verdict=decision.verdict.value,
        reason=decision.reason or signal.reason, crossed=signal.crossed, close=indicator(signal.close),
        sma_fast=indicator(signal.sma_fast), sma_slow=indicator(signal.sma_slow), rsi=number(signal.rsi),
        atr=indicator(signal.atr),
        filters=tuple(map(filter_out, (*signal.passed_filters, *signal.failed_filters))),
        correlation=decision.correlation, rule=decision.rule,
    )  # fmt: skip


def filter_out(one: FilterReading) -> FilterOut:
    return FilterOut(
        one.name, one.passed, number(one.value), one.shown, number(one.threshold), one.needed, one.flip
    )


def alert_out(id: str, told: Announcement) -> AlertOut:
    severity = told.severity.name.lower()
    return AlertOut(id, when(told.time_ms), told.kind.value, severity, told.text, told.correlation, told.data)


def preview_out(token: str, preview: Preview, expires_wall_ms: int, one_button: bool) -> PreviewOut:
    return PreviewOut(
        token=token, summary=preview.summary, intent=preview.intent, symbol=preview.symbol,
        side=preview.side, qty=maybe(preview.qty), price=maybe(preview.price),
        notional=maybe(preview.notional), fee=maybe(preview.fee), stop=maybe(preview.stop),
        target=maybe(preview.target), worst_loss=maybe(preview.worst_loss),
        worst_loss_share=maybe(preview.worst_loss_share), lines=preview.lines,
        expires=when(expires_wall_ms), one_button=one_button,
    )  # fmt: skip
