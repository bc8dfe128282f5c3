"""What state.json holds: enough to go on from when the database is lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any

from core.clock import Clock
from core.engine.latches import Latches
from core.engine.portfolio import Portfolio
from core.engine.ports import Mirror
from core.engine.tracks import Tracks
from core.model.account import Position
from core.model.money import Price

_VERSION = 1
NewestReceipts = Callable[[int], Awaitable[Mapping[str, int]]]  # since a moment: the newest judged, by pair


class MirrorState:
    """Writes the mirror after each candle and fill, and reads it at start."""

    def __init__(
        self,
        mirror: Mirror,
        tracks: Tracks,
        portfolio: Portfolio,
        latches: Latches,
        clock: Clock,
        mode: str,
        extra: Mapping[str, Callable[[], object]],
    ) -> None:
        """`extra` are further parts by name, such as the paper account."""
        self._mirror = mirror
        self._tracks = tracks
        self._portfolio = portfolio
        self._latches = latches
        self._clock = clock
        self._mode = mode
        self._extra = extra
        self._waiting: list[Mapping[str, Any]] = []  # loaded rows with a target, until it is restored

    def save(self) -> None:
        """Mirror the state as it is now."""
        self._mirror.save(
            {
                "version": _VERSION,
                "mode": self._mode,
                "saved_ms": self._clock.market_ms(),
                "judged": self._tracks.judged,
                "positions": [self._position(one) for one in self._portfolio.positions.values()],
                "latches": [
                    {"name": one.name, "reason": one.reason, "set_ms": one.set_ms, "until_ms": one.until_ms}
                    for one in self._latches.all()
                ],
                **{name: part() for name, part in self._extra.items()},
            }
        )

    def load(self) -> dict[str, Any]:
        """The last good state of this mode; empty when there is none."""
        state = self._mirror.load()
        if not state or state.get("mode") != self._mode:
            return {}
        rows: Any = state.get("positions", [])
        self._waiting = [row for row in rows if row.get("target")]
        return dict(state)

    async def restore_tracks(self, state: Mapping[str, Any], newest_receipts: NewestReceipts | None) -> None:
        """What was judged stays judged, if its receipt is kept too: a crash may have taken it.

        `newest_receipts` is None when the database is new: then only the mirror knows.
        """
        rows = state.get("judged")
        judged = {str(symbol): int(at) for symbol, at in rows.items()} if isinstance(rows, dict) else {}
        judged = {symbol: at for symbol, at in judged.items() if at >= 0}  # a pair never judged is as new
        if judged and newest_receipts is not None:
            kept = await newest_receipts(min(judged.values()))
            judged = {symbol: min(at, kept.get(symbol, at - 1)) for symbol, at in judged.items()}
        self._tracks.restore(judged)

    def restore_targets(self, state: Mapping[str, Any]) -> None:
        """Zyn's own targets, which rest nowhere else: the owner may have moved one since its entry."""
        self._waiting = []
        for row in state.get("positions", []):
            symbol, target = str(row["symbol"]), row.get("target")
            position = self._portfolio.position(symbol)
            if target and position is not None and _same(position, row):
                self._portfolio.set_target(symbol, Price(Decimal(str(target))))

    def _position(self, position: Position) -> dict[str, object]:
        """A position as JSON values; a target that waits to be restored counts until it is."""
        row = _position(position)
        waiting = (one["target"] for one in self._waiting if _same(position, one))
        return {**row, "target": next(waiting, None) or row["target"]}


def _same(position: Position, row: Mapping[str, Any]) -> bool:
    """Whether a mirrored row is this position; its cause is forgotten when the database is lost."""
    same_start = position.cause == row.get("cause") or position.opened_ms == row.get("opened_ms")
    return same_start and position.symbol == row["symbol"]


def _position(position: Position) -> dict[str, object]:
    """A position as JSON values, with the ids of the orders that guard it."""

    def text(price: Price | None) -> str | None:
        return None if price is None else str(price)

    return {
        "symbol": position.symbol, "qty": str(position.qty), "entry": str(position.entry_price),
        "opened_ms": position.opened_ms, "cause": position.cause, "origin": position.origin.value,
        "stop": text(position.stop), "stop_order_ids": list(position.stop_txids),
        "target": text(position.target),
    }  # fmt: skip
