"""The doctor: one line a check, against real local servers."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.__main__ import main
from bot.checkup import TRADING, Finding, State, examine
from core.clock import SystemClock
from core.trading_config import Config, load
from tests.support.scripted_kraken import SECRET, ScriptedKraken, said

KEY_THAT_FITS = {"permissions": sorted(TRADING)}


class Services:
    """Telegram, OpenAI and Twilio in one: the key `good` opens, any other does not."""

    def __init__(self) -> None:
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/bot{token}/getMe", self._telegram)
        app.router.add_get("/v1/models", self._openai)
        app.router.add_get("/2010-04-01/Accounts/{sid}.json", self._twilio)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _telegram(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True}, status=200 if request.match_info["token"] == "good" else 401)

    async def _openai(self, request: web.Request) -> web.Response:
        return web.json_response({}, status=200 if request.headers["Authorization"] == "Bearer good" else 401)

    async def _twilio(self, request: web.Request) -> web.Response:
        return web.json_response(
            {}, status=200 if request.headers["Authorization"].startswith("Basic") else 401
        )


@pytest.fixture
async def services() -> AsyncIterator[Services]:
    one = Services()
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def kraken() -> AsyncIterator[ScriptedKraken]:
    server = await ScriptedKraken().start()
    server.results("SystemStatus", {"status": "online"})
    server.results("Time", {"unixtime": SystemClock().wall_ms() // 1000, "rfc1123": ""})
    server.results("GetApiKeyInfo", KEY_THAT_FITS)
    server.results("GetWebSocketsToken", {"token": "1Dwc4lzSwNWOAwkMdqhssNNFhs1ed606", "expires": 900})
    yield server
    await server.stop()


def settings(folder: Path, **given: Any) -> Config:
    base = {"ZYN_DATA_DIR": str(folder / "data"), "WEB_PORT": "0"}
    return load({**base, **{name: str(value) for name, value in given.items()}})


def validate(folder: Path, url: str, **given: Any) -> Config:
    keys = {"KRAKEN_API_KEY": "key", "KRAKEN_API_SECRET": SECRET, "KRAKEN_API_BASE_URL": url}
    return settings(folder, ZYN_MODE="validate", **keys, **given)


async def found(config: Config, folder: Path) -> dict[str, Finding]:
    return {one.name: one for one in await examine(config, folder / ".env")}


async def test_a_newcomer_is_told_that_all_is_well(tmp_path: Path) -> None:
    findings = await found(settings(tmp_path), tmp_path)
    assert {one.state for one in findings.values()} == {State.OK}
    assert "demo brings" in findings["Kraken"].said
    assert "offline brain" in findings["OpenAI"].said
    assert not (tmp_path / "data").exists(), "looking changes nothing"


async def test_everything_that_is_configured_is_asked(
    tmp_path: Path, kraken: ScriptedKraken, services: Services
) -> None:
    config = validate(
        tmp_path, kraken.url, TELEGRAM_BOT_TOKEN="good", TELEGRAM_API_BASE_URL=f"{services.url}/bot",
        OPENAI_API_KEY="good", OPENAI_BASE_URL=f"{services.url}/v1", TWILIO_ACCOUNT_SID="AC1",
        TWILIO_AUTH_TOKEN="t", TWILIO_FROM="+1", SMS_TO="+2", TWILIO_API_BASE_URL=services.url,
    )  # fmt: skip
    findings = await found(config, tmp_path)
    assert {one.state for one in findings.values()} == {State.OK}, findings
    assert findings["Kraken key"].said == "can trade and cannot withdraw"
    assert "pairing code" in findings["Telegram users"].said


async def test_a_refused_key_is_named_and_never_repeated(tmp_path: Path, services: Services) -> None:
    config = settings(
        tmp_path, TELEGRAM_BOT_TOKEN="12345:wrong", TELEGRAM_API_BASE_URL=f"{services.url}/bot",
        OPENAI_API_KEY="sk-wrong", OPENAI_BASE_URL=f"{services.url}/v1",
    )  # fmt: skip
    findings = await found(config, tmp_path)
    assert findings["Telegram"].state is findings["OpenAI"].state is State.FAIL
    assert "BotFather" in findings["Telegram"].todo
    assert "wrong" not in str(findings)


async def test_services_that_are_away_are_a_warning_without_their_secret(tmp_path: Path) -> None:
    config = settings(
        tmp_path, TELEGRAM_BOT_TOKEN="12345:secret", TELEGRAM_API_BASE_URL="http://127.0.0.1:9/bot",
        OPENAI_API_KEY="sk-secret", OPENAI_BASE_URL="http://127.0.0.1:9",
    )  # fmt: skip
    findings = await found(config, tmp_path)
    assert findings["Telegram"].state is findings["OpenAI"].state is State.WARN
    assert "secret" not in str(findings)


@pytest.mark.parametrize(
    ("permissions", "told"),
    [
        (sorted({*TRADING, "withdraw-funds"}), "can withdraw"),
        (sorted({*TRADING, "funds-withdraw"}), "can withdraw"),
        (["query-funds"], "lacks close-trades"),
    ],
)
async def test_a_key_that_may_too_much_or_too_little_fails(
    tmp_path: Path, kraken: ScriptedKraken, permissions: list[str], told: str
) -> None:
    kraken.results("GetApiKeyInfo", {"permissions": permissions})
    finding = (await found(validate(tmp_path, kraken.url), tmp_path))["Kraken key"]
    assert finding.state is State.FAIL and told in finding.said


async def test_a_wrong_kraken_key_fails(tmp_path: Path, kraken: ScriptedKraken) -> None:
    kraken.answers("GetApiKeyInfo", said("EAPI:Invalid key"))
    finding = (await found(validate(tmp_path, kraken.url), tmp_path))["Kraken key"]
    assert finding.state is State.FAIL and "KRAKEN_API_KEY" in finding.todo


async def test_a_key_without_the_websocket_permission_is_warned_of_with_what_zyn_does_instead(
    tmp_path: Path, kraken: ScriptedKraken
) -> None:
    kraken.answers("GetWebSocketsToken", said("EGeneral:Permission denied"))
    finding = (await found(validate(tmp_path, kraken.url), tmp_path))["Kraken's private socket"]
    assert finding.state is State.WARN and "REST every minute" in finding.said
    assert "WebSocket interface" in finding.todo


async def test_a_private_socket_that_cannot_be_asked_about_is_no_missing_permission(
    tmp_path: Path, kraken: ScriptedKraken
) -> None:
    kraken.answers("GetWebSocketsToken", said("EService:Unavailable"))
    finding = (await found(validate(tmp_path, kraken.url), tmp_path))["Kraken's private socket"]
    assert finding.state is State.WARN and "minute" in finding.todo


async def test_a_clock_that_is_off_and_a_halted_market_are_warned_of(
    tmp_path: Path, kraken: ScriptedKraken
) -> None:
    kraken.results("Time", {"unixtime": SystemClock().wall_ms() // 1000 + 90, "rfc1123": ""})
    kraken.results("SystemStatus", {"status": "maintenance"})
    findings = await found(validate(tmp_path, kraken.url), tmp_path)
    assert findings["clock"].state is State.WARN and "behind Kraken's" in findings["clock"].said
    assert findings["Kraken"].state is State.WARN


async def test_a_dead_kraken_fails_in_a_moment(tmp_path: Path) -> None:
    findings = await found(validate(tmp_path, "http://127.0.0.1:9"), tmp_path)
    assert findings["Kraken"].state is State.FAIL and "cannot be reached" in findings["Kraken"].said


async def test_a_taken_port_an_open_env_file_and_a_broken_database_are_seen(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("")
    env.chmod(0o644)
    (tmp_path / "data/demo").mkdir(parents=True)
    (tmp_path / "data/demo/trading_memory.db").write_bytes(b"not a database at all" * 100)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        findings = await found(settings(tmp_path, WEB_PORT=taken.getsockname()[1]), tmp_path)
    assert findings["web"].state is State.FAIL and "WEB_PORT" in findings["web"].todo
    assert findings[".env"].state is State.WARN and findings[".env"].todo == f"chmod 600 {env}"
    assert findings["database"].state is State.FAIL and "restore" in findings["database"].todo


async def test_without_sms_the_doctor_says_that_nothing_can_wake_the_owner(tmp_path: Path) -> None:
    config = settings(tmp_path, ZYN_MODE="paper", KRAKEN_API_BASE_URL="http://127.0.0.1:9")
    line = (await found(config, tmp_path))["Twilio"]
    assert line.state is State.WARN and "nothing can wake you" in line.said and "SMS_TO" in line.todo


def test_the_report_is_a_line_a_check_or_json(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEB_PORT", "0")
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # main replaces it; put it back afterwards
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 9 and all(line.startswith("ok") for line in lines)
    assert main(["doctor", "--json"]) == 0
    assert {"name", "state", "said", "todo"} == set(json.loads(capsys.readouterr().out)[0])
    assert main(["doctor", "--set", "mode=moon", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)[0]["state"] == "fail"
