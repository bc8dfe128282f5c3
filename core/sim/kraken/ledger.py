"""The exchange's ledger: two rows a trade, one a deposit, and balances that follow."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from core.matching.orders import CoinFeeFill
from core.matching.txids import kraken_id
from core.model.market import Pair
from core.model.money import ZERO
from core.model.orders import Fill, Side
from core.sim.kraken.books import LedgerEntry


class Ledger:
    """Every movement of every asset, oldest first."""

    def __init__(self, seed: int, pairs: Mapping[str, Pair]) -> None:
        self.entries: list[LedgerEntry] = []
        self.balances: dict[str, Decimal] = {}
        self._seed, self._pairs = seed, pairs
        self._by_id: dict[str, int] = {}

    def take_up(self, entries: list[LedgerEntry]) -> None:
        self.entries = entries
        self.balances = {entry.asset: entry.balance for entry in entries}

    def move(self, kind: str, asset: str, amount: Decimal, time_ms: int) -> list[LedgerEntry]:
        """A deposit or withdrawal."""
        refid = kraken_id("Q", self._seed, len(self.entries))
        return [self._add(refid, time_ms, kind, asset, amount, ZERO)]

    def trade(self, fill: Fill) -> list[LedgerEntry]:
        """The two rows of an execution; the fee is on the quote row, or on the coin's for one paid so."""
        pair = self._pairs[fill.symbol]
        sign = 1 if fill.side is Side.BUY else -1
        money, coins = (ZERO, fill.coin_fee) if isinstance(fill, CoinFeeFill) else (fill.fee, ZERO)
        return [
            self._add(fill.id, fill.time_ms, "trade", pair.quote, -sign * fill.cost, money),
            self._add(fill.id, fill.time_ms, "trade", pair.base, sign * fill.qty, coins),
        ]

    def entry(self, txid: str) -> LedgerEntry | None:
        place = self._places().get(txid)
        return self.entries[place] if place is not None else None

    def time_of(self, txid: str) -> int | None:
        entry = self.entry(txid)
        return entry.time_ms if entry is not None else None

    def of(self, refid: str) -> list[str]:
        """The ids of the entries that one trade made."""
        places = self._places()
        return [txid for txid, place in places.items() if self.entries[place].refid == refid]

    def totals_at(self, time_ms: int) -> dict[str, Decimal]:
        """What every asset's balance was."""
        return {entry.asset: entry.balance for entry in self.entries if entry.time_ms <= time_ms}

    def _places(self) -> dict[str, int]:
        for place in range(len(self._by_id), len(self.entries)):
            self._by_id[self.entries[place].id] = place
        return self._by_id

    def _add(
        self, refid: str, time_ms: int, kind: str, asset: str, amount: Decimal, fee: Decimal
    ) -> LedgerEntry:
        balance = self.balances.get(asset, ZERO) + amount - fee
        number = kraken_id("L", self._seed, len(self.entries))
        entry = LedgerEntry(number, refid, time_ms, kind, asset, amount, fee, balance)
        self.entries.append(entry)
        self.balances[asset] = balance
        return entry
