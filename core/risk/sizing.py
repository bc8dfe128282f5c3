"""How much to buy: the wanted size, cut to the caps, rounded down to the pair's lot.

`wanted_size` and the rooms take Decimals or the compiled loop's wide numbers alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.model.decisions import Denied
from core.model.market import Pair
from core.model.money import Money, Price, Qty, notional, plain, to_decimal
from core.risk.brackets import Number
from core.trading_config import RiskConfig

FIXED, RISK_PERCENT = 0, 1


@dataclass(frozen=True, slots=True)
class Purse:
    """What an entry may be paid from, in quote units. `exposure` is all positions at their last close."""

    equity: Money
    exposure: Money
    cash: Money


@dataclass(frozen=True, slots=True)
class Sized:
    """A quantity on the pair's lot. `cut_by` names the cap that made it smaller than wanted, or is empty."""

    qty: Qty
    notional: Money
    cut_by: str = ""


def wanted_size(
    sizing: int, equity: Number, risk_per_trade: Number, fixed_stake: Number, entry: Number, stop: Number
) -> Number:
    """Base units before any cap: the stake at the entry price, or what loses the risk at the stop."""
    if sizing == FIXED:
        return fixed_stake / entry
    return equity * risk_per_trade / (entry - stop)


def position_room(equity: Number, max_position: Number, entry: Number) -> Number:
    """Base units that one position may have at most."""
    return equity * max_position / entry


def exposure_room(equity: Number, exposure: Number, max_exposure: Number, entry: Number) -> Number:
    """Base units that fit under the cap on all positions together; below zero when it is passed already."""
    return (equity * max_exposure - exposure) / entry


def cash_room(cash: Number, fee: Number, entry: Number) -> Number:
    """Base units that free cash pays for, the fee on top."""
    return cash / (1 + fee) / entry


def size_entry(
    pair: Pair,
    entry: Price,
    stop: Price,
    purse: Purse,
    risk: RiskConfig,
    taker: Decimal,
    multiplier: float = 1.0,
) -> Sized | Denied:
    """The quantity to buy at `entry` with a stop at `stop`, or why none.

    `multiplier` in [0, 1] scales what is wanted, never the caps.
    """
    sizing = FIXED if risk.sizing == "fixed" else RISK_PERCENT
    whole = wanted_size(sizing, purse.equity, to_decimal(risk.risk_per_trade), risk.fixed_stake, entry, stop)
    wanted = whole * to_decimal(min(max(multiplier, 0.0), 1.0))
    room, cut_by = _room(entry, purse, risk, taker)
    qty = pair.qty(max(Decimal(0), min(wanted, room)))
    if wanted > 0 and risk.adjust_to_minimum and pair.too_small(qty, entry):
        qty = _raised(pair, qty, entry, min(whole, room))
    return _checked(pair, qty, entry, cut_by if room < wanted else "")


def _raised(pair: Pair, qty: Qty, entry: Price, most: Decimal) -> Qty:
    """The exchange's smallest order where a whole trade may be that large; else the size as it is."""
    least = pair.smallest(entry)
    return least if least <= most else qty


def _room(entry: Price, purse: Purse, risk: RiskConfig, taker: Decimal) -> tuple[Decimal, str]:
    """The tightest cap in base units, and its name."""
    return min(
        (position_room(purse.equity, to_decimal(risk.max_position), entry), "max_position"),
        (exposure_room(purse.equity, purse.exposure, to_decimal(risk.max_exposure), entry), "max_exposure"),
        (cash_room(purse.cash, taker, entry), "cash"),
    )


_CUTS = {
    "max_position": "after the cap on one position",
    "max_exposure": "after the cap on all positions together",
    "cash": "with the free cash there is",
    "": "as sized",
}


def _checked(pair: Pair, qty: Qty, entry: Price, cut_by: str) -> Sized | Denied:
    if qty <= 0:
        return Denied(cut_by or "too_small", f"nothing left to buy {_CUTS[cut_by]}")
    if why := pair.too_small(qty, entry):
        return Denied("too_small", f"{plain(qty)} {pair.base} {_CUTS[cut_by]}: {why}")
    return Sized(qty, notional(entry, qty), cut_by)
