"""The unmodified ccxt class, with only its urls overridden, trades on the local Kraken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal as D
from typing import Any

import aiohttp
import ccxt.async_support as ccxt
import pytest

from core.clock import ManualClock
from core.sim.kraken.bars import STEP_MS
from core.sim.kraken.server import DEMO_KEY, DEMO_SECRET, DEMO_SYMBOLS, LocalKraken

START_MS = 1_790_000_000_000


def client(url: str, key: str = DEMO_KEY, secret: str = DEMO_SECRET) -> Any:
    apis = {"public": url, "private": url, "zendesk": url}
    keys = {"apiKey": key, "secret": secret}
    return ccxt.kraken({**keys, "enableRateLimit": False, "timeout_on_exit": 0, "urls": {"api": apis}})


class Floor:
    """A running local Kraken on a clock that stands, and a client on it."""

    def __init__(self, kraken: LocalKraken, clock: ManualClock, url: str) -> None:
        self.kraken, self.clock, self.url = kraken, clock, url
        self.ccxt = client(url)

    async def switch(self, name: str, **body: Any) -> Any:
        url = f"{self.url}/__sim__/{name}"
        async with aiohttp.ClientSession() as session, session.post(url, json=body) as reply:
            return await reply.json()

    async def price(self, pair: str, price: float) -> None:
        """Move a market by hand; resting orders live through it."""
        self.clock.advance(STEP_MS)
        await self.switch("quote", pair=pair, price=price)


@pytest.fixture(scope="module")
def known() -> list[Any]:
    """The first client that loaded the markets; the others copy them, which ccxt allows."""
    return []


@pytest.fixture
async def floor(known: list[Any]) -> AsyncIterator[Floor]:
    clock = ManualClock(START_MS)
    kraken = LocalKraken(clock, symbols=("BTC/USD", "ETH/USD"))
    floor = Floor(kraken, clock, await kraken.start())
    if known:
        floor.ccxt.set_markets_from_exchange(known[0])
    else:
        await floor.ccxt.load_markets()
        known.append(floor.ccxt)
    yield floor
    await floor.ccxt.close()
    await kraken.stop()


async def test_at_least_250_pairs_with_krakens_names_are_listed(floor: Floor) -> None:
    markets = floor.ccxt.markets
    assert len(markets) >= 250
    assert set(DEMO_SYMBOLS) <= set(markets)
    assert markets["BTC/USD"]["id"] == "XXBTZUSD"
    assert markets["DOGE/USD"]["id"] == "XDGUSD"
    assert markets["BTC/USDT"]["id"] == "XBTUSDT"
    assert markets["ETH/BTC"]["id"] == "XETHXXBT"
    decimals = {int(market["info"]["pair_decimals"]) for market in markets.values()}
    assert decimals >= {0, 10}
    assert {market["info"]["lot_decimals"] for market in markets.values()} == {5, 8}


async def test_a_few_ticks_are_not_one_unit_of_the_last_decimal(floor: Floor) -> None:
    odd = [
        m
        for m in floor.ccxt.markets.values()
        if D(m["info"]["tick_size"]) != D(1).scaleb(-int(m["info"]["pair_decimals"]))
    ]
    assert 3 <= len(odd) <= 20


async def test_time_and_status_are_the_exchanges_own(floor: Floor) -> None:
    assert await floor.ccxt.fetch_time() == START_MS // 1000 * 1000
    assert (await floor.ccxt.fetch_status())["status"] == "ok"
    await floor.switch("status", status="cancel_only")
    assert (await floor.ccxt.fetch_status())["status"] == "maintenance"


async def test_candles_are_720_closed_ones_and_the_open_one(floor: Floor) -> None:
    candles = await floor.ccxt.fetch_ohlcv("BTC/USD", "5m")
    assert len(candles) == 721
    assert candles[-1][0] == START_MS // 300_000 * 300_000
    assert [b[0] - a[0] for a, b in zip(candles, candles[1:], strict=False)] == [300_000] * 720
    for _, opened, high, low, close, _volume in candles:
        assert low <= min(opened, close) <= max(opened, close) <= high


@pytest.mark.parametrize(
    ("timeframe", "minutes"), [("1m", 1), ("15m", 15), ("1h", 60), ("4h", 240), ("1d", 1440)]
)
async def test_longer_and_shorter_candles_fold_to_the_same_market(
    floor: Floor, timeframe: str, minutes: int
) -> None:
    fine = {c[0]: c for c in await floor.ccxt.fetch_ohlcv("ETH/USD", "5m")}
    coarse = await floor.ccxt.fetch_ohlcv("ETH/USD", timeframe)
    step = minutes * 60_000
    whole = [c for c in coarse[:-1] if c[0] >= min(fine) and c[0] + step <= max(fine)]
    assert whole
    for candle in whole[-3:]:
        inside = [fine[t] for t in sorted(fine) if candle[0] <= t < candle[0] + step]
        if minutes >= 5:
            assert candle[1:5] == [
                inside[0][1],
                max(c[2] for c in inside),
                min(c[3] for c in inside),
                inside[-1][4],
            ]
            assert candle[5] == pytest.approx(sum(c[5] for c in inside))


async def test_since_gives_only_newer_candles(floor: Floor) -> None:
    candles = await floor.ccxt.fetch_ohlcv("BTC/USD", "5m")
    newer = await floor.ccxt.fetch_ohlcv("BTC/USD", "5m", since=candles[-3][0])
    assert newer == candles[-3:]


async def test_a_closed_candle_never_changes(floor: Floor) -> None:
    before = await floor.ccxt.fetch_ohlcv("BTC/USD", "5m")
    floor.clock.advance(600_000)
    after = await floor.ccxt.fetch_ohlcv("BTC/USD", "5m")
    assert after[: 720 - 2] == before[2:-1]


async def test_the_open_candle_grows_into_the_closed_one(floor: Floor) -> None:
    floor.clock.advance_to(START_MS // 300_000 * 300_000 + 290_000)
    almost = (await floor.ccxt.fetch_ohlcv("BTC/USD", "5m"))[-1]
    floor.clock.advance(10_000)
    closed = (await floor.ccxt.fetch_ohlcv("BTC/USD", "5m"))[-2]
    assert almost == closed


async def test_quiet_markets_have_rows_without_volume(floor: Floor) -> None:
    rows = await floor.ccxt.fetch_ohlcv("KAVA/EUR", "5m")
    quiet = [(before, row) for before, row in zip(rows, rows[1:], strict=False) if not row[5]]
    assert quiet
    assert all(row[1:5] == [before[4]] * 4 for before, row in quiet if row is not rows[-1])


async def test_ticker_book_and_candle_tell_the_same_price(floor: Floor) -> None:
    ticker = await floor.ccxt.fetch_ticker("BTC/USD")
    book = await floor.ccxt.fetch_order_book("BTC/USD", 10)
    candle = (await floor.ccxt.fetch_ohlcv("BTC/USD", "5m"))[-1]
    assert (ticker["bid"], ticker["ask"]) == (book["bids"][0][0], book["asks"][0][0])
    assert ticker["last"] == candle[4]
    assert ticker["bid"] <= ticker["last"] <= ticker["ask"]
    assert 0 < (ticker["ask"] - ticker["bid"]) / ticker["last"] < 0.001
    assert book["bids"] == sorted(book["bids"], reverse=True)


async def test_all_tickers_come_in_one_call(floor: Floor) -> None:
    tickers = await floor.ccxt.fetch_tickers()
    assert len(tickers) == len(floor.ccxt.markets)
    assert all(t["bid"] < t["ask"] and t["low"] <= t["last"] <= t["high"] for t in tickers.values())


async def test_public_trades_move_on_from_since(floor: Floor) -> None:
    trades = await floor.ccxt.fetch_trades("BTC/USD", limit=5)
    newer = await floor.ccxt.fetch_trades("BTC/USD", since=trades[-2]["timestamp"])
    assert [t["id"] for t in newer][-1] == trades[-1]["id"]


async def test_a_market_buy_moves_money_and_pays_the_tiers_fee(floor: Floor) -> None:
    placed = await floor.ccxt.create_order("BTC/USD", "market", "buy", 0.01, None, {"clientOrderId": "mine"})
    order = await floor.ccxt.fetch_order(placed["id"])
    assert (order["status"], order["filled"], order["clientOrderId"]) == ("closed", 0.01, "mine")
    assert D(order["fee"]["cost"]) == (D(order["info"]["cost"]) * D("0.008")).quantize(
        D("0.00001"), "ROUND_DOWN"
    )
    balance = await floor.ccxt.fetch_balance()
    assert balance["BTC"]["total"] == 0.01
    spent = D(order["info"]["cost"]) + D(order["fee"]["cost"])
    assert D(str(balance["USD"]["total"])) == 10_000 - spent


async def test_a_large_order_sweeps_levels_and_pays_more(floor: Floor) -> None:
    await floor.switch("balance", asset="USD", amount="5000000")
    placed = await floor.ccxt.create_order("BTC/USD", "market", "buy", 3)
    order = await floor.ccxt.fetch_order(placed["id"])
    trades = await floor.ccxt.fetch_my_trades("BTC/USD")
    assert len(trades) > 1
    assert len({trade["price"] for trade in trades}) > 1
    assert order["filled"] == pytest.approx(sum(trade["amount"] for trade in trades))


async def test_a_limit_order_rests_holds_money_and_fills_as_maker(floor: Floor) -> None:
    last = (await floor.ccxt.fetch_ticker("BTC/USD"))["last"]
    limit = round(last * 0.98, 1)
    placed = await floor.ccxt.create_order("BTC/USD", "limit", "buy", 0.01, limit, {"postOnly": True})
    assert (await floor.ccxt.fetch_balance())["USD"]["used"] == pytest.approx(limit * 0.01 * 1.008)
    await floor.price("XBTUSD", last * 0.97)
    trades = await floor.ccxt.fetch_my_trades("BTC/USD")
    assert {(t["order"], t["price"], t["takerOrMaker"]) for t in trades} == {(placed["id"], limit, "maker")}


async def test_a_stop_loss_rests_and_sells_when_the_price_falls_through(floor: Floor) -> None:
    await floor.ccxt.create_order("BTC/USD", "market", "buy", 0.01)
    last = (await floor.ccxt.fetch_ticker("BTC/USD"))["last"]
    stop = await floor.ccxt.create_order(
        "BTC/USD", "market", "sell", 0.01, None, {"stopLossPrice": round(last * 0.95, 1)}
    )
    resting = (await floor.ccxt.fetch_open_orders())[0]
    assert (resting["id"], resting["info"]["descr"]["ordertype"]) == (stop["id"], "stop-loss")
    assert (await floor.ccxt.fetch_balance())["BTC"]["used"] == 0.01
    await floor.price("BTC/USD", last * 0.9)
    sold = await floor.ccxt.fetch_order(stop["id"])
    assert (sold["status"], sold["info"]["misc"]) == ("closed", "stopped")
    assert sold["average"] < last * 0.91


@pytest.mark.parametrize(
    ("kind", "params", "ordertype"),
    [
        ("limit", {"stopLossPrice": 50_000}, "stop-loss-limit"),
        ("market", {"takeProfitPrice": 500_000}, "take-profit"),
        ("limit", {"takeProfitPrice": 500_000}, "take-profit-limit"),
        ("market", {"trailingPercent": "5"}, "trailing-stop"),
        ("market", {"trailingAmount": "500"}, "trailing-stop"),
        ("limit", {"trailingAmount": "500", "trailingLimitAmount": "10"}, "trailing-stop-limit"),
    ],
)
async def test_every_kind_of_triggered_order_rests(
    floor: Floor, kind: str, params: dict[str, Any], ordertype: str
) -> None:
    await floor.switch("balance", asset="XBT", amount="1")
    await floor.ccxt.create_order("BTC/USD", kind, "sell", 0.01, 49_000 if kind == "limit" else None, params)
    resting = (await floor.ccxt.fetch_open_orders("BTC/USD"))[0]
    assert resting["info"]["descr"]["ordertype"] == ordertype
    assert D(resting["info"]["stopprice"]) > 0


async def test_a_conditional_close_protects_every_fill(floor: Floor) -> None:
    close = {"close": {"ordertype": "stop-loss", "price": 50_000}}
    placed = await floor.ccxt.create_order("BTC/USD", "market", "buy", 0.05, None, close)
    stops = await floor.ccxt.fetch_open_orders()
    trades = await floor.ccxt.fetch_my_trades()
    assert sorted(stop["amount"] for stop in stops) == sorted(trade["amount"] for trade in trades)
    assert {stop["info"]["refid"] for stop in stops} == {placed["id"]}
    assert all("cl_ord_id" not in stop["info"] for stop in stops)


async def test_amending_moves_a_stop_in_place(floor: Floor) -> None:
    close = {"close": {"ordertype": "stop-loss", "price": 50_000}}
    await floor.ccxt.create_order("BTC/USD", "market", "buy", 0.01, None, close)
    stop = (await floor.ccxt.fetch_open_orders())[0]
    amended = await floor.ccxt.edit_order(
        stop["id"], "BTC/USD", "market", "sell", None, None, {"stopLossPrice": 60_000}
    )
    assert amended["id"].startswith("T")
    after = (await floor.ccxt.fetch_open_orders())[0]
    assert (after["id"], after["stopLossPrice"], after["info"]["misc"]) == (stop["id"], 60_000, "amended")


async def test_cancelling_twice_finds_no_order(floor: Floor) -> None:
    placed = await floor.ccxt.create_order("BTC/USD", "limit", "buy", 0.01, 50_000)
    await floor.ccxt.cancel_order(placed["id"])
    assert (await floor.ccxt.fetch_closed_orders())[0]["info"]["reason"] == "User requested"
    with pytest.raises(ccxt.OrderNotFound, match="EOrder:Unknown order"):
        await floor.ccxt.cancel_order(placed["id"])


async def test_orders_are_found_and_cancelled_by_client_id(floor: Floor) -> None:
    mine = {"clientOrderId": "0123456789abcdef0123456789abcdef"}
    await floor.ccxt.create_order("BTC/USD", "limit", "buy", 0.01, 50_000, mine)
    await floor.ccxt.create_order("BTC/USD", "limit", "buy", 0.01, 51_000)
    assert len(await floor.ccxt.fetch_open_orders(params=mine)) == 1
    await floor.ccxt.cancel_order("", params=mine)
    assert len(await floor.ccxt.fetch_open_orders()) == 1
    assert len(await floor.ccxt.fetch_closed_orders(params=mine)) == 1
    assert (await floor.ccxt.cancel_all_orders())[0]["info"]["result"]["count"] == 1


async def test_validation_places_nothing(floor: Floor) -> None:
    checked = await floor.ccxt.create_order("BTC/USD", "market", "buy", 0.01, None, {"validate": "true"})
    assert checked["id"] is None
    assert checked["info"]["descr"]["order"] == "buy 0.01000000 XBTUSD @ market"
    assert not await floor.ccxt.fetch_my_trades()


async def test_a_buy_by_cost_spends_about_that_much(floor: Floor) -> None:
    await floor.ccxt.create_market_buy_order_with_cost("ETH/USD", 200)
    assert (await floor.ccxt.fetch_my_trades("ETH/USD"))[0]["cost"] == pytest.approx(200, abs=0.1)


async def test_trades_come_fifty_a_page_newest_first(floor: Floor) -> None:
    for _ in range(54):
        await floor.ccxt.create_order("ETH/USD", "market", "buy", 0.002)
        floor.clock.advance(1_000)
    first = await floor.ccxt.fetch_my_trades(params={"ofs": 0})
    rest = await floor.ccxt.fetch_my_trades(params={"ofs": 50})
    raw = await floor.ccxt.private_post_tradeshistory()
    assert (len(first), len(rest), raw["result"]["count"]) == (50, 4, 54)
    assert min(t["timestamp"] for t in first) > max(t["timestamp"] for t in rest)
    closed = await floor.ccxt.fetch_closed_orders(params={"ofs": 50})
    assert len(closed) == 4


async def test_the_trading_fee_is_the_tier_of_the_volume(floor: Floor) -> None:
    assert (await floor.ccxt.fetch_trading_fee("BTC/USD"))["taker"] == 0.008
    await floor.ccxt.create_order("BTC/USD", "market", "buy", 0.04)
    assert (await floor.ccxt.fetch_trading_fee("BTC/USD"))["taker"] == 0.006


async def test_the_ledger_sums_to_every_balance(floor: Floor) -> None:
    await floor.ccxt.create_order("BTC/USD", "market", "buy", 0.05)
    await floor.ccxt.create_order("BTC/USD", "market", "sell", 0.02)
    await floor.switch("balance", asset="USD", amount="-100")
    sums: dict[str, D] = {}
    for row in (await floor.ccxt.private_post_ledgers())["result"]["ledger"].values():
        sums[row["asset"]] = sums.get(row["asset"], D(0)) + D(row["amount"]) - D(row["fee"])
    balances = (await floor.ccxt.private_post_balance())["result"]
    assert sums == {asset: D(amount) for asset, amount in balances.items()}


async def test_the_dead_man_switch_cancels_everything_when_it_is_not_renewed(floor: Floor) -> None:
    await floor.ccxt.create_order("BTC/USD", "limit", "buy", 0.01, 50_000)
    await floor.ccxt.cancel_all_orders_after(60_000)
    floor.clock.advance(59_000)
    assert await floor.ccxt.fetch_open_orders()
    floor.clock.advance(1_000)
    assert not await floor.ccxt.fetch_open_orders()


async def test_an_order_past_its_deadline_is_refused(floor: Floor) -> None:
    deadline = floor.ccxt.iso8601(floor.clock.now_ms - 1000)
    with pytest.raises(ccxt.ExchangeError, match="EService:Deadline elapsed"):
        await floor.ccxt.create_order("BTC/USD", "market", "buy", 0.01, None, {"deadline": deadline})


@pytest.mark.parametrize(
    ("pair", "volume", "price", "words"),
    [
        ("NOUSD", "1", "1", "EQuery:Unknown asset pair"),
        (
            "XBTUSD",
            "1",
            "50000.05",
            "EOrder:Invalid price:XBTUSD price can only be specified up to 1 decimals.",
        ),
        ("ICPUSD", "10", "4.003", "EOrder:Tick size check failed"),
        ("XBTUSD", "0.00001", "50000", "EGeneral:Invalid arguments:volume minimum not met"),
        ("XBTUSD", "1", "50000", "EOrder:Insufficient funds"),
        ("XBTUSD", "much", "50000", "EGeneral:Invalid arguments:volume"),
    ],
)
async def test_refusals_are_in_krakens_words(
    floor: Floor, pair: str, volume: str, price: str, words: str
) -> None:
    order = {"pair": pair, "type": "buy", "ordertype": "limit", "volume": volume, "price": price}
    with pytest.raises(ccxt.ExchangeError) as refused:
        await floor.ccxt.private_post_addorder(order)
    assert f'"{words}"' in str(refused.value)


async def test_any_of_krakens_names_finds_the_pair(floor: Floor) -> None:
    for name in ("XXBTZUSD", "XBTUSD", "XBT/USD", "xbtusd"):
        assert list((await floor.ccxt.public_get_ticker({"pair": name}))["result"]) == ["XXBTZUSD"]


async def test_a_wrong_key_a_wrong_secret_and_an_old_nonce_are_refused(floor: Floor) -> None:
    for key, secret, words in (
        ("nobody", DEMO_SECRET, "EAPI:Invalid key"),
        (DEMO_KEY, "d3Jvbmc=", "EAPI:Invalid signature"),
    ):
        stranger = client(floor.url, key, secret)
        with pytest.raises(ccxt.ExchangeError, match=words):
            await stranger.fetch_balance()
        await stranger.close()
    await floor.ccxt.private_post_balance()
    floor.ccxt.nonce = lambda: 1
    floor.ccxt.incrementing_nonce = lambda *_: 1
    with pytest.raises(ccxt.InvalidNonce, match="EAPI:Invalid nonce"):
        await floor.ccxt.private_post_balance()


async def test_a_key_is_told_what_it_may_do_and_held_to_it() -> None:
    reader = LocalKraken(ManualClock(START_MS), symbols=(), permissions={DEMO_KEY: ("query-funds",)})
    exchange = client(await reader.start())
    info = (await exchange.private_post_getapikeyinfo())["result"]
    assert info["permissions"] == ["query-funds"]
    with pytest.raises(ccxt.PermissionDenied):
        await exchange.private_post_openorders()
    await exchange.close()
    await reader.stop()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "value": 520}, ccxt.ExchangeNotAvailable),
        ({"kind": "reset"}, ccxt.NetworkError),
        ({"kind": "timeout", "value": 0.1}, ccxt.NetworkError),
        ({"kind": "error", "value": "EService:Busy"}, ccxt.ExchangeNotAvailable),
    ],
)
async def test_a_fault_after_acceptance_hides_an_order_that_exists(
    floor: Floor, fault: dict[str, Any], error: type[Exception]
) -> None:
    await floor.switch("faults", path="AddOrder", phase="after", **fault)
    with pytest.raises(error):
        await floor.ccxt.create_order("BTC/USD", "market", "buy", 0.01)
    assert len(await floor.ccxt.fetch_my_trades()) >= 1


async def test_a_fault_before_acceptance_places_nothing_and_ends_after_its_count(floor: Floor) -> None:
    await floor.switch("faults", path="AddOrder", kind="html", count=1)
    assert (await floor.ccxt.create_order("BTC/USD", "market", "buy", 0.01))["id"] is None
    assert not await floor.ccxt.fetch_my_trades()
    assert (await floor.ccxt.create_order("BTC/USD", "market", "buy", 0.01))["id"]


async def test_the_switches_name_what_is_wrong(floor: Floor) -> None:
    assert "error" in await floor.switch("faults", kind="gremlin")
    assert "error" in await floor.switch("quote", pair="NO/USD", price=1)
    assert "error" in await floor.switch("clock", speed=2)
