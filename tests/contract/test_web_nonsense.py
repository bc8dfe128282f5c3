"""A thousand senseless requests: each gets a clear no or an answer, none breaks anything."""

from __future__ import annotations

import asyncio
import json
import random
from urllib.parse import quote

import aiohttp
import pytest

from tests.support.web_client import Visitor, visiting
from tests.support.web_stage import stage

NASTY = (
    "", "0", "-1", "1e9", "NaN", "null", "true", "\u0663", "9" * 30, "2024-02-30",
    "2024-01-01T00:00:00+99:00", "0001-01-01", "9999-12-31T23:59:59Z", "1~", "~",
    "1700000000000~x~y", "BTC/USD", "btc/usd", "BTC%2FUSD", "../../etc/passwd", "' OR 1=1 --",
    "<script>", "\x00", "\u202e", "\U0001f600" * 50, "{{7*7}}", "${x}", "5m", "all",
)  # fmt: skip
BODIES = (
    None, True, 7, 1.5, "x", "\ud800", [], {}, {"a": {"b": [1]}}, [[[[]]]], 10**40, -0.0, "\x00",
    "yes:", "no:tok", "x" * 5000, {"from": "x"},
)  # fmt: skip
GETS = (
    "status", "balances", "positions", "orders", "trades", "pnl", "equity", "candles", "price", "decisions",
    "universe", "attention", "mandate", "risk", "parity", "health", "learning",
    "insights", "alerts", "settings", "chat", "pictures/x", "phone", "phone/files/x",
)  # fmt: skip
NAMES = ("limit", "before", "symbol", "period", "from", "to", "timeframe", "closed", "next")
POSTS = (
    "chat", "press", "flatten", "pause", "resume", "panic", "unlock", "do/flatten", "do/set_risk",
    "do/place_order", "do/%00", "phone/type", "phone/tap",
)  # fmt: skip
FIELDS = ("text", "action", "symbol", "now", "message_id", "data", "until", "amount", "side")


async def refused_or_answered(answer: aiohttp.ClientResponse) -> None:
    assert answer.status < 500, answer
    wanted = {"error"} if answer.status >= 400 else {"as_of", "source", "mode", "data"}
    body = await answer.json()
    assert wanted <= set(body)
    if "error" in body:
        assert set(body["error"]) == {"code", "message", "hint"}


async def test_senseless_questions_are_answered_or_refused_in_one_shape() -> None:
    rng = random.Random(9)
    async with visiting(stage().deps) as visitor:
        await visitor.sign_in()
        for _ in range(600):
            asked = rng.sample(NAMES, rng.randint(0, 3))
            query = "&".join(f"{name}={quote(rng.choice(NASTY))}" for name in asked)
            path = f"/api/v1/{rng.choice(GETS)}?{query}&_=%20"
            await refused_or_answered(await visitor.raw("GET", path))


async def test_senseless_changes_are_refused_in_one_shape() -> None:
    rng, scene = random.Random(10), stage()
    async with visiting(scene.deps) as visitor:
        await visitor.sign_in()
        for _ in range(400):
            scene.clock.pushed_ms += 1_100  # below the limit on changes
            body = {rng.choice(FIELDS): rng.choice(BODIES) for _ in range(rng.randint(0, 3))}
            raw = json.dumps(rng.choice([body, body, body, rng.choice(BODIES)])).encode()
            await refused_or_answered(await visitor.change(f"/api/v1/{rng.choice(POSTS)}", raw=raw))


async def test_senseless_sign_ins_are_refused() -> None:
    kinds = (
        "application/x-www-form-urlencoded; charset=nope",
        "multipart/form-data",
        "text/plain",
        "",
        "a/b; c",
    )
    async with visiting(stage().deps) as visitor:
        for kind in kinds:
            for body in (b"", b"password=" + b"\xff" * 9, b"password=x&" * 30, b"token=%00", b"--\r\n"):
                answer = await visitor.raw("POST", "/login", data=body, headers={"Content-Type": kind})
                assert 400 <= answer.status < 500


async def _raw(visitor: Visitor, head: bytes) -> int:
    """The status of a POST whose last header is sent as these bytes."""
    host, _, port = visitor.base.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    cookie = "; ".join(f"{one.key}={one.value}" for one in visitor.http.cookie_jar)
    lines = (
        "POST /api/v1/press HTTP/1.1", f"Host: {host}:{port}", f"Cookie: {cookie}", "Connection: close",
        "Content-Type: application/json", "Content-Length: 2",
    )  # fmt: skip
    writer.write("\r\n".join(lines).encode() + b"\r\n" + head + b"\r\n\r\n{}")
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize(
    "name", ["X-CSRF-Token", "Origin", "Sec-Fetch-Site", "Idempotency-Key", "Accept", "If-None-Match", "X"]
)
async def test_headers_that_are_no_text_are_refused(name: str) -> None:
    async with visiting(stage().deps) as visitor:
        await visitor.sign_in()
        assert await _raw(visitor, name.encode() + b": \xff\xfe\xed\xa0\x80") in (400, 403)
