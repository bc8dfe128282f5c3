"""The book channel: price levels of one market, what changed of them, and Kraken's published checksum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from zlib import crc32

from core.sim.kraken.exchange import Exchange
from core.sim.kraken.listing import Listed
from core.sim.kraken.ws.frames import Json, Number, data_frame, fixed, stamp

_CHECKED = 10  # levels a side

Levels = dict[Decimal, Decimal]


class BookFeed:
    """Levels of both sides up to a depth."""

    def __init__(self, exchange: Exchange, listed: Listed, depth: int) -> None:
        self._exchange, self._listed, self._depth = exchange, listed, depth
        self._bids: Levels = {}
        self._asks: Levels = {}

    def snapshot(self, step: int) -> str:
        self._look()
        return data_frame("book", "snapshot", [self._row(self._rows(self._bids), self._rows(self._asks))])

    def news(self, since: int, step: int) -> Iterator[str]:
        bids, asks = self._bids, self._asks
        self._look()
        row = self._row(self._changed(bids, self._bids), self._changed(asks, self._asks))
        if row["bids"] or row["asks"]:
            yield data_frame("book", "update", [row])

    def _look(self) -> None:
        book = self._exchange.public_book(self._listed.pair.symbol, self._depth)
        self._bids, self._asks = dict(book.bids), dict(book.asks)

    def _changed(self, before: Levels, now: Levels) -> list[Json]:
        gone = [(price, Decimal(0)) for price in before if price not in now]
        return self._rows(gone + [(p, q) for p, q in now.items() if before.get(p) != q])

    def _rows(self, levels: Levels | Iterable[tuple[Decimal, Decimal]]) -> list[Json]:
        pairs = levels.items() if isinstance(levels, dict) else levels
        return [{"price": self._price(price), "qty": self._qty(qty)} for price, qty in pairs]

    def _row(self, bids: list[Json], asks: list[Json]) -> Json:
        return {
            "symbol": self._listed.pair.symbol,
            "bids": bids,
            "asks": asks,
            "checksum": self._checksum(),
            "timestamp": stamp(self._exchange.now_ms()),
        }

    def _checksum(self) -> int:
        """CRC32 over the ten best asks, then bids: price and quantity without point and leading zeros."""
        best = list(self._asks.items())[:_CHECKED] + list(self._bids.items())[:_CHECKED]
        digits = [_digits(self._price(price)) + _digits(self._qty(qty)) for price, qty in best]
        return crc32("".join(digits).encode())

    def _price(self, price: Decimal) -> Number:
        return fixed(price, self._listed.pair_decimals)

    def _qty(self, qty: Decimal) -> Number:
        return fixed(qty, self._listed.lot_decimals)


def _digits(number: str) -> str:
    return number.replace(".", "").lstrip("0")
