"""What the account owns and what its resting orders hold of it. No balance ever goes below zero."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from core.model.account import Balance
from core.model.errors import InvariantBroken, Rejected
from core.model.money import ZERO

INSUFFICIENT = "EOrder:Insufficient funds"


class Purse:
    """Totals and holds of every asset of one account."""

    def __init__(self, totals: Mapping[str, Decimal]) -> None:
        self._totals = dict(totals)
        self._held: dict[str, Decimal] = {}

    def total(self, asset: str) -> Decimal:
        return self._totals.get(asset, ZERO)

    def free(self, asset: str) -> Decimal:
        return self._totals.get(asset, ZERO) - self._held.get(asset, ZERO)

    def hold(self, asset: str, amount: Decimal) -> None:
        """Reserve `amount`; Rejected when that much is not free."""
        if amount > self.free(asset):
            raise Rejected(INSUFFICIENT)
        self._held[asset] = self._held.get(asset, ZERO) + amount

    def release(self, asset: str, amount: Decimal) -> None:
        left = self._held.get(asset, ZERO) - amount
        if left < 0:
            raise InvariantBroken(f"released more {asset} than was held")
        self._held[asset] = left

    def credit(self, asset: str, amount: Decimal) -> None:
        self._totals[asset] = self._totals.get(asset, ZERO) + amount

    def debit(self, asset: str, amount: Decimal) -> None:
        """Take `amount` out of what is free; InvariantBroken when it is not there."""
        if amount > self.free(asset):
            raise InvariantBroken(f"{asset} would go below zero")
        self._totals[asset] = self._totals.get(asset, ZERO) - amount

    def balances(self) -> dict[str, Balance]:
        return {a: Balance(a, total, self._held.get(a, ZERO)) for a, total in self._totals.items()}
