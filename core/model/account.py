"""What is owned: balances, positions and their round trips."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.model.money import NO_MONEY, Money, Price, Qty
from core.model.orders import Origin


@dataclass(frozen=True, slots=True)
class Balance:
    """One asset. `held` is reserved by resting orders; `free` can be spent."""

    asset: str
    total: Decimal
    held: Decimal

    @property
    def free(self) -> Decimal:
        return self.total - self.held


@dataclass(frozen=True, slots=True)
class Position:
    """Coins that Zyn itself bought and has not sold: average cost inside the position, fees as booked."""

    symbol: str
    qty: Qty
    entry_price: Price  # volume-weighted average of its buys
    entry_cost: Money  # of the quantity still held, without fees
    fees: Money  # booked so far, entries and partial exits
    opened_ms: int
    origin: Origin = Origin.AUTOPILOT
    cause: str = ""  # of its first entry; names the position
    rule: str = ""
    stop: Price | None = None  # resting on the exchange
    stop_txids: tuple[str, ...] = ()
    stopped_qty: Qty = Qty(Decimal(0))  # how much of it the resting stops cover
    target: Price | None = None  # Zyn's own, nothing rests for it
    realised: Money = NO_MONEY  # of the part already sold, fees off


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A closed position."""

    symbol: str
    qty: Qty
    entry_price: Price
    exit_price: Price
    opened_ms: int
    closed_ms: int
    fees: Money
    net_pnl: Money
    origin: Origin
    reason: str  # stop, target, signal, flatten, owner, manual or end
    cause: str = ""
    rule: str = ""

    @property
    def won(self) -> bool:
        return self.net_pnl > 0


def can_withdraw(permissions: Iterable[str]) -> bool:
    """Whether a key may take money out. Kraken's word for it is not documented: any that sounds so counts."""
    return any("withdraw" in one.lower() for one in permissions)
