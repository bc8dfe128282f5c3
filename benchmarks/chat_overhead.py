"""One chat turn of Zyn beside the bare client: processor time, in all and until the first word is relayed.

The server is another process that answers at once; 40 messages of memory and every tool go along. The time of
the processor is what Zyn adds wherever it runs; the seconds on the wall grow with the machine's other work.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections import Counter
from multiprocessing.connection import Connection
from statistics import median
from time import perf_counter, process_time
from typing import Any

import openai
from openai.types.chat import ChatCompletionChunk

from core.agent.budget import Budget
from core.agent.llm_agent import Profile
from core.agent.llm_brain import Bounds, ModelBrain
from core.agent.tools import offered, tool
from core.clock import ManualClock
from core.engine.entries import ALL
from core.engine.registry import Registry
from core.llm.openai import OpenAiChat
from tests.support.chatting import OWNER, Chat, FakeStore, chatting
from tests.support.openai_server import OpenAiServer, Say

SUMMARY = "a chat turn's own processor time beside the client's, and the first word's delay"
ROUNDS = 3
MOST_OVERHEAD_US = 5_000
MOST_DELAY_US = 3_000
_TURNS = 40
_WARM = 8
_ANSWER = "All is calm, jimmy. " * 20
Times = tuple[float, float, float]  # seconds: processor in all, processor and wall to the first word
_ASKED = "how is life in the market for you"


def _serve(ready: Connection, stop: Connection) -> None:
    async def run() -> None:
        server = OpenAiServer([Say(_ANSWER)])
        ready.send(await server.start())
        await asyncio.to_thread(stop.recv)
        await server.stop()

    asyncio.run(run())


async def play(number: int) -> dict[str, int]:
    """One run in microseconds. Raises when Zyn adds more than it may."""
    ours, theirs = multiprocessing.Pipe()
    end, over = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, over), daemon=True)
    server.start()
    client = openai.AsyncOpenAI(api_key="sk-test", base_url=await asyncio.to_thread(ours.recv), max_retries=0)
    try:
        measured = await _measure(client)
    finally:
        await client.close()
        end.send(True)
        await asyncio.to_thread(server.join)
    overhead = measured["zyn_cpu_us"] - measured["client_cpu_us"]
    delay = measured["zyn_first_cpu_us"] - measured["client_first_cpu_us"]
    assert overhead <= MOST_OVERHEAD_US, f"a turn costs {overhead} us of our own, {measured}"
    assert delay <= MOST_DELAY_US, f"the first word waits {delay} us, {measured}"
    return {**measured, "overhead_cpu_us": overhead, "first_word_delay_us": delay, "runs": 1}


async def _measure(client: openai.AsyncOpenAI) -> dict[str, int]:
    chat = _chat(client)
    await _fill(chat)
    moment = await chat.conversation.moment(_ASKED, OWNER)
    messages = [{"role": "system", "content": "x" * 2000}]
    messages += [{"role": turn.role, "content": turn.text} for turn in moment.history]
    messages += [{"role": "user", "content": _ASKED}]
    tools = [tool(entry) for entry in offered(ALL)]
    body = {"model": "fake", "messages": messages, "tools": tools, "stream": True}
    bare, zyn = [], []
    for _ in range(_TURNS + _WARM):
        bare.append(await _bare(client, body))
        zyn.append(await _turn(chat))
    told = {"client": bare, "zyn": zyn}
    named = {
        f"{who}_{what}_us": _middle([row[at] for row in rows])
        for who, rows in told.items()
        for at, what in enumerate(("cpu", "first_cpu", "first_wall"))
    }
    return {**named, "messages": len(messages), "tools": len(tools)}


def _middle(seconds: list[float]) -> int:
    return round(median(seconds[_WARM:]) * 1_000_000)


async def _bare(client: openai.AsyncOpenAI, body: dict[str, Any]) -> Times:
    """The client alone."""
    cpu, began, first = process_time(), perf_counter(), (0.0, 0.0)
    async with await client.post(
        "/chat/completions", body=body, cast_to=ChatCompletionChunk, stream=True,
        stream_cls=openai.AsyncStream[ChatCompletionChunk],
    ) as stream:  # fmt: skip
        async for chunk in stream:
            if not first[1] and chunk.choices and chunk.choices[0].delta.content:
                first = process_time() - cpu, perf_counter() - began
    return process_time() - cpu, *first


async def _turn(chat: Chat) -> Times:
    """A whole turn: words in, memory, gate, model, grounding, relay, memory."""
    cpu, began, first = process_time(), perf_counter(), (0.0, 0.0)

    async def heard(_: str) -> None:
        nonlocal first
        if not first[1]:
            first = process_time() - cpu, perf_counter() - began

    await chat.conversation.hear(_ASKED, OWNER, heard)
    return process_time() - cpu, *first


def _chat(client: openai.AsyncOpenAI) -> Chat:
    def brain(registry: Registry, store: FakeStore, clock: ManualClock, profile: Profile) -> ModelBrain:
        budget = Budget(store, clock, "UTC", 1_000.0)
        return ModelBrain(OpenAiChat(client), ("fake",), ALL, budget, clock, profile, Bounds())

    return chatting(brain)


async def _fill(chat: Chat) -> None:
    for at in range(20):
        await chat.store.add_turn(OWNER.session, "user", f"what is the price of eth, question {at}", at)
        await chat.store.add_turn(OWNER.session, "assistant", f"ETH is at 3,267 now, answer {at}.", at)


def check(counts: Counter[str]) -> None:
    """The bounds hold in every run; nothing is left to judge over all."""
    assert counts["runs"]
