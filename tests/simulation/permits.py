"""What an entry needs at the moment it leaves: room under the caps, a closed candle or the owner's word.

Reckoned from the exchange's books and the committed intents alone, in the entry's favour wherever the service
may know less than the books do: what it breaks here no late quote and no late balance explains.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from core.model.money import to_decimal
from core.model.orders import IntentState, OrderIntent, Origin, Side
from tests.simulation.record import Broken

if TYPE_CHECKING:
    from core.trading_config import RiskConfig
    from tests.simulation.auditor import Auditor

CANDLE_MS = 300_000
CLOCK_MS = 60_000  # how far the machine's clock may be ahead
AGE_MS = 2 * CANDLE_MS + 15 * 1_800_000  # two intervals, or 15 s of the machine's where a day flies by
SLACK = Decimal("1.1")  # for money that moved since the service looked last


@dataclass
class Permits:
    """Judges entries. `asked` are the owner's own buys, by the id of the command."""

    auditor: Auditor
    risk: RiskConfig
    asked: set[str] = field(default_factory=set)
    age_ms: int = AGE_MS  # how long ago an entry's candle may have closed

    def check(self, intent: OrderIntent) -> None:
        """Raises Broken [I7, I8, I11]."""
        self._authorised(intent)
        self._nothing_unknown(intent)
        self._within_caps(intent)

    def _authorised(self, intent: OrderIntent) -> None:
        symbol, _, opened = intent.cause.partition("@")
        if intent.origin is Origin.CHAT:
            if intent.cause not in self.asked:
                raise Broken(f"I11: a buy that the owner never asked for: {intent}")
            return
        if symbol != intent.request.symbol or not opened.isdigit() or int(opened) % CANDLE_MS:
            raise Broken(f"I11: an entry without the owner's word or a candle: {intent}")
        now = self.auditor.street.clock.market_ms()
        if now > (intent.request.deadline_ms or now):
            return  # the machine slept on its way out: the exchange refuses it, whatever its candle
        age = now - int(opened) - CANDLE_MS
        if not -CLOCK_MS <= age <= self.age_ms:
            raise Broken(f"I8: an entry of a candle that closed {age / 1000:.0f} s ago: {intent}")

    def _nothing_unknown(self, intent: OrderIntent) -> None:
        for one in self.auditor.evidence.unsettled():
            if one.state is IntentState.AMBIGUOUS and one.request.symbol == intent.request.symbol:
                raise Broken(f"I8: an entry left while the outcome of another order is unknown: {one}")

    def _within_caps(self, intent: OrderIntent) -> None:
        request, risk = intent.request, self.risk
        held = {name: self._most(name) for name in self.auditor.accounts}
        equity = (self._cash() + sum(held.values())) * SLACK
        price = request.price or self.auditor.street.last(request.symbol)
        wanted = {name: self._least(name) for name in self.auditor.accounts}
        wanted[request.symbol] += request.qty * price * (1 - to_decimal(risk.price_band))
        if request.close_stop is not None:
            at_stake = request.qty * (price * (1 - to_decimal(risk.price_band)) - request.close_stop)
            _judge("one trade", at_stake, equity, risk.max_trade_risk, intent)
        _judge("one position", wanted[request.symbol], equity, risk.max_position, intent)
        _judge("all positions", sum(wanted.values(), Decimal(0)), equity, risk.max_exposure, intent)

    def _cash(self) -> Decimal:
        """Quote money that is Zyn's."""
        auditor, capital = self.auditor, self.risk.capital
        total = auditor.street.matching.balances()["USD"].total
        spent = sum((one.paid for one in auditor.accounts.values()), Decimal(0))
        return total if capital is None else min(total, capital + auditor.realised - spent)

    def _most(self, symbol: str) -> Decimal:
        account = self.auditor.accounts[symbol]
        return max(account.qty * self.auditor.street.last(symbol), account.paid)

    def _least(self, symbol: str) -> Decimal:
        """What is held and what waits at its limit, at the lower of cost and price."""
        account, street = self.auditor.accounts[symbol], self.auditor.street
        waiting = (
            one.left * one.price
            for one in street.matching.register.working.get(symbol, {}).values()
            if one.side is Side.BUY and one.price is not None and self.auditor.ours(one)
        )
        return min(account.qty * street.last(symbol), account.paid) + sum(waiting, Decimal(0))


def _judge(what: str, amount: Decimal, equity: Decimal, share: float, intent: OrderIntent) -> None:
    if amount > equity * to_decimal(share):
        raise Broken(f"I7: {amount:.2f} in {what} with at most {equity:.2f} of equity: {intent}")
