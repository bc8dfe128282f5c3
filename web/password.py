"""The owner's password: plain or argon2id in the configuration, checked off the loop in constant time."""

from __future__ import annotations

import asyncio
import hashlib
import hmac

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from core.model.errors import ConfigError

MEMORY_KIB = 19_456  # of one check of a hash written by `hash_password`
MOST_MEMORY_KIB = 20_480  # of any hash: a stranger's guess costs no more


def hash_password(password: str) -> str:
    """An argon2id hash for WEB_PASSWORD that takes 19 MiB to check. Slow on purpose: call it off the loop."""
    return PasswordHasher(time_cost=2, memory_cost=MEMORY_KIB, parallelism=1).hash(password)


class Password:
    """What WEB_PASSWORD holds. Raises ConfigError on a hash that cannot be read."""

    def __init__(self, configured: str) -> None:
        self._configured = configured
        self._hashed = configured.startswith("$argon2")
        self._one_at_a_time = asyncio.Semaphore(1)  # bounds the memory that guesses can take
        if self._hashed and (wrong := _wrong_with(configured)):
            raise ConfigError([f"WEB_PASSWORD: this $argon2id$ hash {wrong}; let `zyn init` write a new one"])

    @property
    def given(self) -> bool:
        """Whether there is a password at all; without one only links open the door."""
        return bool(self._configured)

    async def matches(self, guess: str) -> bool:
        if not self.given:
            return False
        if not self._hashed:
            return hmac.compare_digest(_sha256(guess), _sha256(self._configured))
        async with self._one_at_a_time:
            return await asyncio.to_thread(_verify, self._configured, guess)


def _verify(hashed: str, guess: str) -> bool:
    try:
        return PasswordHasher().verify(hashed, guess)
    except (VerificationError, InvalidHashError):
        return False


def _wrong_with(hashed: str) -> str:
    """Why a hash is not taken; empty for a good one."""
    try:
        cost = extract_parameters(hashed)
    except InvalidHashError:
        return "cannot be read"
    if cost.type is not Type.ID:
        return "is of another kind"
    return "takes more than 20 MiB to check" if cost.memory_cost > MOST_MEMORY_KIB else ""


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
