"""A local server that speaks OpenAI's chat completions: scripted answers, streamed tool calls, faults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Say:
    """An answer in words, streamed in pieces."""

    text: str
    refusal: str = ""
    broken_off: bool = False  # the stream ends without a finish reason
    stalls_s: float = 0.0  # silence after the first words


@dataclass(frozen=True, slots=True)
class UseTools:
    """An answer that calls tools: (name, arguments); arguments that are text go out as they are."""

    calls: Sequence[tuple[str, Mapping[str, Any] | str]]


@dataclass(frozen=True, slots=True)
class Fail:
    """An error instead of an answer."""

    status: int
    code: str = ""
    message: str = "no"


@dataclass(frozen=True, slots=True)
class Hang:
    """Silence for a while, then nothing."""

    seconds: float = 30.0


Step = Say | UseTools | Fail | Hang


@dataclass(slots=True)
class OpenAiServer:
    """Answers in the order of `script`; the last step answers whatever comes after it."""

    script: list[Step] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    _runner: web.AppRunner | None = None
    _asked: int = 0

    async def start(self) -> str:
        """Listen on a free port; the address to use as base URL."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        return f"http://127.0.0.1:{port}/v1"

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        assert self._runner is not None and self._runner.server is not None
        return len(self._runner.server.connections)

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        step = self.script[min(self._asked, len(self.script) - 1)]
        self._asked += 1
        if isinstance(step, Hang):
            await asyncio.sleep(step.seconds)
            return web.Response(status=500)
        if isinstance(step, Fail):
            error = {"message": step.message, "type": "invalid_request_error", "code": step.code or None}
            return web.json_response({"error": error}, status=step.status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for chunk in _chunks(step, body["model"]):
            await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
            await asyncio.sleep(step.stalls_s if isinstance(step, Say) and _has_words(chunk) else 0)
        await response.write(b"data: [DONE]\n\n")
        return response


def _has_words(chunk: Mapping[str, Any]) -> bool:
    return any(choice["delta"].get("content") for choice in chunk["choices"])


def _chunks(step: Say | UseTools, model: str) -> list[dict[str, Any]]:
    deltas = _spoken(step) if isinstance(step, Say) else _called(step)
    finish = "stop" if isinstance(step, Say) else "tool_calls"
    chunks = [_chunk(model, delta) for delta in deltas]
    if not (isinstance(step, Say) and step.broken_off):
        chunks.append(_chunk(model, {}, finish))
        usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
        chunks.append({**_chunk(model, {}), "choices": [], "usage": usage})
    return chunks


def _spoken(step: Say) -> list[dict[str, Any]]:
    words = step.text.split(" ")
    pieces = [word if at == 0 else f" {word}" for at, word in enumerate(words)]
    refused = [{"refusal": step.refusal}] if step.refusal else []
    return [
        {"role": "assistant", "content": ""},
        *({"content": piece} for piece in pieces if piece),
        *refused,
    ]


def _called(step: UseTools) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None}]
    for at, (name, arguments) in enumerate(step.calls):
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        half = len(text) // 2
        head = {
            "index": at,
            "id": f"call_{at}",
            "type": "function",
            "function": {"name": name, "arguments": text[:half]},
        }
        deltas += [
            {"tool_calls": [head]},
            {"tool_calls": [{"index": at, "function": {"arguments": text[half:]}}]},
        ]
    return deltas


def _chunk(model: str, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": [choice]}
