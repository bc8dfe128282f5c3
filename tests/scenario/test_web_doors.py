"""Who gets in, how, and what a stranger or a foreign page can do: nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import product

import aiohttp
import pytest
from yarl import URL

from core.model.errors import ConfigError
from core.model.views import Health, Reading
from tests.support.web_client import PASSWORD, Visitor, visiting
from tests.support.web_stage import Stage, stage
from web.app import WebServer
from web.guard import HostRule
from web.password import hash_password

OPEN = ("/login", "/healthz", "/readyz", "/static/base.css", "/static/login.css", "/static/mark.svg")
SHUT_PAGES = ("/", "/chat", "/phone")
SHUT = (
    "/api/v1/status", "/api/v1/balances", "/api/v1/settings", "/api/v1/chat", "/api/v1/phone",
    "/openapi.json", "/metrics", "/ws", "/static/dashboard.js", "/static/lightweight-charts.js",
    "/nowhere", "/../.env",
)  # fmt: skip


@pytest.fixture
def scene() -> Stage:
    return stage()


@pytest.fixture
async def stranger(scene: Stage) -> AsyncIterator[Visitor]:
    async with visiting(scene.deps) as visitor:
        yield visitor


@pytest.mark.parametrize("path", OPEN)
async def test_the_door_and_the_probes_answer_everyone(stranger: Visitor, path: str) -> None:
    assert (await stranger.raw("GET", path)).status == 200


@pytest.mark.parametrize("path", SHUT)
async def test_nothing_else_answers_a_stranger(stranger: Visitor, path: str) -> None:
    answer = await stranger.raw("GET", path)
    assert answer.status in (401, 404)
    assert (await answer.json())["error"]["code"] in ("signed_out", "not_found")


@pytest.mark.parametrize("path", SHUT_PAGES)
async def test_a_page_leads_a_stranger_to_the_door(stranger: Visitor, path: str) -> None:
    answer = await stranger.raw("GET", path)
    assert answer.status == 303
    assert answer.headers["Location"].startswith("/login")


VISIT = {"Accept": "text/html,application/xhtml+xml"}


async def test_an_address_that_is_no_page_leads_a_strangers_browser_to_the_door(stranger: Visitor) -> None:
    answer = await stranger.raw("GET", "/nowhere", headers=VISIT)
    assert (answer.status, answer.headers["Location"]) == (303, "/login")


async def test_an_address_that_is_no_page_is_said_on_a_page_to_a_person_and_as_data_to_a_script(
    stranger: Visitor,
) -> None:
    await stranger.sign_in()
    page = await stranger.raw("GET", "/nowhere", headers=VISIT)
    assert (page.status, page.content_type) == (404, "text/html")
    assert "Nothing is here." in await page.text()
    for path, headers in (("/nowhere", {}), ("/api/v1/nowhere", VISIT)):
        answer = await stranger.raw("GET", path, headers=headers)
        assert (answer.status, (await answer.json())["error"]["code"]) == (404, "not_found")


async def test_a_person_who_comes_by_a_wrong_name_is_told_the_right_way(stranger: Visitor) -> None:
    answer = await stranger.raw("GET", "/", headers={**VISIT, "Host": "<b>evil.example</b>"})
    text = await answer.text()
    assert answer.status == 403
    assert "WEB_PUBLIC_URL" in text and "<b>" not in text and "<p hidden><a" in text


async def test_what_a_page_is_made_of_is_fetched_once_and_never_in_another_version(stranger: Visitor) -> None:
    await stranger.sign_in()
    text = await (await stranger.raw("GET", "/")).text()
    files = re.findall(r'(?:href|src)="(/static/\w+/[\w.-]+)"', text)
    assert {path.rpartition("/")[2] for path in files} >= {"base.css", "dashboard.js", "chart.js", "dom.js"}
    for path in files:
        answer = await stranger.raw("GET", path)
        assert answer.status == 200 and "immutable" in answer.headers["Cache-Control"]
        other = path.replace(path.split("/")[2], "0123456789ab")
        assert (await stranger.raw("GET", other)).status == 404
    assert (await stranger.raw("GET", "/static/base.css")).headers["Cache-Control"] == "no-cache"


async def test_a_stranger_changes_nothing(stranger: Visitor, scene: Stage) -> None:
    for path in ("/api/v1/chat", "/api/v1/press", "/api/v1/flatten", "/logout", "/api/v1/phone/type"):
        assert (await stranger.raw("POST", path, json={"text": "/panic"})).status == 401
    assert not scene.conversation.heard
    assert not scene.requests


async def test_metrics_are_open_only_when_allowed(scene: Stage) -> None:
    measured = [
        Health(
            "answers for orders", True, "84 ms", reading=Reading("exchange_answer_seconds", 0.084, "orders")
        ),
        Health("budget", True, "9", reading=Reading("request_budget_points", 9.5, "public Ticker calls")),
        Health("model", True, "none"),
    ]

    async def gauges() -> list[Health]:
        return measured

    async with visiting(replace(scene.deps, metrics=True, gauges=gauges)) as visitor:
        text = await (await visitor.raw("GET", "/metrics")).text()
        measured.pop(0)
        later = await (await visitor.raw("GET", "/metrics")).text()
    assert "zyn_equity 10234.5678" in text
    assert "zyn_open_positions 2.0" in text
    assert 'zyn_exchange_answer_seconds{of="orders"} 0.084' in text and 'of="orders"' not in later
    assert 'zyn_request_budget_points{of="public Ticker calls"} 9.5' in later


@pytest.mark.parametrize("hashed", [False, True])
async def test_the_password_opens_the_door(scene: Stage, hashed: bool) -> None:
    configured = hash_password(PASSWORD) if hashed else PASSWORD
    async with visiting(replace(scene.deps, password=configured)) as visitor:
        assert (await visitor.sign_in("wrong")).status == 401
        answer = await visitor.sign_in()
        assert answer.status == 303
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
        assert (await visitor.raw("GET", "/")).status == 200


HEAVY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("$argon2id$nonsense", "cannot be read"),
        (HEAVY, "more than 20 MiB"),
        (HEAVY.replace("argon2id", "argon2i"), "of another kind"),
    ],
)
def test_a_hash_that_cannot_be_checked_within_bounds_refuses_to_start(
    scene: Stage, written: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=f"WEB_PASSWORD.*{said}"):
        WebServer(replace(scene.deps, password=written))


def test_over_tls_only_the_owners_own_address_may_change_things() -> None:
    rule = HostRule("127.0.0.1", "https://zyn.example.net")
    assert rule.same_origin("https://zyn.example.net", "zyn.example.net")
    assert not rule.same_origin("http://zyn.example.net", "zyn.example.net")
    assert rule.same_origin("http://127.0.0.1:5000", "127.0.0.1:5000")
    assert not rule.same_origin("https://127.0.0.1:5000", "127.0.0.1:5000")


async def test_without_a_password_no_password_opens_the_door(scene: Stage) -> None:
    async with visiting(replace(scene.deps, password="")) as visitor:
        assert (await visitor.sign_in("")).status == 401
        page = await visitor.raw("GET", "/login")
        assert "zyn link" in await page.text()


async def test_the_sixth_guess_waits_even_when_it_is_right(stranger: Visitor, scene: Stage) -> None:
    for _ in range(5):
        assert (await stranger.sign_in("guess")).status == 401
    answer = await stranger.sign_in(PASSWORD)
    assert answer.status == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    scene.clock.pushed_ms += 15 * 60_000 + 1
    assert (await stranger.sign_in(PASSWORD)).status == 303


async def test_looking_at_a_link_does_not_spend_it_and_one_click_does(stranger: Visitor) -> None:
    link = URL(stranger.server.create_link())
    for _ in range(3):
        page = await stranger.raw("GET", str(link.relative()))
        assert "Open Zyn" in await page.text()
    token = link.query["token"]
    assert (await stranger.raw("POST", "/login", data={"token": token})).status == 303
    assert (await stranger.raw("POST", "/login", data={"token": token})).status == 401


async def test_a_form_sent_in_parts_signs_in_as_well(stranger: Visitor) -> None:
    token = URL(stranger.server.create_link()).query["token"]
    with aiohttp.MultipartWriter("form-data") as form:
        form.append("no field of ours").set_content_disposition("form-data", name="other")
        form.append(token).set_content_disposition("form-data", name="token")
        form.append(b"a file", {"Content-Type": "image/png"}).set_content_disposition(
            "form-data", name="password", filename="x.png"
        )
    assert (await stranger.raw("POST", "/login", data=form)).status == 303
    broken = {"Content-Type": "multipart/form-data"}
    assert (await stranger.raw("POST", "/login", data=b"nothing", headers=broken)).status == 400


async def test_a_link_that_is_posted_to_is_clicked(stranger: Visitor) -> None:
    link = str(URL(stranger.server.create_link()).relative())
    assert (await stranger.raw("POST", link)).status == 303
    assert (await stranger.raw("POST", link)).status == 401


async def test_a_link_expires_and_a_made_up_one_is_worth_nothing(stranger: Visitor, scene: Stage) -> None:
    token = URL(stranger.server.create_link()).query["token"]
    scene.clock.pushed_ms += 10 * 60_000 + 1
    assert (await stranger.raw("POST", "/login", data={"token": token})).status == 401
    assert (await stranger.raw("POST", "/login", data={"token": "x" * 43})).status == 401


async def test_a_link_names_the_public_address_when_there_is_one(scene: Stage) -> None:
    deps = replace(scene.deps, public_url="https://zyn.example.net/")
    async with visiting(deps) as visitor:
        assert visitor.server.create_link().startswith("https://zyn.example.net/login?token=")


async def test_a_token_in_the_page_cannot_become_markup(stranger: Visitor) -> None:
    page = await stranger.raw("GET", '/login?token="><script>alert(1)</script>')
    text = await page.text()
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


async def test_signing_in_leads_only_to_pages_of_its_own(stranger: Visitor) -> None:
    for target, landed in (("/chat", "/chat"), ("https://evil.example", "/"), ("//evil.example", "/")):
        answer = await stranger.raw("POST", f"/login?next={target}", data={"password": PASSWORD})
        assert answer.headers["Location"] == landed


@pytest.mark.parametrize("hours", [12.01, 168.01])
async def test_a_session_ends_idle_or_old(stranger: Visitor, scene: Stage, hours: float) -> None:
    await stranger.sign_in()
    start = scene.clock.pushed_ms
    while scene.clock.pushed_ms < start + hours * 3_600_000:
        step = 13 * 3_600_000 if hours < 13 else 6 * 3_600_000
        scene.clock.pushed_ms += step
        status = (await stranger.raw("GET", "/api/v1/status")).status
    assert status == 401


async def test_a_session_in_use_lives_on(stranger: Visitor, scene: Stage) -> None:
    await stranger.sign_in()
    for _ in range(5):
        scene.clock.pushed_ms += 11 * 3_600_000
        assert (await stranger.raw("GET", "/api/v1/status")).status == 200


async def test_signing_in_again_ends_the_session_before(stranger: Visitor) -> None:
    await stranger.sign_in()
    old = {cookie.key: cookie.value for cookie in stranger.http.cookie_jar}["zyn_session"]
    await stranger.sign_in()
    stranger.http.cookie_jar.clear()
    answer = await stranger.raw("GET", "/api/v1/status", headers={"Cookie": f"zyn_session={old}"})
    assert answer.status == 401


async def test_signing_out_everywhere_ends_every_session(stranger: Visitor) -> None:
    await stranger.sign_in()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        other = Visitor(http, stranger.base, stranger.server)
        await other.sign_in()
        assert (await stranger.change("/logout?everywhere=1", {})).status == 200
        assert (await other.raw("GET", "/api/v1/status")).status == 401


async def test_a_guessed_cookie_is_nobody(stranger: Visitor) -> None:
    for guess in ("", "x", "x" * 43, "../../etc/passwd", "a;b"):
        answer = await stranger.raw("GET", "/api/v1/status", headers={"Cookie": f"zyn_session={guess}"})
        assert answer.status == 401


HOSTS = ("{host}", "evil.example", "evil.example:{port}", "10.0.0.7:{port}", "localhost.evil.com:{port}", "")
ORIGINS = (
    None, "http://{host}", "https://{host}", "http://evil.example", "null", "http://{host}.evil.com", "file://",
)  # fmt: skip
TOKENS = ("right", "wrong", "", None)


async def test_every_wrong_header_is_refused_and_only_the_right_ones_pass(scene: Stage) -> None:
    passed = 0
    async with visiting(scene.deps) as visitor:
        await visitor.sign_in()
        address = visitor.base.removeprefix("http://")
        words = {"host": address, "port": address.rpartition(":")[2]}
        for host, origin, token, site in product(HOSTS, ORIGINS, TOKENS, (None, "cross-site")):
            headers = {"Host": host.format(**words)}
            if origin:
                headers["Origin"] = origin.format(**words)
            if token is not None:
                headers["X-CSRF-Token"] = visitor.csrf if token == "right" else token
            if site:
                headers["Sec-Fetch-Site"] = site
            right = (host, token, site) == ("{host}", "right", None) and origin in (None, "http://{host}")
            answer = await visitor.raw("POST", "/api/v1/press", json={"action": "no:x"}, headers=headers)
            # The limit on changes may only ever turn a pass into a wait.
            assert answer.status in ((200, 429) if right else (400, 403)), (headers, answer.status)
            passed += answer.status == 200
    assert passed == len(scene.conversation.pressed) > 0


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_foreign_page_cannot_open_the_socket(stranger: Visitor, origin: str) -> None:
    await stranger.sign_in()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await stranger.socket(Origin=origin)
    assert refused.value.status == 403


async def test_a_stranger_cannot_open_the_socket(stranger: Visitor) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await stranger.socket()
    assert refused.value.status == 401


async def test_every_answer_carries_the_strict_headers(stranger: Visitor) -> None:
    for path in ("/login", "/nowhere", "/static/base.css", "/healthz"):
        headers = (await stranger.raw("GET", path)).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy and "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


async def test_too_many_changes_in_a_minute_wait(stranger: Visitor, scene: Stage) -> None:
    await stranger.sign_in()
    statuses = [(await stranger.change("/api/v1/press", {"action": "no:x"})).status for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    scene.clock.pushed_ms += 61_000
    assert (await stranger.change("/api/v1/press", {"action": "no:x"})).status == 200


async def test_a_flood_of_changes_keeps_no_flatten_pause_or_sign_out_waiting(
    stranger: Visitor, scene: Stage
) -> None:
    await stranger.sign_in()
    flood = [(await stranger.change("/api/v1/chat", {"text": "/status"})).status for _ in range(70)]
    assert flood[-1] == 429
    for path in ("/api/v1/flatten", "/api/v1/do/flatten", "/api/v1/pause"):
        assert (await stranger.change(path, {})).status == 200
    assert (await stranger.change("/api/v1/press", {"action": "yes:flat1"})).status == 200
    assert (await stranger.change("/logout?everywhere=1", {})).status == 200


async def test_a_body_beyond_64_kib_is_refused(stranger: Visitor) -> None:
    await stranger.sign_in()
    answer = await stranger.change("/api/v1/chat", {"text": "x" * 70_000})
    assert answer.status in (400, 413)


@pytest.mark.parametrize(
    ("bound", "public", "host", "allowed"),
    [
        ("127.0.0.1", "", "localhost:5000", True),
        ("127.0.0.1", "", "[::1]:5000", True),
        ("127.0.0.1", "", "192.168.1.9:5000", False),
        ("127.0.0.1", "https://zyn.example.net", "zyn.example.net", True),
        ("127.0.0.1", "https://zyn.example.net", "evil.example.net", False),
        ("0.0.0.0", "", "192.168.1.9:5000", True),
        ("0.0.0.0", "", "evil.example:5000", False),
        ("nas.lan", "", "nas.lan:5000", True),
    ],
)
def test_a_name_that_could_be_rebound_is_not_answered(
    bound: str, public: str, host: str, allowed: bool
) -> None:
    assert HostRule(bound, public).allows(host) is allowed


async def test_a_taken_port_is_said_in_one_line(scene: Stage) -> None:
    async with visiting(scene.deps) as visitor:
        port = int(visitor.base.rpartition(":")[2])
        with pytest.raises(ConfigError, match=f"WEB_PORT={port}: another program uses this port"):
            await WebServer(scene.deps).start("127.0.0.1", port)


async def test_the_probes_say_what_is_wrong(scene: Stage) -> None:
    async with visiting(replace(scene.deps, ready=lambda: False)) as visitor:
        assert (await visitor.raw("GET", "/healthz")).status == 200
        assert (await visitor.raw("GET", "/readyz")).status == 503
