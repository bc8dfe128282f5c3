"""Reading commands on Telegram, update in to reply call out, beside bare python-telegram-bot in one run.

Both speak to a wire that answers at once inside the process. Zyn's side is the whole of it: gate and memory
in the real database, the registry, the status service over the demo world's exchange.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from telegram import Update
from telegram.ext import Application, CommandHandler
from telegram.request import BaseRequest

from bot.app import service
from bot.gate import Gate
from bot.telegram import TelegramDoor
from core.clock import SystemClock
from core.trading_config import load

SUMMARY = "reading commands on Telegram, update to reply call, beside the bare library"
ROUNDS = 3
MOST = 2.5  # times the bare library's median
OWNER, TOKEN = 7, "123456:" + "a" * 35
COMMANDS = ("/status", "/positions", "/orders", "/balance", "/pnl", "/trades", "/help", "/alerts")
_TURNS, _WARM = 240, 40
_BOT = {"id": 123456, "is_bot": True, "first_name": "Zyn", "username": "zyn_bot"}


class Wire(BaseRequest):
    """Answers every call at once and says when a message was sent."""

    def __init__(self) -> None:
        self.sent = asyncio.Event()
        self.at = 0.0

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(self, url: str, method: str, *args: Any, **named: Any) -> tuple[int, bytes]:
        name = url.rsplit("/", 1)[1]
        if name == "sendMessage":
            self.at = perf_counter()
            self.sent.set()
        result = _BOT if name == "getMe" else _message(1, "ok") if name == "sendMessage" else True
        return 200, json.dumps({"ok": True, "result": result}).encode()


def _message(number: int, text: str) -> dict[str, Any]:
    word = {"type": "bot_command", "offset": 0, "length": len(text.split()[0])}
    return {
        "message_id": number, "date": SystemClock().wall_ms() // 1000, "text": text, "entities": [word],
        "chat": {"id": OWNER, "type": "private"}, "from": {"id": OWNER, "is_bot": False, "first_name": "j"},
    }  # fmt: skip


def _application(wire: Wire) -> Application[Any, Any, Any, Any, Any, Any]:
    """The library alone, with as many handlers as Zyn has commands for the phone's menu and more."""
    app = Application.builder().token(TOKEN).request(wire).get_updates_request(Wire()).updater(None).build()

    async def answer(update: Update, context: Any) -> None:
        assert update.message is not None
        await update.message.reply_text("Equity 10,000.00 USD. Free cash 10,000.00 USD. No open position.")

    for number in range(18):
        app.add_handler(CommandHandler(f"other{number}", answer))
    for command in COMMANDS:
        app.add_handler(CommandHandler(command[1:], answer))
    return app


async def play(round: int) -> dict[str, int]:
    """One run's medians in microseconds. Raises when a reading command takes more than it may."""
    with tempfile.TemporaryDirectory() as folder:
        measured = await _measure(Path(folder), round)
    ratio = measured["zyn_us"] / measured["bare_us"]
    assert ratio <= MOST, f"{ratio:.2f} times the bare library: {measured}"
    return {**measured, "runs": 1}


def round_(value: float) -> int:
    return int(value + 0.5)


async def _measure(folder: Path, seed: int) -> dict[str, int]:
    given = {"demo.seed": str(seed + 1), "demo.speed": "1"}
    config = load({"ZYN_DATA_DIR": str(folder)}, {}, given)
    async with service(config, frozenset(), lambda _: None) as running:
        core, wire, bare = running.core, Wire(), Wire()
        gate = Gate(core.store, core.registry, core.world.clock, (OWNER,), "bench")
        await gate.open()
        door = TelegramDoor(
            core.conversation, gate, core.registry, core.world.clock, TOKEN, "http://127.0.0.1:1/bot",
            "http://127.0.0.1:1/file/bot", "demo", lambda _: None, request=wire,
        )  # fmt: skip
        ours, theirs = door.application, _application(bare)
        async with ours, theirs:
            times: dict[str, list[float]] = {"zyn": [], "bare": []}
            for number in range(_TURNS + _WARM):
                text = COMMANDS[number % len(COMMANDS)]
                times["bare"].append(await _turn(theirs, bare, number + 1, text))
                times["zyn"].append(await _turn(ours, wire, number + 1, text))
                await asyncio.sleep(0.07)  # below the 30 messages a second that Telegram allows
    return {f"{name}_us": round_(median(found[_WARM:]) * 1e6) for name, found in times.items()}


async def _turn(app: Any, wire: Wire, number: int, text: str) -> float:
    """Seconds from the update to the call that carries its reply."""
    raw = {"update_id": number, "message": _message(number, text)}
    wire.sent.clear()
    began = perf_counter()
    update = Update.de_json(raw, app.bot)
    await app.process_update(update)
    async with asyncio.timeout(10):
        await wire.sent.wait()
    return wire.at - began


def check(counts: Counter[str]) -> None:
    """The bound holds in every run; nothing is left to judge over all."""
    assert counts["runs"]


def told(counts: Mapping[str, float]) -> str:
    """The mean of the runs' medians, and their ratio."""
    zyn, bare = (counts[name] / counts["runs"] for name in ("zyn_us", "bare_us"))
    return f"median {zyn:,.0f} us, the bare library {bare:,.0f} us: {zyn / bare:.2f} times (at most {MOST})"
