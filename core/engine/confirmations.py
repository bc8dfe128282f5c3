"""Previews that wait for the owner's yes: bound to exact parameters, single use, gone with a restart.

A yes runs exactly what was shown. When the price has left the band it was quoted in, nothing runs and a new
preview is offered instead. Held in memory only: a confirmation that outlived its process would be a lie.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.clock import Clock
from core.engine.ports import Journal
from core.engine.registry import Actor, Answer, Proposal
from core.model.errors import Refused
from core.model.facts import SafetyEvent
from core.model.views import Preview

Act = Callable[[], Awaitable[Answer]]
Recheck = Callable[[], Awaitable[Proposal | None]]


class Requoted(Refused):
    """The market moved since the preview: nothing was done, and `proposal` shows it at today's price."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__("The price moved since I showed you that, so I did nothing yet.", "requoted")
        self.proposal = proposal


@dataclass(frozen=True, slots=True)
class _Open:
    proposal: Proposal
    actor: Actor
    act: Act
    recheck: Recheck | None


class Confirmations:
    """The proposals that are open now, at most one a conversation."""

    def __init__(self, clock: Clock, journal: Journal, on_count: Callable[[int], None]) -> None:
        """`on_count` hears how many price-bound ones are open (the demo slows its market meanwhile)."""
        self._clock = clock
        self._journal = journal
        self._on_count = on_count
        self._open: dict[str, _Open] = {}

    def propose(
        self,
        preview: Preview,
        actor: Actor,
        act: Act,
        valid_s: float,
        *,
        recheck: Recheck | None = None,
        one_button: bool = False,
    ) -> Proposal:
        """Offer a preview. A new one replaces what this conversation had open.

        `act` carries out exactly the preview; `recheck` may return a new proposal when it no longer holds.
        """
        self.withdraw(actor.session)
        token = secrets.token_urlsafe(16)
        expires = self._clock.wall_ms() + round(valid_s * 1000)
        proposal = Proposal(token, preview, expires, one_button)
        self._open[token] = _Open(proposal, actor, act, recheck)
        self._count()
        return proposal

    def open_for(self, session: str) -> Proposal | None:
        """What waits for an answer in this conversation."""
        self._drop_expired()
        return next((one.proposal for one in self._open.values() if one.actor.session == session), None)

    def withdraw(self, session: str) -> None:
        """Forget what this conversation had open."""
        for token in [token for token, one in self._open.items() if one.actor.session == session]:
            self._take(token)

    def sweep(self) -> None:
        """Forget what has expired."""
        self._drop_expired()

    async def confirm(self, token: str, actor: Actor) -> Answer:
        """Carry out what was previewed. Raises Refused (used, expired, not yours) or Requoted."""
        one = self._claim(token, actor)
        if one.recheck is not None:
            moved = await one.recheck()
            if moved is not None:
                raise Requoted(moved)
        now = self._clock.market_ms()
        data = {"user": actor.user, "door": actor.door.value, "slots": one.proposal.preview.slots}
        await self._journal.commit(
            SafetyEvent("confirmed", one.proposal.preview.summary, now, token[:8], data)
        )
        return await one.act()

    async def decline(self, token: str, actor: Actor) -> None:
        """The owner said no: nothing happens."""
        self._claim(token, actor)

    def _claim(self, token: str, actor: Actor) -> _Open:
        """Take a proposal out, so that no second tap can find it."""
        one = self._open.get(token)
        if one is None:
            raise Refused(
                "That was answered already, or it is from before a restart. Nothing was done now.",
                "gone", "Ask again for a fresh preview.",
            )  # fmt: skip
        if one.actor.user != actor.user:
            raise Refused("That is not yours to answer.", "not_yours")
        self._take(token)
        if self._clock.wall_ms() > one.proposal.expires_wall_ms:
            raise Refused(
                "That preview has expired. Nothing was done.", "expired", "Ask again for a fresh one."
            )
        return one

    def _take(self, token: str) -> None:
        self._open.pop(token, None)
        self._count()

    def _count(self) -> None:
        self._on_count(sum(1 for one in self._open.values() if one.recheck is not None))

    def _drop_expired(self) -> None:
        now = self._clock.wall_ms()
        for token in [t for t, one in self._open.items() if one.proposal.expires_wall_ms < now]:
            self._take(token)
