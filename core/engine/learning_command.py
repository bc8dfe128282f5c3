"""/learning and /insights: what was learned, how sure it is, and the owner's hand on it."""

from __future__ import annotations

from core.engine import entries
from core.engine.confirmations import Confirmations
from core.engine.lessons import Lessons
from core.engine.portfolio import Portfolio
from core.engine.registry import (
    Answer,
    InsightSlots,
    LearningSlots,
    Outcome,
    Registry,
    Request,
    slots_of,
)
from core.engine.rival_rules import RivalRules
from core.engine.status_service import StatusService
from core.learning.claims import in_words
from core.learning.telling import apart_in_line, as_data, in_lines, in_one_line
from core.learning.trade_analyzer import analyse, as_rows
from core.learning.trade_analyzer import in_words as trades_in_words
from core.model.errors import Refused
from core.model.facts import Insight
from core.model.views import Preview, TextView


class LearningCommand:
    """The handlers of the learning and insights entries."""

    def __init__(
        self,
        lessons: Lessons,
        status: StatusService,
        portfolio: Portfolio,
        confirmations: Confirmations,
        confirm_s: int,
        currency: str,
        mode: str,
        rivals: RivalRules | None = None,
    ) -> None:
        """`rivals` are the rules that only watch, where there are any."""
        self._rivals = rivals
        self._lessons = lessons
        self._status = status
        self._portfolio = portfolio
        self._confirmations = confirmations
        self._confirm_s = confirm_s
        self._currency = currency
        self._mode = mode

    def bind(self, registry: Registry) -> None:
        registry.add(entries.LEARNING, self.learning)
        registry.add(entries.INSIGHTS, self.insights)

    async def learning(self, request: Request) -> Outcome:
        """List at once; let it act at once, for it only makes risk smaller; all else after a yes."""
        slots = slots_of(request, LearningSlots)
        if slots.action == "on":
            return await self._on()
        if slots.action == "off":
            return self._propose(request, "Stop acting on what was learned", slots)
        if slots.action == "undo":
            return self._propose(request, f"Take lesson {self._numbered(slots)} back", slots)
        if slots.action == "reset":
            return self._propose(request, "Forget all lessons and start from no evidence", slots)
        return Answer(TextView("\n".join(await self._lines()), await self._data()))

    async def insights(self, request: Request) -> Outcome:
        """What the closed trades show, then what was learned; each labelled by how sure it is."""
        slots = slots_of(request, InsightSlots)
        regimes = await self._lessons.regimes()
        analysis = analyse(self._portfolio.round_trips, self._status.context.zone, regimes)
        text = trades_in_words(analysis, self._currency, slots.topic)
        data = {**await self._data(), "trades": as_rows(analysis)}
        self._lessons.keep(Insight("trades", text, self._status.context.now_ms))
        compared = await self._rivals.compared() if self._rivals else ""
        parts = (text, *in_lines(self._lessons.school), *([compared] if compared else ()))
        return Answer(TextView("\n".join(parts), data))

    async def _lines(self) -> list[str]:
        lines = in_lines(self._lessons.school)
        if history := await self._lessons.history():
            lines.append(apart_in_line(history))
        lines += [one.text for one in (await self._lessons.proposals())[:1]]
        if not self._lessons.wanted:
            lines.append("ZYN_LEARNING__ENABLED is false: I watch and tell, and act on nothing of it.")
        if self._lessons.trouble:
            lines.append(f"Nothing of it acts: {self._lessons.trouble}.")
        return lines

    async def _data(self) -> dict[str, object]:
        """The lessons, and apart from them what recorded candles alone show."""
        history = await self._lessons.history()
        proposals = [{"text": one.text, **one.data} for one in await self._lessons.proposals()]
        apart = as_data(history) if history else None
        return {**as_data(self._lessons.school), "backfill": apart, "proposals": proposals}

    async def _on(self) -> Answer:
        await self._lessons.switch(True)
        text = f"Lessons act again, downwards only. {in_one_line(self._lessons.school)}"
        return Answer(TextView(text), done=True)

    def _numbered(self, slots: LearningSlots) -> int:
        count = len(self._lessons.school.claims)
        if slots.number is None or slots.number > count:
            known = f"I have lessons 1 to {count}" if count else "I have no lesson yet"
            raise Refused(f"Which lesson? {known}.", "no_lesson", entries.LEARNING.usage)
        return slots.number

    def _propose(self, request: Request, summary: str, slots: LearningSlots) -> Outcome:
        lines = ["Trades that lessons skip now would be taken again, at the configured risk."]
        if slots.action == "undo" and slots.number:
            lines.append(
                in_words(self._lessons.school.claims[slots.number - 1], self._lessons.school.names())
            )
        preview = Preview(
            summary, request.entry.intent, {"action": slots.action, "number": slots.number},
            lines=tuple(lines), mode=self._mode,
        )  # fmt: skip

        async def carry_out() -> Answer:
            if slots.action == "undo" and slots.number:
                claim = await self._lessons.undo(slots.number)
                return _done(f"Lesson {slots.number} is taken back and acts no more: {claim.feature}.")
            if slots.action == "reset":
                await self._lessons.reset()
                return _done(
                    "All lessons are forgotten. The ledger stays; I learn from what ends from now on."
                )
            await self._lessons.switch(False)
            return _done("What I learned does not act any more. I go on watching; /learning on ends this.")

        return self._confirmations.propose(preview, request.actor, carry_out, self._confirm_s)


def _done(text: str) -> Answer:
    return Answer(TextView(text), done=True)
