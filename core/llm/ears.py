"""Voice notes through OpenAI's transcription: a recording in, its words out, each failure with a reason."""

from __future__ import annotations

import openai

from core.agent.thinking import Unheard
from core.llm.client import open_client, trouble


class OpenAiEars:
    """One transcription model of OpenAI, or of another server that speaks its protocol."""

    def __init__(self, client: openai.AsyncOpenAI, model: str) -> None:
        self._client = client
        self._model = model

    async def close(self) -> None:
        await self._client.close()

    async def words(self, audio: bytes, name: str) -> str:
        """What is said in a recording; `name` ends as its format does. Raises Unheard."""
        try:
            heard = await self._client.audio.transcriptions.create(model=self._model, file=(name, audio))
        except openai.NotFoundError as error:
            raise Unheard(f"there is no model {self._model}; check OPENAI_TRANSCRIBE_MODEL") from error
        except openai.APIError as error:
            raise Unheard(f"OpenAI {trouble(error)}") from error
        text = getattr(heard, "text", None)
        if not isinstance(text, str):
            raise Unheard("the transcription was malformed")
        return " ".join(text.split())[:2000]


def open_ears(api_key: str, base_url: str, model: str, timeout_s: float) -> OpenAiEars:
    """Ears at OpenAI, or at another server at `base_url`."""
    return OpenAiEars(open_client(api_key, base_url, timeout_s), model)
