"""Spoilt replies: each is rejected or means what the sound one meant, never something else.

What is spoilt: bytes cut off, structure broken or doubled, members gone, values of another type or not
finite, pages of HTML, half an envelope. A digit changed for another in a sound reply, or a whole row gone
from a list, cannot be seen in the reply: the connection's own checks are for that. Members that Kraken leaves
out when they do not apply may be gone; a pair that cannot be read is left out of the table.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

from core.clock import ManualClock
from core.model.errors import VenueError
from core.model.market import Timeframe
from core.model.money import Price, Qty
from core.model.orders import OrderRequest, OrderType, Side
from core.venues.kraken_account import KrakenAccount
from core.venues.kraken_lane import ServerTime
from core.venues.kraken_market import KrakenMarket
from core.venues.kraken_orders import KrakenOrders
from core.venues.kraken_wire import WRITES, check_envelope, decode
from tests.support.scripted_kraken import ID, PAIRS, TXID, order_row, trade_row

SUMMARY = "10,000 mutated replies: rejected or equal, never believed wrongly"
ROUNDS = 100
A_ROUND = 100

NOW = 1_700_000_100_000 // 300_000 * 300_000
ORDER = OrderRequest(ID, "BTC/USD", Side.BUY, OrderType.MARKET, Qty(Decimal("0.001")))
SOUND: Mapping[str, Any] = {
    "AssetPairs": PAIRS,
    "OHLC": {
        "XXBTZUSD": [
            [(NOW + i * 300_000) // 1000, "100.1", "101.5", "99.5", "100.7", "100.2", "1.5", 3]
            for i in range(-6, 1)
        ],
        "last": (NOW - 300_000) // 1000,
    },
    "Ticker": {
        "XXBTZUSD": {
            "a": ["30011.00000", "1", "1.000"], "b": ["30010.90000", "2", "2.000"],
            "c": ["30010.95000", "0.1"], "v": ["10.5", "20.25"], "p": ["1", "2"], "t": [1, 2],
            "l": ["1", "2"], "h": ["3", "4"], "o": "29900.1",
        }
    },
    "SystemStatus": {"status": "online", "timestamp": "2023-07-06T18:52:00Z"},
    "BalanceEx": {
        "ZUSD": {"balance": "25435.2100", "hold_trade": "8249.7600"},
        "XXBT": {"balance": "1.2435000000", "hold_trade": "0.8423000000"},
    },
    "OpenOrders": {"open": {TXID: order_row()}},
    "ClosedOrders": {
        "closed": {TXID: order_row(status="canceled", closetm=1700000001.5, reason="User requested")},
        "count": 1,
    },
    "TradesHistory": {"trades": {"T1": trade_row(1700000000.5)}, "count": 1},
    "TradeVolume": {
        "currency": "ZUSD", "volume": "12000.5", "fees": {"XXBTZUSD": {"fee": "0.3800"}},
        "fees_maker": {"XXBTZUSD": {"fee": "0.2200"}},
    },
    "GetApiKeyInfo": {"permissions": ["query-funds", "withdraw-funds"]},
    "GetWebSocketsToken": {"token": "1Dwc4lzSwNWOAwkMdqhssNNFhs1ed606d1WcF3XfEMw", "expires": 900},
    "QueryOrders": {TXID: order_row()},
    "AddOrder": {"descr": {"order": "buy 0.001 XBTUSD @ market"}, "txid": [TXID]},
    "CancelOrder": {"count": 1},
    "AmendOrder": {"amend_id": "TEZA4R-DSDGT-IJBOJK"},
}  # fmt: skip
# What Kraken leaves out, or writes null for, when it does not apply: gone, it says so.
OPTIONAL = frozenset(
    {"cl_ord_id", "reason", "refid", "stopprice", "count", "fees_maker", "status", "altname", "wsname",
     "tick_size", "ordermin", "costmin", "maker"}
)  # fmt: skip
# Members that are lists of any length: one row less, or none at all, is a sound reply too.
LISTS = frozenset({"open", "closed", "trades", "fees_maker", "permissions"})


class Reader:
    """Everything that Zyn reads of Kraken, over replies in memory instead of a connection."""

    def __init__(self, spoilt: str, body: str) -> None:
        """All replies are sound but the first one to `spoilt`, which is `body`."""
        self._spoilt, self._body = spoilt, body
        clock = ManualClock(NOW)
        server_time = ServerTime(clock)
        self.market = KrakenMarket(self, clock, server_time, "USD")  # type: ignore[arg-type]
        self.account = KrakenAccount(self.read, self.market, clock)
        self.orders = KrakenOrders(self, self.market, server_time)  # type: ignore[arg-type]

    async def read(self, path: str, **params: str) -> dict[str, Any]:
        body = self._body if path == self._spoilt else envelope(path)
        self._spoilt = "" if path == self._spoilt else self._spoilt
        try:
            reply = decode(body)
        except (ValueError, RecursionError):
            reply = None
        return check_envelope(200, reply, write=path in WRITES, now_ms=NOW)

    ask = write = read


READS: Mapping[str, Callable[[Reader], Awaitable[Any]]] = {
    "AssetPairs": lambda reader: reader.market.pairs(),
    "OHLC": lambda reader: reader.market.fetch_ohlc("BTC/USD", Timeframe.M5, 720),
    "Ticker": lambda reader: reader.market.quotes(["BTC/USD"]),
    "SystemStatus": lambda reader: reader.market.status(),
    "BalanceEx": lambda reader: reader.account.balances(),
    "OpenOrders": lambda reader: reader.account.open_orders(),
    "ClosedOrders": lambda reader: reader.account.closed_orders(0),
    "TradesHistory": lambda reader: reader.account.fills(0),
    "TradeVolume": lambda reader: reader.account.fees("BTC/USD"),
    "GetApiKeyInfo": lambda reader: reader.account.permissions(),
    "GetWebSocketsToken": lambda reader: reader.account.socket_token(),
    "QueryOrders": lambda reader: reader.orders.order(TXID),
    "AddOrder": lambda reader: reader.orders.place(ORDER),
    "CancelOrder": lambda reader: reader.orders.cancel(TXID),
    "AmendOrder": lambda reader: reader.orders.raise_stop(TXID, Price(Decimal("30000.0")), NOW),
}


def envelope(path: str) -> str:
    return json.dumps({"error": [], "result": SOUND[path]})


async def play(number: int) -> dict[str, int]:
    """A hundred spoilt replies. Raises for one that is believed to say something else."""
    rng, counts = random.Random(number), Counter[str]()
    for _ in range(A_ROUND):
        path = rng.choice(sorted(SOUND))
        kind, body = spoil(rng, path)
        counts[await judged(path, body)] += 1
        counts[f"spoilt: {kind}"] += 1
    return dict(counts)


async def judged(path: str, body: str) -> str:
    """rejected or equal."""
    sound = await READS[path](Reader(path, envelope(path)))
    try:
        found = await READS[path](Reader(path, body))
    except VenueError:
        return "rejected"
    if path == "AssetPairs" and all(sound.get(name) == pair for name, pair in found.items()):
        return "equal" if found == sound else "rejected"
    if found != sound:
        raise AssertionError(f"{path} believed {body}\nas {found}\nnot {sound}")
    return "equal"


def spoil(rng: random.Random, path: str) -> tuple[str, str]:
    """A way to spoil a reply, and the reply spoilt that way."""
    body = envelope(path)
    kind = rng.choice(sorted(_BYTES) + ["member gone", "another type", "no number"] * 2)
    if kind in _BYTES:
        return kind, _BYTES[kind](rng, body)
    whole = {"error": [], "result": deepcopy(SOUND[path])}
    holder, name, row = rng.choice(
        [place for place in _places(whole) if kind != "member gone" or not place[2]]
    )
    if kind == "member gone":
        del holder[name]
    elif kind == "another type":
        empty: list[Any] = [] if name in LISTS or row else [[], {}]
        others = [None, True, [[]], {"a": {}}, *empty]
        holder[name] = rng.choice(others)
    else:
        holder[name] = rng.choice(["NaN", "Infinity", "-1e400x", "", "1,5", "--1", "0x10", float("nan")])
    return kind, json.dumps(whole)


def _places(value: Any, named: str = "") -> Iterator[tuple[Any, Any, bool]]:
    """Every member that must be what it is: its holder, its name, and whether it is one of many alike."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    alike = named in LISTS or (bool(value) and all(isinstance(one, list | dict) for _, one in items))
    for name, inner in list(items):
        if name not in OPTIONAL:
            yield value, name, alike and named != ""
        yield from _places(inner, str(name))


def _cut(rng: random.Random, body: str) -> str:
    return body[: rng.randrange(len(body))]


def _structure(rng: random.Random, body: str) -> str:
    """A bracket, comma or colon outside of texts becomes another, or goes."""
    outside, places = True, []
    for at, letter in enumerate(body):
        outside ^= letter == '"'
        if outside and letter in "{}[],:":
            places.append(at)
    at = rng.choice(places)
    return body[:at] + rng.choice(["", "{", "}", "[", "]", ":", ";"]).replace(body[at], "") + body[at + 1 :]


def _html(rng: random.Random, body: str) -> str:
    page = "<html><head><title>Attention Required! | Cloudflare</title></head></html>"
    return rng.choice([page, page + body, body + page, ""])


def _half(rng: random.Random, body: str) -> str:
    half = ['{"error":[]}', '{"result":{}}', '{"error":[],"result":null}', "{}", "[]", "null"]
    return rng.choice([*half, '{"error":[],"result":[]}'])


def _control(rng: random.Random, body: str) -> str:
    at = rng.randrange(len(body))
    return (
        body[:at]
        + chr(rng.randrange(32)).replace("\n", "\0").replace("\r", "\0").replace("\t", "\0")
        + body[at:]
    )


def _blanks(rng: random.Random, body: str) -> str:
    return body.replace(", ", ",\n ").replace(": ", " :  ") + " " * rng.randrange(9)


def _twice(rng: random.Random, body: str) -> str:
    return body + body


_BYTES: Mapping[str, Callable[[random.Random, str], str]] = {
    "cut off": _cut, "structure": _structure, "html": _html, "half an envelope": _half,
    "control byte": _control, "blanks": _blanks, "twice": _twice,
}  # fmt: skip
