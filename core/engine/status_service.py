"""The single source of truth for everything shown: modes, balances, positions, orders, trades and results.

Everything comes from the exchange through one account state that is at most one interval old and fetched
once under any number of readers. The database adds reasons, never numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Protocol

from core.clock import Clock
from core.engine.account_state import AccountState
from core.engine.account_sync import AccountSync
from core.engine.autopilot import Autopilot
from core.engine.gates import Gates
from core.engine.last_prices import LastPrices
from core.engine.latches import KILL_SWITCH, PAUSED, Latches
from core.engine.parity import NOTHING, Parity, estimate
from core.engine.portfolio import Portfolio
from core.engine.ports import Account, Market
from core.engine.reasons import Judged, Reasons
from core.engine.tracks import Tracks
from core.engine.treasury import Treasury
from core.ledger.performance import by_symbol, tally
from core.model.account import Balance, Position
from core.model.decisions import Decision
from core.model.errors import Refused
from core.model.market import Pair, Quote, Timeframe
from core.model.money import ZERO, Price
from core.model.time_context import TimeContext
from core.model.views import (
    BalanceRow,
    BalancesView,
    CandlesView,
    EquityView,
    Health,
    MarketInfoView,
    OrdersView,
    ParityView,
    PnlView,
    PositionRow,
    PositionsView,
    PriceView,
    RoundTripsView,
    Stamp,
    Standing,
    StatusView,
    SymbolPnl,
    TradesView,
    WhyView,
)


class Evidence(Judged, Protocol):
    """The reasons that the journal keeps."""

    async def equity_points(self, from_ms: int, limit: int) -> list[tuple[int, Decimal]]: ...


class StatusService:
    """Answers every question about the state of things, with its age and its source."""

    def __init__(
        self,
        sync: AccountSync,
        portfolio: Portfolio,
        treasury: Treasury,
        tracks: Tracks,
        autopilot: Autopilot,
        latches: Latches,
        market: Market,
        account: Account,
        evidence: Evidence,
        clock: Clock,
        pairs: Mapping[str, Pair],
        mode: str,
        source: str,
        gates: Gates,
        owner: str,
        zone: str,
        activity: Callable[[], str],
        health: Callable[[], tuple[Health, ...]],
        parity: Parity | None = None,
    ) -> None:
        """`source` names who the truth about money is: kraken or paper; only kraken's can have a parity.

        `account` tells fees, once a day and pair: without waiting for the request budget, as the owner waits.
        """
        self._sync = sync
        self._portfolio = portfolio
        self._treasury = treasury
        self._tracks = tracks
        self._autopilot = autopilot
        self._latches = latches
        self._market = market
        self._prices = LastPrices(market, account)
        self._account = account
        self._evidence = evidence
        self.reasons = Reasons(portfolio, evidence, sync.current, self._stamp, self._why_not)
        self._clock = clock
        self._pairs = pairs
        self._mode = mode
        self._source = source
        self._gates = gates
        self._owner = owner
        self._zone = zone
        self._activity = activity
        self._health = health
        self._parity = parity

    def _stamp(self, state: AccountState | None = None) -> Stamp:
        as_of = state.as_of_ms if state else self._clock.market_ms()
        return Stamp(as_of, self._source, self._mode)

    @property
    def context(self) -> TimeContext:
        """Now, as the owner lives it."""
        return TimeContext(self._clock.market_ms(), self._zone)

    async def _marked(self) -> AccountState:
        """The account state, with open positions marked to prices asked for now, if they are told soon."""
        state = await self._sync.current()
        for symbol, quote in (await self._prices.now(list(self._portfolio.positions))).items():
            self._portfolio.mark(symbol, quote.bid)
        return state

    async def status(self) -> StatusView:
        state, treasury, now = await self._marked(), self._treasury, self._clock.market_ms()
        why_not = await self._why_not()
        start = treasury.day_start_equity
        today, length = self.context.day_bounds()[0], self._tracks.timeframe.ms
        return StatusView(
            stamp=self._stamp(state),
            owner=self._owner,
            trading=not why_not,
            why_not=why_not,
            equity=treasury.equity,
            cash=treasury.cash,
            currency=treasury.currency,
            pnl_today=treasury.day_pnl,
            pnl_today_share=treasury.day_pnl / start if start else ZERO,
            loss_budget_left=treasury.loss_budget_left,
            loss_limit=treasury.loss_limit,
            open_positions=self._portfolio.open_count,
            trades_today=sum(1 for trip in self._portfolio.round_trips if trip.closed_ms >= today),
            symbols=self._tracks.symbols,
            last_candle_ms=self._autopilot.last_round.close_ms - length or None,
            next_candle_ms=self._autopilot.next_close_ms,
            market_ms=now,
            speed=self._clock.speed,
            paused=PAUSED in self._latches,
            killed=KILL_SWITCH in self._latches,
            activity=self._activity(),
            health=self._health(),
            profit_target=self._gates.session.goal,
        )

    async def _why_not(self) -> str:
        """One line why no entry may happen now, or nothing."""
        if blocking := self._latches.blocking():
            return blocking
        broken = next((one for one in self._health() if not one.ok and one.blocks), None)
        return broken.text if broken else await self._gates.outlook.closed()

    async def balances(self) -> BalancesView:
        state = await self._sync.current()
        priced = {asset: self._priced(asset) for asset in state.balances}
        quotes = await self._prices.known([symbol for symbol in priced.values() if symbol])
        rows = tuple(
            self._balance_row(balance, quotes.get(priced[asset] or ""))
            for asset, balance in sorted(state.balances.items())
        )
        total = sum((row.value for row in rows if row.value is not None), ZERO)
        return BalancesView(self._stamp(state), rows, total, self._treasury.currency)

    def _priced(self, asset: str) -> str | None:
        symbol = f"{asset}/{self._treasury.currency}"
        return symbol if symbol in self._pairs else None

    def _balance_row(self, balance: Balance, quote: Quote | None) -> BalanceRow:
        if balance.asset == self._treasury.currency:
            return BalanceRow(balance, Decimal(1), balance.total)
        price = quote.bid if quote else None
        return BalanceRow(balance, price, balance.total * price if price is not None else None)

    async def positions(self) -> PositionsView:
        state = await self._marked()
        rows = [self._position_row(one) for one in self._portfolio.worth_selling]
        worst = sum([await self._loss_at_stop(row) for row in rows], ZERO)
        return PositionsView(self._stamp(state), tuple(rows), self._portfolio.exposure, worst)

    def _position_row(self, position: Position) -> PositionRow:
        price = self._portfolio.mark_of(position.symbol) or position.entry_price
        gain = self._portfolio.open_result(position.symbol) - position.realised
        stop, target = position.stop, position.target
        return PositionRow(
            position=position,
            price=price,
            value=position.qty * price,
            unrealised=gain,
            unrealised_share=gain / position.entry_cost if position.entry_cost else ZERO,
            to_stop=(price - stop) / price if stop else None,
            to_target=(target - price) / price if target else None,
            protected=self._protected(position),
        )

    def _protected(self, position: Position) -> bool:
        return position.qty - position.stopped_qty < self._pairs[position.symbol].lot

    async def exit_fee(self, row: PositionRow) -> Decimal:
        """What selling this position at market costs in fees."""
        return row.value * await self._prices.taker(row.position.symbol)

    async def _loss_at_stop(self, row: PositionRow) -> Decimal:
        taker = await self._prices.taker(row.position.symbol)
        out = row.position.qty * (row.position.stop or Price(ZERO)) * (1 - taker)
        return row.position.entry_cost + row.position.fees - out

    async def round_trips(self, limit: int = 50, before_ms: int | None = None) -> RoundTripsView:
        """Closed positions, newest first."""
        state = await self._sync.current()
        trips = [
            t for t in reversed(self._portfolio.round_trips) if before_ms is None or t.closed_ms < before_ms
        ]
        return RoundTripsView(self._stamp(state), tuple(trips[:limit]))

    async def orders(self, symbol: str | None = None) -> OrdersView:
        state = await self._sync.current()
        rows = [one for one in state.open_orders if symbol in (None, one.symbol)]
        return OrdersView(self._stamp(state), tuple(rows), self._portfolio.own_txids)

    async def trades(
        self, symbol: str | None = None, limit: int = 50, before_ms: int | None = None
    ) -> TradesView:
        """Executions as the exchange booked them, newest first."""
        state = await self._sync.current()
        every = [
            fill for fill in reversed(state.fills)
            if symbol in (None, fill.symbol) and (before_ms is None or fill.time_ms < before_ms)
        ]  # fmt: skip
        rows, ours = tuple(every[:limit]), self._portfolio.own_txids
        return TradesView(self._stamp(state), rows, ours, len(every), state.begins_ms)

    async def pnl(self, from_ms: int, to_ms: int, period: str, symbol: str | None = None) -> PnlView:
        """Result of the round trips closed in [from, to); with what is open, when that reaches now."""
        state, now = await self._marked(), self._clock.market_ms()
        trips = [
            trip
            for trip in self._portfolio.round_trips
            if from_ms <= trip.closed_ms < to_ms and symbol in (None, trip.symbol)
        ]
        total = tally(trips)
        reaches_now = to_ms > now
        unrealised = self._portfolio.open_result(symbol) if reaches_now else ZERO
        is_today = (from_ms, symbol) == (self.context.day_bounds()[0], None) and reaches_now
        ranked = sorted(trips, key=lambda trip: trip.net_pnl)
        return PnlView(
            stamp=self._stamp(state),
            period=period,
            from_ms=from_ms,
            to_ms=min(to_ms, now),
            realised=total.net_pnl,
            unrealised=unrealised,
            fees=total.fees + sum((one.fees for one in self._open(symbol) if reaches_now), ZERO),
            trades=total.trades,
            wins=total.wins,
            losses=total.losses,
            win_rate=total.win_rate,
            profit_factor=total.profit_factor,
            best=ranked[-1] if ranked else None,
            worst=ranked[0] if ranked else None,
            by_symbol=tuple(
                SymbolPnl(name, t.trades, t.wins, t.net_pnl, t.fees) for name, t in by_symbol(trips).items()
            ),
            currency=self._treasury.currency,
            carried=total.net_pnl + unrealised - self._treasury.day_pnl if is_today else ZERO,
            standing=self._standing() if reaches_now and not symbol else None,
        )

    def _open(self, symbol: str | None) -> list[Position]:
        return [one for one in self._portfolio.positions.values() if symbol in (None, one.symbol)]

    def _standing(self) -> Standing:
        open_ones = self._portfolio.worth_selling
        protected = all(self._protected(one) for one in open_ones)
        return Standing(self._treasury.equity, len(open_ones), protected)

    async def price(self, symbol: str) -> PriceView:
        """The price now, from the exchange itself. Raises Refused when it has none."""
        self._known(symbol)
        quote = (await self._market.quotes([symbol])).get(symbol)
        if quote is None:
            raise Refused(f"The exchange gave no price for {symbol}.", "no_price", "Try again in a moment.")
        return PriceView(self._stamp(), quote, max(0, self._clock.market_ms() - quote.time_ms))

    def _known(self, symbol: str) -> Pair:
        pair = self._pairs.get(symbol)
        if pair is None:
            raise Refused(f"Kraken has no pair {symbol}.", "unknown_pair", "Try another coin, such as ETH.")
        return pair

    async def market_info(self, symbol: str) -> MarketInfoView:
        pair = self._known(symbol)
        quote = (await self._market.quotes([symbol])).get(symbol)
        fees = await self._account.fees(symbol)
        return MarketInfoView(self._stamp(), pair, fees, quote, symbol in self._tracks)

    async def candles(self, symbol: str, timeframe: str = "5m", limit: int = 288) -> CandlesView:
        """Closed candles with the fills on them and the open position; of a silent exchange the last told."""
        self._known(symbol)
        of = Timeframe(timeframe)
        candles, fresh = await self._autopilot.candles.known(symbol, of, limit)
        stamp = self._stamp() if fresh else Stamp(candles[-1].time_ms + of.ms, "store", self._mode)
        since = candles[0].time_ms if candles else 0
        booked = (await self._sync.current()).fills
        fills = tuple(fill for fill in booked if fill.symbol == symbol and fill.time_ms >= since)
        trips = self._portfolio.round_trips
        ended = tuple(one for one in trips if one.symbol == symbol and one.closed_ms >= since)
        held = self._portfolio.position(symbol)
        return CandlesView(stamp, symbol, timeframe, tuple(candles), fills, held, ended)

    async def why(
        self,
        symbol: str | None = None,
        side: str | None = None,
        from_ms: int | None = None,
        to_ms: int | None = None,
    ) -> WhyView:
        """The receipt behind the newest own trade that fits, or behind the newest judged candle of a pair."""
        return await self.reasons.why(symbol, side, from_ms, to_ms)

    async def decisions(
        self, limit: int = 100, symbol: str | None = None, before_ms: int | None = None
    ) -> list[Decision]:
        """Judged candles, newest first."""
        return await self._evidence.decisions(limit, symbol, before_ms)

    async def equity(self, limit: int = 2000) -> EquityView:
        points = await self._evidence.equity_points(0, limit)
        return EquityView(self._stamp(), (*points, (self._clock.market_ms(), self._treasury.equity)))

    async def parity(self, limit: int = 50) -> ParityView:
        """Real executions beside their paper twins; nothing to compare where the account is paper."""
        parity = self._parity
        if parity is None:
            text = "Every trade here is the paper account's own: there is nothing real beside it."
            return ParityView(self._stamp(), (), NOTHING, NOTHING, text)
        slippage, fees = estimate(parity.slippage()), estimate(parity.fees())
        return ParityView(self._stamp(), parity.lines(limit), slippage, fees, parity.text())
