"""Who is signed in: sessions and one-time links, kept in memory and only as hashes, on wall time."""

from __future__ import annotations

import hashlib
import secrets
from collections import deque
from dataclasses import dataclass, field

from core.clock import Clock

IDLE_MS = 12 * 3_600_000
ABSOLUTE_MS = 7 * 24 * 3_600_000
LINK_MS = 10 * 60_000
TRIES = 5
TRIES_MS = 15 * 60_000
CHANGES_PER_MINUTE = 60
MOST_SESSIONS = 50
MOST_LINKS = 20


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(slots=True)
class Session:
    """One signed-in browser."""

    key: str
    csrf: str
    opened_ms: int
    seen_ms: int
    changes: deque[int] = field(default_factory=deque)
    urgent: deque[int] = field(default_factory=deque)  # changes that never wait behind the others


class Sessions:
    """Signed-in browsers: 12 hours idle, 7 days in all."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, Session] = {}

    def open(self) -> str:
        """Start a session and return the secret its cookie carries."""
        secret, now = secrets.token_urlsafe(32), self._clock.wall_ms()
        self._forget_oldest()
        key = _digest(secret)
        self._open[key] = Session(key, secrets.token_urlsafe(32), now, now)
        return secret

    def find(self, secret: str | None) -> Session | None:
        """The living session behind a cookie, marked as seen now."""
        session = self._open.get(_digest(secret)) if secret else None
        return session if session is not None and self.touch(session) else None

    def touch(self, session: Session) -> bool:
        """Mark a session as used now; False when it is over."""
        if not self.alive(session):
            return False
        session.seen_ms = self._clock.wall_ms()
        return True

    def alive(self, session: Session) -> bool:
        now = self._clock.wall_ms()
        fresh = now - session.seen_ms < IDLE_MS and now - session.opened_ms < ABSOLUTE_MS
        if not fresh:
            self._open.pop(session.key, None)
        return session.key in self._open

    def close(self, session: Session) -> None:
        self._open.pop(session.key, None)

    def close_all(self) -> None:
        self._open.clear()

    def may_change(self, session: Session, *, urgent: bool = False) -> bool:
        """Count one changing call; False when a minute has seen too many of its kind."""
        now, made = self._clock.wall_ms(), session.urgent if urgent else session.changes
        while made and now - made[0] > 60_000:
            made.popleft()
        if len(made) >= CHANGES_PER_MINUTE:
            return False
        made.append(now)
        return True

    def _forget_oldest(self) -> None:
        if len(self._open) >= MOST_SESSIONS:
            self._open.pop(min(self._open, key=lambda key: self._open[key].seen_ms))


class LoginLinks:
    """Single-use secrets of login links, good for ten minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._good_until: dict[str, int] = {}

    def create(self) -> str:
        self._drop_stale()
        if len(self._good_until) >= MOST_LINKS:
            self._good_until.pop(min(self._good_until, key=self._good_until.__getitem__))
        secret = secrets.token_urlsafe(32)
        self._good_until[_digest(secret)] = self._clock.wall_ms() + LINK_MS
        return secret

    def redeem(self, secret: str) -> bool:
        """Spend a link. True once, in time."""
        self._drop_stale()
        return self._good_until.pop(_digest(secret), None) is not None

    def _drop_stale(self) -> None:
        now = self._clock.wall_ms()
        self._good_until = {key: until for key, until in self._good_until.items() if until > now}


class Tries:
    """Guesses of the password: 5 in 15 minutes from one address, 20 from all together."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made: deque[tuple[int, str]] = deque()

    def wait_s(self, address: str) -> int:
        """Seconds until this address may guess again; 0 when it may now."""
        now = self._clock.wall_ms()
        while self._made and now - self._made[0][0] >= TRIES_MS:
            self._made.popleft()
        here = [at for at, who in self._made if who == address]
        everywhere = [at for at, _ in self._made]
        blocking = here[-TRIES:] if len(here) >= TRIES else everywhere[-4 * TRIES :]
        if len(here) < TRIES and len(everywhere) < 4 * TRIES:
            return 0
        return max(1, (blocking[0] + TRIES_MS - now + 999) // 1000)

    def count(self, address: str) -> None:
        """Counted before the guess is checked, so that parallel guesses cannot slip by."""
        self._made.append((self._clock.wall_ms(), address))

    def forgive(self, address: str) -> None:
        """The owner got in: this address starts afresh."""
        self._made = deque((at, who) for at, who in self._made if who != address)
