"""A dry chat turn: it shows what a live one would do, and does none of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from core.agent.batch import outside
from core.agent.intents import Call
from core.agent.llm_agent import Conversation, Profile
from core.agent.memory import Memory
from core.agent.phrases import described
from core.agent.ports import Approvals, Holdings, Offers
from core.agent.thinking import Thinker
from core.clock import Clock, WallSeconds
from core.engine.registry import Actor, Answer, Door, Effect, Entry, Outcome, Proposal, Request
from core.model.time_context import to_ms
from core.model.views import TextView

_LOOKS = (Effect.READ, Effect.OPENS)


class Question(Protocol):
    """`now` is ISO or empty, `brain` is auto, offline or openai."""

    @property
    def text(self) -> str: ...

    @property
    def session(self) -> str: ...

    @property
    def now(self) -> str: ...

    @property
    def brain(self) -> str: ...


class DryOffers:
    """The registry with its deeds taken out: it looks up and previews, and only tells the rest."""

    def __init__(self, offers: Offers) -> None:
        self._offers = offers

    @property
    def entries(self) -> Mapping[str, Entry]:
        return self._offers.entries

    def by_word(self, word: str) -> Entry | None:
        return self._offers.by_word(word)

    def words(self) -> Mapping[str, str]:
        return self._offers.words()

    def request(self, intent: str, slots: Mapping[str, Any], actor: Actor, id: str) -> Request:
        return self._offers.request(intent, slots, actor, id)

    async def carry_out(self, request: Request) -> Outcome:
        """Looks and previews are real, for neither changes anything; deeds are only described."""
        acts_at_once = bool(getattr(request.slots, "now", False))
        previewed = request.entry.intent == "flatten" and not acts_at_once
        if request.entry.effect in _LOOKS or previewed:
            return await self._offers.carry_out(request)
        given = request.slots.model_dump(exclude_none=True, exclude_defaults=True)
        told = described(Call(request.entry.intent, given))
        return Answer(TextView(f"In a live chat I would do this now: {told}."))


class DryApprovals:
    """Nothing can be confirmed in a dry turn, and nothing stays open after it."""

    def __init__(self, approvals: Approvals) -> None:
        self._approvals = approvals

    def open_for(self, session: str) -> Proposal | None:
        return None

    def withdraw(self, session: str) -> None:
        self._approvals.withdraw(session)

    async def confirm(self, token: str, actor: Actor) -> Answer:
        return Answer(TextView("In a live chat I would do this now."))

    async def decline(self, token: str, actor: Actor) -> None:
        return None


class AtMoment:
    """The clock with its market standing at one moment: dates are counted from there."""

    def __init__(self, clock: Clock, market_ms: int) -> None:
        self._clock = clock
        self._market_ms = market_ms
        self.speed = clock.speed

    def market_ms(self) -> int:
        return self._market_ms

    def wall_ms(self) -> int:
        return self._clock.wall_ms()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep_until_market(self, market_ms: int) -> None:
        await self._clock.sleep_until_market(market_ms)

    async def sleep(self, seconds: WallSeconds) -> None:
        await self._clock.sleep(seconds)


class Rehearsal:
    """Answers `zyn ask` in the conversation that a live chat has, on dry hands."""

    def __init__(
        self,
        offers: Offers,
        approvals: Approvals,
        memory: Memory,
        holdings: Holdings,
        clock: Clock,
        profile: Profile,
        thinker: Thinker | None = None,
    ) -> None:
        self._offers = DryOffers(offers)
        self._approvals = approvals
        self._memory = memory
        self._holdings = holdings
        self._clock = clock
        self._profile = profile
        self._thinker = thinker

    async def rehearse(self, question: Question) -> Mapping[str, Any]:
        """{"outcome", "calls": [{"intent", "slots"}], "executed": [intents], "reply"}."""
        actor = Actor(self._profile.owner, Door.SHELL, f"ask:{question.session}")
        try:
            spoken = await self._at(question.now).turn(question.text, actor, brain=question.brain)
        finally:
            self._approvals.withdraw(actor.session)
        reply = "\n\n".join(one.plain for one in spoken.replies)
        return {**outside(spoken.plan), "reply": reply}

    def _at(self, now: str) -> Conversation:
        clock = AtMoment(self._clock, to_ms(datetime.fromisoformat(now))) if now else self._clock
        approvals = DryApprovals(self._approvals)
        return Conversation(
            self._offers, approvals, self._memory, self._holdings, clock, self._profile, self._thinker
        )
