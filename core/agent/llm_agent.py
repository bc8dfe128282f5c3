"""The conversation: the one mouth and ear of every chat door.

Commands, buttons and plain words become the same registry requests. A brain only says what it understood;
the gate, the registry and the owner's yes decide. What reduces risk never waits for a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from typing import Any

from core.agent.gate import Gate
from core.agent.intents import Call, Outcome, Plan, recalled
from core.agent.memory import Memory
from core.agent.offline.brain import Moment, understand
from core.agent.offline.heed import bans, cautions, to_keep
from core.agent.paging import paged, split_page
from core.agent.phrases import described, in_words
from core.agent.pickers import PICK, Pickers
from core.agent.ports import Approvals, Holdings, Offers
from core.agent.render import choices, failed, offered, or_kept, refresh_of, refused, shown
from core.agent.replies import Button, Buttons, Reply, Style, Text, say
from core.agent.show_money import Face
from core.agent.slash import coin_alone, slots_of, split_command, unknown
from core.agent.slash_plan import outcome_of
from core.agent.thinking import Partial, Thinker, Thought
from core.clock import Clock
from core.engine.confirmations import Requoted
from core.engine.registry import Actor, Answer, Door, Effect, Entry, Proposal
from core.model.errors import Refused, StoreError, ZynError
from core.model.time_context import TimeContext
from core.model.views import PictureView

_LONGEST = 4000
_OFFER_MS = 60_000
_RISK_DOWN = frozenset({"pause", "flatten", "cancel_order"})
_LIMITS = frozenset({"set_risk", "mandate"})  # read word for word, never through a model
_ORDER = (Effect.READ, Effect.MEMORY, Effect.REDUCES, Effect.OPENS)


@dataclass(slots=True)
class Profile:
    """Who is talked to, by the name the owner likes best, and in which world."""

    owner: str
    mode: str
    zone: str
    quote: str = "USD"


@dataclass(slots=True)
class Spoken:
    """The answer to one turn, and what it came to."""

    plan: Plan
    replies: list[Reply] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Offer:
    """Something that one tap or a yes would do, without a preview of money."""

    call: Call
    command: str
    until_wall_ms: int


class Conversation:
    """Hears and answers for all doors; sessions are isolated by the actor's session."""

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
        self._offers = offers
        self._approvals = approvals
        self._memory = memory
        self._holdings = holdings
        self._clock = clock
        self._profile = profile
        self._face = Face(profile.owner, profile.zone)
        self._thinker = thinker
        self._pickers = Pickers(offers, holdings)
        self._numbers = count(1)
        self._offered: dict[str, _Offer] = {}
        self._waiting: dict[str, list[Call]] = {}

    async def hear(self, text: str, actor: Actor, on_partial: Partial | None = None) -> list[Reply]:
        """Answer a command or plain words. A user's mistake is a reply, never an exception."""
        spoken = await self.turn(text, actor, on_partial)
        return spoken.replies

    async def listen(self, text: str, actor: Actor, on_partial: Partial | None = None) -> list[Reply]:
        """Answer spoken words. They never confirm: what was misheard must not move money."""
        text = text.strip().lstrip("/")
        moment = await self.moment(text, actor)
        if not (moment.pending and understand(moment).answers_pending):
            return await self.hear(text, actor, on_partial)
        replies = [say("I heard a yes. A voice note confirms nothing: tap the button, or type yes.")]
        await self._keep(actor, text, replies, {})
        return replies

    async def press(self, action: str, actor: Actor) -> list[Reply]:
        """A tapped button: yes:<token>, no:<token>, ask:<text> or go:<text>."""
        kind, _, value = action.partition(":")
        if kind in ("ask", "go") and value:
            return await self.hear(value, actor)
        if kind == "yes" and value:
            replies = await self._confirm(value, actor)
        elif kind == "no" and value == PICK:
            return [say("Dropped.")]
        elif kind == "no" and value:
            replies = await self._decline(value, actor)
        else:
            return [say("This button is no longer good. Ask me again, please.")]
        await self._keep(actor, f"[{kind}]", replies, {})
        return replies

    async def turn(
        self, text: str, actor: Actor, on_partial: Partial | None = None, brain: str = "auto"
    ) -> Spoken:
        """One turn with what it came to; `brain` is auto, offline or openai."""
        text = text.strip()[:_LONGEST]
        if not text:
            return Spoken(Plan(Outcome.CHAT), [say("I am listening. /help shows what I can do.")])
        if text[0] == "/":
            spoken = await self._command(text, actor)
        else:
            spoken = await self._words(await self.moment(text, actor), actor, on_partial, brain)
        calls = [call.intent for call in spoken.plan.calls]
        data = {"outcome": spoken.plan.outcome.value, "calls": calls}
        await self._keep(actor, text, spoken.replies, data)
        return spoken

    async def moment(self, text: str, actor: Actor) -> Moment:
        """Everything a brain may know of this turn."""
        pending = self._pending(actor)
        return Moment(
            text=text,
            today=self._today(),
            history=await self._memory.recent(actor.session),
            pending=(pending,) if pending else (),
            quote=self._profile.quote,
            **await self._held(),
        )

    def _today(self) -> date:
        return TimeContext(self._clock.market_ms(), self._profile.zone).local.date()

    async def _held(self) -> dict[str, Any]:
        """Positions and orders, when they are known."""
        try:
            positions, orders = await self._holdings.positions(), await self._holdings.orders()
        except ZynError:
            return {}
        return {
            "positions": tuple(row.position.symbol for row in positions.rows),
            "orders": tuple({"id": order.txid, "symbol": order.symbol} for order in orders.rows),
            "prices": {row.position.symbol: row.price for row in positions.rows},
        }

    def _pending(self, actor: Actor) -> Call | None:
        proposal = self._approvals.open_for(actor.session)
        if proposal is not None:
            return recalled(proposal.preview.intent, proposal.preview.slots)
        offer = self._offered.get(actor.session)
        fresh = offer is not None and self._clock.wall_ms() <= offer.until_wall_ms
        return offer.call if offer is not None and fresh else None

    async def _words(self, moment: Moment, actor: Actor, on_partial: Partial | None, brain: str) -> Spoken:
        reading = understand(moment)
        if reading.answers_pending:
            also = [call for call in reading.calls if call.effect is Effect.READ]
            return Spoken(reading, [*await self._yes(actor), *[await self.do(call, actor) for call in also]])
        if reading.declines_pending:
            dropped = await self._no(actor)
            return Spoken(reading, [*dropped, *(await self.carry(reading, actor) if reading.calls else [])])
        thinker = self._thinker
        if thinker is None or brain == "offline" or self._certain(reading, moment) or not thinker.ready():
            return await self._offline(reading, actor)
        gate = Gate(moment, reading)
        model = replace(actor, door=Door.MODEL)
        thought = await thinker.think(
            moment, reading, gate, lambda call: self._look_up(call, model), on_partial
        )
        if thought is None:
            return await self._offline(reading, actor)
        news = [say(line) for line in thinker.news()]
        spoken = await self._thought(thought, gate, model)
        if not spoken.replies:
            return await self._offline(reading, actor)
        return Spoken(spoken.plan, [*news, *spoken.replies])

    async def _look_up(self, call: Call, actor: Actor) -> Answer:
        """A look-up or a note for the model. Raises Refused; anything else is not for looking."""
        if call.effect not in (Effect.READ, Effect.MEMORY):
            raise Refused("That is not a look-up.", "not_a_look_up")
        request = self._offers.request(call.intent, call.slots, actor, self._next_id(actor))
        outcome = await self._offers.carry_out(request)
        if isinstance(outcome, Proposal):
            raise Refused("That needs the owner.", "not_a_look_up")
        return outcome

    async def _thought(self, thought: Thought, gate: Gate, actor: Actor) -> Spoken:
        """What a model said, shown; what it proposes, once more through the gate and then as a preview."""
        allowed = tuple(call for call in thought.proposals if not gate.objection(call))
        looked = tuple(call for call, _ in thought.looked)
        pictures = [shown(a.view, self._face) for _, a in thought.looked if isinstance(a.view, PictureView)]
        told = [say(*thought.text.split("\n"), *cautions(looked))] if thought.text else []
        if not told:
            told = [shown(answer.view, self._face, refresh_of(call)) for call, answer in thought.looked]
        noted = tuple(call for call in looked if call.intent == "remember")
        kept = [one for one in to_keep(Plan(Outcome.CALL, noted)) if bans(one) or not gate.objection(one)]
        proposed = await self.carry(Plan(Outcome.CONFIRM, (*allowed, *kept)), actor)
        acted = any(call.intent == "pause" for call in allowed)
        outcome = Outcome.CONFIRM if allowed and not acted else Outcome.EXECUTE if acted else Outcome.CALL
        if not allowed and not looked:
            outcome = Outcome.CHAT
        return Spoken(
            Plan(outcome, (*looked, *allowed)), [*told, *(pictures if thought.text else []), *proposed]
        )

    def _certain(self, reading: Plan, moment: Moment) -> bool:
        """What needs no model: a refusal, what lowers risk, an amended proposal."""
        if reading.outcome is Outcome.REFUSE:
            return True
        lowers = bool(reading.calls) and all(call.intent in _RISK_DOWN for call in reading.calls)
        if reading.calls and all(call.intent in _LIMITS for call in reading.calls):
            return True
        amended = bool(moment.pending) and reading.outcome is Outcome.CONFIRM
        return (lowers and reading.outcome in (Outcome.EXECUTE, Outcome.CONFIRM)) or amended

    async def _offline(self, plan: Plan, actor: Actor) -> Spoken:
        news = [say(line) for line in self._thinker.news()] if self._thinker else []
        return Spoken(plan, [*news, *await self.carry(plan, actor)])

    async def carry(self, plan: Plan, actor: Actor) -> list[Reply]:
        """Do what a plan says: look-ups and what lowers risk now, the rest as previews, one at a time."""
        self._offered.pop(actor.session, None)
        self._waiting.pop(actor.session, None)
        calls = sorted(
            [*plan.calls, *to_keep(plan)],
            key=lambda call: _ORDER.index(call.effect) if call.effect in _ORDER else 9,
        )
        first = [
            call for call in calls if call.effect in (Effect.READ, Effect.MEMORY) or call.intent == "pause"
        ]
        later = [call for call in calls if call not in first]
        replies = [await self.do(call, actor) for call in first]
        if later:
            self._waiting[actor.session] = later[1:]
            replies.append(await self.do(later[0], actor))
        return [*replies, *self._telling(plan)]

    def _telling(self, plan: Plan) -> list[Reply]:
        """The question, the refusal or the small talk of a plan, with what else might be meant."""
        line = in_words(plan.say, self._profile.owner)
        if plan.suggestions:
            return [choices(line or "Did you mean one of these?", plan.suggestions)]
        return [say(line)] if line else []

    async def do(self, call: Call, actor: Actor) -> Reply:
        """One call through the registry: its answer, its preview, or the reason why not."""
        if call.intent == "cancel_order":
            return self._offer_cancel(call, actor)
        return paged(await self._ask_registry(call, actor), "")

    async def _ask_registry(self, call: Call, actor: Actor, typed: str = "") -> Reply:
        try:
            request = self._offers.request(call.intent, call.slots, actor, self._next_id(actor))
            outcome = await self._offers.carry_out(request)
        except Refused as error:
            return self._without_the_earlier(refused(error), call, actor)
        except ZynError as error:
            return failed(error)
        if isinstance(outcome, Proposal):
            return offered(outcome, self._clock.wall_ms())
        return shown(outcome.view, self._face, refresh_of(call, typed), outcome.done)

    def _without_the_earlier(self, reply: Reply, call: Call, actor: Actor) -> Reply:
        """A wish that is refused ends what was open before it: a yes that follows must not mean that one."""
        if call.effect in (Effect.READ, Effect.MEMORY) or self._approvals.open_for(actor.session) is None:
            return reply
        self._approvals.withdraw(actor.session)
        dropped = Text("What I asked you before that is dropped; say it again if you still want it.")
        return replace(reply, blocks=(*reply.blocks, dropped))

    def _next_id(self, actor: Actor) -> str:
        return f"{actor.session}@{self._clock.wall_ms()}#{next(self._numbers)}"

    def _offer_cancel(self, call: Call, actor: Actor) -> Reply:
        """Cancelling by words is one tap away; the command itself acts at once."""
        coin = str(call.slots.get("symbol") or "").partition("/")[0].lower()
        command = f"/cancel {call.slots.get('order_id') or coin or call.slots.get('which') or 'all'}"
        self._offered[actor.session] = _Offer(call, command, self._clock.wall_ms() + _OFFER_MS)
        button = Button("Cancel it", f"ask:{command}", Style.DANGER)
        return Reply((Text(f"[{self._profile.mode}] {described(call)}?"), Buttons((button,))))

    async def _command(self, text: str, actor: Actor) -> Spoken:
        """A slash command: typed by hand, so it acts without a second question where that is safe."""
        word, rest = split_command(text)
        rest, page = split_page(rest)
        self._offered.pop(actor.session, None)
        entry = self._offers.by_word(word)
        if entry is None:
            line, near = unknown(word, self._offers.words())
            return Spoken(Plan(Outcome.CLARIFY, say=line), [choices(line, near)])
        try:
            slots = slots_of(entry, word, rest, self._today(), self._profile.quote)
        except Refused as error:
            reply = await self._picker(entry, word, rest, actor) or refused(error)
            return Spoken(Plan(Outcome.CLARIFY, say=error.message), [reply])
        call = Call(entry.intent, slots)
        reply = await self._ask_registry(call, actor, f"/{word} {rest}".rstrip())
        replies = [paged(reply, f"/{word} {rest}".rstrip(), page) if entry.effect is Effect.READ else reply]
        if word == "stop" and (await self._held()).get("positions"):
            replies.append(or_kept(await self._ask_registry(Call("flatten", {}), actor)))
        outcome = outcome_of(entry, slots)
        return Spoken(Plan(outcome, (call,), at_once=outcome is Outcome.EXECUTE), replies)

    async def _picker(self, entry: Entry, word: str, rest: str, actor: Actor) -> Reply | None:
        """Buttons for what a command lacks, where buttons can give it."""
        symbol, bare = coin_alone(entry, word, rest, self._today(), self._profile.quote)
        try:
            return await self._pickers.instead(entry, word, symbol, actor) if bare else None
        except ZynError:
            return None

    async def _yes(self, actor: Actor) -> list[Reply]:
        proposal = self._approvals.open_for(actor.session)
        if proposal is not None:
            return await self._confirm(proposal.token, actor)
        offer = self._offered.pop(actor.session, None)
        if offer is None:
            return [say("There is nothing open to confirm any more.")]
        return (await self._command(offer.command, actor)).replies

    async def _no(self, actor: Actor) -> list[Reply]:
        proposal = self._approvals.open_for(actor.session)
        self._offered.pop(actor.session, None)
        if proposal is not None:
            return await self._decline(proposal.token, actor)
        return [say("Dropped. Nothing was sent.")]

    async def _confirm(self, token: str, actor: Actor) -> list[Reply]:
        try:
            answer: Answer = await self._approvals.confirm(token, actor)
        except Requoted as moved:
            return [say(moved.message), offered(moved.proposal, self._clock.wall_ms())]
        except Refused as error:
            return [refused(error)]
        except ZynError as error:
            return [failed(error)]
        told = self._in_mode(shown(answer.view, self._face, done=answer.done))
        return [told, *await self._next(actor)]

    def _in_mode(self, reply: Reply) -> Reply:
        first, *rest = reply.blocks or (Text(""),)
        if not isinstance(first, Text):
            return replace(reply, blocks=(Text(f"[{self._profile.mode}]"), first, *rest))
        told = replace(first, text=f"[{self._profile.mode}] {first.text}")
        return replace(reply, blocks=(told, *rest))

    async def _decline(self, token: str, actor: Actor) -> list[Reply]:
        open_now = self._approvals.open_for(actor.session)
        try:
            await self._approvals.decline(token, actor)
        except Refused as error:
            return [refused(error)]
        kept = open_now is not None and open_now.token == token and open_now.preview.intent == "flatten"
        dropped = "Kept: nothing was sold; stops and targets stay." if kept else "Dropped. Nothing was sent."
        return [say(dropped), *await self._next(actor)]

    async def _next(self, actor: Actor) -> list[Reply]:
        """The next wish of a turn that had several, now that the one before is settled."""
        waiting = self._waiting.get(actor.session)
        return [await self.do(waiting.pop(0), actor)] if waiting else []

    async def _keep(self, actor: Actor, said: str, replies: Sequence[Reply], data: dict[str, Any]) -> None:
        """Remember the turn. It is answered already: a database in trouble takes no command away."""
        try:
            await self._memory.heard(actor.session, said)
            await self._memory.said(actor.session, "\n\n".join(reply.plain for reply in replies), data)
        except StoreError:
            return
