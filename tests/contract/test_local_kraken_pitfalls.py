"""What loses money with the unmodified client library happens on the local Kraken just as on the real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import ccxt.async_support as ccxt
import ccxt.pro as pro
import pytest

from core.clock import ManualClock
from core.sim.kraken.server import DEMO_KEY, DEMO_SECRET, LocalKraken

START_MS = 1_790_000_000_000
PAIR = "BTC/USD"


class Floor:
    """A running local Kraken and plain clients of it."""

    def __init__(self, kraken: LocalKraken, url: str) -> None:
        self.kraken, self.url = kraken, url
        self.clients: list[Any] = []

    def client(self, library: Any = ccxt, **options: Any) -> Any:
        web, ws = self.url, self.url.replace("http", "ws")
        sockets = {
            "public": ws,
            "private": ws + "/auth",
            "publicV2": ws + "/v2",
            "privateV2": ws + "/auth/v2",
        }
        apis = {"public": web, "private": web, "zendesk": web, "ws": sockets}
        keys = {"apiKey": DEMO_KEY, "secret": DEMO_SECRET, "timeout_on_exit": 0}
        made = library.kraken({**keys, "enableRateLimit": False, "urls": {"api": apis}, **options})
        if self.clients:
            made.set_markets_from_exchange(self.clients[0])
        self.clients.append(made)
        return made

    def fault(self, path: str, kind: str, **more: Any) -> None:
        status, said = self.kraken.admin.do("POST", "faults", {"path": path, "kind": kind, **more})
        assert status == 200, said

    @property
    def placed(self) -> list[Any]:
        return list(self.kraken.exchange.engine.register.orders.values())


@pytest.fixture(scope="module")
def markets() -> Iterator[list[Any]]:
    """A client that has loaded the markets, for others to copy."""
    yield []


@pytest.fixture
async def floor(markets: list[Any]) -> AsyncIterator[Floor]:
    kraken = LocalKraken(ManualClock(START_MS), symbols=(PAIR,))
    floor = Floor(kraken, await kraken.start())
    if markets:
        floor.clients.append(markets[0])
    else:
        markets.append(floor.client())
        await markets[0].load_markets()
    yield floor
    for client in floor.clients:
        await client.close()
    await kraken.stop()


async def test_a_stop_by_the_unified_name_is_a_plain_market_order(floor: Floor) -> None:
    client = floor.client()
    await client.create_order(PAIR, "market", "buy", 0.02)
    for name in ("triggerPrice", "stopPrice"):
        sold = await client.create_order(PAIR, "market", "sell", 0.005, None, {name: 50_000})
        order = await client.fetch_order(sold["id"])
        assert (order["type"], order["status"]) == ("market", "closed"), "sold at once"
    kept = await client.create_order(PAIR, "market", "sell", 0.005, None, {"stopLossPrice": 50_000})
    assert (await client.fetch_order(kept["id"]))["status"] == "open"


async def test_a_dry_run_by_the_socket_is_a_live_order(floor: Floor) -> None:
    client = floor.client(pro)
    params = {"validate": True}
    order = await asyncio.wait_for(client.create_order_ws(PAIR, "limit", "buy", 0.001, 50_000, params), 10)
    assert [one.txid for one in floor.placed] == [order["id"]]
    by_rest = await client.create_order(PAIR, "limit", "buy", 0.001, 50_000, {"validate": "true"})
    assert by_rest["id"] is None and len(floor.placed) == 1


async def test_one_call_that_retries_is_three_orders(floor: Floor) -> None:
    client = floor.client(options={"maxRetriesOnFailure": 2, "maxRetriesOnFailureDelay": 1})
    floor.fault("AddOrder", "reset", phase="after", count=2)
    await client.create_order(PAIR, "limit", "buy", 0.001, 50_000)
    assert len(floor.placed) == 3


async def test_a_page_with_status_200_is_taken_for_an_empty_account(floor: Floor) -> None:
    client = floor.client()
    floor.fault("*", "html", phase="after", count=None)
    assert (await client.create_order(PAIR, "limit", "buy", 0.001, 50_000))["id"] is None
    assert len(floor.placed) == 1, "it is there all the same"
    assert (await client.fetch_balance())["total"] == {}
    assert await client.fetch_open_orders() == []


async def test_trades_of_one_pair_hide_behind_those_of_all(floor: Floor) -> None:
    client = floor.client()
    await client.create_order(PAIR, "market", "buy", 0.0001)
    for _ in range(60):
        await client.create_order("ETH/USD", "market", "buy", 0.002)
    assert await client.fetch_my_trades(PAIR) == []
    assert len(await client.fetch_my_trades(PAIR, params={"ofs": 50})) == 1


async def test_a_batch_raises_for_one_leg_while_the_others_live(floor: Floor) -> None:
    client = floor.client()
    leg = {"symbol": PAIR, "type": "limit", "side": "buy", "price": 50_000}
    with pytest.raises(ccxt.InsufficientFunds):
        await client.create_orders([{**leg, "amount": 900}, {**leg, "amount": 0.001}])
    assert [one.status.value for one in floor.placed] == ["open"]


async def test_an_edited_order_comes_back_under_another_number(floor: Floor) -> None:
    client = floor.client()
    order = await client.create_order(PAIR, "limit", "buy", 0.001, 50_000)
    edited = await client.edit_order(order["id"], PAIR, "limit", "buy", 0.002, 50_001)
    assert edited["id"][0] == "T" and edited["id"] != order["id"]
    (only,) = await client.fetch_open_orders()
    assert (only["id"], only["amount"], only["price"]) == (order["id"], 0.002, 50_001)


async def test_a_client_id_makes_no_market_order_once_only(floor: Floor) -> None:
    client = floor.client()
    for _ in range(2):
        await client.create_order(PAIR, "market", "buy", 0.001, None, {"clientOrderId": "once"})
    assert len(await client.fetch_my_trades()) == 2


async def test_a_coarse_tick_is_ignored_by_the_client_and_refused_by_the_exchange(floor: Floor) -> None:
    client = floor.client()
    status, _ = floor.kraken.admin.do("POST", "market", {"pair": PAIR, "tick_size": "0.5"})
    assert status == 200
    with pytest.raises(ccxt.ExchangeError, match="Tick size check failed"):
        await client.create_order(PAIR, "limit", "buy", 0.001, 50_000.2)


# Kraken's string, the class that the library makes of it for AddOrder.
ERRORS = (
    ("EOrder:Insufficient funds", "InsufficientFunds"),
    ("EOrder:Order minimum not met", "InvalidOrder"),
    ("EOrder:Cost minimum not met", "ExchangeError"),
    ("EGeneral:Invalid arguments:volume", "InvalidOrder"),
    ("EGeneral:Invalid arguments:volume minimum not met", "InvalidOrder"),
    ("EGeneral:Invalid arguments:price", "InvalidOrder"),
    ("EGeneral:Invalid arguments", "BadRequest"),
    ("EOrder:Invalid price", "ExchangeError"),
    ("EOrder:Tick size check failed", "ExchangeError"),
    ("EOrder:Orders limit exceeded", "ExchangeError"),
    ("EOrder:Scheduled orders limit exceeded", "ExchangeError"),
    ("EOrder:Domain rate limit exceeded", "ExchangeError"),
    ("EOrder:Trading agreement required", "ExchangeError"),
    ("EQuery:Unknown asset pair", "ExchangeError"),
    ("ETrade:Locked", "ExchangeError"),
    ("EOrder:Unknown order", "InvalidOrder"),
    ("EOrder:Rate limit exceeded", "DDoSProtection"),
    ("EAPI:Rate limit exceeded", "DDoSProtection"),
    ("EGeneral:Too many requests", "DDoSProtection"),
    ("EGeneral:Temporary lockout", "DDoSProtection"),
    ("EAuth:Rate limit exceeded", "RateLimitExceeded"),
    ("EService: Throttled: 1790000005", "ExchangeError"),
    ("EAPI:Invalid nonce", "InvalidNonce"),
    ("EAPI:Invalid key", "AuthenticationError"),
    ("EAPI:Invalid signature", "ExchangeError"),
    ("EGeneral:Permission denied", "PermissionDenied"),
    ("ETrade:User Locked", "AccountSuspended"),
    ("EService:Unavailable", "ExchangeNotAvailable"),
    ("EService:Busy", "ExchangeNotAvailable"),
    ("EGeneral:Internal error", "ExchangeNotAvailable"),
    ("EGeneral:Internal error:1234", "ExchangeError"),
    ("EService:Timeout", "ExchangeError"),
    ("EService:Deadline elapsed", "ExchangeError"),
    ("EService:Market in cancel_only mode", "OnMaintenance"),
    ("EService:Market in post_only mode", "OnMaintenance"),
    ("EService:Market in limit_only mode", "ExchangeError"),
)
STATUSES = (
    ("500", "ExchangeNotAvailable"), ("502", "ExchangeNotAvailable"), ("503", "ExchangeNotAvailable"),
    ("520", "ExchangeNotAvailable"), ("403", "ExchangeNotAvailable"), ("404", "ExchangeNotAvailable"),
    ("504", "RequestTimeout"), ("429", "RateLimitExceeded"),
)  # fmt: skip


async def test_every_refusal_reaches_the_client_as_the_class_that_was_measured(floor: Floor) -> None:
    client = floor.client()
    wrong = []
    for kind, rows in (("error", ERRORS), ("status", STATUSES)):
        for value, expected in rows:
            floor.fault("AddOrder", kind, value=value)
            with pytest.raises(ccxt.BaseError) as raised:
                await client.create_order(PAIR, "limit", "buy", 0.001, 50_000)
            if type(raised.value).__name__ != expected:
                wrong.append((value, type(raised.value).__name__, expected))
    assert wrong == [] and floor.placed == []


async def test_one_and_the_same_string_means_another_class_to_a_cancel(floor: Floor) -> None:
    client = floor.client()
    with pytest.raises(ccxt.OrderNotFound, match="Unknown order"):
        await client.cancel_order("OAAAAA-AAAAA-AAAAAA")
    with pytest.raises(ccxt.InvalidOrder, match="Invalid order"):
        await client.fetch_order("OAAAAA-AAAAA-AAAAAA")
