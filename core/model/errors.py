"""Every error of Zyn, named by what the caller does next.

ZynError
 ├─ ConfigError          refuse to start and list every problem
 ├─ Refused              a business no: tell the owner, change nothing
 ├─ VenueError           something between us and an exchange
 │   ├─ Transient        read again later
 │   │   └─ RateLimited  ... after `after_s` seconds
 │   ├─ AuthFailed       stop using this key and tell the owner
 │   ├─ Rejected         the exchange said no; nothing was placed
 │   │   └─ NonceRefused proven never looked at: the one case that is sent again at once
 │   └─ UnknownOutcome   the order may exist: reconcile, never resend
 ├─ StoreError           the database cannot be trusted or written: place nothing
 └─ InvariantBroken      stop placing orders and tell the owner
"""

from __future__ import annotations


class ZynError(Exception):
    """Root of all errors raised on purpose."""


class ConfigError(ZynError):
    """The configuration cannot be used. `problems` holds one line for each fault, all found at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Refused(ZynError):
    """A request that Zyn turns down. `code` is stable for machines, the text is for the owner."""

    def __init__(self, message: str, code: str = "refused", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint


class VenueError(ZynError):
    """Something went wrong between Zyn and an exchange."""


class Transient(VenueError):
    """A read failed and may be tried again."""


class RateLimited(Transient):
    """The exchange asks for patience; `after_s` is how long, in seconds of the wall clock."""

    def __init__(self, message: str, after_s: float) -> None:
        super().__init__(message)
        self.after_s = after_s


class AuthFailed(VenueError):
    """The key was refused: stop using it and tell the owner."""


class Rejected(VenueError):
    """The exchange refused the request: nothing was placed or changed."""


NO_FUNDS = "Insufficient funds"  # in a refusal: the money or the coins of an order are not there
NONCE_RESENDS = 3  # times that a request is sent again whose nonce was refused


class NonceRefused(Rejected):
    """The exchange did not look at the request, for its nonce: it may be sent again at once."""


class UnknownOutcome(VenueError):
    """The order may or may not exist. The only way on is to reconcile; it is never sent again."""


class StoreError(ZynError):
    """The database cannot be written or trusted."""


class InvariantBroken(ZynError):
    """Something that must never happen has happened: stop placing orders and tell the owner."""
