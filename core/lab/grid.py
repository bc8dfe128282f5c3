"""Which tick and lot a recorded pair trades on: a given table, the bundled one, or the data's decimals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from core.model.errors import ConfigError
from core.model.market import Pair
from core.model.money import ZERO, to_decimal
from core.model.pair_table import asset_code, bundled_pair, symbol_of

FINEST_LOT = Decimal("1E-8")


class Grids:
    """Pairs by symbol; a given table wins over the bundled one."""

    def __init__(self, given: Mapping[str, Pair] | None = None) -> None:
        self._given = given or {}

    def pair(self, symbol: str, finest: Callable[[], Decimal]) -> Pair:
        """The grid of `symbol`; `finest` is asked for the data's price step when no table knows the pair."""
        known = self._given.get(symbol) or bundled_pair(symbol)
        if known is not None:
            return known
        base, quote = symbol.split("/")
        return Pair(symbol, base, quote, tick=finest(), lot=FINEST_LOT)


def finest_step(prices: Iterable[float]) -> Decimal:
    """The finest decimal that any of these prices is written with."""
    exponent = min(
        (int(to_decimal(price).normalize().as_tuple().exponent) for price in set(prices)), default=0
    )
    return Decimal(1).scaleb(min(exponent, 0))


def read_pairs(path: Path) -> dict[str, Pair]:
    """Pairs of a file in the shape of Kraken's AssetPairs, whole or only its result. Raises ConfigError."""
    try:
        answer = json.loads(path.read_text())
        rows = answer.get("result", answer)
        found = [pair for name, row in rows.items() if (pair := _pair(name, row))]
    except OSError as error:
        raise ConfigError([f"--pairs {path}: cannot be read ({error.strerror})"]) from None
    except (ValueError, AttributeError, KeyError, TypeError, InvalidOperation) as error:
        raise ConfigError(
            [f"--pairs {path}: not Kraken's AssetPairs ({type(error).__name__}: {error})"]
        ) from None
    return {pair.symbol: pair for pair in found}


def _pair(name: str, row: Mapping[str, Any]) -> Pair | None:
    """The pair of one row; None for one that has no symbol, such as a dark pool."""
    symbol = symbol_of(str(row.get("wsname") or row.get("altname") or name))
    if symbol is None:
        return None
    base, quote = symbol.split("/")
    tick = row.get("tick_size")
    return Pair(
        symbol=symbol,
        base=asset_code(base),
        quote=asset_code(quote),
        tick=Decimal(str(tick)) if tick else Decimal(1).scaleb(-int(row["pair_decimals"])),
        lot=Decimal(1).scaleb(-int(row.get("lot_decimals", 8))),
        min_qty=Decimal(str(row.get("ordermin", ZERO))),
        min_cost=Decimal(str(row.get("costmin", ZERO))),
        venue_id=name,
    )
