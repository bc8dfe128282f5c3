"""Who is calling: API keys, Kraken's signature over the raw body, and nonces that only rise."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.model.errors import Rejected

TRADER = (
    "query-funds",
    "query-open-trades",
    "query-closed-trades",
    "modify-trades",
    "close-trades",
    "query-ledger",
    "create-ws-token",
)


_REFUSALS = 10
_LOCKOUT_MS = 900_000


def api_sign(secret: str, uri_path: str, nonce: str, body: bytes) -> str:
    """Kraken's API-Sign: base64(HMAC-SHA512(secret, path + SHA256(nonce + body)))."""
    message = uri_path.encode() + hashlib.sha256(nonce.encode() + body).digest()
    digest = hmac.new(base64.b64decode(secret), message, hashlib.sha512).digest()
    return base64.b64encode(digest).decode()


@dataclass(slots=True)
class Gatekeeper:
    """Lets a private call in, or says no in Kraken's words.

    `secrets` maps keys to base64 secrets, `permissions` keys to what they may do (a trader that cannot
    withdraw, when absent), `nonces` keys to the highest nonce seen, `windows` keys to how far below it a
    nonce may lie that was not used yet. With `locks_out`, ten refusals of a key in a row shut it out for
    fifteen minutes of market time.
    """

    secrets: Mapping[str, str]
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    nonces: dict[str, int] = field(default_factory=dict)
    windows: Mapping[str, int] = field(default_factory=dict)
    locks_out: bool = False
    _used: dict[str, set[int]] = field(default_factory=dict)  # inside the window
    _refusals: dict[str, int] = field(default_factory=dict)
    _locked_until_ms: dict[str, int] = field(default_factory=dict)

    def may(self, key: str) -> tuple[str, ...]:
        return self.permissions.get(key, TRADER)

    def last_nonce(self, key: str) -> int:
        return self.nonces.get(key, 0)

    def window(self, key: str) -> int:
        return self.windows.get(key, 0)

    def admit(self, key: str, signature: str, path: str, nonce: str, body: bytes, now_ms: int = 0) -> None:
        """Rejected unless key, signature and nonce are right; remembers the nonce."""
        if now_ms < self._locked_until_ms.get(key, 0):
            raise Rejected("EGeneral:Temporary lockout")
        try:
            self._check(key, signature, path, nonce, body)
        except Rejected:
            self._count_refusal(key, now_ms)
            raise
        self._refusals.pop(key, None)

    def _count_refusal(self, key: str, now_ms: int) -> None:
        self._refusals[key] = self._refusals.get(key, 0) + 1
        if self.locks_out and self._refusals[key] >= _REFUSALS:
            self._refusals.pop(key)
            self._locked_until_ms[key] = now_ms + _LOCKOUT_MS

    def _check(self, key: str, signature: str, path: str, nonce: str, body: bytes) -> None:
        secret = self.secrets.get(key)
        if secret is None:
            raise Rejected("EAPI:Invalid key")
        try:
            expected = api_sign(secret, path, nonce, body)
        except binascii.Error as broken:
            raise Rejected("EAPI:Invalid key") from broken
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise Rejected("EAPI:Invalid signature")
        self._check_nonce(key, nonce)

    def check_permission(self, key: str, needed: tuple[str, ...]) -> None:
        """Rejected unless the key holds one of the permissions that the endpoint asks for."""
        if needed and not set(needed).intersection(self.may(key)):
            raise Rejected("EGeneral:Permission denied")

    def _check_nonce(self, key: str, nonce: str) -> None:
        number = int(nonce) if nonce.isascii() and nonce.isdigit() and len(nonce) <= 20 else -1
        highest, window = self.nonces.get(key, -1), self.window(key)
        used = self._used.setdefault(key, set())
        if not highest - window < number < 2**64 or (number <= highest and (not window or number in used)):
            raise Rejected("EAPI:Invalid nonce")
        self.nonces[key] = max(highest, number)
        if window:
            self._used[key] = {one for one in used if one > self.nonces[key] - window} | {number}
