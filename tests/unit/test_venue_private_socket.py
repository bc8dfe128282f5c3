"""The account between two readings: what holds without asking, and what makes Zyn ask again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from core.clock import ManualClock, SystemClock
from core.model.errors import UnknownOutcome
from core.model.money import Qty
from core.model.orders import OrderRequest, OrderType, Side
from core.venues.exchange_manager import Access, KrakenVenue
from core.venues.kraken_socket import Socket
from tests.support.scripted_kraken import (
    ID,
    SECRET,
    TXID,
    Answer,
    ScriptedKraken,
    order_row,
    said,
    trade_row,
)
from tests.support.scripted_socket import ScriptedSocket, until

NOW = 1_700_000_000_000
READS = ("OpenOrders", "ClosedOrders", "TradesHistory", "BalanceEx")
ORDER = OrderRequest(ID, "BTC/USD", Side.BUY, OrderType.MARKET, Qty(Decimal("0.001")))
NEW = {"order_id": TXID, "exec_type": "new", "order_status": "new", "symbol": "BTC/USD"}


def wallet(asset: str, balance: float, **others: Any) -> dict[str, Any]:
    wallets = [{"type": "spot", "id": "main", "balance": balance}]
    return {"asset": asset, "asset_class": "currency", "balance": balance, "wallets": wallets} | others


class Bench:
    """A venue with a key over both scripted servers. REST and socket agree at first."""

    def __init__(self, kraken: ScriptedKraken, socket: ScriptedSocket) -> None:
        self.kraken, self.socket, self.clock = kraken, socket, ManualClock(NOW)
        self.venue = KrakenVenue(
            Access(kraken.url, "key", SECRET, tier="local", ws_auth_url=f"{socket.url}/auth"), self.clock
        )
        self.tasks: list[asyncio.Task[None]] = []
        self.changes = 0
        kraken.results("GetWebSocketsToken", {"token": "1Dwc4lzSwNWOAwkMdqhssNNFhs1ed606", "expires": 900})
        kraken.results("OpenOrders", {"open": {TXID: order_row()}})
        kraken.results("ClosedOrders", {"closed": {}, "count": 0})
        kraken.results("TradesHistory", {"trades": {}, "count": 0})
        kraken.results("BalanceEx", {"ZUSD": {"balance": "100.5000", "hold_trade": "10"}})
        socket.snapshots["executions"] = [NEW]
        socket.snapshots["balances"] = [wallet("USD", 100.5)]

    async def connect(self) -> None:
        await self.venue.start()
        await self.venue.pairs()
        self.venue.when_changed(self._changed)
        self.tasks = [asyncio.create_task(one.run()) for one in self.venue.sockets]
        await self.venue.warm_up()

    def _changed(self) -> None:
        self.changes += 1

    async def sync(self) -> dict[str, int]:
        """One look at the account as the engine takes it; the calls it cost by endpoint."""
        before = {path: len(self.kraken.requests(path)) for path in READS}
        since = self.clock.market_ms() - 600_000
        await self.venue.open_orders()
        await self.venue.closed_orders(since)
        await self.venue.fills(since)
        await self.venue.balances()
        after = {path: len(self.kraken.requests(path)) for path in READS}
        return {path: after[path] - before[path] for path in READS if after[path] > before[path]}

    async def settle(self) -> None:
        """The first look, and the second one at fills that REST may have listed late."""
        await self.sync()
        await self.pass_s(60)
        await self.sync()

    async def pass_s(self, seconds: int) -> None:
        self.clock.advance(seconds * 1000)
        await self.socket.beat()
        await asyncio.sleep(0.02)

    async def tell(self, channel: str, *rows: dict[str, Any], **how: Any) -> None:
        await self.socket.tell(channel, *rows, **how)
        await asyncio.sleep(0.02)

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.venue.close()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    kraken, socket = await ScriptedKraken().start(), await ScriptedSocket().start()
    one = Bench(kraken, socket)
    await one.connect()
    yield one
    await one.close()
    await socket.stop()
    await kraken.stop()


async def test_the_first_look_asks_for_everything_and_the_next_ones_for_nothing(bench: Bench) -> None:
    assert await bench.sync() == dict.fromkeys(READS, 1)
    await bench.pass_s(60)
    assert await bench.sync() == {"TradesHistory": 1}, "what REST may have listed late"
    for _ in range(18):
        await bench.pass_s(60)
        assert await bench.sync() == {}
    assert (await bench.venue.balances())["USD"].held == Decimal(10), "what REST said, holds and all"
    assert [one.txid for one in await bench.venue.at_once.open_orders()] == [TXID]


async def test_an_audit_after_twenty_minutes_compares_balances_and_open_orders(bench: Bench) -> None:
    await bench.settle()
    await bench.pass_s(1200)
    assert await bench.sync() == {"OpenOrders": 1, "BalanceEx": 1}
    await bench.pass_s(60)
    assert await bench.sync() == {}


async def test_an_event_makes_rest_be_asked_and_is_told_at_once(bench: Bench) -> None:
    await bench.settle()
    await bench.pass_s(60)
    trade = {
        "order_id": TXID, "exec_id": "T1", "exec_type": "trade", "symbol": "BTC/USD", "side": "buy",
        "last_qty": 0.02, "last_price": 30010.0, "order_status": "partially_filled",
    }  # fmt: skip
    await bench.tell("executions", trade)
    await bench.tell("balances", {"asset": "USD", "amount": -0.5, "balance": 100.0, "wallet_type": "spot",
                                  "wallet_id": "main"})  # fmt: skip
    await until(lambda: bench.changes == 1)
    bench.kraken.results("TradesHistory", {"trades": {"T1": trade_row(NOW / 1000 + 60)}, "count": 1})
    bench.kraken.results("BalanceEx", {"ZUSD": {"balance": "100.0000", "hold_trade": "10"}})
    cost = await bench.sync()
    assert cost == {"OpenOrders": 1, "TradesHistory": 1, "BalanceEx": 1}, "no order has ended"
    await bench.pass_s(60)
    assert await bench.sync() == {}


async def test_rest_that_does_not_show_a_told_fill_yet_is_asked_again(bench: Bench) -> None:
    await bench.settle()
    await bench.pass_s(60)
    await bench.tell("executions", {"order_id": TXID, "exec_type": "trade", "last_qty": 0.02})
    await bench.sync()
    await bench.pass_s(3)
    assert await bench.sync() == {"TradesHistory": 1}
    bench.kraken.results("TradesHistory", {"trades": {"T1": trade_row(NOW / 1000 + 60)}, "count": 1})
    await bench.pass_s(3)
    assert await bench.sync() == {"TradesHistory": 1}
    await bench.pass_s(3)
    assert await bench.sync() == {}


async def test_a_fill_counts_as_told_lately_however_long_rests_answer_is_on_its_way(bench: Bench) -> None:
    await bench.settle()
    await bench.tell("executions", {"order_id": TXID, "exec_type": "trade", "last_qty": 0.02})
    await bench.pass_s(6)
    bench.kraken.answers(
        "TradesHistory", Answer('{"error":[],"result":{"trades":{},"count":0}}', pause_s=0.1)
    )
    since = bench.clock.market_ms() - 60_000
    reading = asyncio.create_task(bench.venue.fills(since))
    await asyncio.sleep(0.05)
    await bench.pass_s(3_000)
    assert await reading == []
    bench.kraken.results("TradesHistory", {"trades": {"T1": trade_row(NOW / 1000 + 60)}, "count": 1})
    assert len(await bench.venue.fills(since)) == 1, "what lacked a told fill is not given again"


async def test_what_the_engine_doubts_is_asked_again(bench: Bench) -> None:
    await bench.settle()
    await bench.pass_s(60)
    bench.venue.forget()
    assert await bench.sync() == dict.fromkeys(READS, 1)


async def test_closed_orders_are_asked_for_when_one_has_left_the_open_ones(bench: Bench) -> None:
    await bench.settle()
    await bench.pass_s(60)
    await bench.tell("executions", {"order_id": TXID, "exec_type": "canceled", "order_status": "canceled"})
    bench.kraken.results("OpenOrders", {"open": {}})
    row = order_row(status="canceled", closetm=NOW / 1000 + 60)
    bench.kraken.results("ClosedOrders", {"closed": {TXID: row}, "count": 1})
    assert await bench.sync() == dict.fromkeys(READS, 1)


@pytest.mark.parametrize("channel", ["executions", "balances"])
async def test_a_missing_frame_ends_the_line_and_everything_is_read_again(bench: Bench, channel: str) -> None:
    await bench.settle()
    await bench.pass_s(60)
    row = NEW if channel == "executions" else wallet("USD", 100.5)
    await bench.tell(channel, row, skip=1)
    await until(lambda: bench.socket.connects == 2)
    await until(lambda: not bench.venue.troubles()["private socket"])
    cost = await bench.sync()
    assert cost == {"OpenOrders": 1, "TradesHistory": 1, "BalanceEx": 1}


async def test_while_the_line_is_down_every_look_asks_rest_at_four_points(bench: Bench) -> None:
    await bench.settle()
    await bench.socket.stop()
    await until(lambda: bench.venue.troubles()["private socket"] != "")
    for _ in range(3):
        bench.clock.advance(60_000)
        assert await bench.sync() == {"OpenOrders": 1, "TradesHistory": 1, "BalanceEx": 1}


async def test_around_an_order_of_ours_rest_is_asked(bench: Bench) -> None:
    await bench.settle()
    await bench.pass_s(60)
    bench.kraken.results("AddOrder", {"descr": {"order": "buy"}, "txid": ["O2"]})
    await bench.venue.place(ORDER)
    assert await bench.sync() == dict.fromkeys(READS, 1)
    assert await bench.sync() == dict.fromkeys(READS, 1)
    await bench.pass_s(60)
    assert await bench.sync() == dict.fromkeys(READS, 1), "what was read in a hurry proves nothing"
    await bench.pass_s(60)
    assert await bench.sync() == {}


async def test_an_order_without_an_answer_leaves_nothing_settled(bench: Bench) -> None:
    await bench.settle()
    await bench.pass_s(60)
    bench.kraken.answers("AddOrder", Answer("<html>"))
    with pytest.raises(UnknownOutcome):
        await bench.venue.place(ORDER)
    await bench.pass_s(60)
    assert await bench.sync() == dict.fromkeys(READS, 1)


async def test_a_lasting_disagreement_is_said_and_the_line_begun_anew_once(bench: Bench) -> None:
    bench.kraken.results("BalanceEx", {"ZUSD": {"balance": "90.0000", "hold_trade": "10"}})
    for _ in range(6):
        await bench.sync()
        await bench.pass_s(6)
        await until(lambda: bench.socket.connects >= 1)
    await until(lambda: bench.socket.connects == 2)
    await until(lambda: bench.venue.sockets[0].up.is_set())
    assert "other balances" in bench.venue.troubles()["private socket"]
    for _ in range(4):
        assert "BalanceEx" in await bench.sync()
        await bench.pass_s(6)
    assert bench.socket.connects == 2
    bench.kraken.results("BalanceEx", {"ZUSD": {"balance": "100.5", "hold_trade": "10"}})
    await bench.sync()
    assert not bench.venue.troubles()["private socket"]


async def test_coins_bonded_elsewhere_are_not_compared(bench: Bench) -> None:
    bench.socket.snapshots["balances"] = [
        wallet("USD", 100.5),
        wallet("DOT", 5.0) | {"wallets": [{"type": "earn", "id": "bonded", "balance": 5.0}]},
        wallet("USD.HOLD", 3.0),
    ]
    await bench.socket.hang_up()
    await until(lambda: bench.socket.connects == 2)
    await until(lambda: bench.venue.sockets[0].up.is_set())
    await bench.settle()
    assert await bench.sync() == {}


async def test_a_refused_subscription_is_no_silence_and_a_new_token_is_asked_for(bench: Bench) -> None:
    bench.socket.refusals["executions"] = "ESession:Invalid session"
    await bench.socket.hang_up()
    await until(lambda: len(bench.kraken.requests("GetWebSocketsToken")) >= 3)
    assert not bench.venue.sockets[0].up.is_set()
    del bench.socket.refusals["executions"]
    await until(lambda: bench.venue.sockets[0].up.is_set())


async def test_a_key_that_may_not_open_the_socket_is_not_tried_again_and_again(bench: Bench) -> None:
    bench.kraken.answers("GetWebSocketsToken", said("EGeneral:Permission denied"))
    before = bench.clock.monotonic()
    await bench.socket.hang_up()
    await until(lambda: "permission" in bench.venue.troubles()["private socket"])
    await until(lambda: bench.clock.monotonic() - before >= 600)
    assert await bench.sync(), "REST carries on"


class Deaf:
    """Wants nothing and hears everything."""

    def __init__(self, url: str) -> None:
        self.socket = Socket("socket", f"{url}/v2", self, SystemClock(), quiet_s=0.03, silent_s=0.06)

    async def opened(self) -> None:
        self.socket.stands()

    def heard(self, frame: dict[str, Any]) -> None:
        """Nothing to do."""

    def closed(self) -> None:
        """Nothing to forget."""


async def test_a_line_that_does_not_answer_a_ping_is_given_up(bench: Bench) -> None:
    deaf = Deaf(bench.socket.url)
    bench.tasks.append(asyncio.create_task(deaf.socket.run()))
    await until(lambda: sum(one["method"] == "ping" for one in bench.socket.asked) > 2)
    assert deaf.socket.connects == 1 and deaf.socket.fresh, "answered"
    bench.socket.answers_pings = False
    await until(lambda: "silent" in deaf.socket.trouble)
    await until(lambda: deaf.socket.connects == 2)


async def test_reconnecting_stays_far_below_krakens_limit_of_connects(bench: Bench) -> None:
    """About 150 within ten minutes ban an address for ten."""
    await bench.socket.hang_up()
    bench.socket.refusals["executions"] = "EService:Unavailable"
    began, connects = bench.clock.monotonic(), bench.socket.connects
    await until(lambda: bench.clock.monotonic() - began >= 600)
    assert bench.socket.connects - connects < 40
