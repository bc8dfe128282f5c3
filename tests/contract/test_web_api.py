"""The JSON under /api/v1/ says what the contract says, to the digit."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from core.model.errors import AuthFailed, RateLimited, Transient
from core.model.memory import Turn
from core.model.money import Money, Price, Qty
from core.model.orders import Fill, Side
from tests.support.web_client import Visitor, visiting
from tests.support.web_fakes import FakeTurns
from tests.support.web_stage import Stage, stage

DECIMAL = re.compile(r"-?\d+(\.\d+)?")
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
GETS = (
    "status", "balances", "positions", "positions?closed=true", "orders", "trades", "pnl", "equity",
    "candles?symbol=BTC/USD", "decisions", "insights", "alerts", "settings", "chat", "price?symbol=ETH/USD",
    "learning", "universe", "attention", "mandate", "risk", "parity", "health",
)  # fmt: skip


@pytest.fixture
def scene() -> Stage:
    return stage()


@pytest.fixture
async def owner(scene: Stage) -> AsyncIterator[Visitor]:
    async with visiting(scene.deps) as visitor:
        await visitor.sign_in()
        yield visitor


@pytest.mark.parametrize("path", GETS)
async def test_every_get_says_when_who_and_in_which_world(owner: Visitor, path: str) -> None:
    body = await owner.get(f"/api/v1/{path}")
    assert ISO.fullmatch(body["as_of"])
    assert body["source"] in ("kraken", "paper", "store")
    assert body["mode"] == "demo"
    assert "data" in body


async def test_status_holds_the_figures_as_decimal_text(owner: Visitor) -> None:
    data = (await owner.get("/api/v1/status"))["data"]
    assert data["equity"] == "10234.5678"
    assert data["pnl_today"] == "124.5678"
    assert data["loss_budget_left"] == "303.3"
    assert data["trading"] is True
    assert data["symbols"][0] == "BTC/USD"
    assert {"name", "ok", "text", "since", "blocks"} == set(data["health"][0])


async def test_a_position_names_entry_stop_target_and_the_stops_order(owner: Visitor, scene: Stage) -> None:
    rows = (await owner.get("/api/v1/positions"))["data"]
    held = {one.symbol: one for one in scene.status.held}
    for row in rows:
        one = held[row["symbol"]]
        assert Decimal(row["entry"]) == one.entry_price
        assert Decimal(row["stop"]) == one.stop
        assert Decimal(row["target"]) == one.target
        assert row["stop_order_id"] == one.stop_txids[0]
    assert len(rows) == 2


async def test_trades_are_executions_as_the_exchange_booked_them(owner: Visitor, scene: Stage) -> None:
    row = (await owner.get("/api/v1/trades?limit=1"))["data"][0]
    newest = max(scene.status.fills, key=lambda fill: fill.time_ms)
    assert list(row)[:9] == ["id", "order_id", "time", "symbol", "side", "price", "qty", "cost", "fee"]
    assert (row["id"], row["order_id"]) == (newest.id, newest.order_txid)
    assert Decimal(row["fee"]) == newest.fee


async def test_closed_positions_are_the_round_trips(owner: Visitor) -> None:
    rows = (await owner.get("/api/v1/positions?closed=true"))["data"]
    assert [row["reason"] for row in rows] == ["signal", "stop", "target"]


async def test_money_prices_and_quantities_are_never_json_numbers(owner: Visitor) -> None:
    names = {
        "equity", "cash", "qty", "price", "cost", "fee", "fees", "entry", "stop", "target", "value", "total",
        "free", "held", "net_pnl", "realised", "unrealised", "open", "high", "low", "close", "volume", "exit",
    }  # fmt: skip
    for path in GETS:
        for name, value in _leaves((await owner.get(f"/api/v1/{path}"))["data"]):
            if path == "learning" or (path in ("settings", "decisions", "mandate") and name == "value"):
                continue  # multiples of a risk, texts, the reading of a filter
            if name in names and value is not None:
                assert isinstance(value, str), (path, name)
                assert DECIMAL.fullmatch(value), (path, name, value)


def _leaves(value: Any, name: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, key)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in _leaves(inner, name)]
    return [(name, value)]


@pytest.mark.parametrize(
    ("path", "time"),
    [("trades", "time"), ("positions?closed=true", "closed"), ("orders", "opened"), ("equity", "time"),
     ("candles?symbol=ETH/USD", "time"), ("decisions", "candle"), ("alerts", "time")],
)  # fmt: skip
async def test_lists_are_newest_first(owner: Visitor, path: str, time: str) -> None:
    times = [row[time] for row in (await owner.get(f"/api/v1/{path}"))["data"]]
    assert times == sorted(times, reverse=True)
    assert len(times) > 1


@pytest.mark.parametrize("path", ["trades?", "decisions?", "alerts?", "positions?closed=true&"])
async def test_pages_neither_skip_nor_repeat(owner: Visitor, path: str) -> None:
    whole = (await owner.get(f"/api/v1/{path}limit=500"))["data"]
    found: list[Any] = []
    before = ""
    for _ in range(len(whole)):
        body = await owner.get(f"/api/v1/{path}limit=2{before}")
        found += body["data"]
        if body["next"] is None:
            break
        before = f"&before={body['next'].replace('+', '%2B')}"
    assert found == whole


async def test_a_page_that_ends_inside_one_millisecond_goes_on_there(owner: Visitor, scene: Stage) -> None:
    one = Decimal(1)
    scene.status.fills = [
        Fill(
            f"T{n}",
            "O1",
            "BTC/USD",
            Side.BUY,
            Price(one),
            Qty(one),
            Money(one),
            Money(one),
            1_700_000_000_000,
        )
        for n in range(9)
    ]
    found: list[str] = []
    body: dict[str, Any] = {"next": ""}
    while body["next"] is not None:
        after = f"&before={body['next']}" if body["next"] else ""
        body = await owner.get(f"/api/v1/trades?limit=2{after}")
        found += [row["id"] for row in body["data"]]
    assert found == [f"T{n}" for n in range(9)]


async def test_before_also_takes_an_iso_time(owner: Visitor) -> None:
    rows = (await owner.get("/api/v1/trades"))["data"]
    older = (await owner.get(f"/api/v1/trades?before={rows[0]['time']}"))["data"]
    assert older == rows[1:]


async def test_candles_can_be_cut_and_limited(owner: Visitor) -> None:
    rows = (await owner.get("/api/v1/candles?symbol=BTC/USD&limit=5"))["data"]
    assert len(rows) == 5
    assert set(rows[0]) == {"time", "open", "high", "low", "close", "volume"}


async def test_candles_are_paged_without_a_gap_or_a_repeat(owner: Visitor) -> None:
    whole = (await owner.get("/api/v1/candles?symbol=BTC/USD&limit=40"))["data"]
    rows, following = [], ""
    while len(rows) < 40:
        page = await owner.get(f"/api/v1/candles?symbol=BTC/USD&limit=10{following}")
        rows += page["data"]
        following = f"&before={page['next']}"
    assert rows == whole


@pytest.mark.parametrize("path", ["candles", "price"])
async def test_where_no_pair_is_named_the_owners_first_is_meant(owner: Visitor, path: str) -> None:
    named = (await owner.get(f"/api/v1/{path}?symbol=BTC/USD"))["data"]
    meant = (await owner.get(f"/api/v1/{path}"))["data"]
    if path == "price":
        assert meant.pop("time") >= named.pop("time")
    assert meant == named


@pytest.mark.parametrize("written", ["XBTUSD", "BTCUSD", "xbt/usd", "BTC-USD"])
async def test_a_pair_may_be_written_as_the_exchange_does(owner: Visitor, written: str) -> None:
    assert (await owner.get(f"/api/v1/candles?symbol={written}&limit=1"))["symbol"] == "BTC/USD"


async def test_a_long_answer_travels_packed_to_whoever_takes_it_and_reads_the_same(owner: Visitor) -> None:
    path = "/api/v1/candles?symbol=BTC/USD&limit=288"
    packed = await owner.raw("GET", path)
    plain = await owner.raw("GET", path, headers={"Accept-Encoding": "identity"})
    short = await owner.raw("GET", "/api/v1/status")
    assert packed.headers["Content-Encoding"] == "gzip" and int(packed.headers["Content-Length"]) < 12_000
    assert "Content-Encoding" not in plain.headers and "Content-Encoding" not in short.headers
    assert (await packed.json())["data"] == (await plain.json())["data"]


async def test_every_command_of_this_door_says_what_it_does(owner: Visitor) -> None:
    rows = (await owner.get("/api/v1/commands"))["data"]
    assert {"/flatten", "/pause"} <= {row["command"] for row in rows}
    assert all(row["summary"] and row["usage"].startswith("/") for row in rows)


async def test_secrets_are_only_ever_set_or_empty(scene: Stage) -> None:
    async with visiting(scene.deps) as visitor:
        await visitor.sign_in()
        rows = (await visitor.get("/api/v1/settings"))["data"]
    secret = [row for row in rows if row["secret"]]
    assert {row["value"] for row in secret} <= {"set", ""}
    assert {row["env"] for row in secret} >= {"KRAKEN_API_SECRET", "WEB_PASSWORD"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("trades?limit=0", 400),
        ("trades?limit=abc", 400),
        ("trades?limit=501", 400),
        ("trades?before=soon", 400),
        ("trades?before=9999999999999999", 400),
        ("trades?symbol=DROP TABLE", 400),
        ("pnl?period=ever", 400),
        ("pnl?from=x", 400),
        ("candles?symbol=BTC/USD&timeframe=2m", 400),
        ("candles?symbol=NOPE/USD", 404),
        ("alerts?before=-1", 400),
        ("chat?limit=-5", 400),
        ("nothing", 404),
    ],
)
async def test_what_is_not_understood_is_said_in_one_shape(owner: Visitor, path: str, status: int) -> None:
    answer = await owner.raw("GET", f"/api/v1/{path}")
    error = (await answer.json())["error"]
    assert answer.status == status
    assert set(error) == {"code", "message", "hint"}
    assert error["message"]


@pytest.mark.parametrize(
    ("trouble", "status"),
    [(Transient("Kraken did not answer"), 503), (AuthFailed("key"), 503), (RateLimited("slowly", 3), 429)],
)
async def test_a_lost_exchange_is_said_and_not_hidden(
    owner: Visitor, scene: Stage, trouble: Exception, status: int
) -> None:
    scene.status.broken = trouble
    answer = await owner.raw("GET", "/api/v1/balances")
    assert answer.status == status
    assert set((await answer.json())["error"]) == {"code", "message", "hint"}


async def test_a_chat_turn_answers_with_blocks_and_is_remembered(owner: Visitor, scene: Stage) -> None:
    said = (await owner.post("/api/v1/chat", {"text": "buy 50 of eth"}))["data"]
    kinds = [block["type"] for block in said[0]["blocks"]]
    assert kinds == ["text", "table", "buttons"]
    assert said[0]["proposal"] == "tok123"
    assert scene.conversation.heard[0][1].door.value == "web"
    history = (await owner.get("/api/v1/chat"))["data"]
    assert [row["sender"] for row in history] == ["zyn", "you"]


async def test_a_pressed_button_reaches_the_conversation(owner: Visitor, scene: Stage) -> None:
    await owner.post("/api/v1/press", {"action": "yes:tok123"})
    assert scene.conversation.pressed[0][0] == "yes:tok123"


async def test_a_picture_in_a_reply_is_served_beside_it(owner: Visitor) -> None:
    said = (await owner.post("/api/v1/chat", {"text": "chart please"}))["data"]
    picture = said[0]["blocks"][1]
    answer = await owner.raw("GET", picture["src"])
    assert answer.content_type == "image/png"
    assert picture["alt"] == "Candles of BTC/USD"


async def test_the_conversation_from_before_the_start_is_shown() -> None:
    turns = FakeTurns([Turn("web", "user", "hello", 1_000), Turn("web", "assistant", "Good day.", 2_000)])
    async with visiting(stage(turns=turns).deps) as visitor:
        await visitor.sign_in()
        rows = (await visitor.get("/api/v1/chat"))["data"]
    assert [row["blocks"][0]["text"] for row in rows] == ["Good day.", "hello"]


async def test_the_page_goes_on_with_the_telegram_conversation_on_request() -> None:
    turns = FakeTurns(
        [Turn("web", "user", "hello page", 1_000), Turn("telegram:7", "user", "hello phone", 2_000)]
    )
    scene = stage(turns=turns, telegram=lambda: "telegram:7")
    async with visiting(scene.deps) as visitor:
        await visitor.sign_in()
        assert (await visitor.get("/api/v1/chat"))["sessions"] == ["web", "telegram"]
        told = await visitor.post("/api/v1/chat/session", {"session": "telegram"})
        assert [row["blocks"][0]["text"] for row in told["data"]] == ["hello phone"]
        await visitor.post("/api/v1/chat", {"text": "how are we doing?"})
        assert scene.conversation.heard[-1][1].session == "telegram:7"
        now = scene.clock.wall_ms() + 1
        turns.rows.append(Turn("telegram:7", "assistant", "Said on the phone meanwhile.", now))
        newest = (await visitor.get("/api/v1/chat"))["data"][0]
        assert newest["blocks"][0]["text"] == "Said on the phone meanwhile."
        told = await visitor.post("/api/v1/chat/session", {"session": "web"})
        assert [row["blocks"][0]["text"] for row in told["data"]] == ["hello page"]


async def test_without_telegram_there_is_no_other_conversation(owner: Visitor) -> None:
    assert (await owner.get("/api/v1/chat"))["sessions"] == ["web"]
    assert (await owner.change("/api/v1/chat/session", {"session": "telegram"})).status == 404


async def test_flatten_proposes_and_pause_acts_at_once(owner: Visitor, scene: Stage) -> None:
    proposed = (await owner.post("/api/v1/flatten", {"symbol": "ETH/USD"}))["data"]
    assert proposed["proposal"]["token"] == "flat1"
    assert proposed["proposal"]["one_button"] is True
    assert scene.requests[0].slots.model_dump()["symbol"] == "ETH/USD"
    done = (await owner.post("/api/v1/pause", {}))["data"]
    assert done["done"] is True
    assert (await owner.get("/api/v1/status"))["data"]["paused"] is True


async def test_one_click_sent_twice_is_one_command(owner: Visitor, scene: Stage) -> None:
    for _ in range(2):
        await owner.post("/api/v1/flatten", {}, {"Idempotency-Key": "click-1234"})
    assert {request.id for request in scene.requests} == {"web:click-1234"}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("/api/v1/flatten", {"all": True}, 400), ("/api/v1/do/withdraw", {}, 404), ("/api/v1/chat", {}, 400),
     ("/api/v1/chat", {"text": ""}, 400), ("/api/v1/chat", {"text": "x" * 4001}, 400),
     ("/api/v1/press", {"action": 7}, 400), ("/api/v1/press", {"action": "y" * 65}, 400),
     ("/api/v1/phone/tap", {"message_id": 999, "data": "yes:x"}, 409),
     ("/api/v1/phone/type", {"text": " "}, 400)],
)  # fmt: skip
async def test_a_change_that_makes_no_sense_is_refused(
    owner: Visitor, path: str, body: dict[str, Any], status: int
) -> None:
    answer = await owner.change(path, body)
    assert answer.status == status, await answer.text()
    assert set((await answer.json())["error"]) == {"code", "message", "hint"}


async def test_a_body_that_is_not_a_json_object_is_refused(owner: Visitor) -> None:
    for raw, kind in ((b"{", "application/json"), (b"[]", "application/json"), (b"text=hi", "text/plain")):
        answer = await owner.change("/api/v1/chat", raw=raw, kind=kind)
        assert answer.status == 400


async def test_openapi_describes_every_route_and_every_answer_fits(owner: Visitor) -> None:
    document = await owner.get("/openapi.json")
    assert document["openapi"].startswith("3.1")
    served = {path.partition("?")[0] for path in GETS}
    assert {f"/api/v1/{name}" for name in served} <= {
        path for path, methods in document["paths"].items() if "get" in methods
    }
    assert "/api/v1/do/flatten" in document["paths"]
    row = document["components"]["schemas"]["Trade"]
    assert set(row["required"]) == set((await owner.get("/api/v1/trades"))["data"][0])
    assert row["properties"]["price"]["type"] == "string"
    assert _references(document) <= set(document["components"]["schemas"])


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"].rpartition("/")[2]} if "$ref" in value else set()
        return own.union(*(_references(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*map(_references, value))
    return set()


async def test_the_phone_is_served_only_where_there_is_one(owner: Visitor) -> None:
    screen = (await owner.get("/api/v1/phone"))["data"]
    assert screen["messages"][0]["sender"] == "zyn"
    await owner.post("/api/v1/phone/type", {"text": "hello"})
    assert (await owner.get("/api/v1/phone"))["data"]["messages"][-1]["text"] == "You said: hello"
    async with visiting(stage(phone=False).deps) as visitor:
        await visitor.sign_in()
        assert (await visitor.raw("GET", "/api/v1/phone")).status == 404
        assert (await visitor.raw("GET", "/phone")).status == 404
