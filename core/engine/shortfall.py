"""Coins of a position that are not there: an order was refused for want of them, and the wallet agrees."""

from __future__ import annotations

from collections.abc import Container
from decimal import Decimal

from core.clock import Clock
from core.model.errors import NO_FUNDS
from core.model.money import ZERO

_LOOK_S = 120.0  # wall seconds in which the account is read before missing coins are offered again


class Shortfall:
    """Until the account was read again such coins are neither offered nor guarded: a stop for them would sell
    what the owner keeps beside them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._found: dict[str, tuple[Decimal, float]] = {}  # how many, and wall seconds, by symbol

    def found(self, symbol: str, missing: Decimal, refusal: str) -> None:
        """The wallet lacks coins after a refusal; only one for want of funds proves that they are gone."""
        self._found[symbol] = (missing if NO_FUNDS in refusal else ZERO, self._clock.monotonic())

    def of(self, symbol: str) -> Decimal:
        """How many coins of a position are surely not there."""
        return self._found.get(symbol, (ZERO, 0.0))[0]

    def waits(self, symbol: str) -> bool:
        """Whether the account has to be read before its coins are offered again."""
        return symbol in self._found and self._clock.monotonic() - self._found[symbol][1] < _LOOK_S

    def looked_at(self, short: Container[str]) -> None:
        """The account was read; `short` are the symbols whose coins it lacks still."""
        self._found = {symbol: one for symbol, one in self._found.items() if symbol in short}

    def __bool__(self) -> bool:
        return bool(self._found)
