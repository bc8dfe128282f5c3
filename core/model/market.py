"""What a market looks like from outside: pairs and their grid, candles, quotes, the exchange's status."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from core.model.money import ZERO, Money, Price, Qty, Rounding, plain, to_grid

MINUTE_MS = 60_000


class Timeframe(StrEnum):
    """The candle lengths that Kraken serves and Zyn trades on."""

    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"

    @property
    def minutes(self) -> int:
        return _MINUTES[self]

    @property
    def ms(self) -> int:
        return self.minutes * MINUTE_MS


_MINUTES = {Timeframe.M5: 5, Timeframe.M15: 15, Timeframe.H1: 60, Timeframe.H4: 240, Timeframe.D1: 1440}


class Candle(NamedTuple):
    """One interval of trading. `time_ms` is its open, UTC. Prices are floats: they feed indicators only."""

    time_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float


class PublicTrade(NamedTuple):
    """One trade that anybody could see. Price and volume are floats: they are folded into candles."""

    number: int  # grows with every trade of its pair
    time_ms: int
    price: float
    volume: float


class TradePage(NamedTuple):
    """Some public trades of a pair, oldest first, and from where the next ones are asked for."""

    trades: tuple[PublicTrade, ...]
    next_ns: int  # nanoseconds since the epoch


class PairStatus(StrEnum):
    ONLINE = "online"
    CANCEL_ONLY = "cancel_only"
    POST_ONLY = "post_only"
    LIMIT_ONLY = "limit_only"
    REDUCE_ONLY = "reduce_only"
    DELISTED = "delisted"


@dataclass(frozen=True, slots=True)
class Pair:
    """A market and its grid. `symbol` is the name Zyn uses everywhere, such as BTC/USD."""

    symbol: str
    base: str
    quote: str
    tick: Decimal  # smallest price step
    lot: Decimal  # smallest quantity step
    min_qty: Decimal = ZERO  # base units
    min_cost: Decimal = ZERO  # quote units
    status: PairStatus = PairStatus.ONLINE
    venue_id: str = ""  # the exchange's own name, such as XXBTZUSD

    def price(self, value: Decimal | float, rounding: Rounding = Rounding.NEAREST) -> Price:
        return Price(to_grid(value, self.tick, rounding))

    def qty(self, value: Decimal | float) -> Qty:
        """The largest tradable quantity not above `value`."""
        return Qty(to_grid(value, self.lot, Rounding.DOWN))

    def smallest(self, price: Price) -> Qty:
        """The smallest order at `price` that the exchange takes."""
        return Qty(to_grid(max(self.min_qty, self.min_cost / price), self.lot, Rounding.UP))

    def too_small(self, qty: Qty, price: Price) -> str | None:
        """Why this order would be below the exchange's minimum, or None."""
        if qty < self.min_qty:
            return f"{plain(qty)} {self.base} is below the minimum of {plain(self.min_qty)} {self.base}"
        if qty * price < self.min_cost:
            cost = f"{qty * price:.2f} {self.quote}"
            return f"{cost} is below the minimum of {plain(self.min_cost)} {self.quote}"
        return None


@dataclass(frozen=True, slots=True)
class Quote:
    """The best prices of a pair at one moment of market time."""

    symbol: str
    bid: Price
    ask: Price
    last: Price
    time_ms: int
    volume_24h: Qty = Qty(ZERO)
    open_24h: Price = Price(ZERO)

    @property
    def mid(self) -> Price:
        return Price((self.bid + self.ask) / 2)

    @property
    def spread(self) -> Decimal:
        """Relative bid-ask spread."""
        return (self.ask - self.bid) / self.mid if self.mid else ZERO


@dataclass(frozen=True, slots=True)
class FeeRates:
    """Shares of the notional, such as 0.0026."""

    maker: Decimal
    taker: Decimal
    volume_30d: Money = Money(ZERO)


class ExchangeStatus(StrEnum):
    """The exchange's own word for what it accepts now."""

    ONLINE = "online"
    CANCEL_ONLY = "cancel_only"
    POST_ONLY = "post_only"
    LIMIT_ONLY = "limit_only"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Latency:
    """How long an exchange's newest answers took, in seconds of the wall clock."""

    answers: int  # that this was measured on
    middle_s: float
    slowest_s: float


@dataclass(frozen=True, slots=True)
class Advisory:
    """What an exchange announces beside its status: planned maintenance, or an emergency that is not over."""

    text: str
    emergency: bool
    from_ms: int | None = None  # market time; None: it was not told when, so it may be any moment
    until_ms: int | None = None
