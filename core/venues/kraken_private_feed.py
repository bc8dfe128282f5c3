"""Kraken's private socket: every execution and every movement of money, as it happens.

It is heard as a witness. What the account is, REST says, once; this line says whether anything happened
since, and lists enough to tell whether REST's word is up to date: the totals, which orders are open, how much
each has executed. Its rows lack what the book needs (what is held, fees as booked), and a fill that is booked
twice is worse than one that is asked for.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.clock import Clock
from core.model.account import Balance
from core.model.errors import Transient
from core.model.money import ZERO
from core.model.orders import Fill, OrderReport
from core.venues import kraken_shapes as shapes
from core.venues.kraken_names import asset_code, is_tradable_balance
from core.venues.kraken_socket import Socket

_ENDED = frozenset({"filled", "canceled", "expired"})
_LATELY_MS = 600_000  # market time after which an execution is taken for listed
_BLUR_MS = 2_000  # its time is when it was heard
_SAME = Decimal("1e-8")  # two totals that differ by less are one: the socket's are JSON numbers
_CHANNELS = ("executions", "balances")


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of the line: equal marks mean that nothing was told in between and none was missed."""

    epoch: int
    events: int


class PrivateFeed:
    """What the line told since it stands. `fresh` only while both channels are whole and it speaks."""

    def __init__(self, url: str, clock: Clock, token: Callable[[], Awaitable[str]]) -> None:
        """`token` asks Kraken for a new one; it may raise VenueError."""
        self._token = token
        self._clock = clock
        self._heard: Callable[[], None] = lambda: None
        self._epoch = 0
        self._begin()
        self.socket = Socket("private socket", url, self, clock)

    def _begin(self) -> None:
        self._epoch += 1
        self._events = 0
        self._sequences: dict[str, int] = {}
        self._totals: dict[str, Decimal] = {}
        self._open: set[str] = set()
        self._executed: deque[tuple[int, str, Decimal]] = deque()

    def when_told(self, call: Callable[[], None]) -> None:
        """`call` is made at every event."""
        self._heard = call

    @property
    def fresh(self) -> bool:
        return self.socket.fresh

    @property
    def mark(self) -> Mark:
        return Mark(self._epoch, self._events)

    # What REST says, beside what was told

    def same_balances(self, said: Mapping[str, Balance]) -> bool:
        totals = {asset: one.total for asset, one in said.items()}
        assets = totals.keys() | self._totals.keys()
        return all(_equal(totals.get(one, ZERO), self._totals.get(one, ZERO)) for one in assets)

    def same_orders(self, said: list[OrderReport]) -> bool:
        return {one.txid for one in said} == self._open

    def has_all(self, said: list[Fill], since_ms: int, asked_ms: int) -> bool:
        """Whether every execution that was told lately is among these, which are complete since then.

        Lately is seen from the moment of the question: its answer may be long on its way. Compared by order
        and quantity: that both name an execution alike is written nowhere.
        """
        oldest = asked_ms - _LATELY_MS
        while self._executed and self._executed[0][0] < oldest:
            self._executed.popleft()
        lacking: defaultdict[str, Decimal] = defaultdict(Decimal)
        for time_ms, txid, qty in self._executed:
            if time_ms >= since_ms + _BLUR_MS:
                lacking[txid] += qty
        for one in said:
            lacking[one.order_txid] -= one.qty
        return all(qty <= _SAME for qty in lacking.values())

    # The line

    async def opened(self) -> None:
        """Both channels with one fresh token, from the beginning."""
        self._begin()
        token = await self._token()
        await self.socket.send("subscribe", channel="executions", token=token, snap_orders=True)
        await self.socket.send("subscribe", channel="balances", token=token, snapshot=True)

    def closed(self) -> None:
        self._begin()

    def heard(self, frame: dict[str, Any]) -> None:
        if frame.get("method") == "subscribe" and frame.get("success") is not True:
            raise Transient(f"Kraken refused the private socket ({frame.get('error')})")
        channel = frame.get("channel")
        if channel not in _CHANNELS:
            return
        self._follow(channel, frame)
        first = frame.get("type") == "snapshot"
        take = self._execution if channel == "executions" else self._balance
        for row in shapes.rows(frame):
            take(row)
        if first and len(self._sequences) == len(_CHANNELS):
            self.socket.stands()
        elif not first:
            self._events += 1
            self._heard()

    def _follow(self, channel: str, frame: Mapping[str, Any]) -> None:
        """A snapshot begins the count; every later frame must follow the one before."""
        number = frame.get("sequence")
        if not isinstance(number, int) or isinstance(number, bool):
            raise shapes.BadShape(f"a frame of {channel} has no sequence")
        before = self._sequences.get(channel)
        if frame.get("type") == "snapshot":
            if before is not None:
                raise Transient(f"{channel} began anew in the middle of a connection")
        elif before is None or number != before + 1:
            raise Transient(f"frames of {channel} are missing ({before} is followed by {number})")
        self._sequences[channel] = number

    def _execution(self, row: Mapping[str, Any]) -> None:
        txid, kind = shapes.member(row, "order_id", str), str(row.get("exec_type"))
        if kind == "trade":
            qty = shapes.amount(row.get("last_qty"))
            self._executed.append((self._clock.market_ms(), txid, qty))
        if kind in _ENDED or row.get("order_status") in _ENDED:
            self._open.discard(txid)
        elif kind != "trade":
            self._open.add(txid)

    def _balance(self, row: Mapping[str, Any]) -> None:
        """Only the spot wallet counts: coins that are bonded elsewhere cannot be sold."""
        name = shapes.member(row, "asset", str)
        wallets = row.get("wallets")
        if isinstance(wallets, list):
            mine = [one for one in wallets if _is_spot(one.get("type"), one.get("id"))]
            total = sum((shapes.number(one.get("balance")) for one in mine), ZERO)
        elif _is_spot(row.get("wallet_type", "spot"), row.get("wallet_id", "main")):
            total = shapes.number(row.get("balance"))
        else:
            return
        if is_tradable_balance(name):
            self._totals[asset_code(name)] = total


def _is_spot(kind: object, wallet: object) -> bool:
    return kind == "spot" and wallet == "main"


def _equal(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= max(_SAME, abs(one) * Decimal("1e-10"))
