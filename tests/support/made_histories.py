"""Generated candles as the histories that both engines take."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from decimal import Decimal as D

from core.lab.data import History
from core.model.market import Pair, Timeframe
from tests.support.reference_backtest import Bar

AAA = Pair("AAA/USD", "AAA", "USD", D("0.01"), D("1E-8"))


def history(rows: Sequence[Bar], pair: Pair = AAA, timeframe: Timeframe = Timeframe.M5) -> History:
    """Rows without holes on one pair's grid."""
    columns = [array("d", [float(row[k]) for row in rows]) for k in range(1, 6)]
    return History(pair, timeframe, rows[0][0], *columns, len(rows), 0)  # type: ignore[misc]
