"""The web's door to the one conversation: replies become JSON blocks, and every open page sees them."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from core.agent.replies import Block, Buttons, Picture, Reply, Table
from core.clock import Clock
from core.engine.registry import Actor, Door
from core.model.errors import Refused
from core.model.time_context import iso
from web.ports import Conversation, Partial, Turns

WEB, TELEGRAM = "web", "telegram"
SESSION_NAME = WEB
LONGEST_TEXT = 4000
AT_A_TIME = 8
KEPT_MESSAGES, KEPT_PICTURES = 400, 40

Message = dict[str, Any]
Publish = Callable[[str, Any], None]


class ChatRoom:
    """What was said here since the start, on top of what the store remembers; shared by all open pages.

    On request it goes on with the conversation that the owner has on Telegram: the same memory, the same open
    previews. Messages are `{"id", "sender": "you"|"zyn", "time", "blocks", "proposal", "refresh"}`; ids grow.
    """

    def __init__(
        self,
        conversation: Conversation,
        clock: Clock,
        owner: str,
        turns: Turns | None,
        publish: Publish,
        telegram: Callable[[], str] = lambda: "",
    ) -> None:
        """`telegram` names the owner's session there, empty while there is none."""
        self._conversation = conversation
        self._clock = clock
        self._turns = turns
        self._publish = publish
        self._actor = Actor(owner, Door.WEB, SESSION_NAME)
        self._messages: deque[Message] = deque(maxlen=KEPT_MESSAGES)
        self._pictures: OrderedDict[str, bytes] = OrderedDict()
        self._ids = count(1)
        self._telegram = telegram
        self._read_ms: int | None = None  # up to where the store's turns are among the messages
        self._thinking = 0

    @property
    def actor(self) -> Actor:
        return self._actor

    @property
    def session(self) -> str:
        """Which conversation is shown: web or telegram."""
        return WEB if self._actor.session == SESSION_NAME else TELEGRAM

    @property
    def sessions(self) -> tuple[str, ...]:
        """Those that there are."""
        return (WEB, TELEGRAM) if self._telegram() else (WEB,)

    async def join(self, name: str) -> None:
        """Go on with the conversation of this door or of Telegram. Raises Refused when there is none."""
        if name not in self.sessions:
            raise Refused(
                "There is no such conversation.",
                "not_found",
                "Write to Zyn on Telegram once, then try again.",
            )
        session = SESSION_NAME if name == WEB else self._telegram()
        self._actor = replace(self._actor, session=session)
        self._messages.clear()
        self._read_ms = None
        await self._remember()
        self._publish("session", name)

    async def say(self, text: str) -> list[Message]:
        """One turn; every page gets its replies as well. Raises Refused on too much at once."""
        text = text.strip()
        if not text or len(text) > LONGEST_TEXT:
            raise Refused(f"Write between 1 and {LONGEST_TEXT} characters.", "bad_request")
        if self._thinking >= AT_A_TIME:
            raise Refused("Zyn is still answering your last messages.", "too_many", "Wait for the answer.")
        await self._remember()
        said = self._add("you", [{"type": "text", "text": text, "strong": False}])
        return await self._answer(lambda on: self._conversation.hear(text, self._actor, on), said["id"])

    async def press(self, action: str) -> list[Message]:
        """A button. Never waits behind a thinking model."""
        if not action or len(action.encode()) > 64:
            raise Refused("That button is not known.", "bad_request")
        await self._remember()
        return await self._answer(lambda _: self._conversation.press(action, self._actor), "")

    async def history(self, limit: int, before: int | None = None) -> Sequence[Message]:
        """Newest first."""
        await self._remember()
        rows = [row for row in reversed(self._messages) if before is None or int(row["id"]) < before]
        return rows[:limit]

    def picture(self, name: str) -> bytes | None:
        return self._pictures.get(name)

    async def _answer(self, ask: Callable[[Partial], Any], cause: str) -> list[Message]:
        self._thinking += 1
        self._publish("typing", {"for": cause, "text": ""})
        try:
            replies: list[Reply] = await ask(self._partial_of(cause))
        finally:
            self._thinking -= 1
            if not self._thinking:
                self._publish("typing", None)
            self._read_ms = self._clock.wall_ms()  # what was just said is in the store too
        return [self._add_reply(reply) for reply in replies]

    def _partial_of(self, cause: str) -> Partial:
        async def partial(text: str) -> None:
            self._publish("typing", {"for": cause, "text": text})

        return partial

    def _add_reply(self, reply: Reply) -> Message:
        blocks = [self._block(block) for block in reply.blocks]
        return self._add("zyn", blocks, proposal=reply.proposal, refresh=reply.refresh)

    def _add(self, sender: str, blocks: list[Mapping[str, Any]], **more: Any) -> Message:
        message = self._stored(sender, blocks, self._clock.wall_ms(), **more)
        self._publish("chat", message)
        return message

    def _stored(self, sender: str, blocks: list[Mapping[str, Any]], time_ms: int, **more: Any) -> Message:
        plain: Message = {"proposal": None, "refresh": "", **more}
        message = {
            "id": str(next(self._ids)),
            "sender": sender,
            "time": iso(time_ms),
            "blocks": blocks,
            **plain,
        }
        self._messages.append(message)
        return message

    def _block(self, block: Block) -> Mapping[str, Any]:
        if isinstance(block, Table):
            return {"type": "table", "head": block.head, "rows": block.rows}
        if isinstance(block, Buttons):
            buttons = [
                {"label": one.label, "action": one.action, "style": one.style.value} for one in block.buttons
            ]
            return {"type": "buttons", "buttons": buttons}
        if isinstance(block, Picture):
            return {"type": "picture", "src": f"/api/v1/pictures/{self._keep(block.png)}", "alt": block.alt}
        return {"type": "text", "text": block.text, "strong": block.strong}

    def _keep(self, png: bytes) -> str:
        name = f"{next(self._ids)}.png"
        self._pictures[name] = png
        while len(self._pictures) > KEPT_PICTURES:
            self._pictures.popitem(last=False)
        return name

    async def _remember(self) -> None:
        """The turns of the store that are not here yet: of before the start, or said through Telegram."""
        if self._turns is None or (self._read_ms is not None and self.session == WEB):
            return
        after, self._read_ms = self._read_ms or 0, self._clock.wall_ms()
        for turn in await self._turns.turns(self._actor.session, 40):
            if turn.time_ms > after:
                sender = "you" if turn.role == "user" else "zyn"
                self._stored(sender, [{"type": "text", "text": turn.text, "strong": False}], turn.time_ms)
