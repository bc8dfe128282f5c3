"""Voice notes: recorded, fetched from the phone, transcribed by a peer that listens, and only then answered.

The recordings are real WAV audio in which tones spell the words; the peer decodes what it receives. No speech
recogniser is at work here: what is shown is the whole way of the audio, not how well a model hears.
"""

from __future__ import annotations

import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from core.agent.replies import say
from core.llm.ears import OpenAiEars, open_ears
from tests.support.chatting import OWNER, chatting
from tests.support.fake_conversation import FakeConversation
from tests.support.spoken_tones import heard, spoken
from tests.support.telegram_line import telegram_line


@dataclass
class Transcriber:
    """OpenAI's transcription door: hears the tones of what is uploaded."""

    status: int = 200
    models: list[str] = field(default_factory=list)

    async def transcribe(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.models.append(str(form["model"]))
        if self.status != 200:
            return web.json_response({"error": {"message": "no", "type": "x"}}, status=self.status)
        upload = form["file"]
        assert isinstance(upload, web.FileField)
        try:
            text = heard(upload.file.read())
        except (ValueError, wave.Error, EOFError):
            text = ""
        return web.json_response({"text": text})


@asynccontextmanager
async def listening(peer: Transcriber) -> AsyncIterator[OpenAiEars]:
    """The real client's ears, at a peer that listens."""
    app = web.Application(client_max_size=30_000_000)
    app.router.add_post("/v1/audio/transcriptions", peer.transcribe)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    ears = open_ears("sk-test", f"http://127.0.0.1:{runner.addresses[0][1]}/v1", "gpt-transcribe", 5.0)
    try:
        yield ears
    finally:
        await ears.close()
        await runner.cleanup()


def test_the_tones_are_heard_through_noise() -> None:
    assert heard(spoken("buy 50 dollars of eth")) == "buy 50 dollars of eth"


async def test_a_voice_note_is_shown_as_words_and_then_answered() -> None:
    peer, script = Transcriber(), FakeConversation({"how are we doing": [say("All is well.")]})
    async with listening(peer) as ears, telegram_line(script, ears=ears) as line:
        await line.phone.speak(spoken("how are we doing"), 2)
        assert await line.says(2) == ["I heard: “how are we doing”", "All is well."]
    assert peer.models == ["gpt-transcribe"]


async def test_without_a_key_it_says_so() -> None:
    async with telegram_line() as line:
        await line.phone.speak(spoken("buy everything"), 2)
        (answer,) = await line.says(1)
        assert "OPENAI_API_KEY" in answer and not line.conversation.heard


async def test_what_cannot_be_heard_does_nothing_and_is_explained() -> None:
    for peer, reason in (
        (Transcriber(401), "refuses the key"),
        (Transcriber(500), "error"),
        (Transcriber(), "no words"),
    ):
        async with listening(peer) as ears, telegram_line(ears=ears) as line:
            await line.phone.speak(b"noise", 2)
            (answer,) = await line.says(1)
            assert reason in answer and not line.conversation.heard


async def test_a_note_that_is_too_long_is_not_fetched() -> None:
    peer = Transcriber()
    async with listening(peer) as ears, telegram_line(ears=ears) as line:
        await line.phone.speak(spoken("hello"), 4000)
        assert "too long" in (await line.says(1))[0]
    assert not peer.models


async def test_a_spoken_order_is_a_preview_and_a_spoken_yes_confirms_nothing() -> None:
    chat, peer = chatting(), Transcriber()
    async with listening(peer) as ears, telegram_line(chat.conversation, ears=ears) as line:
        await line.phone.speak(spoken("buy 50 dollars of eth"), 3)
        assert "Confirm" in str((await line.says(2)) and line.shown()[1].buttons)
        await line.phone.speak(spoken("yes"), 1)
        assert "confirms nothing" in (await line.says(4))[3]
        assert chat.hands.done == []
        await line.phone.type("yes")
        await line.says(5)
        assert chat.hands.done == ["place_order"]


async def test_a_spoken_slash_is_no_command() -> None:
    chat = chatting()
    await chat.conversation.listen("/flatten now", OWNER)
    assert "flatten" not in chat.hands.done
