"""WebSocket tokens: given out over REST, good for fifteen minutes, and after that where already used."""

from __future__ import annotations

import base64
import hashlib

from core.clock import Clock
from core.model.errors import Rejected

LIFETIME_S = 900
INVALID = "ESession:Invalid session"


class Tokens:
    """Tokens of one running exchange; a restart forgets them all."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock, self._key = clock, f"{seed}|{clock.market_ms()}"
        self._given = 0
        self._keys: dict[str, tuple[str, float]] = {}  # token -> API key, monotonic end

    def issue(self, key: str) -> str:
        """A new token for a key."""
        self._given += 1
        digest = hashlib.blake2b(f"{self._key}|{key}|{self._given}".encode(), digest_size=32).digest()
        token = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        self._keys[token] = (key, self._clock.monotonic() + LIFETIME_S)
        return token

    def key_of(self, token: str) -> str:
        """The key that a token speaks for; Rejected when it is unknown, or too old to begin with."""
        key, ends = self._keys.get(token, ("", 0.0))
        if not key or self._clock.monotonic() > ends:
            raise Rejected(INVALID)
        return key

    def revoke(self) -> None:
        """Let every token die now."""
        self._keys.clear()
