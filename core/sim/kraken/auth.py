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


def api_sign(secret: str, uri_path: str, nonce: str, body: bytes) -> str:
    """Kraken's API-Sign: base64(HMAC-SHA512(secret, path + SHA256(nonce + body)))."""
    message = uri_path.encode() + hashlib.sha256(nonce.encode() + body).digest()
    digest = hmac.new(base64.b64decode(secret), message, hashlib.sha512).digest()
    return base64.b64encode(digest).decode()


@dataclass(slots=True)
class Gatekeeper:
    """Lets a private call in, or says no in Kraken's words.

    `secrets` maps keys to base64 secrets, `permissions` keys to what they may do (a trader that cannot
    withdraw, when absent), `nonces` keys to the last nonce seen.
    """

    secrets: Mapping[str, str]
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    nonces: dict[str, int] = field(default_factory=dict)

    def may(self, key: str) -> tuple[str, ...]:
        return self.permissions.get(key, TRADER)

    def admit(self, key: str, signature: str, path: str, nonce: str, body: bytes) -> None:
        """Rejected unless key, signature and nonce are right; remembers the nonce."""
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
        if not (nonce.isascii() and nonce.isdigit()) or not self.nonces.get(key, -1) < int(nonce) < 2**64:
            raise Rejected("EAPI:Invalid nonce")
        self.nonces[key] = int(nonce)
