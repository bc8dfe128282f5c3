"""Every command of the Telegram door and every button that appears, through a server that others wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.engine.entries import ALL, ELSEWHERE
from core.engine.registry import Door
from tests.support.peer_world import Market, zyn
from tests.support.process import eventually
from tests.support.telegram_peer import Jimmy, Shown

pytestmark = [pytest.mark.peer, pytest.mark.timeout(420), pytest.mark.blocks]

# One way to type each entry, and what its answer holds.
TYPED = {
    "help": ("/help", "/flatten"), "get_status": ("/status", "Equity"),
    "get_balances": ("/balance", "in all"),
    "get_positions": ("/positions", "No open position|open"), "get_orders": ("/orders", "resting"),
    "get_trades": ("/trades", "trade|Executions"), "get_performance": ("/pnl", "today"),
    "get_price": ("/price eth", r"ETH/USD \d"), "get_market_info": ("/info eth", "Smallest order"),
    "explain_trade": ("/why", r"demo|judged"), "get_insights": ("/insights", "trade|learn"),
    "learning": ("/learning", "lesson|learn"), "backtest": ("/backtest btc", "trade|candles"),
    "place_order": ("/buy eth 50", "Shall I"),
    "place_bracket": ("/bracket eth 50 stop 2% target 4%", "Shall I"),
    "cancel_order": ("/cancel all", "no such order|Cancelled"),
    "flatten": ("/flatten", "nothing to sell|Sell"),
    "panic": ("/panic", "Paused"), "pause": ("/pause", "Paused|paused already"),
    "resume": ("/resume", "Trade again"), "unlock": ("/unlock", "Nothing is locked"),
    "set_risk": ("/risk", "Limits"), "universe": ("/universe", "pairs"), "mandate": ("/mandate", "mandate"),
    "set_preference": ("/set theme light", "Noted"), "alerts": ("/alerts", "quiet hours"),
    "remember": ("/remember I like tea", "Noted"), "recall": ("/recall tea", "tea"),
    "forget": ("/forget tea", "Forgotten"),
}  # fmt: skip
PICTURES = ("/chart", "/chart btc", "/chart equity", "/chart week")
VIEWS = (
    "/health",
    "/settings",
    "/edge",
    "/web",
    "/version",
    "/logs",
    "/performance",
    "/stats",
    "/locks",
    "/help fx",
)


def test_every_entry_of_the_door_is_typed_here() -> None:
    here = {entry.intent for entry in ALL if Door.TELEGRAM in entry.doors}
    assert here == {*TYPED, "chart"}


async def test_every_command_and_every_button_is_answered(
    market: tuple[Market, str], jimmy: Jimmy, tmp_path: Path
) -> None:
    account, address = market
    async with zyn(tmp_path, address, jimmy.env, {"KRAKEN_TIER": "pro"}):
        await jimmy.ask("/start", "jimmy")
        for command, pattern in TYPED.values():
            await jimmy.ask(command, pattern, 30)
        for command in (*VIEWS, *(f"/{word}" for word in ELSEWHERE)):
            await _is_answered(jimmy, command)
        for number, command in enumerate(PICTURES, 1):
            await jimmy.type(command)
            await eventually(lambda wanted=number: _drawn(jimmy, wanted), 30, command)  # type: ignore[misc]
        assert account.orders() == 0, "nothing was confirmed, so nothing was sent"
        tapped = await _tap_everything(jimmy, await jimmy.screen())
        assert {"ask", "go", "ref", "no"} <= tapped
        await _buy_and_look(jimmy, account)


async def _tap_everything(jimmy: Jimmy, shown: list[Shown]) -> set[str]:
    """Every kind of button once, by its action; what opens risk is declined."""
    kinds: dict[str, tuple[Shown, str]] = {}
    picker = await jimmy.ask("/price", "Which coin")
    for message in (*shown, picker, await jimmy.ask("/buy", "Which coin")):
        for label, action in message.buttons:
            if not action.startswith("yes:"):
                kinds.setdefault(
                    action if action.startswith(("ask:", "ref:")) else action[:6], (message, label)
                )
    for message, label in kinds.values():
        before = jimmy.calls
        await jimmy.tap(message, label)
        await eventually(lambda seen=before: _heard(jimmy, seen), 30, f"something after {label}")  # type: ignore[misc]
    return {action.partition(":")[0] for message in (*shown, picker) for _, action in message.buttons}


async def _buy_and_look(jimmy: Jimmy, account: Market) -> None:
    """A trade from the picker to its evidence: coin, amount, yes, sold by one button, its picture."""
    await jimmy.tap(await jimmy.ask("/resume", "Trade again"), "confirm")
    await jimmy.sees("I trade again")
    preview = await jimmy.ask("/buy eth 50", "Shall I")
    await jimmy.tap(preview, "confirm")
    pushed = await jimmy.sees("💱 Bought .*ETH", seconds=40)
    assert ("Why?", "ask:/why ETH") in pushed.buttons
    button = await jimmy.ask("/fx eth", "sell 1 position", 40)
    await jimmy.tap(button, "sell")
    await eventually(lambda: _flat(account), 40, "being flat")
    await jimmy.sees("I am flat", seconds=60)
    pictures = len(jimmy.pictures)
    await jimmy.type("/chart trade eth")
    await eventually(lambda: _drawn(jimmy, pictures + 1), 40, "the trade's card")


async def _is_answered(jimmy: Jimmy, command: str) -> None:
    before = {one.id for one in await jimmy.screen()}
    await jimmy.type(command)

    async def answered() -> bool:
        return any(one.id not in before for one in await jimmy.screen())

    await eventually(answered, 30, f"an answer to {command}")


async def _drawn(jimmy: Jimmy, count: int) -> bool:
    return len(jimmy.pictures) >= count


async def _heard(jimmy: Jimmy, before: int) -> bool:
    return jimmy.calls > before


async def _flat(account: Market) -> bool:
    return not account.held("ETH")
