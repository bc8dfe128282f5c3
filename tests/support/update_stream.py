"""Random streams of everything Telegram may bring, and what of it may act: an owner, a crowd, a forger.

The gate, the turns and the conversation are the real ones; the wire is a bot that keeps what it is told to
send. What should have happened is reckoned here, from the rules alone.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from telegram import Update

from bot.gate import LATE_MS, Gate
from bot.handlers.outgoing import Outgoing
from bot.handlers.turns import Turns
from tests.support.chatting import Chat, chatting
from tests.support.fake_conversation import FakeUpdateLog

JIMMY, EVE = 7, 42
_ORIGIN = {"type": "hidden_user", "sender_user_name": "Eve", "date": 1}
_CHANNEL = {"id": -100, "type": "channel", "title": "signals"}
_GROUP = {"id": -9, "type": "supergroup", "title": "pump"}
_DEEDS = {"/pause": "pause", "/flatten now": "flatten", "/panic": "panic"}
_WORDS = (*_DEEDS, "/buy eth 50", "buy 50 dollars of eth", "yes", "no", "/positions", "/price btc", "hm?")


class Forgetful(FakeUpdateLog):
    """Takes every update for a new one, as if each came after a restart without a memory."""

    async def first_time(self, source: str, update_id: str) -> bool:
        return True


class KeptWire:
    """A bot that sends nothing and keeps every keyboard it was told to show."""

    def __init__(self) -> None:
        self.shown: list[tuple[int, str]] = []  # (message id, callback data)
        self.sent: Counter[int] = Counter()
        self._last = 100

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any, **named: Any) -> Any:
            if name in ("send_message", "send_photo", "edit_message_text"):
                return self._kept(name, args, named)
            return True

        return call

    def _kept(self, name: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        self._last += 1
        if name.startswith("send"):
            self.sent[int(args[0])] += 1
        markup = named.get("reply_markup")
        for row in markup.inline_keyboard if markup else ():
            self.shown += [(self._last, one.callback_data) for one in row]
        return type("Sent", (), {"message_id": self._last})()


@dataclass
class Reckoning:
    """What may have happened by now, by the rules alone."""

    deeds: Counter[str] = field(default_factory=Counter)
    open: str = ""  # the token of what waits for a yes
    intent: str = ""
    until_ms: int = 0
    spent: set[int] = field(default_factory=set)  # messages whose yes or no was tapped

    def asked(self, text: str, late: bool, now_ms: int) -> None:
        deed = _DEEDS.get(text)
        if late and deed != "pause":
            return
        if deed:
            self.deeds[deed] += 1
        elif text == "yes":
            self.yes(self.open, now_ms)
        elif text == "no":
            self.open = ""

    def tapped(self, message_id: int, data: str, now_ms: int) -> None:
        kind, _, token = data.partition(":")
        if kind in ("ask", "go", "ref") and token in _DEEDS:
            self.deeds[_DEEDS[token]] += 1
        if kind not in ("yes", "no") or not token or message_id in self.spent:
            return
        self.spent.add(message_id)
        if kind == "yes":
            self.yes(token, now_ms)
        elif token == self.open:
            self.open = ""

    def yes(self, token: str, now_ms: int) -> None:
        if token and token == self.open:
            self.open = ""
            if now_ms <= self.until_ms:
                self.deeds[self.intent] += 1


class Stream:
    """One stream: updates in, deeds out, and the reckoning beside them."""

    def __init__(self, seed: int, hole: str = "") -> None:
        """`hole` breaks the gate on purpose, to see that the reckoning finds it out."""
        self.dice = random.Random(seed)
        self.chat: Chat = chatting()
        self.wire, self.log = KeptWire(), FakeUpdateLog()
        self.reckoning, self.counts = Reckoning(), Counter[str]()
        self._number, self._history = 1000, list[dict[str, Any]]()
        self._seen: set[int] = set()
        self._hole = hole
        self._build()

    def _build(self) -> None:
        """Also after a restart: what the gate remembers stays, previews and spent messages are gone."""
        clock, registry = self.chat.clock, self.chat.registry
        outgoing = Outgoing(self.wire, clock, "demo")  # type: ignore[arg-type]
        self._turns = Turns(self.chat.conversation, outgoing, clock)
        allowed = (JIMMY, EVE) if self._hole == "strangers" else (JIMMY,)
        log = Forgetful() if self._hole == "duplicates" else self.log
        self._gate = Gate(log, registry, clock, allowed, "bot")

    async def play(self, length: int) -> list[str]:
        """Every difference between what happened and what may have."""
        await self._gate.open()
        for _ in range(length):
            await self._step()
            done = Counter(self.chat.hands.done)
            if done != self.reckoning.deeds:
                return [f"{self._history[-1]}: did {dict(done)}, allowed {dict(self.reckoning.deeds)}"]
        if self.wire.sent[EVE]:
            return [f"{self.wire.sent[EVE]} answers to a stranger"]
        return []

    async def _step(self) -> None:
        dice, clock = self.dice, self.chat.clock
        if dice.random() < 0.15:
            clock.advance(dice.choice((1_000, 20_000, 61_000)))
        if self._history and dice.random() < 0.2:
            raw, kind = dice.choice(self._history), "duplicate"
        else:
            kind = dice.choice((*("owner",) * 10, *("tap",) * 14, *_FOREIGN))
            raw = self._made(kind)
            self._history.append(raw)
        if self._hole == "duplicates":
            self._build()
        self.counts[kind if kind in ("owner", "tap", "duplicate") else "foreign"] += 1
        self._reckon(raw)
        await self._deliver(raw)
        self._look_at_preview()

    async def _deliver(self, raw: dict[str, Any]) -> None:
        update = Update.de_json({key: value for key, value in raw.items() if key != "by"}, None)
        assert update is not None
        self._turns.take(await self._gate.admit(update))
        while self._turns._tasks:
            await asyncio.gather(*self._turns._tasks)

    def _reckon(self, raw: dict[str, Any]) -> None:
        """What this update may do, which is nothing when it is foreign or was here before."""
        if raw["by"] not in ("owner", "tap") or raw["update_id"] in self._seen:
            return
        self._seen.add(raw["update_id"])
        now = self.chat.clock.wall_ms()
        if raw["by"] == "tap":
            query = raw["callback_query"]
            self.reckoning.tapped(query["message"]["message_id"], query["data"], now)
            return
        late = now - raw["message"]["date"] * 1000 > LATE_MS
        self.reckoning.asked(raw["message"]["text"], late, now)

    def _look_at_preview(self) -> None:
        """A preview is no deed; which one waits now is read from what was shown."""
        waiting = self.chat.confirmations.open_for(f"telegram:{JIMMY}")
        if waiting is None:
            self.reckoning.open = ""
        elif waiting.token != self.reckoning.open:
            self.reckoning.open, self.reckoning.until_ms = waiting.token, waiting.expires_wall_ms
            self.reckoning.intent = waiting.preview.intent

    def _made(self, kind: str) -> dict[str, Any]:
        self._number += 1
        if kind == "owner":
            return self._update(kind, message=self._message())
        if kind == "tap":
            return self._update(kind, callback_query=self._tap())
        return self._update(kind, **_FOREIGN[kind](self))

    def _update(self, kind: str, **parts: Any) -> dict[str, Any]:
        return {"update_id": self._number, "by": kind, **parts}

    def _message(self, sender: int = JIMMY, **more: Any) -> dict[str, Any]:
        age_ms = self.dice.choice((0, 0, 0, 5_000, LATE_MS + 60_000))
        date = (self.chat.clock.wall_ms() - age_ms) // 1000
        chat = {"id": sender, "type": "private"}
        return {
            "message_id": self._number, "date": date, "chat": chat, "from": _user(sender),
            "text": self.dice.choice(_WORDS), **more,
        }  # fmt: skip

    def _tap(self, sender: int = JIMMY, **more: Any) -> dict[str, Any]:
        """A tap on something shown, or a forged one: a made-up token, or a real one under another message."""
        shown = self.wire.shown or [(1, "yes:guess")]
        message_id, data = self.dice.choice(shown[-6:])
        forged = self.dice.choice(("", "", "yes:guess", "no:guess", "ask:/pause", "zap:x", "yes:", data))
        if forged:
            message_id, data = self.dice.choice(shown)[0], forged
        under = {**self._message(JIMMY if sender == JIMMY else sender), "message_id": message_id}
        return {
            "id": str(self._number), "from": _user(sender), "chat_instance": "1", "data": data,
            "message": under, **more,
        }  # fmt: skip


def _user(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "is_bot": False, "first_name": str(number), **more}


def _without(message: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in message.items() if key not in names}


def _jimmys_chat() -> dict[str, Any]:
    return {"id": JIMMY, "type": "private"}


# Every kind of update that is not the owner's own word or tap in private.
_FOREIGN: dict[str, Any] = {
    "a stranger": lambda s: {"message": s._message(EVE)},
    "a stranger with a good button": lambda s: {"callback_query": s._tap(EVE)},
    "a stranger's tap on the owner's": lambda s: {"callback_query": s._tap(EVE, message=s._message())},
    "an edit": lambda s: {"edited_message": s._message(edit_date=2)},
    "a forward": lambda s: {"message": s._message(forward_origin=_ORIGIN)},
    "by way of a bot": lambda s: {"message": s._message(via_bot=_user(9, is_bot=True))},
    "in a channel's name": lambda s: {"message": s._message(sender_chat=_CHANNEL)},
    "a group": lambda s: {"message": s._message(chat=_GROUP)},
    "a tap in a group": lambda s: {"callback_query": s._tap(message=s._message(chat=_GROUP))},
    "a channel post": lambda s: {"channel_post": s._message(chat=_CHANNEL)},
    "an edited channel post": lambda s: {"edited_channel_post": s._message(chat=_CHANNEL)},
    "a business message": lambda s: {"business_message": s._message(business_connection_id="b")},
    "an inline query": lambda s: {
        "inline_query": {"id": "1", "from": _user(JIMMY), "query": "/panic", "offset": ""}
    },
    "an inline result": lambda s: {
        "chosen_inline_result": {"result_id": "1", "from": _user(JIMMY), "query": "/panic"}
    },
    "a tap without data": lambda s: {"callback_query": _without(s._tap(), "data")},
    "a tap without message": lambda s: {"callback_query": _without(s._tap(), "message")},
    "nobody": lambda s: {"message": _without(s._message(), "from")},
    "a poll": lambda s: {
        "poll_answer": {
            "poll_id": "1", "user": _user(JIMMY), "option_ids": [0], "option_persistent_ids": ["0"]
        }
    },
    "a reaction": lambda s: {
        "message_reaction": {
            "chat": _jimmys_chat(), "message_id": 1, "date": 1, "user": _user(JIMMY), "old_reaction": [],
            "new_reaction": [],
        }
    },
    "a join request": lambda s: {
        "chat_join_request": {"chat": _GROUP, "from": _user(JIMMY), "user_chat_id": JIMMY, "date": 1}
    },
    "a checkout": lambda s: {
        "pre_checkout_query": {
            "id": "1", "from": _user(JIMMY), "currency": "XTR", "total_amount": 1, "invoice_payload": "/panic"
        }
    },
    "nothing": lambda s: {},
}  # fmt: skip


async def play(seed: int, length: int = 40) -> tuple[list[str], Counter[str]]:
    """What went wrong in one stream, and what it held."""
    stream = Stream(seed)
    broken = await stream.play(length)
    deeds = sum(stream.reckoning.deeds.values())
    return broken, stream.counts + Counter(deeds=deeds, updates=length)
