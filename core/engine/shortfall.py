"""Coins of a position that cannot be had: an order was refused for want of them, and the wallet agrees."""

from __future__ import annotations

from collections.abc import Container, Mapping
from decimal import Decimal

from core.clock import Clock
from core.model.account import Balance
from core.model.errors import NO_FUNDS
from core.model.money import ZERO

_LOOK_S = 120.0  # wall seconds in which the account is read before such coins are offered again


class Shortfall:
    """Coins that are not there, and coins that are there while another order of the account holds them.

    Until the account was read again the first are neither offered nor guarded: a stop for them would sell
    what the owner keeps beside them. The second are not offered until the wallet changes: every attempt
    takes their stop away for a moment.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._gone: dict[str, tuple[Decimal, float]] = {}  # how many, and wall seconds, by symbol
        self._held: dict[str, float] = {}  # wall seconds, by symbol
        self._shown: dict[str, Balance | None] = {}  # the wallet at the first look after a sale was refused

    def gone(self, symbol: str, missing: Decimal, refusal: str) -> None:
        """The wallet lacks coins after a refusal; only one for want of funds proves that they are gone."""
        self._gone[symbol] = (missing if NO_FUNDS in refusal else ZERO, self._clock.monotonic())

    def held(self, symbol: str, refusal: str) -> None:
        """A sale was refused while nothing of ours rests, and too few coins are free for an order."""
        if NO_FUNDS in refusal:
            self._held[symbol] = self._clock.monotonic()
            self._shown.pop(symbol, None)

    def of(self, symbol: str) -> Decimal:
        """How many coins of a position are surely not there."""
        return self._gone.get(symbol, (ZERO, 0.0))[0]

    def waits(self, symbol: str) -> bool:
        """Whether the account has to be read before coins that lack are offered again."""
        return symbol in self._gone and self._clock.monotonic() - self._gone[symbol][1] < _LOOK_S

    def why(self, symbol: str) -> str:
        """Why none of a position is offered now, or nothing."""
        if self.waits(symbol):
            return "its coins are not in the account; I look at that first"
        if symbol in self._held and self._clock.monotonic() - self._held[symbol] < _LOOK_S:
            return "another order in the account holds its coins; cancel that one, and I sell them"
        return ""

    def looked_at(self, short: Container[str], wallets: Mapping[str, Balance | None]) -> None:
        """The account was read: `short` are symbols whose coins it lacks still; wallets by what is held."""
        self._gone = {symbol: one for symbol, one in self._gone.items() if symbol in short}
        for symbol in tuple(self._held):
            if symbol not in wallets or self._shown.setdefault(symbol, wallets[symbol]) != wallets[symbol]:
                del self._held[symbol]

    def __bool__(self) -> bool:
        """Whether coins lack that a look at the account should explain."""
        return bool(self._gone)
