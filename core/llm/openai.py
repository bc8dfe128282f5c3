"""OpenAI through its own client: streamed chat completions with tools, every failure named by its remedy.

Loaded only when a key is configured, as this whole room, the only one that knows the openai package.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import openai
from openai.types.chat import ChatCompletionChunk

from core.agent.llm_brain import ModelDown, ModelGone, ModelReply, ToolCall
from core.agent.thinking import Partial
from core.llm.client import open_client, trouble

_CHARS_A_TOKEN = 4  # a rough count for a server that does not say


@dataclass(slots=True)
class _Growing:
    """A streamed answer as it grows."""

    text: str = ""
    refusal: str = ""
    finish: str = ""
    calls: dict[int, dict[str, str]] = field(default_factory=dict)
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def take(self, chunk: ChatCompletionChunk) -> bool:
        """Take in one piece; whether the text grew."""
        if chunk.usage is not None:
            self.prompt_tokens = chunk.usage.prompt_tokens
            self.completion_tokens = chunk.usage.completion_tokens
        if not chunk.choices:
            return False
        choice = chunk.choices[0]
        self.finish = choice.finish_reason or self.finish
        self.refusal += choice.delta.refusal or ""
        for piece in choice.delta.tool_calls or ():
            self._call(piece)
        self.text += choice.delta.content or ""
        return bool(choice.delta.content)

    def _call(self, piece: Any) -> None:
        call = self.calls.setdefault(piece.index, {"id": "", "name": "", "arguments": ""})
        call["id"] = piece.id or call["id"]
        if piece.function is not None:
            call["name"] += piece.function.name or ""
            call["arguments"] += piece.function.arguments or ""


class OpenAiChat:
    """One service of models: OpenAI's, or any that speaks its protocol."""

    def __init__(self, client: openai.AsyncOpenAI) -> None:
        self._client = client

    async def close(self) -> None:
        await self._client.close()

    async def reply(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]],
        on_text: Partial | None,
        on_first: asyncio.Event,
    ) -> ModelReply:
        """One streamed answer. Raises ModelGone or ModelDown."""
        growing = _Growing()
        try:
            await self._stream(growing, model, messages, tools, on_text, on_first)
        except openai.NotFoundError as error:
            raise _not_found(error, model) from error
        except openai.APIError as error:
            if getattr(error, "code", None) == "model_not_found":  # also where the key may not use it
                raise ModelGone(model) from error
            raise ModelDown(f"it {trouble(error)}") from error
        except (ValueError, AttributeError, TypeError) as error:
            raise ModelDown("its answer was malformed") from error
        return _finished(growing, messages)

    async def _stream(
        self,
        growing: _Growing,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]],
        on_text: Partial | None,
        on_first: asyncio.Event,
    ) -> None:
        request: dict[str, Any] = {"model": model, "messages": list(messages), "stream": True}
        request["stream_options"] = {"include_usage": True}
        if tools:
            request["tools"] = list(tools)
        # The client's own door, not `completions.create`: that walks every message and tool in Python first,
        # at seven times the cost, to transform what is plain JSON already.
        async with await self._client.post(
            "/chat/completions", body=request, cast_to=ChatCompletionChunk, stream=True,
            stream_cls=openai.AsyncStream[ChatCompletionChunk],
        ) as stream:  # fmt: skip
            async for chunk in stream:
                on_first.set()
                if growing.take(chunk) and on_text is not None:
                    await on_text(growing.text)


def _finished(growing: _Growing, messages: Sequence[Mapping[str, Any]]) -> ModelReply:
    """The whole answer. Raises ModelDown when the stream broke off: the client says nothing of that."""
    if not growing.finish:
        raise ModelDown("its answer broke off")
    if growing.finish == "content_filter" or growing.refusal:
        return ModelReply(refused=True, prompt_tokens=growing.prompt_tokens)
    calls = tuple(
        ToolCall(call["id"] or f"call_{at}", call["name"], call["arguments"])
        for at, call in sorted(growing.calls.items())
        if call["name"]
    )
    if growing.finish == "length" and calls:
        raise ModelDown("its answer was cut off")
    counted = growing.prompt_tokens or sum(len(str(one)) for one in messages) // _CHARS_A_TOKEN
    written = growing.completion_tokens or len(growing.text) // _CHARS_A_TOKEN
    return ModelReply(growing.text, calls, False, counted, written)


def _not_found(error: Any, model: str) -> Exception:
    gone = getattr(error, "code", None) == "model_not_found" or "model" in str(error).lower()
    return ModelGone(model) if gone else ModelDown("its address answers 404; check OPENAI_BASE_URL")


def open_chat(api_key: str, base_url: str, timeout_s: float) -> OpenAiChat:
    """A client for OpenAI, or for another server at `base_url`."""
    return OpenAiChat(open_client(api_key, base_url, timeout_s))
