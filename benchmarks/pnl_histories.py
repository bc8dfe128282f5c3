"""Profit and loss of random histories against a fold over nothing but the exchange's ledger rows.

`fold` knows no type, rule or rounding of Zyn's: it reads exported ledger rows and a list of which trades were
Zyn's, and counts in fractions.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from core.model.errors import Rejected
from core.model.ids import client_order_id
from core.model.money import to_decimal
from core.model.orders import OrderRequest, OrderType, Side, TimeInForce
from core.sim.kraken.ledger import Ledger
from tests.support.lossy import Faults, Village, Wrong, live
from tests.support.paper_trail import PaperTrail, ledger_rows
from tests.support.trading import PAIRS
from tests.support.virtual_time import VirtualLoop

SUMMARY = "10,000 random histories: P&L difference 0.00 against a fold over the exchange's ledgers alone"
ROUNDS = 10_000
PROCESSES = 2


@dataclass
class Purse:
    """One coin of Zyn's while it is held, and what all its sales made."""

    held: Fraction = Fraction(0)
    cost: Fraction = Fraction(0)  # fees included
    made: Fraction = Fraction(0)
    sold_some: bool = False
    order: str = ""  # that bought last


def fold(
    rows: Iterable[Mapping[str, Any]], own: Mapping[str, str], least: Mapping[str, tuple[Fraction, Fraction]]
) -> dict[str, Purse]:
    """Average cost inside a position, fees as booked, from ledger rows of the trades in `own`,
    which names the order of each.

    `least` has each coin's smallest order in coins and in money: what is left below it can never be sold, and
    goes with its cost when the coin is bought again.
    """
    purses: dict[str, Purse] = {}
    for coin, order, amount, money, fee in _trades(rows, own):
        purse = purses.setdefault(coin, Purse())
        if amount > 0:
            if order != purse.order:
                _leave_dust(purse, -money / amount, least[coin])
            purse.order = order
            purse.held, purse.cost, purse.sold_some = purse.held + amount, purse.cost - money + fee, False
        else:
            share = -amount / purse.held
            purse.made += money - fee - purse.cost * share
            purse.held, purse.cost = purse.held + amount, purse.cost * (1 - share)
            purse.sold_some = purse.held > 0
    return purses


def _trades(
    rows: Iterable[Mapping[str, Any]], own: Mapping[str, str]
) -> list[tuple[str, str, Fraction, Fraction, Fraction]]:
    """(coin, order, coins, money, fee) of each own trade in order of time; at one moment buys come first."""
    trades: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        if row["type"] == "trade" and row["refid"] in own:
            trades.setdefault(row["refid"], {})[row["asset"]] = row
    found = []
    for trade, legs in trades.items():
        order = own[trade]
        money, (coin, row) = legs.pop("USD"), next(iter(legs.items()))
        amount = Fraction(row["amount"])
        found.append(
            (row["time"], amount < 0, coin, order, amount, Fraction(money["amount"]), Fraction(money["fee"]))
        )
    found.sort(key=lambda one: one[:2])
    return [one[2:] for one in found]


def _leave_dust(purse: Purse, price: Fraction, least: tuple[Fraction, Fraction]) -> None:
    if purse.sold_some and (purse.held < least[0] or purse.held * price < least[1]):
        purse.made -= purse.cost
        purse.held = purse.cost = Fraction(0)


class History:
    """Somebody's life at an exchange: Zyn's orders, the owner's own, money in and out."""

    def __init__(self, village: Village, seed: int) -> None:
        self.village, self.rng = village, Random(f"history {seed}")
        self.ledger, self.owner = Ledger(seed, PAIRS), dict.fromkeys(PAIRS, Decimal(0))
        self.met: Counter[str] = Counter()
        self._booked = self._number = 0
        self.ledger.move("deposit", "USD", Decimal(10_000), village.clock.market_ms())
        look = village.venue.changed

        def changed() -> None:
            look()
            self._note()

        village.venue.changed = changed

    def _note(self) -> None:
        """Trades go to the ledger as they happen."""
        fills = self.village.venue.matching.register.fills
        for fill in fills[self._booked :]:
            self.ledger.trade(fill)
        self._booked = len(fills)

    def own_trades(self) -> Mapping[str, str]:
        """The order of each execution of Zyn's."""
        register, ours = self.village.venue.matching.register, self.village.witness.ours
        return {one.id: one.order_txid for one in register.fills if ours(register.orders[one.order_txid])}

    def step(self) -> None:
        """One thing happens."""
        deeds = (self.buy, self.buy, self.sell, self.sell, self.rest, self.cancel, self.by_hand, self.money)
        try:
            self.rng.choice(deeds)()
        except Rejected:
            self.met["refused by the exchange"] += 1
        self.village.venue.changed()

    def _symbol(self) -> str:
        return self.rng.choice(tuple(PAIRS))

    def _send(self, symbol: str, side: Side, qty: Decimal, price: Decimal | None, own: bool) -> None:
        self._number += 1
        pair, namespace = PAIRS[symbol], self.village.engine.executor._intents._namespace
        name = client_order_id(namespace, f"history-{self._number}", side.value) if own else ""
        kind = OrderType.MARKET if price is None else OrderType.LIMIT
        lasting = (
            self.rng.choice((TimeInForce.GTC, TimeInForce.IOC)) if price is not None else TimeInForce.GTC
        )
        stop = pair.price(self.village.venue.last(symbol) * Decimal("0.97"))
        close = stop if own and side is Side.BUY and self.rng.random() < 0.5 else None
        at = pair.price(price) if price is not None else None
        request = OrderRequest(
            name, symbol, side, kind, pair.qty(qty), at, close_stop=close, time_in_force=lasting
        )
        self.village.venue.matching.submit(request, self.village.clock.market_ms())

    def _size(self, symbol: str) -> Decimal:
        return to_decimal(round(self.rng.uniform(20, 700), 2)) / self.village.venue.last(symbol)

    def buy(self) -> None:
        symbol = self._symbol()
        self._send(symbol, Side.BUY, self._size(symbol), None, own=True)
        self.met["bought"] += 1

    def sell(self) -> None:
        """A part or all of what Zyn holds, besides what its resting orders may still sell."""
        symbol = self._symbol()
        out = sum((one.left for one in self.village.witness.exits(symbol)), Decimal(0))
        free = self.village.witness.held[symbol] - out
        self._send(symbol, Side.SELL, free * self.rng.choice((1, Decimal("0.37"))), None, own=True)
        self.met["sold"] += 1

    def rest(self) -> None:
        symbol = self._symbol()
        price = self.village.venue.last(symbol) * to_decimal(round(self.rng.uniform(0.995, 1.003), 5))
        self._send(symbol, Side.BUY, self._size(symbol), price, own=True)
        self.met["rested or was cut"] += 1

    def cancel(self) -> None:
        resting = self.village.witness.resting()
        if resting:
            order = self.rng.choice(resting)
            self.village.venue.matching.cancel(order.txid, self.village.clock.market_ms())

    def by_hand(self) -> None:
        """The owner trades the owner's own coins."""
        symbol = self._symbol()
        if self.rng.random() < 0.5:
            before = (
                self.village.venue.matching.purse.balances()[PAIRS[symbol].base].total
                if (PAIRS[symbol].base in self.village.venue.matching.purse.balances())
                else Decimal(0)
            )
            self._send(symbol, Side.BUY, self._size(symbol), None, own=False)
            after = self.village.venue.matching.purse.balances()[PAIRS[symbol].base].total
            self.owner[symbol] += after - before
        else:
            qty = PAIRS[symbol].qty(self.owner[symbol] * Decimal("0.6"))
            before = self.village.venue.matching.purse.balances()[PAIRS[symbol].base].total if qty else qty
            self._send(symbol, Side.SELL, qty, None, own=False)
            after = self.village.venue.matching.purse.balances()[PAIRS[symbol].base].total
            self.owner[symbol] -= before - after
        self.met["owner's trades"] += 1

    def money(self) -> None:
        """Money and coins come and go."""
        matching, now = self.village.venue.matching, self.village.clock.market_ms()
        kind, asset, amount = self.rng.choice(
            (("deposit", "USD", "1500"), ("withdrawal", "USD", "-400"), ("deposit", "ETH", "0.7"))
        )
        value = Decimal(amount)
        if value > 0:
            matching.deposit(asset, value, now)
        else:
            matching.withdraw(asset, -value, now)
        if asset != "USD":
            self.owner[f"{asset}/USD"] += value
        self.ledger.move(kind, asset, value, now)
        self.met["money moved"] += 1


async def play(number: int) -> dict[str, int]:
    """One history, read as it happens and once more from its beginning by a Zyn without a memory."""
    return await asyncio.to_thread(lambda: live(lambda loop: _play(loop, number)))


async def _play(loop: VirtualLoop, seed: int) -> dict[str, int]:
    rng = Random(f"pace {seed}")
    trails: list[PaperTrail] = []

    def account(venue: Any) -> Any:
        trails.append(PaperTrail(venue))
        return trails[-1].account

    village = Village(loop, seed, Faults(quickest=0.0, slowest=0.0), account=account)
    history = History(village, seed)
    await village.start()
    for _ in range(rng.choice((10, 20, 60))):
        if rng.random() < 0.6:  # else: in the same millisecond as what was before
            await asyncio.sleep(rng.choice((0.001, 0.7, 40.0)))
        _market(village, rng)
        history.step()
        if rng.random() < 0.03:
            await village.engine.sync.refresh()
    await _settled(village)
    truth = _truth(history)
    _compare(village, truth, "as it happened")
    village.journal.__init__()  # type: ignore[misc]
    await village.restart()
    await _settled(village)
    _compare(village, _truth(history), "from the beginning")
    register = village.venue.matching.register
    trades, ended = len(register.fills), register.closed.values()
    history.met["cancelled with fills"] = sum(1 for one in ended if one.filled and one.left)
    return {**history.met, "histories": 1, "trades": trades, "more than a page": int(trades > 50)}


async def _settled(village: Village) -> None:
    await asyncio.sleep(1.0)
    await village.engine.sync.refresh()
    await village.engine.sync.refresh()
    village.check()


def _market(village: Village, rng: Random) -> None:
    symbol = rng.choice(tuple(PAIRS))
    unit = Decimal(rng.choice((100, 300, 5000))) / village.venue.last(symbol)
    village.venue.bid_depth = tuple((Decimal(i) * Decimal("0.001"), unit) for i in range(4))
    village.venue.ask_depth = PAIRS[symbol].qty(unit * 3)
    village.venue.trade(symbol, village.venue.last(symbol) * to_decimal(round(1 + rng.gauss(0, 0.006), 6)))


def _truth(history: History) -> dict[str, Purse]:
    least = {one.base: (Fraction(one.min_qty), Fraction(one.min_cost)) for one in PAIRS.values()}
    return fold(ledger_rows(history.ledger), history.own_trades(), least)


def _compare(village: Village, truth: Mapping[str, Purse], when: str) -> None:
    """Realised, held and what it cost, to a millionth of a cent: only the order of divisions may differ."""
    book = village.engine.portfolio
    made = sum((purse.made for purse in truth.values()), Fraction(0))
    _near(book.realised, made, f"realised {when}")
    for symbol, pair in PAIRS.items():
        purse, position = truth.get(pair.base, Purse()), book.position(symbol)
        if (Fraction(position.qty) if position else Fraction(0)) != purse.held:
            raise Wrong(f"{symbol} {when}: {position} in the book, {purse}")
    paid = sum((purse.cost for purse in truth.values()), Fraction(0))
    _near(Decimal(book.open_cost + book.open_fees), paid, f"cost of what is held {when}")


def _near(told: Decimal, true: Fraction, what: str) -> None:
    if abs(Fraction(told) - true) > Fraction(1, 10**8):
        raise Wrong(f"{what}: Zyn says {told}, the ledgers {float(true)}")


def check(counts: Counter[str]) -> None:
    """Everything that makes a history difficult was met."""
    for kind in ("money moved", "owner's trades", "cancelled with fills", "more than a page"):
        assert counts[kind], f"no round with {kind}"
