"""The control socket and the shell that speaks through it."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.control import (
    ControlClient,
    ControlServer,
    LocalLine,
    Question,
    RemoteLine,
    Said,
    operations,
)
from bot.run import Shell, TypedLines
from core.agent.replies import Button, Buttons, Reply, Table, Text, say
from core.engine.registry import Actor, Door
from core.model.errors import Refused, StoreError, Transient


class Parrot:
    """A conversation that repeats and offers one button."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Actor]] = []

    async def hear(self, text: str, actor: Actor) -> list[Reply]:
        self.heard.append((text, actor))
        table = Table(("coin", "qty"), (("BTC", "0.1"),))
        return [
            Reply(
                (Text(f"you said {text}"), table, Buttons((Button("Do it", "yes:1"), Button("No", "no:1"))))
            )
        ]

    async def press(self, action: str, actor: Actor) -> list[Reply]:
        return [say(f"pressed {action} in {actor.session}")]


class Dry:
    async def rehearse(self, question: Question) -> Mapping[str, Any]:
        if question.text == "bad":
            raise Refused("I cannot do that.", "no", "Try /help.")
        if question.text == "down":
            raise Transient("Kraken does not answer")
        return {"outcome": "chat", "calls": [], "executed": [], "reply": f"{question.text}|{question.brain}"}


async def _status() -> Mapping[str, Any]:
    return {"mode": "demo"}


@pytest.fixture
async def parrot() -> Parrot:
    return Parrot()


@pytest.fixture
async def client(tmp_path: Path, parrot: Parrot) -> AsyncIterator[ControlClient]:
    server = ControlServer(tmp_path, operations(parrot, Dry(), lambda: "http://x/login#1", _status, "jimmy"))
    await server.start()
    async with ControlClient.connect(tmp_path) as one:
        yield one
    await server.stop()
    assert not (tmp_path / "zyn.sock").exists()


async def test_only_the_owner_of_the_folder_may_speak(client: ControlClient, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "zyn.sock").stat().st_mode) == 0o600


async def test_every_operation_answers(client: ControlClient, parrot: Parrot) -> None:
    line = RemoteLine(client, "s1")
    (reply,) = await line.hear("hello")
    assert reply.text == "you said hello\ncoin  qty\nBTC   0.1"
    assert reply.buttons == (("Do it", "yes:1"), ("No", "no:1"))
    assert parrot.heard == [("hello", Actor("jimmy", Door.SHELL, "s1"))]
    assert await line.press("yes:1") == [Said("pressed yes:1 in s1")]
    assert (await client.ask("link"))["link"] == "http://x/login#1"
    assert (await client.ask("status"))["mode"] == "demo"
    assert (await client.ask("ask", text="hi", session="a", now="", brain="offline"))["reply"] == "hi|offline"


@pytest.mark.parametrize(
    ("op", "fields", "told"),
    [
        ("ask", {"text": "bad"}, "cannot do that"), ("ask", {"text": "down"}, "does not answer"),
        ("ask", {"text": 5}, "must be a text"), ("hear", {}, "must be a text"),
        ("dance", {}, "does not know"),
    ],
)  # fmt: skip
async def test_a_no_is_told_and_the_line_stays_open(
    client: ControlClient, op: str, fields: dict[str, Any], told: str
) -> None:
    with pytest.raises(Refused, match=told):
        await client.ask(op, **fields)
    assert (await client.ask("status"))["mode"] == "demo"


async def test_garbage_is_answered_and_not_obeyed(client: ControlClient, tmp_path: Path) -> None:
    reader, writer = await asyncio.open_unix_connection(str(tmp_path / "zyn.sock"))
    for garbage in (b"not json\n", b"[1]\n", b"{}\n", b"\n"):
        writer.write(garbage)
        assert "does not know" in json.loads(await reader.readline())["error"]
    writer.close()


async def test_a_socket_left_by_a_killed_process_is_replaced(tmp_path: Path, parrot: Parrot) -> None:
    table = operations(parrot, Dry(), lambda: "", _status, "jimmy")
    killed = ControlServer(tmp_path, table)
    await killed.start()
    assert killed._server is not None
    killed._server.close()  # gone without a word, its file stays
    heir = ControlServer(tmp_path, table)
    await heir.start()
    async with ControlClient.connect(tmp_path) as client:
        assert (await client.ask("status"))["mode"] == "demo"
    await heir.stop()


async def test_a_folder_with_a_long_name_is_reached_all_the_same(tmp_path: Path, parrot: Parrot) -> None:
    folder = tmp_path / ("long " * 12).strip() / ("name " * 12).strip()
    folder.mkdir(parents=True)
    server = ControlServer(folder, operations(parrot, Dry(), lambda: "", _status, "jimmy"))
    await server.start()
    async with ControlClient.connect(folder) as client:
        assert (await client.ask("status"))["mode"] == "demo"
    await server.stop()


async def test_a_zyn_that_leaves_in_the_middle_is_said(tmp_path: Path, parrot: Parrot) -> None:
    async def stops(_: Mapping[str, Any]) -> Mapping[str, Any]:
        await server.stop()
        return {}

    server = ControlServer(tmp_path, {"stop": stops})
    await server.start()
    async with ControlClient.connect(tmp_path) as client:
        with pytest.raises(StoreError, match="stopped before it answered"):
            await client.ask("stop")
    with pytest.raises(StoreError, match="cannot be reached"):
        async with ControlClient.connect(tmp_path):
            pass


class Written:
    """Lines that were written beforehand."""

    def __init__(self, *lines: str) -> None:
        self._lines = list(lines)

    async def next(self) -> str | None:
        return self._lines.pop(0) if self._lines else None


async def test_the_shell_shows_replies_and_numbers_their_buttons(parrot: Parrot) -> None:
    shown: list[str] = []
    lines = Written("  hello ", "", "1", "1", "7", "exit", "never heard")
    await Shell(LocalLine(parrot, "jimmy"), lines, shown.append).run()
    text = "".join(shown)
    assert "you said hello\n" in text and "  1) Do it\n  2) No\n" in text
    assert "pressed yes:1 in shell" in text
    assert [said for said, _ in parrot.heard] == ["hello", "1", "7"], "a number without a button is just text"
    assert "never heard" not in text


async def test_the_shell_prompts_only_where_somebody_looks(parrot: Parrot) -> None:
    shown: list[str] = []
    await Shell(LocalLine(parrot, "jimmy"), Written("hi"), shown.append, "zyn> ").run()
    assert shown.count("zyn> ") == 2


@pytest.mark.blocks  # reads only what the loop says is there
async def test_lines_come_from_a_pipe_as_they_are_typed() -> None:
    out, into = os.pipe()
    try:
        async with TypedLines.of(out) as lines:
            os.write(into, b"one\ntw")
            assert await lines.next() == "one"
            waiting = asyncio.create_task(lines.next())
            await asyncio.sleep(0)
            assert not waiting.done()
            os.write(into, "o é\r\nlast".encode())
            os.close(into)
            assert await waiting == "two é"
            assert [await lines.next(), await lines.next()] == ["last", None]
    finally:
        os.close(out)


@pytest.mark.blocks  # a file never keeps anybody waiting
async def test_lines_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_text("one\ntwo")
    with path.open() as file:
        async with TypedLines.of(file.fileno()) as lines:
            assert [await lines.next() for _ in range(3)] == ["one", "two", None]
