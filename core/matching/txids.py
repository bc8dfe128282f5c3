"""Kraken-shaped ids that are pure functions of a seed and a counter."""

from __future__ import annotations

import base64
import hashlib


def kraken_id(kind: str, seed: int, number: int) -> str:
    """An id such as OABCDE-FGHIJ-KLMNOP. `kind` is its first letter: O order, T trade, L ledger."""
    digest = hashlib.blake2b(f"{kind}|{seed}|{number}".encode(), digest_size=10).digest()
    letters = base64.b32encode(digest).decode()
    return f"{kind}{letters[:5]}-{letters[5:10]}-{letters[10:]}"


class IdMill:
    """Numbers orders and trades. `state` restores it, so that no id is ever given twice."""

    def __init__(self, seed: int = 0, orders: int = 0, trades: int = 0) -> None:
        self.seed, self.orders, self.trades = seed, orders, trades

    def next_order(self) -> str:
        self.orders += 1
        return kraken_id("O", self.seed, self.orders)

    def next_trade(self) -> str:
        self.trades += 1
        return kraken_id("T", self.seed, self.trades)
