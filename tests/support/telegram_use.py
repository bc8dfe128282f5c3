"""A busy spell on the phone before a server that enforces Telegram's limits: what was refused or lost."""

from __future__ import annotations

import asyncio
import random

from core.agent.replies import Button, Buttons, Reply, Text, say
from core.engine import progress
from core.engine.registry import Actor
from core.sim.phone.faults import Limits
from tests.support.fake_conversation import FakeConversation, Partial
from tests.support.telegram_line import Line, telegram_line

_STEPS = 40


class Busy(FakeConversation):
    """Answers at once, streams long answers, sells step by step, turns pages."""

    async def hear(self, text: str, actor: Actor, on_partial: Partial | None = None) -> list[Reply]:
        if text == "/flatten now":
            for step in range(_STEPS):
                progress.report(f"step {step}")
                await asyncio.sleep(0.05)
            return [say("I am flat.")]
        if text.startswith("tell"):
            for length in range(_STEPS):
                assert on_partial is not None
                await on_partial("word " * (length + 1))
                await asyncio.sleep(0.02)
            return [say(f"{text}: " + "long answer " * 900)]  # three pages
        if text.startswith("/list"):
            return [Reply((Text(f"{text}."), Buttons((Button("Next", f"go:{text} page 2"),))), refresh=text)]
        return await super().hear(text, actor, on_partial)

    async def press(self, action: str, actor: Actor) -> list[Reply]:
        self.pressed.append((action, actor))
        return [Reply((Text(f"{action} {len(self.pressed)}"), Buttons((Button("Next", f"go:{action}"),))))]


async def play(seed: int, burst: int = 12) -> dict[str, int]:
    """One busy spell; raises when an answer is missing. `refused` counts the 429s of the server."""
    dice = random.Random(seed)
    async with telegram_line(Busy()) as line:
        line.phone.enforce(Limits())
        line.phone.push({"message": line.phone.message_from(line.phone.owner, "/flatten now")})
        asked = (
            [f"/price {number}" for number in range(burst)] + [f"/list {n}" for n in range(4)] + ["tell me"]
        )
        dice.shuffle(asked)
        for text in asked:
            await line.phone.type(text)
            await asyncio.sleep(dice.random() * 0.2)
        await line.until(lambda: _answered(line, asked), 30)
        await _tap_away(line, dice)
        await line.until(lambda: "I am flat." in line.said(), 30)
        taken = line.phone.bot_api.throttle
        return {"asked": len(asked), "edits": sum(map(len, taken.edits.values())), "refused": taken.refused}


async def _tap_away(line: Line, dice: random.Random) -> None:
    """More refreshing than a minute has room for: what finds none comes as a message of its own."""
    lists = [one for one in line.shown() if one.text.startswith("/list")]
    script = line.conversation
    for number in range(24):
        shown = dice.choice(lists)
        line.phone.forge_tap(shown.id, f"ref:{shown.text.split('.')[0]}", line.phone.owner)
        await line.until(lambda wanted=number + 1: len(script.pressed) >= wanted, 10)  # type: ignore[misc]
        await line.until(lambda wanted=number + 1: _said(line, f" {wanted}"), 10)  # type: ignore[misc]


def _said(line: Line, end: str) -> bool:
    return any(one.startswith("ask:") and one.endswith(end) for one in line.said())


def _answered(line: Line, asked: list[str]) -> bool:
    said = "\n".join(line.said())
    wanted = [f"heard {text}" if text.startswith("/price") else f"{text}" for text in asked]
    return all(one in said for one in wanted)
