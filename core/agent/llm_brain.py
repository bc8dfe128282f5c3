"""The brain with a model: it looks things up and proposes, in bounded rounds, and is never trusted.

Look-ups run side by side, proposals one by one through the gate. Whatever goes wrong, slow, silent, refused,
malformed, lying or too dear, ends in the offline brain's answer; the owner hears of it once, and once when
the model is back.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.agent.budget import Budget
from core.agent.gate import Gate
from core.agent.grounding import Ground
from core.agent.intents import Call, Outcome, Plan
from core.agent.llm_agent import Profile
from core.agent.offline.brain import Moment
from core.agent.phrases import described
from core.agent.prompts import retry_prompt, system_prompt
from core.agent.thinking import Look, Partial, Thought
from core.agent.tools import call_of, data_of, offered, tool
from core.clock import Clock
from core.engine.registry import Answer, Effect, Entry
from core.model.errors import Refused, ZynError
from core.model.time_context import TimeContext

_HASTE_S = 2.0  # silence after which the offline brain answers what it understood
_PATIENCE_S = 8.0  # silence that is borne when it understood nothing
_TOOL_S = 8.0
_LONGEST_RESULT = 6000
_CHARS_A_TOKEN = 4
_PIECE = 6  # characters a growing answer gains before it is shown again


class ModelGone(Exception):
    """The model does not exist any more: the next one in the list may."""


class ModelDown(Exception):
    """The model did not answer, or not as it should. `silent`: the service itself may be fine."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ModelReply:
    """One answer of a model: words, or calls of tools; what it used in tokens."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    refused: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0


class ChatModel(Protocol):
    """A service of models. Raises ModelGone or ModelDown, nothing else."""

    async def reply(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]],
        on_text: Partial | None,
        on_first: asyncio.Event,
    ) -> ModelReply:
        """One streamed answer; `on_first` is set with each piece, `on_text` hears the growing text."""
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one turn may take."""

    rounds: int = 6
    calls: int = 12
    seconds: float = 30.0
    rest: float = 60.0  # seconds that a model that failed is left alone


@dataclass(slots=True)
class _Turn:
    """One turn on its way."""

    moment: Moment
    gate: Gate
    look: Look
    on_partial: Partial | None
    messages: list[Mapping[str, Any]]
    ground: Ground
    patience: float  # seconds of silence, at the start and between two pieces
    looked: list[tuple[Call, Answer]] = field(default_factory=list)
    proposals: list[Call] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    calls: int = 0
    retried: bool = False
    showing: bool = False  # a piece is on its way to the owner: the model is not the one that is slow


class _Pulse(asyncio.Event):
    """Set with every piece of an answer, and keeps when that was."""

    def __init__(self) -> None:
        super().__init__()
        self.at = asyncio.get_running_loop().time()

    def set(self) -> None:
        self.at = asyncio.get_running_loop().time()
        super().set()


async def _watched(asking: asyncio.Task[ModelReply], pulse: _Pulse, turn: _Turn) -> None:
    """Until the answer is whole. Raises ModelDown when nothing is heard for longer than the turn bears."""
    while not asking.done():
        now = asyncio.get_running_loop().time()
        pulse.at = now if turn.showing else pulse.at
        if now - pulse.at >= turn.patience:
            raise ModelDown("it is slow to answer")
        await asyncio.wait({asking}, timeout=turn.patience - (now - pulse.at))


class ModelBrain:
    """Answers turns with the first model of a list that still exists."""

    def __init__(
        self,
        client: ChatModel,
        models: Sequence[str],
        entries: Sequence[Entry],
        budget: Budget,
        clock: Clock,
        profile: Profile,
        bounds: Bounds | None = None,
    ) -> None:
        self._client = client
        self._models = list(models)
        self._tools = [tool(entry) for entry in offered(entries)]
        self._known = {entry.intent for entry in offered(entries)}
        self._budget = budget
        self._clock = clock
        self._profile = profile
        self._bounds = bounds or Bounds()
        self._rest_until = 0.0
        self._away = False
        self._news: list[str] = []

    def ready(self) -> bool:
        """Whether a model is left, rested and affordable."""
        return bool(self._models) and self._clock.monotonic() >= self._rest_until

    def news(self) -> list[str]:
        """What the owner should know once."""
        told, self._news = self._news, []
        return told

    async def think(
        self, moment: Moment, reading: Plan, gate: Gate, look: Look, on_partial: Partial | None
    ) -> Thought | None:
        """The model's answer, or None when the offline brain has to answer."""
        if not await self._budget.allows():
            self._lose("today's OpenAI budget is used up", rest=False)
            return None
        turn = self._turn(moment, reading, gate, look, on_partial)
        try:
            async with asyncio.timeout(self._bounds.seconds):
                thought = await self._rounds(turn)
        except (ModelDown, TimeoutError) as error:
            self._lose(str(error) or "it took too long")
            return self._salvaged(turn)
        if thought is not None:
            self._return()
        return thought

    def _turn(
        self, moment: Moment, reading: Plan, gate: Gate, look: Look, on_partial: Partial | None
    ) -> _Turn:
        context = TimeContext(self._clock.market_ms(), self._profile.zone)
        pending = "; ".join(described(call) for call in moment.pending)
        prompt = system_prompt(
            self._profile.owner, self._profile.mode, context.local, self._profile.zone, pending
        )
        said = [{"role": turn.role, "content": turn.text} for turn in moment.history]
        messages = [{"role": "system", "content": prompt}, *said, {"role": "user", "content": moment.text}]
        understood = bool(reading.calls) or reading.outcome is Outcome.CLARIFY
        ground = Ground([moment.text], moment.today)
        patience = _HASTE_S if understood else _PATIENCE_S
        return _Turn(moment, gate, look, on_partial, list(messages), ground, patience)

    async def _rounds(self, turn: _Turn) -> Thought | None:
        for _ in range(self._bounds.rounds):
            answer = await self._ask(turn)
            if answer.refused:
                return self._salvaged(turn)
            if not answer.calls:
                thought = self._spoken(answer, turn)
                if thought is not None:
                    return thought
                continue
            if not await self._carry(answer, turn):
                break
        return self._salvaged(turn)

    def _spoken(self, answer: ModelReply, turn: _Turn) -> Thought | None:
        """The words when every number stands on something; one retry, then the plain facts."""
        text = answer.text.strip()
        strangers = turn.ground.strangers(text)
        if text and not strangers:
            return Thought(text, tuple(turn.looked), tuple(turn.proposals))
        if turn.retried or not text:
            return Thought("", tuple(turn.looked), tuple(turn.proposals))
        turn.retried = True
        turn.messages += [
            {"role": "assistant", "content": text},
            {"role": "system", "content": retry_prompt(strangers)},
        ]
        return None

    def _salvaged(self, turn: _Turn) -> Thought | None:
        """What was looked up so far is still worth showing; else the offline brain answers."""
        if turn.looked or turn.proposals:
            return Thought("", tuple(turn.looked), tuple(turn.proposals))
        return None

    async def _ask(self, turn: _Turn) -> ModelReply:
        while self._models:
            try:
                return await self._ask_model(self._models[0], turn)
            except ModelGone:
                gone = self._models.pop(0)
                if self._models:
                    self._news.append(f"OpenAI no longer has {gone}; I use {self._models[0]} from now on.")
        raise ModelDown("none of the configured models exists any more")

    async def _ask_model(self, model: str, turn: _Turn) -> ModelReply:
        pulse = _Pulse()
        asking = asyncio.create_task(
            self._client.reply(model, turn.messages, self._tools, self._relay(turn), pulse)
        )
        try:
            await _watched(asking, pulse, turn)
            answer = await asking
        except ModelDown:
            await self._budget.spend(model, _guessed(turn.messages), 0)  # what was asked is paid for
            raise
        finally:
            asking.cancel()
        await self._budget.spend(model, answer.prompt_tokens, answer.completion_tokens)
        return answer

    def _relay(self, turn: _Turn) -> Partial | None:
        """Streams the growing text up to the last whole word, and only while its numbers stand."""
        on_partial = turn.on_partial
        if on_partial is None:
            return None

        sound = shown = 0  # up to where the numbers stand, and how much was relayed

        async def relay(text: str) -> None:
            nonlocal sound, shown
            end = text.rfind(" ")
            if end <= 0 or (shown and end - shown < _PIECE):
                return
            if turn.ground.strangers(text[sound:end]):
                return
            shown = end
            sound = max(sound, text.rfind(". ", 0, end) + 1)
            turn.showing = True
            try:
                await on_partial(text[:end])
            finally:
                turn.showing = False

        return relay

    async def _carry(self, answer: ModelReply, turn: _Turn) -> bool:
        """Run the calls of one answer; False when the model runs in circles or asks for too much."""
        turn.calls += len(answer.calls)
        repeated = [one for one in answer.calls if (one.name, one.arguments) in turn.seen]
        turn.seen |= {(one.name, one.arguments) for one in answer.calls}
        if turn.calls > self._bounds.calls or len(repeated) == len(answer.calls):
            return False
        turn.messages.append(_as_message(answer))
        results = await asyncio.gather(*(self._result(one, turn) for one in answer.calls))
        for one, result in zip(answer.calls, results, strict=True):
            turn.messages.append({"role": "tool", "tool_call_id": one.id, "content": result})
        return True

    async def _result(self, one: ToolCall, turn: _Turn) -> str:
        """The answer to one tool call as JSON; mistakes are answered too."""
        if one.name not in self._known:
            return _problem(f"there is no tool {one.name[:60]!r}")
        try:
            call = call_of(one.name, one.arguments)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            return _problem(f"bad arguments: {str(error)[:300]}")
        objection = turn.gate.objection(call)
        if objection:
            return _problem(objection)
        if call.effect in (Effect.READ, Effect.MEMORY):
            return await self._looked_up(call, turn)
        if call not in turn.proposals:
            turn.proposals.append(call)
        return json.dumps(
            {"preview": described(call), "note": "shown to the owner to confirm; nothing was done"}
        )

    async def _looked_up(self, call: Call, turn: _Turn) -> str:
        try:
            async with asyncio.timeout(_TOOL_S):
                answer = await turn.look(call)
        except Refused as error:
            return _problem(error.message)
        except (ZynError, TimeoutError) as error:
            return _problem(f"that could not be read now: {error}")
        turn.looked.append((call, answer))
        data = data_of(answer.view)
        turn.ground.add(data)
        return json.dumps(data, ensure_ascii=False)[:_LONGEST_RESULT]

    def _lose(self, why: str, *, rest: bool = True) -> None:
        if rest:
            self._rest_until = self._clock.monotonic() + self._bounds.rest
        if not self._away:
            self._away = True
            self._news.append(f"OpenAI does not answer ({why}), so I answer with my own plain understanding.")

    def _return(self) -> None:
        if self._away:
            self._away = False
            self._news.append("OpenAI is back.")


def _guessed(messages: Sequence[Mapping[str, Any]]) -> int:
    """Tokens of a request that was never counted, roughly."""
    return sum(len(str(one.get("content"))) for one in messages) // _CHARS_A_TOKEN


def _problem(text: str) -> str:
    return json.dumps({"error": text})


def _as_message(answer: ModelReply) -> Mapping[str, Any]:
    calls = [
        {"id": one.id, "type": "function", "function": {"name": one.name, "arguments": one.arguments}}
        for one in answer.calls
    ]
    return {"role": "assistant", "content": answer.text or None, "tool_calls": calls}
