"""The switches of /__sim__: hands on market, account, clock and state of the exchange, and its faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from core.clock import ManualClock, ScaledClock
from core.model.errors import Rejected
from core.model.market import ExchangeStatus
from core.model.money import Money, Qty
from core.sim.kraken import order_calls
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.faults import Fault
from core.sim.kraken.listing import CHANGEABLE
from core.sim.kraken.params import Params
from core.sim.kraken.public import find_pair

Json = dict[str, Any]
HAND = "by hand"  # who trades without any key


class Admin:
    """What `GET`, `POST` or `DELETE /__sim__/<name>` does."""

    def __init__(self, open_exchange: Callable[[], Exchange], close_sockets: Callable[[], None]) -> None:
        self._open_exchange, self._close_sockets = open_exchange, close_sockets
        self._posts: dict[str, Callable[[Json], Json]] = {
            "clock": self._set_clock,
            "faults": self._add_fault,
            "quote": self._push_quote,
            "balance": self._move_balance,
            "order": self._order_by_hand,
            "cancel": self._cancel_by_hand,
            "status": self._set_status,
            "maintenance": self._plan_maintenance,
            "market": self._change_market,
            "volume": self._set_volume,
            "lag": self._set_lag,
            "switches": self._set_switches,
            "restate": self._restate,
            "sockets": self._end_sockets,
        }
        self._gets: dict[str, Callable[[], Json]] = {
            "clock": self._clock,
            "faults": self._list_faults,
            "switches": lambda: asdict(self._exchange.customs),
            "limits": self._limits,
        }

    @property
    def _exchange(self) -> Exchange:
        return self._open_exchange()

    def do(self, verb: str, name: str, body: Json) -> tuple[int, Json]:
        """HTTP status and answer of one switch."""
        try:
            self._exchange.advance()
            return 200, self._find(verb, name)(body)
        except KeyError as missing:
            return 400, {"error": f"{missing.args[0]} is missing or unknown"}
        except (Rejected, TypeError, ValueError, InvalidOperation) as wrong:
            return 400, {"error": str(wrong) or type(wrong).__name__}

    def _find(self, verb: str, name: str) -> Callable[[Json], Json]:
        if verb == "DELETE" and name == "faults":
            return self._clear_faults
        if verb == "GET" and name in self._gets:
            return lambda _: self._gets[name]()
        if verb == "POST" and name in self._posts:
            return self._posts[name]
        raise Rejected(f"there is no switch {verb} {name}; there are {', '.join(sorted(self._posts))}")

    # Time.

    def _clock(self) -> Json:
        return {"now_ms": self._exchange.now_ms(), "speed": self._exchange.clock.speed}

    def _set_clock(self, body: Json) -> Json:
        """`speed` sets the pace, `advance_s` jumps ahead, `skew_ms` makes the Time endpoint lie."""
        exchange, clock = self._exchange, self._exchange.clock
        if "speed" in body:
            if not isinstance(clock, ScaledClock):
                raise Rejected("this exchange's clock has no speed to change")
            clock.set_speed(float(body["speed"]))
        if "advance_s" in body:
            ahead_ms = round(float(body["advance_s"]) * 1000)
            if ahead_ms < 0 or not isinstance(clock, ScaledClock | ManualClock):
                raise Rejected("this exchange's clock cannot jump there")
            clock.jump_to(exchange.now_ms() + ahead_ms) if isinstance(clock, ScaledClock) else clock.advance(
                ahead_ms
            )
            exchange.advance()
        exchange.skew_ms = int(body.get("skew_ms", exchange.skew_ms))
        return self._clock()

    # Faults and unknowns.

    def _list_faults(self) -> Json:
        return {"faults": self._exchange.faults.pending()}

    def _add_fault(self, body: Json) -> Json:
        self._exchange.faults.add(Fault.of_json(body))
        return self._list_faults()

    def _clear_faults(self, body: Json) -> Json:
        self._exchange.faults.clear()
        return self._list_faults()

    def _set_switches(self, body: Json) -> Json:
        customs = self._exchange.customs
        kinds = {one.name: type(getattr(customs, one.name)) for one in fields(customs)}
        for name, value in body.items():
            if type(value) is not kinds[name]:
                raise Rejected(f"the switch {name} is a {kinds[name].__name__}")
        for name, value in body.items():
            setattr(customs, name, value)
        return asdict(customs)

    def _set_lag(self, body: Json) -> Json:
        """How many seconds late `orders`, `trades` and `balances` are shown, and how late orders fill."""
        lag = self._exchange.lag
        for name in body:
            if name not in ("orders", "trades", "balances", "fills"):
                raise KeyError(name)
            setattr(lag, f"{name}_ms", max(round(float(body[name]) * 1000), 0))
        return asdict(lag)

    def _limits(self) -> Json:
        """Where every key's REST counter stands, the highest share it reached and the points it spent."""
        limits, now_ms = self._exchange.limits, self._exchange.now_ms()
        return {
            key: {"rest": limits.rest_at(key, now_ms), "peak": limits.peak[key], "points": points}
            for key, points in limits.points.items()
        }

    # The market and the exchange.

    def _push_quote(self, body: Json) -> Json:
        symbol = find_pair_or_symbol(self._exchange, str(body["pair"]))
        quote = self._exchange.push_price(symbol, Decimal(str(body["price"])))
        return {"pair": symbol, "bid": str(quote.bid), "ask": str(quote.ask), "last": str(quote.last)}

    def _set_status(self, body: Json) -> Json:
        self._exchange.engine.status = ExchangeStatus(body["status"])
        self._exchange.advance()
        return {"status": self._exchange.engine.status.value}

    def _plan_maintenance(self, body: Json) -> Json:
        """A maintenance `in_s` seconds from now, for `for_s` seconds."""
        in_ms, for_ms = (round(float(body[name]) * 1000) for name in ("in_s", "for_s"))
        if in_ms < 0 or for_ms <= 0:
            raise Rejected("a maintenance begins from now on and lasts some time")
        starts_ms = self._exchange.now_ms() + in_ms
        self._exchange.maintenances.append((starts_ms, starts_ms + for_ms))
        return {"starts_ms": starts_ms, "ends_ms": starts_ms + for_ms}

    def _change_market(self, body: Json) -> Json:
        """Change a market's terms: `status` (delisted takes it away) and those of CHANGEABLE."""
        symbol = find_pair_or_symbol(self._exchange, str(body["pair"]))
        changes: Json = {name: body[name] for name in ("status", *CHANGEABLE) if name in body}
        pair = self._exchange.listing.change(symbol, changes)
        return {"pair": symbol, "status": pair.status.value, "tick_size": str(pair.tick)}

    # The account.

    def _move_balance(self, body: Json) -> Json:
        asset = self._exchange.listing.asset_name(str(body["asset"]))
        if asset is None:
            raise Rejected("EQuery:Unknown asset")
        self._exchange.deposit(asset, Decimal(str(body["amount"])))
        return {"asset": asset, "balance": str(self._exchange.engine.balances()[asset].total)}

    def _order_by_hand(self, body: Json) -> Json:
        """An order of the account's owner, with AddOrder's arguments."""
        return dict(order_calls.add_order(self._exchange, Params(body, HAND)))

    def _cancel_by_hand(self, body: Json) -> Json:
        return dict(order_calls.cancel_order(self._exchange, Params(body, HAND)))

    def _restate(self, body: Json) -> Json:
        """The exchange changes an open order by itself, named by `txid` or `cl_ord_id`: its `order_qty`."""
        order = order_calls.open_order(
            self._exchange, str(body.get("cl_ord_id", "")), str(body.get("txid", ""))
        )
        qty = Qty(Decimal(str(body["order_qty"])))
        self._exchange.amend(order.txid, None, qty, None, by_exchange=True)
        return {"txid": order.txid, "order_qty": str(qty)}

    def _set_volume(self, body: Json) -> Json:
        """The dollars of the last thirty days that decide the fee tier."""
        dollars = Decimal(str(body["dollars"]))
        if not 0 <= dollars < Decimal("1E15"):
            raise Rejected("the volume is a number of dollars from 0")
        engine = self._exchange.engine
        traded = engine.volume.at(self._exchange.now_ms()) - engine.volume.brought
        engine.volume.brought = Money(dollars - traded)
        self._exchange.books.note(volume_30d=str(engine.volume.brought))
        rates = engine.rates("BTC/USD", self._exchange.now_ms())
        return {"maker": str(rates.maker), "taker": str(rates.taker)}

    def _end_sockets(self, body: Json) -> Json:
        """End every WebSocket connection, and with `tokens` every token too."""
        if body.get("tokens"):
            self._exchange.tokens.revoke()
        self._close_sockets()
        return {"closed": True}


def find_pair_or_symbol(exchange: Exchange, name: str) -> str:
    """A symbol as Zyn writes it (BTC/USD), given by that or by any of Kraken's names."""
    if name in exchange.listing.pairs:
        return name
    return find_pair(exchange, name).pair.symbol
