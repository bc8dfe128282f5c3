"""The client of OpenAI, or of another server that speaks its protocol, and its failures in words."""

from __future__ import annotations

import openai

_CONNECT_S = 5.0


def open_client(api_key: str, base_url: str, timeout_s: float) -> openai.AsyncOpenAI:
    """A client; whoever opens it closes it."""
    timeout = openai.Timeout(timeout_s, connect=_CONNECT_S)
    return openai.AsyncOpenAI(api_key=api_key, base_url=base_url or None, timeout=timeout, max_retries=1)


def trouble(error: openai.APIError) -> str:
    """What went wrong, said of the service: '... cannot be reached'."""
    if isinstance(error, openai.APITimeoutError):
        return "took too long"
    if isinstance(error, openai.AuthenticationError):
        return "refuses the key; check OPENAI_API_KEY"
    if isinstance(error, openai.RateLimitError):
        return "is out of quota or too busy"
    if isinstance(error, openai.APIConnectionError):
        return "cannot be reached"
    return f"answered with an error: {str(error)[:120]}"
