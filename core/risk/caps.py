"""Every cap an entry must fit under, whoever asks for it: the one place between a plan and the exchange.

Amounts are quote units and exact. Entries that are under way, or wait at their limit, count as if they were
filled. Exits are never judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.model.account import Position
from core.model.decisions import Denied
from core.model.money import ZERO, Price, Qty, plain, to_decimal
from core.trading_config import RiskConfig

_DAY_S = 24


@dataclass(frozen=True, slots=True)
class Exposed:
    """Something that is held, or would be once an order of ours fills."""

    symbol: str
    qty: Qty
    mark: Price  # what one unit is worth now
    stop: Price | None

    @property
    def notional(self) -> Decimal:
        return self.qty * self.mark

    def gap_loss(self, gap: Decimal, taker: Decimal) -> Decimal:
        """Lost against now when it is sold `gap` below its stop (below its mark without one)."""
        out = min(self.stop or self.mark, self.mark) * (1 - gap)
        return self.qty * (self.mark - out * (1 - taker))


@dataclass(frozen=True, slots=True)
class Carried:
    """What Zyn carries when an entry is asked for."""

    equity: Decimal
    cash: Decimal  # free
    exposed: tuple[Exposed, ...]  # positions and waiting entries
    open_positions: int
    invested: bool  # whether the pair that is asked for is among them
    bought_a_day: Decimal = ZERO  # entries of the last 24 hours
    entries_an_hour: int = 0

    @property
    def exposure(self) -> Decimal:
        return sum((one.notional for one in self.exposed), ZERO)

    def within(self, symbol: str) -> Decimal:
        """What is in one pair already."""
        return sum((one.notional for one in self.exposed if one.symbol == symbol), ZERO)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An entry as it would be sent."""

    symbol: str
    qty: Qty
    price: Price
    stop: Price
    taker: Decimal

    @property
    def notional(self) -> Decimal:
        return self.qty * self.price

    @property
    def at_stake(self) -> Decimal:
        """Lost when the stop fills where it rests, fees not counted: what risk_per_trade means."""
        return self.qty * (self.price - self.stop)

    @property
    def exposed(self) -> Exposed:
        return Exposed(self.symbol, self.qty, self.price, self.stop)


def broken_cap(now: Carried, wanted: Wanted, risk: RiskConfig) -> Denied | None:
    """The first cap that this entry would break, or None."""
    return (
        _trade_risk(now, wanted, risk)
        or _position(now, wanted, risk)
        or _exposure(now, wanted, risk)
        or _capital(now, wanted)
        or _count(now, risk)
        or _rate(now, risk)
        or _turnover(now, wanted, risk)
        or _gap(now, wanted, risk)
    )


def _trade_risk(now: Carried, wanted: Wanted, risk: RiskConfig) -> Denied | None:
    most = now.equity * to_decimal(risk.max_trade_risk)
    if wanted.at_stake <= most:
        return None
    text = f"at its stop it loses {wanted.at_stake:,.2f}, the most allowed for one trade is {most:,.2f}"
    return Denied("trade_risk", text)


def _position(now: Carried, wanted: Wanted, risk: RiskConfig) -> Denied | None:
    whole, most = now.within(wanted.symbol) + wanted.notional, now.equity * to_decimal(risk.max_position)
    if whole <= most:
        return None
    return Denied(
        "over_cap", f"{whole:,.2f} in {wanted.symbol} is above the cap of {most:,.2f} on one position"
    )


def _exposure(now: Carried, wanted: Wanted, risk: RiskConfig) -> Denied | None:
    whole, most = now.exposure + wanted.notional, now.equity * to_decimal(risk.max_exposure)
    if whole <= most:
        return None
    return Denied("over_cap", f"{whole:,.2f} in the market is above the cap of {most:,.2f}")


def _capital(now: Carried, wanted: Wanted) -> Denied | None:
    cost = wanted.notional * (1 + wanted.taker)
    if cost <= now.cash:
        return None
    return Denied("over_cap", f"it costs {cost:,.2f} with its fee and {now.cash:,.2f} is free")


def _count(now: Carried, risk: RiskConfig) -> Denied | None:
    if now.invested or now.open_positions < risk.max_open_positions:
        return None
    are = "position is" if risk.max_open_positions == 1 else "positions are"
    return Denied("over_cap", f"{risk.max_open_positions} {are} open, the most allowed")


def _rate(now: Carried, risk: RiskConfig) -> Denied | None:
    if now.entries_an_hour < risk.max_entries_per_hour:
        return None
    return Denied("entry_rate", f"{now.entries_an_hour} entries in the last hour, the most allowed")


def _turnover(now: Carried, wanted: Wanted, risk: RiskConfig) -> Denied | None:
    whole, most = now.bought_a_day + wanted.notional, now.equity * to_decimal(risk.max_turnover)
    if whole <= most:
        return None
    text = f"{whole:,.2f} bought within {_DAY_S} hours is above the cap of {most:,.2f} on turnover"
    return Denied("turnover", text)


def _gap(now: Carried, wanted: Wanted, risk: RiskConfig) -> Denied | None:
    most = accepted_gap_loss(now.equity, risk)
    whole = gap_loss((*now.exposed, wanted.exposed), risk.gap_stress, wanted.taker)
    if whole <= most:
        return None
    share = plain((to_decimal(risk.gap_stress) * 100).normalize())
    return Denied(
        "gap_stress",
        f"with it a gap of {share} % through all stops would cost {whole:,.2f}, more than the accepted "
        f"{most:,.2f}",
    )


def gap_loss(exposed: Iterable[Exposed], gap: float, taker: Decimal) -> Decimal:
    """What is lost against now if everything leaves `gap` below its stop at once."""
    share = to_decimal(gap)
    return sum((one.gap_loss(share, taker) for one in exposed), ZERO)


def accepted_gap_loss(equity: Decimal, risk: RiskConfig) -> Decimal:
    """The most that such a gap may cost before nothing more is opened."""
    return equity * to_decimal(risk.max_gap_loss)


def exposed_by(positions: Iterable[Position], marks: Mapping[str, Price]) -> tuple[Exposed, ...]:
    """Positions at their marks, at their entry price while there is none."""
    return tuple(
        Exposed(one.symbol, one.qty, marks.get(one.symbol, one.entry_price), one.stop) for one in positions
    )
