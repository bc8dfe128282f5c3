"""The lanes to Kraken: nonces, budget, retries and what silence proves; against a scripted server."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from core.clock import ManualClock, SystemClock
from core.engine.api_watchdog.breaker import FAILURES
from core.model.errors import (
    AuthFailed,
    ConfigError,
    InvariantBroken,
    NonceRefused,
    Rejected,
    Transient,
    UnknownOutcome,
)
from core.model.market import Timeframe
from core.model.money import Price, Qty
from core.model.orders import OrderRequest, OrderType, Side
from core.venues.exchange_manager import Access, KrakenVenue
from core.venues.kraken_budget import Allowance, Budget
from core.venues.kraken_lane import HEAD_START_S, KeyGate, ServerTime
from tests.support.scripted_kraken import SECRET, Answer, ScriptedKraken, said

ORDER = OrderRequest(
    "1b9d6bcd-bbfd-5b2d-9b5d-ab8dfbbd4bed", "BTC/USD", Side.BUY, OrderType.MARKET, Qty(Decimal("0.001"))
)
ACCEPTED = said(result={"descr": {"order": "buy"}, "txid": ["OUF4EM-FRGI2-MQMWZD"]})


@pytest.fixture
async def kraken() -> AsyncIterator[ScriptedKraken]:
    server = await ScriptedKraken().start()
    yield server
    await server.stop()


@asynccontextmanager
async def connected(kraken: ScriptedKraken, timeout_s: float) -> AsyncIterator[KrakenVenue]:
    one = KrakenVenue(Access(kraken.url, "key", SECRET, timeout_s=timeout_s), SystemClock())
    await one.start()
    await one.pairs()
    yield one
    await one.close()


@pytest.fixture
async def venue(kraken: ScriptedKraken) -> AsyncIterator[KrakenVenue]:
    async with connected(kraken, timeout_s=10) as one:  # a busy machine's pauses are no silence
        yield one


@pytest.fixture
async def hasty(kraken: ScriptedKraken) -> AsyncIterator[KrakenVenue]:
    async with connected(kraken, timeout_s=0.5) as one:
        yield one


async def test_an_order_is_signed_over_its_raw_body(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.answers("AddOrder", ACCEPTED)
    assert await venue.place(ORDER) == "OUF4EM-FRGI2-MQMWZD"
    asked = kraken.asked[-1]
    assert asked.key == "key"
    assert int(asked.fields["nonce"]) > 1_600_000_000_000_000


async def test_the_published_signature_vector_is_reproduced(venue: KrakenVenue) -> None:
    secret = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
    body = "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25"
    digest = hashlib.sha256(f"1616492376594{body}".encode()).digest()
    signed = hmac.new(base64.b64decode(secret), b"/0/private/AddOrder" + digest, hashlib.sha512)
    want = base64.b64encode(signed.digest()).decode()
    assert want == (
        "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="
    )
    client = venue._lanes["account"]._client  # the library's own object, to see what it signs
    client.secret = secret
    client.incrementing_nonce = lambda: 1616492376594
    fields = {"ordertype": "limit", "pair": "XBTUSD", "price": "37500", "type": "buy", "volume": "1.25"}
    assert client.sign("AddOrder", ["private"], "POST", fields)["headers"]["API-Sign"] == want


def test_nonces_are_kept_a_block_at_a_time_and_never_run_far_ahead_of_the_clock() -> None:
    clock, kept = ManualClock(1_000), list[int]()
    gate = KeyGate(clock, keep=kept.append)
    for _ in range(25):
        assert gate.next_nonce() <= kept[-1]
        clock.advance(1_000)
    assert kept == [11_000_000, 22_000_000, 33_000_000]
    clock.now_ms = 500  # set back, and another process
    again = KeyGate(clock, highest=kept[-1], keep=kept.append)
    assert [again.next_nonce() for _ in range(2)] == [33_000_001, 33_000_002]
    clock.now_ms = 40_000
    assert again.next_nonce() == 40_000_000


async def test_whoever_places_an_order_decides_whether_it_goes_again_when_its_nonce_was_refused(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    kraken.answers("AddOrder", said("EAPI:Invalid nonce"), ACCEPTED)
    with pytest.raises(NonceRefused, match="another program"):
        await venue.place(ORDER)
    assert await venue.place(ORDER) == "OUF4EM-FRGI2-MQMWZD"
    first, again = kraken.requests("AddOrder")
    assert int(again.pop("nonce")) > int(first.pop("nonce")) and first == again


async def test_a_cancellation_whose_nonce_was_refused_is_sent_again_with_a_new_one(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    bad = said("EAPI:Invalid nonce")
    kraken.answers("CancelOrder", bad, bad, bad, said(result={"count": 1}))
    await venue.cancel("OUF4EM-FRGI2-MQMWZD")
    nonces = [int(one["nonce"]) for one in kraken.requests("CancelOrder")]
    assert len(nonces) == 4 and nonces == sorted(set(nonces))


async def test_a_question_whose_nonce_was_refused_is_asked_again(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    bad = said("EAPI:Invalid nonce")
    kraken.answers("OpenOrders", bad, said(result={"open": {}}))
    assert await venue.open_orders() == []
    assert len(kraken.requests("OpenOrders")) == 2


@pytest.mark.parametrize(
    "answer",
    [
        Answer("<html>Attention Required!</html>"),
        Answer('{"error":[]}'),
        Answer('{"error":[],"result":{}}'),
        Answer('{"error":[],"result":{"txid":[]}}'),
        Answer('{"error":[],"result":{"txid":["OUF4'),
        Answer("", status=502),
        Answer("", drop=True),
        Answer("{}", pause_s=0.8),
        said("EService:Unavailable"),
        said("EBrand:New"),
    ],
    ids=["html", "no result", "empty", "no txid", "torn", "502", "hang-up", "silence", "unavailable", "new"],
)
async def test_an_order_without_a_clear_answer_may_exist_and_is_sent_once(
    kraken: ScriptedKraken, hasty: KrakenVenue, answer: Answer
) -> None:
    kraken.answers("AddOrder", answer)
    with pytest.raises(UnknownOutcome):
        await hasty.place(ORDER)
    assert len(kraken.requests("AddOrder")) == 1


async def test_an_order_that_found_no_connection_was_not_placed(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    await kraken.stop()
    with pytest.raises(Rejected, match="nothing was sent"):
        await venue.place(ORDER)


async def test_a_refused_order_says_why(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.answers("AddOrder", said("EOrder:Insufficient funds"))
    with pytest.raises(Rejected, match="not enough funds"):
        await venue.place(ORDER)


async def test_a_read_is_tried_three_times_and_no_more(kraken: ScriptedKraken) -> None:
    clock = ManualClock(1_700_000_000_000)
    venue = KrakenVenue(Access(kraken.url, "key", SECRET), clock)
    await venue.start()
    try:
        kraken.answers(
            "SystemStatus", Answer("<html>"), Answer("", status=503), said(result={"status": "online"})
        )
        assert await venue.status() == "online"
        kraken.answers("SystemStatus", Answer("<html>"))
        with pytest.raises(Transient):
            await venue.status()
        assert len(kraken.requests("SystemStatus")) == 6
    finally:
        await venue.close()


async def test_a_read_waits_as_long_as_it_is_told(kraken: ScriptedKraken) -> None:
    clock = ManualClock(1_700_000_000_000)
    venue = KrakenVenue(Access(kraken.url, "key", SECRET), clock)
    await venue.start()
    try:
        kraken.answers(
            "BalanceEx",
            said("EService: Throttled: 1700000007"),
            said(result={"ZUSD": {"balance": "1", "hold_trade": "0"}}),
        )
        await venue.balances()
        assert clock.market_ms() >= 1_700_000_007_000
    finally:
        await venue.close()


async def test_a_wrong_key_is_not_tried_again(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.answers("BalanceEx", said("EAPI:Invalid key"))
    with pytest.raises(AuthFailed):
        await venue.balances()
    assert len(kraken.requests("BalanceEx")) == 1


async def test_reads_and_orders_of_one_key_share_its_nonces(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    kraken.answers("AddOrder", ACCEPTED)
    kraken.results("OpenOrders", {"open": {}})
    await asyncio.gather(*(venue.place(ORDER) for _ in range(10)), *(venue.open_orders() for _ in range(3)))
    nonces = [int(one.fields["nonce"]) for one in kraken.asked if one.key]
    assert len(set(nonces)) == 13
    assert nonces == sorted(nonces), "requests arrived in the order of their nonces"


async def test_an_order_does_not_wait_for_the_reply_of_a_read(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    kraken.answers(
        "BalanceEx", Answer('{"error":[],"result":{"ZUSD":{"balance":"1","hold_trade":"0"}}}', pause_s=3)
    )
    kraken.heard.clear()
    kraken.answers("AddOrder", ACCEPTED)
    reading = asyncio.create_task(venue.balances())
    await asyncio.wait_for(kraken.heard.wait(), 10)
    await venue.place(ORDER)
    assert not reading.done()
    await reading


async def test_a_request_that_finds_no_connection_is_overtaken() -> None:
    gate = KeyGate(SystemClock(), longest_hold_s=0.02)
    async with gate.handing_over("OpenOrders"):
        first = gate.next_nonce()
        async with asyncio.timeout(10), gate.handing_over("OpenOrders"):
            second = gate.next_nonce()
            gate.handed_over()
    assert second > first
    async with asyncio.timeout(10), gate.handing_over("OpenOrders"):
        assert gate.next_nonce() > second


async def test_a_question_lets_the_order_before_it_arrive_and_a_change_does_not_wait() -> None:
    clock = ManualClock(1_700_000_000_000)
    gate = KeyGate(clock)
    waited = []
    for path in ("AddOrder", "AddOrder", "CancelOrder", "OpenOrders", "OpenOrders"):
        before = clock.monotonic()
        async with gate.handing_over(path):
            waited.append(round(clock.monotonic() - before, 3))
    assert waited == [0, 0, 0, HEAD_START_S, 0]


async def test_nonces_rise_while_the_clock_stands() -> None:
    gate = KeyGate(ManualClock(5))
    assert [gate.next_nonce() for _ in range(3)] == [5000, 5001, 5002]


async def test_an_order_does_not_wait_for_the_budget_of_reads(kraken: ScriptedKraken) -> None:
    clock = ManualClock(1_700_000_000_000)
    venue = KrakenVenue(Access(kraken.url, "key", SECRET), clock)
    await venue.start()
    try:
        kraken.results("OpenOrders", {"open": {}})
        kraken.answers("AddOrder", ACCEPTED)
        await venue.pairs()
        for _ in range(10):
            await venue.open_orders()
        before = clock.market_ms()
        await venue.place(ORDER)
        assert clock.market_ms() == before
        for _ in range(8):
            await venue.open_orders()
        assert clock.market_ms() - before > 15_000, "reads beyond the burst go at the pace of the tier"
    finally:
        await venue.close()


async def test_a_question_whose_turn_comes_after_the_breaker_opened_is_not_asked(
    kraken: ScriptedKraken,
) -> None:
    class Restless(ManualClock):
        """The exchange falls silent while somebody waits for budget."""

        async def sleep_until_market(self, market_ms: int) -> None:
            await super().sleep_until_market(market_ms)
            for _ in range(FAILURES):
                venue._lanes["account"]._breaker.failed()

    venue = KrakenVenue(Access(kraken.url, "key", SECRET), Restless(1_700_000_000_000))
    await venue.start()
    try:
        kraken.results("OpenOrders", {"open": {}})
        await venue.pairs()
        with pytest.raises(Transient, match="has not answered for a while"):
            while True:
                await venue.open_orders()
        assert len(kraken.requests("OpenOrders")) == 7, "what the tier allows at once beyond its reserve"
    finally:
        await venue.close()


async def test_a_budget_lets_reads_wait_and_keeps_a_reserve() -> None:
    clock = ManualClock(0)
    budget = Budget(Allowance(10.0, 0.5, reserve=4.0), clock)
    for _ in range(6):
        await budget.take(1.0)
    assert clock.market_ms() == 0
    await budget.take(1.0)
    assert 2000 <= clock.market_ms() <= 2010
    budget.take_now(3.0)
    assert budget.points < 4.0
    budget.drain()
    assert budget.points == 0.0


async def test_a_price_does_not_wait_behind_a_refresh_of_many_candles(kraken: ScriptedKraken) -> None:
    clock = ManualClock(1_700_000_000_000)
    venue = KrakenVenue(Access(kraken.url), clock)
    await venue.start()
    try:
        row = {"a": ["3", "1", "1"], "b": ["2", "1", "1"], "c": ["2", "1"], "v": ["1", "1"], "o": "2"}
        kraken.results("Ticker", {"XXBTZUSD": row})
        kraken.results("OHLC", {"XXBTZUSD": [[1700000100, *["5"] * 6, 1]], "last": 0})
        for _ in range(12):
            await venue.candles("BTC/USD", Timeframe.M5)
        before = clock.market_ms()
        for _ in range(24):
            await venue.quotes(["BTC/USD"])
        assert clock.market_ms() == before
        await venue.quotes(["BTC/USD"])
        assert clock.market_ms() > before, "even prices have an end"
    finally:
        await venue.close()


async def test_a_world_without_a_key_makes_no_private_call(kraken: ScriptedKraken) -> None:
    venue = KrakenVenue(Access(kraken.url), SystemClock())
    await venue.start()
    try:
        for call in (
            venue.balances(), venue.open_orders(), venue.closed_orders(0), venue.fills(0),
            venue.fees("BTC/USD"), venue.place(ORDER), venue.cancel("O"),
            venue.raise_stop("O", Price(Decimal(1)), 0), venue.order("O"), venue.find("x", 0),
            venue.key_permissions(),
        ):  # fmt: skip
            with pytest.raises(InvariantBroken):
                await call
        assert "BTC/USD" in await venue.pairs()
        assert {one.path for one in kraken.asked} == {"AssetPairs"}
    finally:
        await venue.close()


async def test_a_second_exchange_manager_in_a_process_is_refused(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    second = KrakenVenue(Access(kraken.url), SystemClock())
    with pytest.raises(InvariantBroken, match="a Kraken already"):
        await second.start()
    await venue.close()
    await second.start()
    await second.close()


async def test_a_secret_that_cannot_be_one_is_named_at_the_start() -> None:
    with pytest.raises(ConfigError, match="KRAKEN_API_SECRET"):
        await KrakenVenue(Access("http://127.0.0.1:1", "key", "not base64!"), SystemClock()).start()


async def test_asking_before_the_start_is_refused() -> None:
    with pytest.raises(InvariantBroken, match="before it was started"):
        await KrakenVenue(Access("http://127.0.0.1:1", "key", SECRET), SystemClock()).balances()


def test_a_skew_below_what_seconds_can_show_is_none_and_a_jump_is_believed() -> None:
    time = ServerTime(ManualClock(1_700_000_000_000))
    time.learn(1_700_000_000, 1_700_000_000_000, 1_700_000_000_200)
    assert (time.offset_ms, time.surely_off_ms) == (0, 0)
    time.learn(1_700_000_030, 1_700_000_000_000, 1_700_000_000_200)
    assert 29_800 <= time.surely_off_ms <= time.offset_ms <= 31_000
    assert time.now_ms() > 1_700_000_029_800


@pytest.mark.parametrize("offset_ms", [-5_400, -1_100, 0, 900, 1_100, 5_400])
def test_several_answers_narrow_the_offset_down(offset_ms: int) -> None:
    time = ServerTime(ManualClock(1_700_000_000_000))
    for at in range(1_700_000_000_000, 1_700_000_600_000, 60_137):
        time.learn((at + 20 + offset_ms) // 1000, at, at + 40)
    assert abs(time.offset_ms - offset_ms) <= 100
    assert abs(time.surely_off_ms) <= abs(offset_ms)
    assert (abs(time.surely_off_ms) > 1000) == (abs(offset_ms) > 1000)


def test_only_one_exchange_of_the_library_is_imported() -> None:
    code = (
        "import sys\n"
        "from core.venues.kraken_class import load\n"
        "cls = load().kraken\n"
        "many = [m for m in sys.modules if m.startswith('ccxt.async_support.') and '.base' not in m]\n"
        "assert many == ['ccxt.async_support.kraken'], many\n"
        "assert 'ccxt' not in sys.modules and load().kraken is cls\n"
    )  # fmt: skip
    subprocess.run([sys.executable, "-c", code], check=True, timeout=50)


def test_the_plain_import_stands_in_when_the_files_are_elsewhere() -> None:
    code = (
        "import sys, importlib, types\n"
        "import core.venues.kraken_class as k\n"
        "k._PACKAGES, k._bare = ('ccxt',), lambda name: (_ for _ in ()).throw(ImportError(name))\n"
        "def plainly():\n"
        "    assert not [m for m in sys.modules if m.startswith('ccxt')]\n"
        "    sys.modules['ccxt.base.errors'] = types.SimpleNamespace(BaseError=OSError)\n"
        "    return 'the class'\n"
        "k._plainly = plainly\n"
        "assert k.load() == ('the class', OSError)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=50)


async def test_how_long_kraken_takes_to_answer_is_known_lane_by_lane(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    kraken.answers("AddOrder", Answer(ACCEPTED.body, pause_s=0.2), ACCEPTED, Answer("", drop=True))
    assert venue.latency()["orders"].answers == 0
    for _ in range(2):
        await venue.place(ORDER)
    with pytest.raises(UnknownOutcome):
        await venue.place(ORDER)
    found = venue.latency()
    assert found["orders"].answers == 2, "what was never answered is no answer time"
    assert 0.2 <= found["orders"].slowest_s < 10
    assert 0.1 <= found["orders"].middle_s <= found["orders"].slowest_s
    assert found["public data"].answers == 1 and found["account"].answers == 0


async def test_what_is_left_of_each_budget_is_known_by_key_and_public_endpoint(venue: KrakenVenue) -> None:
    left = venue.spare()
    assert set(left) == {"trading key", "public AssetPairs calls"}
    assert left["trading key"] == (15.0, 15.0)
    points, most = left["public AssetPairs calls"]
    assert 11.0 <= points < 12.0 and most == 12.0
