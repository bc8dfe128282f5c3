"""What the compiled loop works on: flat arrays and records, the same for CPython and for the compiler.

Money is counted in atoms of 1e-16 of the quote currency, quantities in lots, prices in ticks. A field of two
floats is a `Wide`. Times are market ms; a place is a candle's number since the start of the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ATOMS = 10**16  # in one unit of the quote currency

_WIDE = ("f8", (2,))

# One pair: where its candles are, its grid, and what is held of it.
SLOT = np.dtype([
    ("first", "i8"),  # place of its first candle
    ("count", "i8"),  # candles
    ("at", "i8"),  # where they begin in the columns
    ("scale", "f8"),  # of its rule: prices are judged in this fraction
    ("online", "i8"),
    ("min_lots", "i8"),
    ("min_cost", *_WIDE),  # atoms
    ("tick", *_WIDE),  # quote units
    ("ticks_in_one", *_WIDE),
    ("tick_lot", *_WIDE),  # atoms that one lot costs at a price of one tick
    ("lot", *_WIDE),  # atoms that one lot costs at a price of one
    ("lots", "i8"),  # held; 0: nothing
    ("entry", "i8"),  # ticks
    ("stop", "f8"),
    ("target", "f8"),
    ("paid", *_WIDE),  # atoms, with the entry's fee
    ("fee", *_WIDE),  # atoms, of the entry
    ("opened_ms", "i8"),
    ("cause_ms", "i8"),  # open of the candle that signalled
    ("lost_at", "i8"),  # place of the last exit if it lost, else -1
], align=True)  # fmt: skip

# What is the same for a whole run.
TERMS = np.dtype([
    ("start_ms", "i8"), ("length_ms", "i8"), ("places", "i8"),
    ("sizing", "i8"), ("risk_per_trade", *_WIDE), ("stake", *_WIDE),
    ("max_position", *_WIDE), ("max_exposure", *_WIDE), ("max_open", "i8"),
    ("max_entries", "i8"), ("cooloff", "i8"), ("band", *_WIDE),
    ("stop_atr", "f8"), ("take_profit_atr", "f8"), ("opposite", "i8"),
    ("taker", *_WIDE), ("to_ask", *_WIDE), ("to_bid", *_WIDE), ("edge", "i8"),
    ("loss_limit", *_WIDE), ("limited", "i8"), ("rearms", "i8"), ("flattens", "i8"),
], align=True)  # fmt: skip

# How things stand while the loop runs.
STATE = np.dtype([
    ("cash", *_WIDE), ("start", *_WIDE),  # atoms; `start` is the equity that the day began with
    ("place", "i8"), ("at", "i8"), ("pause", "i8"),  # done so far; places up to which it walks on
    ("day", "i8"), ("day_end", "i8"), ("killed", "i8"), ("killed_until", "i8"),
    ("open", "i8"), ("traded", "i8"), ("trades", "i8"), ("points", "i8"), ("entries", "i8"),
    ("beyond", "i8"),  # 1: a quantity was too large to count; the run is void
], align=True)  # fmt: skip

# A cross that may be acted on, in order of place and then of pair.
SIGNAL = np.dtype([
    ("place", "i4"), ("slot", "i2"), ("kind", "i1"), ("acting", "i1"), ("atr", "f8"),
], align=True)  # fmt: skip

TRADE = np.dtype([
    ("slot", "i8"), ("lots", "i8"), ("entry", "i8"), ("exit", "i8"), ("opened_ms", "i8"),
    ("closed_ms", "i8"), ("cause_ms", "i8"), ("reason", "i8"), ("net", "f8"), ("fees", "f8"),
], align=True)  # fmt: skip

POINT = np.dtype([("ms", "i8"), ("equity", "f8")])  # equity in quote units

REASONS = ("stop", "target", "signal", "end", "flatten")
R_STOP, R_TARGET, R_SIGNAL, R_END, R_FLATTEN = 0, 1, 2, 3, 4

REFUSALS = (
    "stopped", "cooling_off", "max_positions", "max_exposure", "entry_rate", "price_band", "pair_status",
    "stop_too_near", "stop_too_far", "max_position", "cash", "too_small", "no_edge",
)  # fmt: skip
(
    STOPPED, COOLING_OFF, MAX_POSITIONS, MAX_EXPOSURE, ENTRY_RATE, PRICE_BAND, PAIR_STATUS, STOP_TOO_NEAR,
    STOP_TOO_FAR, MAX_POSITION, CASH, TOO_SMALL, NO_EDGE,
) = range(len(REFUSALS))  # fmt: skip
ALLOWED = -1


class Run(NamedTuple):
    """Everything of one run. `terms` and `state` have one record; `held` lists slots, `days` midnights."""

    opens: NDArray[Any]
    highs: NDArray[Any]
    lows: NDArray[Any]
    closes: NDArray[Any]
    slots: NDArray[Any]
    signals: NDArray[Any]
    terms: NDArray[Any]
    state: NDArray[Any]
    held: NDArray[Any]
    days: NDArray[Any]
    entries: Any  # ms of each, oldest first
    trades: NDArray[Any]
    points: NDArray[Any]
    refused: NDArray[Any]
