"""Whatever is ordered, moved, broken and cut off: the exchange's own books stay true.

Ledger sums are balances, nothing available is ever below zero, fills are vol_exec, and what a listener of the
private channels heard adds up to the same.
"""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.matching.customs import Customs
from core.model.errors import Rejected
from core.model.money import ZERO
from tests.support.kraken_hub import Floor, Wire

_KINDS = ["market", "limit", "stop-loss", "take-profit", "stop-loss-limit", "take-profit-limit",
          "trailing-stop", "trailing-stop-limit"]  # fmt: skip

percents = st.integers(-8, 8)  # beside the market's price when the example starts
sizes = st.sampled_from(["0.0001", "0.001", "0.02", "0.3", "0.9"])
orders = st.fixed_dictionaries(
    {
        "what": st.just("order"),
        "kind": st.sampled_from(_KINDS),
        "side": st.sampled_from(["buy", "sell"]),
        "size": sizes,
        "first": percents,
        "second": percents,
        "close": st.none() | percents,
        "lasts": st.sampled_from(["", "IOC", "FOK", "GTD"]),
        "flags": st.sampled_from(["", "post", "fciq", "fcib"]),
        "stp": st.sampled_from(["", "cancel-oldest", "cancel-both"]),
        "name": st.sampled_from(["", "a", "b"]),
    }
)
faults = st.fixed_dictionaries(
    {
        "what": st.just("fault"),
        "kind": st.sampled_from(["fill", "thin"]),
        "value": st.sampled_from(["0.00001", "0.0003", "0.05"]),
    }
)
steps = st.one_of(
    orders,
    faults,
    st.fixed_dictionaries({"what": st.just("cancel"), "number": st.integers(0, 9)}),
    st.fixed_dictionaries(
        {"what": st.just("amend"), "number": st.integers(0, 9), "size": sizes, "first": percents}
    ),
    st.fixed_dictionaries({"what": st.just("market"), "first": percents}),
    st.fixed_dictionaries({"what": st.just("money"), "amount": st.integers(-30_000, 30_000)}),
    st.fixed_dictionaries({"what": st.just("wait"), "seconds": st.integers(1, 400)}),
    st.fixed_dictionaries({"what": st.just("travel"), "seconds": st.sampled_from([0, 0, 3, 40])}),
    st.fixed_dictionaries(
        {"what": st.just("mode"), "status": st.sampled_from(["online", "online", "post_only", "maintenance"])}
    ),
    st.fixed_dictionaries({"what": st.just("dead_man"), "seconds": st.integers(0, 90)}),
)
customs = st.builds(
    Customs,
    hold_trigger_orders=st.booleans(),
    fragments_below_minimum=st.booleans(),
    children_inherit_client_id=st.booleans(),
    sells_pay_in_coins=st.booleans(),
)


class Play:
    """One example: a floor, a listener, and the price it began with."""

    def __init__(self, habits: Customs) -> None:
        self.floor = Floor(customs=habits, cash=D(50_000))
        self.floor.exchange.deposit("BTC", D("0.5"))
        self.start = self.floor.last()
        self.executions = self.floor.account("executions")
        self.heard: dict[str, D] = {}  # order -> what its trade messages add up to
        self.sequence = 1

    def price(self, percent: int) -> str:
        return str((self.start * (100 + percent) / 100).quantize(D("0.1")))

    def do(self, step: dict[str, Any]) -> None:
        try:
            getattr(self, step["what"])(step)
        except Rejected:
            pass

    def order(self, step: dict[str, Any]) -> None:
        kind = step["kind"]
        values = {"type": step["side"], "ordertype": kind, "volume": step["size"], "cl_ord_id": step["name"]}
        if kind != "market":
            trailing = kind.startswith("trailing")
            values["price"] = f"+{abs(step['first']) + 1}%" if trailing else self.price(step["first"])
        if kind.endswith("-limit"):
            values["price2"] = "+10" if kind.startswith("trailing") else self.price(step["second"])
        if kind == "limit":
            values |= {"timeinforce": step["lasts"]}
            values |= {"expiretm": "+60"} if step["lasts"] == "GTD" else {}
        if kind == "limit" or step["flags"] != "post":
            values["oflags"] = step["flags"]
        if step["close"] is not None:
            values |= {"close[ordertype]": "stop-loss", "close[price]": self.price(step["close"])}
        self.floor.order(**values, stptype=step["stp"])

    def fault(self, step: dict[str, Any]) -> None:
        path = "CancelOrder" if step["kind"] == "fill" else "AddOrder"
        self.floor.switch("faults", path=path, kind=step["kind"], value=step["value"])

    def _open(self, number: int) -> str:
        opened = self.floor.exchange.engine.open_orders()
        if not opened:
            raise Rejected("nothing is open")
        return opened[number % len(opened)].txid

    def cancel(self, step: dict[str, Any]) -> None:
        self.floor.call("CancelOrder", txid=self._open(step["number"]))

    def amend(self, step: dict[str, Any]) -> None:
        price, txid = self.price(step["first"]), self._open(step["number"])
        kind = self.floor.exchange.engine.register.orders[txid].type.value
        values = {"order_qty": step["size"]}
        if kind == "limit" or kind.endswith("-limit"):
            values["limit_price"] = "-10" if kind.startswith("trailing") else price
        if kind != "limit":
            values["trigger_price"] = f"+{abs(step['first']) + 1}%" if kind.startswith("trailing") else price
        self.floor.call("AmendOrder", txid=txid, **values)

    def market(self, step: dict[str, Any]) -> None:
        self.floor.price(self.price(step["first"]))

    def money(self, step: dict[str, Any]) -> None:
        self.floor.exchange.advance()
        self.floor.exchange.deposit("USD", D(step["amount"]))

    def travel(self, step: dict[str, Any]) -> None:
        self.floor.switch("lag", fills=step["seconds"])

    def mode(self, step: dict[str, Any]) -> None:
        self.floor.switch("status", status=step["status"])

    def dead_man(self, step: dict[str, Any]) -> None:
        self.floor.call("CancelAllOrdersAfter", timeout=str(step["seconds"]))

    def wait(self, step: dict[str, Any]) -> None:
        self.floor.wait(step["seconds"])


def check(play: Play) -> None:
    exchange = play.floor.exchange
    sums: dict[str, D] = {}
    for entry in exchange.ledger.entries:
        sums[entry.asset] = sums.get(entry.asset, ZERO) + entry.amount - entry.fee
    for asset, balance in exchange.engine.balances().items():
        assert balance.total == sums.get(asset, ZERO)
        assert 0 <= balance.held <= balance.total
    filled: dict[str, D] = {}
    for fill in exchange.engine.fills():
        filled[fill.order_txid] = filled.get(fill.order_txid, ZERO) + fill.qty
    for txid, order in exchange.engine.register.orders.items():
        assert order.filled == filled.get(txid, ZERO) <= order.qty
    _check_heard(play, play.executions, filled)


def _check_heard(play: Play, wire: Wire, filled: dict[str, D]) -> None:
    for frame in wire.frames("executions"):
        play.sequence += 1
        assert frame["sequence"] == play.sequence
        for row in frame["data"]:
            if row["exec_type"] == "trade":
                txid = row["order_id"]
                play.heard[txid] = play.heard.get(txid, ZERO) + row["last_qty"]
                assert row["cum_qty"] == play.heard[txid]
    assert play.heard == filled


@settings(max_examples=60, deadline=None)
@given(customs, st.lists(steps, max_size=25))
def test_no_sequence_of_orders_and_faults_breaks_the_exchanges_books(
    habits: Customs, sequence: list[dict[str, Any]]
) -> None:
    play = Play(habits)
    try:
        for step in sequence:
            play.do(step)
            check(play)
    finally:
        play.floor.books.close()
