"""The running service's ear for other commands: zyn.sock, readable by its owner alone.

One request a line, one answer a line, both JSON objects. A request names its `op`; an answer is what the
operation gave, or {"error", "hint"}.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from core.agent.replies import Buttons, Reply
from core.engine.registry import Actor, Door
from core.model.errors import Refused, StoreError, ZynError

FILE_NAME = "zyn.sock"
LONGEST_LINE = 4 * 1024 * 1024  # bytes
_LONGEST_ADDRESS = 100  # bytes that every system's socket address takes

Operation = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


class Conversation(Protocol):
    """The one mouth and ear. Never raises for a user's mistake: it replies."""

    async def hear(self, text: str, actor: Actor) -> list[Reply]: ...

    async def press(self, action: str, actor: Actor) -> list[Reply]: ...


@dataclass(frozen=True, slots=True)
class Question:
    """One dry chat turn. `now` is ISO or empty, `brain` is auto, offline or openai."""

    text: str
    session: str = "ask"
    now: str = ""
    brain: str = "auto"


class Rehearsal(Protocol):
    """Says what a turn would do, and does nothing."""

    async def rehearse(self, question: Question) -> Mapping[str, Any]:
        """{"outcome", "calls": [{"intent", "slots"}], "executed": [intents], "reply"}."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """One reply as the terminal shows it; a button is its label and its action."""

    text: str
    buttons: tuple[tuple[str, str], ...] = ()


def said(reply: Reply) -> Said:
    """A reply's words and its buttons apart."""
    words = Reply(tuple(block for block in reply.blocks if not isinstance(block, Buttons)))
    found = (one for block in reply.blocks if isinstance(block, Buttons) for one in block.buttons)
    return Said(words.plain, tuple((one.label, one.action) for one in found))


class LocalLine:
    """A conversation in this process, as one session of the shell."""

    def __init__(self, conversation: Conversation, owner: str, session: str = "shell") -> None:
        self._conversation = conversation
        self._actor = Actor(owner, Door.SHELL, session)

    async def hear(self, text: str) -> Sequence[Said]:
        return [said(reply) for reply in await self._conversation.hear(text, self._actor)]

    async def press(self, action: str) -> Sequence[Said]:
        return [said(reply) for reply in await self._conversation.press(action, self._actor)]


def operations(
    conversation: Conversation,
    rehearsal: Rehearsal,
    create_link: Callable[[], str],
    status: Callable[[], Awaitable[Mapping[str, Any]]],
    owner: str,
) -> dict[str, Operation]:
    """What every running service answers: hear, press, ask, link and status."""

    async def hear(request: Mapping[str, Any]) -> Mapping[str, Any]:
        line = LocalLine(conversation, owner, _text(request, "session", "shell"))
        return _replies(await line.hear(_text(request, "text")))

    async def press(request: Mapping[str, Any]) -> Mapping[str, Any]:
        line = LocalLine(conversation, owner, _text(request, "session", "shell"))
        return _replies(await line.press(_text(request, "action")))

    async def ask(request: Mapping[str, Any]) -> Mapping[str, Any]:
        names = ("session", "now", "brain")
        given = {name: _text(request, name) for name in names if name in request}
        return await rehearsal.rehearse(Question(_text(request, "text"), **given))

    async def link(_: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"link": create_link()}

    async def how_it_stands(_: Mapping[str, Any]) -> Mapping[str, Any]:
        return await status()

    return {"hear": hear, "press": press, "ask": ask, "link": link, "status": how_it_stands}


def _text(request: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = request.get(name, default)
    if not isinstance(value, str):
        raise Refused(f"{name} must be a text.", "bad_request")
    return value


def _replies(replies: Sequence[Said]) -> Mapping[str, Any]:
    return {"replies": [asdict(one) for one in replies]}


class ControlServer:
    """Serves operations on the data folder's socket. Its process must hold the folder's lock."""

    def __init__(self, folder: Path, operations: Mapping[str, Operation]) -> None:
        self._path = folder / FILE_NAME
        self._operations = operations
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen. A socket left behind by a killed process is replaced."""
        listener = await asyncio.to_thread(_bound, self._path)
        self._server = await asyncio.start_unix_server(self._serve, sock=listener, limit=LONGEST_LINE)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in list(self._clients):
                writer.close()
            self._server = None
            await asyncio.to_thread(self._path.unlink, missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        try:
            async for line in reader:
                answer = await self._answer(line)
                writer.write(json.dumps(answer, default=str).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            return  # the other side left, or sent a line without end
        finally:
            self._clients.discard(writer)
            writer.close()

    async def _answer(self, line: bytes) -> Mapping[str, Any]:
        try:
            request = json.loads(line)
        except ValueError:
            request = None
        operation = self._operations.get(str(request.get("op"))) if isinstance(request, dict) else None
        if operation is None:
            return {"error": "Zyn does not know this request.", "hint": "Is it another version of Zyn?"}
        try:
            return await operation(request)
        except Refused as error:
            return {"error": error.message, "hint": error.hint}
        except ZynError as error:
            return {"error": str(error), "hint": ""}


class ControlClient:
    """Speaks with the Zyn that owns a data folder. Made by `connect`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    @asynccontextmanager
    async def connect(cls, folder: Path) -> AsyncIterator[ControlClient]:
        """Raises StoreError when the socket cannot be reached."""
        try:
            connected = await asyncio.to_thread(_connected, folder / FILE_NAME)
            reader, writer = await asyncio.open_unix_connection(sock=connected, limit=LONGEST_LINE)
        except OSError as error:
            raise StoreError(
                f"Zyn runs on {folder} but cannot be reached there ({error.strerror or error}). "
                "While it starts that takes some seconds: try again then, else stop it and start it anew."
            ) from error
        try:
            yield cls(reader, writer)
        finally:
            writer.close()

    async def ask(self, op: str, **fields: Any) -> Mapping[str, Any]:
        """The answer to one request. Raises Refused with Zyn's reason, StoreError when Zyn left."""
        try:
            self._writer.write(json.dumps({"op": op, **fields}).encode() + b"\n")
            await self._writer.drain()
            line = await self._reader.readline()
        except ConnectionError:
            line = b""
        if not line:
            raise StoreError("Zyn stopped before it answered; its log says why.")
        answer: Mapping[str, Any] = json.loads(line)
        if "error" in answer:
            raise Refused(str(answer["error"]), "control", str(answer.get("hint", "")))
        return answer


class RemoteLine:
    """The running service's conversation, as one session of the shell."""

    def __init__(self, client: ControlClient, session: str = "shell") -> None:
        self._client = client
        self._session = session

    async def hear(self, text: str) -> Sequence[Said]:
        return _said(await self._client.ask("hear", text=text, session=self._session))

    async def press(self, action: str) -> Sequence[Said]:
        return _said(await self._client.ask("press", action=action, session=self._session))


def _said(answer: Mapping[str, Any]) -> Sequence[Said]:
    return [
        Said(one["text"], tuple((label, action) for label, action in one["buttons"]))
        for one in answer["replies"]
    ]


def _bound(path: Path) -> socket.socket:
    """A socket of our own at this path that does not listen yet. Blocking."""
    path.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _address(path) as address:
        made.bind(address)
    os.chmod(path, 0o600)  # before anybody can connect, for nothing listens yet
    return made


def _connected(path: Path) -> socket.socket:
    """A socket connected to whoever listens at this path. Blocking; raises OSError."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(path) as address:
            made.connect(address)
    except OSError:
        made.close()
        raise
    return made


class _address:
    """The socket's address for the length of a `with`: a path too long for one goes through its folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder: int | None = None

    def __enter__(self) -> str:
        short = min(str(self._path), os.path.relpath(self._path), key=len)
        if len(os.fsencode(short)) <= _LONGEST_ADDRESS or not Path("/proc/self/fd").exists():
            return short
        self._folder = os.open(self._path.parent, os.O_RDONLY)
        return f"/proc/self/fd/{self._folder}/{self._path.name}"

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            os.close(self._folder)
