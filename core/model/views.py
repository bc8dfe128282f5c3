"""What is shown of the service's state: one frozen value a screen, the same on every door.

Money, prices and quantities are Decimals, times are milliseconds UTC, shares are fractions. `as_of_ms` says
how old the facts are and `source` who said so: kraken, paper or store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.model.account import Balance, Position, RoundTrip
from core.model.decisions import Decision
from core.model.market import Candle, FeeRates, Pair, Quote
from core.model.money import ZERO
from core.model.orders import Fill, OrderReport


@dataclass(frozen=True, slots=True)
class Stamp:
    """How old the facts of a view are, and where they come from."""

    as_of_ms: int
    source: str
    mode: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A gauge's number for machines: the metric, its unit in the name, and which one of its kind it is of."""

    metric: str
    value: float
    of: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """One thing that is watched. `ok` False blocks what `blocks` says."""

    name: str
    ok: bool
    text: str
    since_ms: int = 0
    blocks: str = ""
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class StatusView:
    stamp: Stamp
    owner: str
    trading: bool  # may entries happen now
    why_not: str  # one line when not trading, else empty
    equity: Decimal
    cash: Decimal  # free quote money Zyn may use
    currency: str
    pnl_today: Decimal
    pnl_today_share: Decimal
    loss_budget_left: Decimal  # money that may still be lost today
    loss_limit: Decimal
    open_positions: int
    trades_today: int
    symbols: tuple[str, ...]
    last_candle_ms: int | None
    next_candle_ms: int | None
    market_ms: int
    speed: float
    paused: bool
    killed: bool
    activity: str = ""  # what the last judged candle came to, in one line
    health: tuple[Health, ...] = ()
    profit_target: Decimal | None = None  # today's, in money, where there is one


@dataclass(frozen=True, slots=True)
class BalanceRow:
    balance: Balance
    price: Decimal | None  # in the base currency
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class BalancesView:
    stamp: Stamp
    rows: tuple[BalanceRow, ...]
    total: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class PositionRow:
    position: Position
    price: Decimal  # what it could be sold at now (bid)
    value: Decimal
    unrealised: Decimal  # of what is held, at that price, fees paid so far off
    unrealised_share: Decimal
    to_stop: Decimal | None  # share of price down to the stop
    to_target: Decimal | None
    protected: bool  # the resting stops cover all of it


@dataclass(frozen=True, slots=True)
class PositionsView:
    stamp: Stamp
    rows: tuple[PositionRow, ...]
    exposure: Decimal
    worst_loss: Decimal  # if every stop is hit where it rests, fees in
    symbol: str | None = None  # when only this one was asked for


@dataclass(frozen=True, slots=True)
class RoundTripsView:
    stamp: Stamp
    rows: tuple[RoundTrip, ...]  # newest first


@dataclass(frozen=True, slots=True)
class OrdersView:
    stamp: Stamp
    rows: tuple[OrderReport, ...]
    ours: frozenset[str]  # txids that are Zyn's


@dataclass(frozen=True, slots=True)
class TradesView:
    stamp: Stamp
    rows: tuple[Fill, ...]  # newest first
    ours: frozenset[str]  # order txids that are Zyn's
    total: int
    begins_ms: int = 0  # what the owner traded before is still being read


@dataclass(frozen=True, slots=True)
class SymbolPnl:
    symbol: str
    trades: int
    wins: int
    net_pnl: Decimal
    fees: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a result that reaches now has led to."""

    equity: Decimal
    open_positions: int
    protected: bool  # stops rest for all of them


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the results. `value` is None while there is too little to tell it from."""

    name: str  # win_rate, profit_factor, max_drawdown, sharpe, expectancy or fees
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class PnlView:
    stamp: Stamp
    period: str
    from_ms: int
    to_ms: int
    realised: Decimal
    unrealised: Decimal
    fees: Decimal
    trades: int  # closed round trips
    wins: int
    losses: int
    win_rate: Decimal | None
    profit_factor: Decimal | None
    best: RoundTrip | None
    worst: RoundTrip | None
    by_symbol: tuple[SymbolPnl, ...]
    currency: str
    carried: Decimal = ZERO  # result that earlier days have counted already; of today only
    standing: Standing | None = None  # when the period reaches now
    asked: Figure | None = None  # the one that was asked for

    @property
    def total(self) -> Decimal:
        """The period's result. Of today it is the same number that the status shows."""
        return self.realised + self.unrealised - self.carried


@dataclass(frozen=True, slots=True)
class Slice:
    """The closed trades that one thing has in common."""

    name: str
    trades: int
    wins: int
    net_pnl: Decimal
    fees: Decimal
    held_ms: int  # mean time from entry to exit


@dataclass(frozen=True, slots=True)
class BreakdownView:
    """A period's closed trades, slice by slice. Observations: no slice is evidence by itself."""

    stamp: Stamp
    period: str
    by: str
    rows: tuple[Slice, ...]
    realised: Decimal
    trades: int
    currency: str


@dataclass(frozen=True, slots=True)
class PriceView:
    stamp: Stamp
    quote: Quote
    age_ms: int  # of market time


@dataclass(frozen=True, slots=True)
class MarketInfoView:
    stamp: Stamp
    pair: Pair
    fees: FeeRates
    quote: Quote | None
    watched: bool


@dataclass(frozen=True, slots=True)
class CandlesView:
    stamp: Stamp
    symbol: str
    timeframe: str
    candles: tuple[Candle, ...]
    fills: tuple[Fill, ...]
    position: Position | None
    trips: tuple[RoundTrip, ...] = ()  # closed inside the span, oldest first


@dataclass(frozen=True, slots=True)
class WhyView:
    """The receipt of a decision, and what became of it."""

    stamp: Stamp
    symbol: str
    decision: Decision | None
    fills: tuple[Fill, ...]
    round_trip: RoundTrip | None
    position: Position | None
    text: str  # said when there is no stored receipt, or whose idea it was


@dataclass(frozen=True, slots=True)
class EquityView:
    stamp: Stamp
    points: tuple[tuple[int, Decimal], ...]


@dataclass(frozen=True, slots=True)
class ParityLine:
    """One order's execution beside its paper twin. Prices are means, fees in quote units."""

    symbol: str
    side: str
    leg: str
    time_ms: int
    qty: Decimal
    price: Decimal
    twin_price: Decimal
    fee: Decimal
    twin_fee: Decimal
    maker: bool
    slippage_bps: float  # above 0 when it was worse than on paper


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean of n measurements with its 95 % interval, unknown under two."""

    n: int
    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class ParityView:
    """Real executions beside their paper twins, newest first; `text` says it in one line."""

    stamp: Stamp
    rows: tuple[ParityLine, ...]
    slippage: Estimate  # a side, in basis points, of taken orders
    fees: Estimate  # beyond the paper account's, in basis points of the value
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a confirmation would do, to the cent. Bound to exactly these parameters."""

    summary: str  # one line, such as: Buy 0.0153 ETH at about 3,267.12
    intent: str
    slots: dict[str, Any]  # JSON values
    symbol: str | None = None
    side: str | None = None
    qty: Decimal | None = None
    price: Decimal | None = None
    notional: Decimal | None = None
    fee: Decimal | None = None
    stop: Decimal | None = None
    target: Decimal | None = None
    worst_loss: Decimal | None = None
    worst_loss_share: Decimal | None = None  # of today's loss budget
    lines: tuple[str, ...] = ()  # anything else worth knowing before a yes
    mode: str = ""


@dataclass(frozen=True, slots=True)
class TextView:
    """Something said in words, with the numbers it rests on."""

    text: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture with its text alternative, and what else can be looked at: (label, command)."""

    png: bytes
    alt: str
    more: tuple[tuple[str, str], ...] = ()


View = (
    StatusView
    | BalancesView
    | PositionsView
    | RoundTripsView
    | OrdersView
    | TradesView
    | PnlView
    | BreakdownView
    | PriceView
    | MarketInfoView
    | CandlesView
    | WhyView
    | EquityView
    | TextView
    | PictureView
)
