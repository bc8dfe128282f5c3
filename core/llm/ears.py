"""Voice notes through OpenAI's transcription: a recording in, its words out, each failure with a reason."""

from __future__ import annotations

import openai

from core.agent.thinking import Unheard


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
        except openai.APITimeoutError as error:
            raise Unheard("the transcription took too long") from error
        except openai.AuthenticationError as error:
            raise Unheard("OpenAI refuses the key; check OPENAI_API_KEY") from error
        except openai.RateLimitError as error:
            raise Unheard("OpenAI is out of quota or too busy") from error
        except openai.NotFoundError as error:
            raise Unheard(f"there is no model {self._model}; check OPENAI_TRANSCRIBE_MODEL") from error
        except openai.APIConnectionError as error:
            raise Unheard("OpenAI cannot be reached") from error
        except openai.APIError as error:
            raise Unheard(f"OpenAI answered with an error: {str(error)[:120]}") from error
        text = getattr(heard, "text", None)
        if not isinstance(text, str):
            raise Unheard("the transcription was malformed")
        return " ".join(text.split())[:2000]


def open_ears(api_key: str, base_url: str, model: str, timeout_s: float) -> OpenAiEars:
    """Ears at OpenAI, or at another server at `base_url`."""
    client = openai.AsyncOpenAI(api_key=api_key, base_url=base_url or None, timeout=timeout_s, max_retries=1)
    return OpenAiEars(client, model)
