"""The owner's own orders: worked out to the tick, previewed with their worst loss, then sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from core.engine import words
from core.engine.entrance import Entrance, EntryPlan
from core.engine.latches import Latches
from core.engine.portfolio import Portfolio
from core.engine.ports import Market
from core.engine.registry import OrderSlots
from core.engine.tracks import Tracks
from core.engine.treasury import Treasury
from core.model.account import Position
from core.model.decisions import Denied
from core.model.errors import Refused
from core.model.market import Candle, Pair, Quote, Timeframe
from core.model.money import Price, Qty, Rounding
from core.model.views import Preview
from core.risk.brackets import Distances, distances
from core.strategy.candle_strategy import calculate_atr
from core.trading_config import Config

_HUNDRED = Decimal(100)
_MOST_RAISE = 2  # times what was asked for: beyond that it is another order
_WAYS_OUT = {
    "over_cap": "Make it smaller, sell something first, or change the limits (/risk shows them).",
    "too_small": "Make it larger.",
}


@dataclass(frozen=True, slots=True)
class SellPlan:
    """A part of a position to be sold at market, or to be sold by Zyn once a price is reached."""

    symbol: str
    qty: Qty
    reference: Price
    taker: Decimal  # the fee, as a share
    at: Price | None = None  # Zyn's own target; nothing rests for it


class ManualOrders:
    """Turns what the owner asked for into plans. Raises Refused with the reason and the way out."""

    def __init__(
        self,
        config: Config,
        market: Market,
        entrance: Entrance,
        portfolio: Portfolio,
        treasury: Treasury,
        tracks: Tracks,
        latches: Latches,
        blocked: Callable[[], str],
    ) -> None:
        """`blocked` says why the owner may open nothing just now besides what is latched, or nothing."""
        self._config = config
        self._market = market
        self._entrance = entrance
        self._portfolio = portfolio
        self._treasury = treasury
        self._tracks = tracks
        self._latches = latches
        self._blocked = blocked

    async def quote(self, symbol: str) -> tuple[Pair, Quote]:
        """The pair and its price now."""
        pair = (await self._market.pairs()).get(symbol)
        if pair is None:
            raise Refused(f"Kraken has no pair {symbol}.", "unknown_pair", "Try another coin, such as ETH.")
        quote = await self._entrance.quote(symbol)
        if quote is None:
            raise Refused(f"The exchange gave no price for {symbol}.", "no_price", "Try again in a moment.")
        return pair, quote

    def check_open(self) -> None:
        """Raises Refused while nothing may be opened, with the way out."""
        if latched := self._latches.blocking():
            raise Refused(
                f"I open nothing now: {latched}.", "stopped", "/resume ends a pause, /unlock a lock."
            )
        if lost := self._blocked():
            raise Refused(
                f"I open nothing now: {lost}.", "stopped", "I say when it is well again; then ask me anew."
            )

    async def buy(self, slots: OrderSlots) -> EntryPlan:
        """A buy with its stop, checked against every cap and today's loss budget."""
        self.check_open()
        pair, quote = await self.quote(slots.symbol)
        limit = slots.type == "limit"
        reference = self._reference(slots, pair, quote)
        taker = (await self._entrance.fees(slots.symbol)).taker
        asked = self._buy_qty(slots, pair, reference, taker)
        qty = self._at_least_the_minimum(pair, asked, reference)
        away = Distances(
            await self._stop_distance(slots, pair, reference), self._target_distance(slots, reference)
        )
        plan = await self._entrance.plan_by_hand(slots.symbol, reference, qty, away, limit)
        if isinstance(plan, Denied):
            raise Refused(f"I will not place that: {plan.reason}.", plan.code, _WAYS_OUT.get(plan.code, ""))
        self._within_budget(plan)
        return plan

    def _reference(self, slots: OrderSlots, pair: Pair, quote: Quote) -> Price:
        if slots.type != "limit":
            return quote.ask
        if slots.limit_price is None:
            raise Refused("A limit order needs its price.", "missing_price", "Say at which price.")
        limit = pair.price(slots.limit_price, Rounding.DOWN)
        if limit > quote.ask and (moved := self._entrance.outside_band(quote, limit)):
            at = f"The limit {words.price(limit)} is far above the price of {words.price(quote.ask)}."
            raise Refused(at, moved.code, "A limit buys at its price or better: name one near or below it.")
        return limit

    def _buy_qty(self, slots: OrderSlots, pair: Pair, reference: Price, taker: Decimal) -> Qty:
        value, unit = slots.amount
        if unit == "base":
            return pair.qty(value)
        if unit == "quote":
            return pair.qty(value / reference)
        if unit == "percent_balance":
            money = self._treasury.cash * min(value, _HUNDRED) / _HUNDRED
            return pair.qty(money / (1 + taker) / reference)
        held = self._portfolio.position(slots.symbol)
        if held is None:
            raise Refused(f"There is no {slots.symbol} position to add to.", "no_position")
        return pair.qty(held.qty * value / _HUNDRED)

    def _at_least_the_minimum(self, pair: Pair, qty: Qty, reference: Price) -> Qty:
        """The pair's smallest order where a little less was asked for; the preview says so."""
        least = pair.smallest(reference)
        near = self._config.risk.adjust_to_minimum and qty < least <= qty * _MOST_RAISE
        return least if near else qty

    async def _stop_distance(self, slots: OrderSlots, pair: Pair, reference: Price) -> Decimal:
        if slots.stop is None:
            atr = await self._atr(slots.symbol)
            return distances(atr, self._config.risk.stop_atr, 0.0).stop
        value, unit = slots.stop
        distance = reference * value / _HUNDRED if unit == "percent" else reference - value
        if not 0 < distance < reference:
            stop = words.price(reference - distance)
            at = words.price(reference)
            raise Refused(f"A stop at {stop} makes no sense for a buy at {at}.", "bad_stop", "Put it below.")
        return distance

    def _target_distance(self, slots: OrderSlots, reference: Price) -> Decimal:
        if slots.take_profit is None:
            return Decimal(0)
        value, unit = slots.take_profit
        distance = reference * value / _HUNDRED if unit == "percent" else value - reference
        if distance <= 0:
            at = words.price(reference)
            raise Refused(f"A target below the price of {at} makes no sense.", "bad_target", "Put it above.")
        return distance

    async def _atr(self, symbol: str) -> float:
        if symbol in self._tracks and self._tracks[symbol].engine.ready:
            return self._tracks[symbol].engine.atr
        candles = await self._market.candles(symbol, Timeframe(self._config.autopilot.timeframe), 100)
        atr = _last_atr(candles, self._config.indicators.atr_period)
        if atr is None:
            raise Refused(
                f"I have too few candles of {symbol} to place a stop myself.", "no_atr",
                "Name a stop, such as: stop 2%.",
            )  # fmt: skip
        return atr

    def _within_budget(self, plan: EntryPlan) -> None:
        left = self._treasury.loss_budget_left
        if plan.worst_loss > left:
            loss = f"At its stop this loses {words.money(plan.worst_loss, self._treasury.currency)}"
            text = f"{loss}; {left:,.2f} of today's loss budget is left."
            raise Refused(text, "over_budget", "Make it smaller or put the stop nearer.")

    async def sell(self, slots: OrderSlots) -> SellPlan:
        """A sale out of Zyn's own position; the owner's other coins are never touched."""
        position = self._portfolio.position(slots.symbol)
        if position is None:
            coin = words.coin(slots.symbol)
            raise Refused(f"I hold no {coin} of mine to sell. Your own coins I never touch.", "no_position")
        pair, quote = await self.quote(slots.symbol)
        qty = self._sell_qty(slots, pair, position, quote)
        if small := pair.too_small(qty, quote.bid):
            raise Refused(f"I cannot sell that: {small}.", "too_small")
        at = pair.price(slots.limit_price, Rounding.UP) if slots.limit_price is not None else None
        if at is not None and qty != pair.qty(position.qty):
            raise Refused(
                "A sale at a price is for the whole position: its stop and its target guard the same coins.",
                "partial_target", "Leave the amount out, or sell a part at market.",
            )  # fmt: skip
        taker = (await self._entrance.fees(slots.symbol)).taker
        return SellPlan(slots.symbol, qty, quote.bid, taker, at if at and at > quote.bid else None)

    def _sell_qty(self, slots: OrderSlots, pair: Pair, position: Position, quote: Quote) -> Qty:
        value, unit = slots.amount
        if unit in ("percent_position", "percent_balance"):
            return pair.qty(position.qty * min(value, _HUNDRED) / _HUNDRED)
        qty = pair.qty(value if unit == "base" else value / quote.bid)
        if qty > position.qty:
            held = words.qty(position.qty)
            raise Refused(f"I hold {held} {pair.base}, less than that.", "too_much", "Say: sell all of it.")
        return qty

    async def buy_preview(self, slots: OrderSlots, intent: str, plan: EntryPlan, mode: str) -> Preview:
        """The whole truth of a buy before a yes."""
        pair = self._portfolio.pair(plan.symbol)
        kind = f"at {words.price(plan.reference)} or better" if plan.expire_ms else (
            f"at about {words.price(plan.reference)}"
        )  # fmt: skip
        left = self._treasury.loss_budget_left
        extra = ["It waits at most 24 hours for that price."] if plan.expire_ms else []
        if plan.qty == pair.smallest(plan.reference):
            extra.append("That is the smallest order the exchange takes.")
        return Preview(
            summary=f"Buy {words.qty(plan.qty)} {pair.base} {kind}",
            intent=intent,
            slots=slots.model_dump(mode="json", exclude_none=True),
            symbol=plan.symbol,
            side="buy",
            qty=plan.qty,
            price=plan.reference,
            notional=plan.notional,
            fee=plan.fee,
            stop=plan.bracket.stop,
            target=plan.target,
            worst_loss=plan.worst_loss,
            worst_loss_share=plan.worst_loss / left if left else None,
            lines=tuple(extra),
            mode=mode,
        )

    async def sell_preview(self, slots: OrderSlots, intent: str, plan: SellPlan, mode: str) -> Preview:
        """What a sale brings and costs."""
        pair = self._portfolio.pair(plan.symbol)
        price = plan.at or plan.reference
        when = f"at {words.price(price)}" if plan.at else f"at about {words.price(price)}"
        lines = (
            ("Kraken cannot rest a stop and a sale for the same coins, so I watch the price and sell there.",)
            if plan.at
            else ()
        )
        notional = plan.qty * price
        return Preview(
            summary=f"Sell {words.qty(plan.qty)} {pair.base} {when}",
            intent=intent,
            slots=slots.model_dump(mode="json", exclude_none=True),
            symbol=plan.symbol,
            side="sell",
            qty=plan.qty,
            price=price,
            notional=notional,
            fee=notional * plan.taker,
            lines=lines,
            mode=mode,
        )


def _last_atr(candles: list[Candle], period: int) -> float | None:
    if len(candles) <= period:
        return None
    highs, lows, closes = ([getattr(c, name) for c in candles] for name in ("high", "low", "close"))
    return float(calculate_atr(highs, lows, closes, period)[-1])
