"""What `zyn doctor` looks at: each check says in one line how it found things and what to do about it.

Every check has a short patience and none changes anything; secrets are never repeated.
"""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import aiohttp

from bot.worlds import is_loopback
from core.clock import SystemClock
from core.model.account import can_withdraw
from core.model.errors import AuthFailed, StoreError, VenueError
from core.model.market import ExchangeStatus
from core.store.backup import verify
from core.store.instance import running_pid
from core.store.telemetry_db import FILE_NAME as DATABASE
from core.trading_config import Config, Mode, ServiceConfig
from core.venues.exchange_manager import Access, KrakenVenue

PATIENCE_S = 5.0
TRADING = frozenset(
    {"query-funds", "query-open-trades", "query-closed-trades", "modify-trades", "close-trades"}
)


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `todo` is empty where nothing needs doing."""

    name: str
    state: State
    said: str
    todo: str = ""


def ok(name: str, said: str) -> Finding:
    return Finding(name, State.OK, said)


def warn(name: str, said: str, todo: str) -> Finding:
    return Finding(name, State.WARN, said, todo)


def fail(name: str, said: str, todo: str) -> Finding:
    return Finding(name, State.FAIL, said, todo)


async def examine(config: Config, env_file: Path) -> list[Finding]:
    """Everything, side by side, in the order of the report."""
    service = config.service
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_S)) as session:
        ask = Asker(session)
        slow = await asyncio.gather(
            _kraken(config),
            _telegram(service, config.mode, ask),
            _openai(service, ask),
            _twilio(service, config.mode, ask),
        )
    here = await asyncio.to_thread(_here, config, env_file)
    return here + [finding for found in slow for finding in found]


def _here(config: Config, env_file: Path) -> list[Finding]:
    """What this machine alone can answer. Blocking."""
    world = ok("configuration", f"{config.mode} world")
    return [world, _env_file(env_file), *_data_folder(config), _port(config)]


def _env_file(path: Path) -> Finding:
    if not path.exists():
        return ok(".env", "none here; real variables and defaults are in force")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return warn(".env", f"others on this machine may read it (mode {mode:04o})", f"chmod 600 {path}")
    return ok(".env", "only you can read it")


def _data_folder(config: Config) -> list[Finding]:
    folder = config.world_dir
    nearest = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        return [fail("data folder", f"{nearest} cannot be written", "set ZYN_DATA_DIR to a folder of yours")]
    pid = running_pid(folder)
    said = f"{folder}, {'not yet there' if nearest != folder else 'writable'}"
    running = f"process {pid} is running" if pid is not None else "no Zyn is running"
    return [ok("data folder", said), ok("service", running), _database(folder / DATABASE, pid)]


def _database(path: Path, pid: int | None) -> Finding:
    if not path.exists():
        return ok("database", "none yet; the first start makes it")
    if pid is not None:
        return ok("database", "in use; it was checked when that Zyn started")
    try:
        found = verify(path)
    except StoreError as error:
        return fail("database", str(error), "zyn restore FILE brings back a copy from backups/")
    return ok("database", f"sound, {found.rows} rows, {found.size // 1024} KiB")


def _port(config: Config) -> Finding:
    service = config.service
    if running_pid(config.world_dir) is not None:
        return ok("web", f"served on {service.web_host}:{service.web_port}")
    try:
        with socket.create_server((service.web_host, service.web_port)):
            return ok("web", f"port {service.web_port} is free")
    except OSError as error:
        hint = "set WEB_PORT to another one (macOS: AirPlay Receiver takes 5000)"
        return fail("web", f"{service.web_host}:{service.web_port} cannot be used ({error.strerror})", hint)


async def _kraken(config: Config) -> list[Finding]:
    service = config.service
    if config.mode is Mode.DEMO and not is_loopback(service.kraken_api_base_url):
        return [ok("Kraken", "the demo brings an exchange of its own")]
    private = config.mode in (Mode.LIVE, Mode.VALIDATE)
    keys = (
        (
            service.kraken_api_key,
            service.kraken_api_secret,
            service.kraken_read_api_key,
            service.kraken_read_api_secret,
        )
        if private
        else ("", "", "", "")
    )
    venue = KrakenVenue(Access(service.kraken_api_base_url, *keys, timeout_s=PATIENCE_S), SystemClock())
    await venue.start()
    try:
        found = await _public(venue.status, venue.learn_time, service, config.mode)
        return (
            found
            if found[0].state is State.FAIL or not private
            else [*found, await _key(venue.key_permissions), *await _private_socket(venue.check_socket_key)]
        )
    finally:
        await venue.close()


async def _public(
    status: Callable[[], Awaitable[ExchangeStatus]],
    learn_time: Callable[[], Awaitable[int]],
    service: ServiceConfig,
    mode: Mode,
) -> list[Finding]:
    try:
        state, skew = await status(), await learn_time()
    except VenueError as error:
        return [fail("Kraken", str(error), f"check your connection and {service.kraken_api_base_url}")]
    reached = ok("Kraken", f"answers, {state}")
    if state is not ExchangeStatus.ONLINE:
        reached = warn("Kraken", f"answers, but it is in {state}", "Zyn opens nothing until it is online")
    if mode is Mode.DEMO or abs(skew) <= 1000:
        return [reached, ok("clock", "agrees with Kraken's")]
    off = f"{abs(skew) / 1000:.0f} s {'behind' if skew > 0 else 'ahead of'} Kraken's"
    return [reached, warn("clock", off, "turn on this machine's time synchronisation")]


async def _key(permissions: Callable[[], Awaitable[frozenset[str]]]) -> Finding:
    try:
        may = await permissions()
    except AuthFailed as error:
        return fail("Kraken key", str(error), "check KRAKEN_API_KEY and KRAKEN_API_SECRET, or make a new key")
    except VenueError as error:
        return warn("Kraken key", str(error), "try again in a minute")
    if can_withdraw(may):
        return fail(
            "Kraken key", "it can withdraw money", "make a key without Withdraw; live refuses this one"
        )
    if missing := sorted(TRADING - may):
        return fail("Kraken key", f"it lacks {', '.join(missing)}", "allow these for the key on kraken.com")
    return ok("Kraken key", "can trade and cannot withdraw")


async def _private_socket(check: Callable[[], Awaitable[None]]) -> list[Finding]:
    """Nothing where the key itself does not work: that is said above."""
    try:
        await check()
    except AuthFailed as error:
        if "Permission denied" not in str(error):
            return []
        said = "the key may not open it: Zyn reads the account by REST every minute instead, so that a stop "
        said += "that fired is told up to a minute later"
        return [
            warn("Kraken's private socket", said, 'allow "WebSocket interface" for the key on kraken.com')
        ]
    except VenueError as error:
        return [warn("Kraken's private socket", str(error), "try again in a minute; REST serves until then")]
    return [ok("Kraken's private socket", "opens with this key")]


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks an address once. The address may hold a secret, so no error repeats it."""

    session: aiohttp.ClientSession

    async def status(self, url: str, headers: dict[str, str] | None = None) -> int | str:
        """The HTTP status, or in words why there was none."""
        try:
            async with self.session.get(url, headers=headers) as reply:
                return reply.status
        except TimeoutError:
            return f"no answer in {PATIENCE_S:.0f} s"
        except aiohttp.ClientConnectorCertificateError:
            return "its certificate cannot be checked; this Python has no root certificates"
        except (aiohttp.ClientError, ValueError) as error:
            return f"cannot be reached ({type(error).__name__})"


def _judged(name: str, answer: int | str, refused: str, address: str) -> Finding:
    if answer == 200:
        return ok(name, "answers and accepts the key")
    if isinstance(answer, int) and answer in (401, 403, 404):
        return fail(name, f"refuses the key (HTTP {answer})", refused)
    said = answer if isinstance(answer, str) else f"answers HTTP {answer}"
    return warn(name, said, f"check your connection and {address}; trading goes on without it")


async def _telegram(service: ServiceConfig, mode: Mode, ask: Asker) -> Sequence[Finding]:
    if not service.telegram_bot_token:
        instead = (
            "the demo's phone at /phone stands in" if mode is Mode.DEMO else "no bot token; the pages serve"
        )
        return [ok("Telegram", instead)]
    answer = await ask.status(f"{service.telegram_api_base_url}{service.telegram_bot_token}/getMe")
    found = _judged(
        "Telegram", answer, "copy TELEGRAM_BOT_TOKEN again from BotFather", "TELEGRAM_API_BASE_URL"
    )
    if found.state is State.OK and not service.telegram_allowed_user_ids:
        return [found, ok("Telegram users", "nobody named: the console shows a pairing code at the start")]
    return [found]


async def _openai(service: ServiceConfig, ask: Asker) -> Sequence[Finding]:
    if not service.openai_api_key:
        return [ok("OpenAI", "no key: the offline brain answers")]
    base = (service.openai_base_url or "https://api.openai.com/v1").rstrip("/")
    answer = await ask.status(f"{base}/models", {"Authorization": f"Bearer {service.openai_api_key}"})
    return [_judged("OpenAI", answer, "check OPENAI_API_KEY", "OPENAI_BASE_URL")]


async def _twilio(service: ServiceConfig, mode: Mode, ask: Asker) -> Sequence[Finding]:
    if not service.twilio_account_sid:
        if mode is Mode.DEMO:
            return [ok("Twilio", "the demo brings a phone of its own")]
        todo = "set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM and SMS_TO"
        return [warn("Twilio", "no SMS: nothing can wake you when Telegram is silent", todo)]
    login = aiohttp.encode_basic_auth(service.twilio_account_sid, service.twilio_auth_token)
    base = service.twilio_api_base_url.rstrip("/")
    url = f"{base}/2010-04-01/Accounts/{service.twilio_account_sid}.json"
    answer = await ask.status(url, {"Authorization": login})
    return [
        _judged("Twilio", answer, "check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN", "TWILIO_API_BASE_URL")
    ]
