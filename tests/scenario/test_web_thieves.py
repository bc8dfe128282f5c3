"""Who guesses, and who stole something, gets nothing: passwords, cookies, tokens, links."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie

import aiohttp
import pytest

from core.clock import ManualClock
from tests.support.web_client import PASSWORD, Visitor, visiting
from tests.support.web_stage import Stage, stage
from web.sessions import LoginLinks, Tries


@pytest.fixture
def scene() -> Stage:
    return stage()


@pytest.fixture
async def owner(scene: Stage) -> AsyncIterator[Visitor]:
    async with visiting(scene.deps) as visitor:
        await visitor.sign_in()
        yield visitor


def cookie_of(visitor: Visitor) -> str:
    return next(one.value for one in visitor.http.cookie_jar if one.key == "zyn_session")


async def thief_of(owner: Visitor, path: str, cookie: str, **more: object) -> aiohttp.ClientResponse:
    """The same site, asked by somebody else who has only the cookie."""
    async with aiohttp.ClientSession() as http:
        headers = {"Cookie": f"zyn_session={cookie}"}
        return await Visitor(http, owner.base, owner.server).raw("GET", path, headers=headers, **more)


async def test_a_hundred_guesses_at_once_get_five_answers(scene: Stage) -> None:
    async with visiting(scene.deps) as visitor:
        answers = await asyncio.gather(*(visitor.sign_in(f"guess {number}") for number in range(100)))
        assert sorted(answer.status for answer in answers) == [401] * 5 + [429] * 95
        assert (await visitor.sign_in(PASSWORD)).status == 429


def test_guesses_from_everywhere_together_end_at_twenty() -> None:
    tries, made = Tries(ManualClock(0)), 0
    for number in range(1_000):
        address = f"10.0.{number // 250}.{number % 250}"
        if not tries.wait_s(address):
            tries.count(address)
            made += 1
    assert made == 20


async def test_ten_thousand_made_up_links_open_nothing() -> None:
    links = LoginLinks(ManualClock(0))
    links.create()
    assert not any(links.redeem(secrets.token_urlsafe(32)) for _ in range(10_000))


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(scene: Stage) -> None:
    async with visiting(scene.deps) as visitor:
        answer = await visitor.raw("POST", "/login", data={"password": PASSWORD})
        told = SimpleCookie(answer.headers["Set-Cookie"])["zyn_session"]
        assert told["httponly"]
        assert told["samesite"] == "Strict"
        assert told["path"] == "/"
        assert len(told.value) == 43


async def test_a_stolen_cookie_cannot_change_anything_without_its_token(owner: Visitor, scene: Stage) -> None:
    answer = await owner.raw("POST", "/api/v1/pause", json={})
    assert answer.status == 403
    assert scene.requests == []


async def test_the_token_of_another_session_is_worth_nothing(owner: Visitor, scene: Stage) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        other = Visitor(http, owner.base, owner.server)
        await other.sign_in()
        answer = await other.raw("POST", "/api/v1/pause", json={}, headers={"X-CSRF-Token": owner.csrf})
        assert answer.status == 403
    assert scene.requests == []


async def test_a_stolen_cookie_dies_with_the_sign_out_and_its_socket_too(owner: Visitor) -> None:
    stolen = cookie_of(owner)
    assert (await thief_of(owner, "/api/v1/status", stolen)).status == 200
    async with aiohttp.ClientSession() as http:
        headers = {"Cookie": f"zyn_session={stolen}"}
        socket = await http.ws_connect(f"{owner.base}/ws", headers=headers)
        assert (await owner.change("/logout", {})).status == 200
        ended = {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
        async with asyncio.timeout(5):
            while (await socket.receive()).type not in ended:
                pass
    for path in ("/api/v1/status", "/api/v1/settings", "/api/v1/chat", "/openapi.json"):
        assert (await thief_of(owner, path, stolen)).status == 401


async def test_a_cookie_from_before_a_restart_is_nobody(owner: Visitor) -> None:
    stolen = cookie_of(owner)
    async with visiting(stage().deps) as fresh:
        assert (await thief_of(fresh, "/api/v1/status", stolen)).status == 401


async def test_every_path_of_the_interface_is_shut_to_a_thousand_made_up_cookies(owner: Visitor) -> None:
    document = await owner.get("/openapi.json")
    paths = [path.replace("{name}", "1.png") for path, verbs in document["paths"].items() if "get" in verbs]
    let_in = []
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        thief = Visitor(http, owner.base, owner.server)
        for number in range(1_000):
            path, guess = paths[number % len(paths)], secrets.token_urlsafe(32)
            answer = await thief.raw("GET", path, headers={"Cookie": f"zyn_session={guess}"})
            let_in += [path] if answer.status != 401 else []
    assert let_in == []
