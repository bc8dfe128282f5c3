"""What the owner can order, carried out. Binds the registry's acting entries to the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from decimal import Decimal
from typing import TypeVar

from core.engine import entries, words
from core.engine.account_sync import AccountSync
from core.engine.bracket_moves import BracketMove, BracketMoves
from core.engine.confirmations import Confirmations
from core.engine.edge_gate import EdgeGate
from core.engine.entrance import Entrance, EntryPlan
from core.engine.executor import Executor
from core.engine.flatten import BY_OWNER, Flatten
from core.engine.flattened import told
from core.engine.latches import ENDED_BY_RESUME, KILL_SWITCH, LOCKS, PAUSED, Latches
from core.engine.manual import ManualOrders, SellPlan
from core.engine.pausing import Pausing
from core.engine.portfolio import Portfolio
from core.engine.protection import Protection
from core.engine.registry import (
    Answer,
    BracketSlots,
    CancelSlots,
    FlattenSlots,
    OrderSlots,
    Outcome,
    PauseSlots,
    Proposal,
    Registry,
    Request,
    RiskSlots,
    slots_of,
)
from core.engine.status_service import StatusService
from core.engine.treasury import Treasury
from core.model.decisions import Denied
from core.model.errors import Refused, VenueError
from core.model.facts import Latch
from core.model.money import ZERO
from core.model.orders import Leg, OrderReport, Origin
from core.model.views import Preview, TextView
from core.trading_config import Config

T = TypeVar("T")
_MOVED = Decimal("0.005")  # a price this far from the preview's is quoted again


class Commands:
    """The handlers of the acting entries."""

    def __init__(
        self,
        config: Config,
        status: StatusService,
        manual: ManualOrders,
        entrance: Entrance,
        protection: Protection,
        flatten: Flatten,
        portfolio: Portfolio,
        treasury: Treasury,
        executor: Executor,
        latches: Latches,
        confirmations: Confirmations,
        sync: AccountSync,
        mode: str,
        edge: EdgeGate,
        pausing: Pausing,
    ) -> None:
        self._config = config
        self._status = status
        self._manual = manual
        self._entrance = entrance
        self._protection = protection
        self._flatten = flatten
        self._portfolio = portfolio
        self._treasury = treasury
        self._executor = executor
        self._latches = latches
        self._confirmations = confirmations
        self._sync = sync
        self._mode = mode
        self._edge = edge
        self._pausing = pausing
        self._moves = BracketMoves(manual, entrance, protection, portfolio, executor)

    def bind(self, registry: Registry) -> None:
        """Offer the acting entries on every door they open on."""
        for entry, handler in (
            (entries.ORDER, self.order),
            (entries.BRACKET, self.bracket),
            (entries.CANCEL, self.cancel),
            (entries.FLATTEN, self.flatten),
            (entries.PANIC, self.panic),
            (entries.PAUSE, self.pause),
            (entries.RESUME, self.resume),
            (entries.UNLOCK, self.unlock),
        ):
            registry.add(entry, handler)

    async def order(self, request: Request) -> Outcome:
        """A manual buy or sell: worked out, previewed, and sent exactly so after a yes."""
        return await self._order(request, slots_of(request, OrderSlots))

    async def _order(self, request: Request, slots: OrderSlots) -> Outcome:
        propose = self._propose_buy if slots.side == "buy" else self._propose_sell
        return await self._noting(request, propose(request, slots))

    async def bracket(self, request: Request) -> Outcome:
        """A buy with its levels, or new levels for what is held."""
        slots = slots_of(request, BracketSlots)
        if slots.order is not None:
            return await self._order(request, slots.order)
        return await self._noting(request, self._propose_move(request, slots))

    async def _propose_move(self, request: Request, slots: BracketSlots) -> Proposal:
        move = await self._moves.plan(slots)
        preview = await self._moves.preview(slots, request.entry.intent, move, self._mode)
        return self._confirmations.propose(
            preview, request.actor, lambda: self._noting(request, self._move(move, request)),
            self._config.agent.confirm_s,
        )  # fmt: skip

    async def _move(self, move: BracketMove, request: Request) -> Answer:
        text = await self._moves.carry_out(move, request.correlation)
        self._sync.soon()
        return Answer(TextView(text), done=True)

    async def _noting(self, request: Request, work: Awaitable[T]) -> T:
        """A refusal is told to the owner and leaves its safety event."""
        try:
            return await work
        except Refused as no:
            await self._entrance.refused(no.code, no.message, request.correlation)
            raise

    async def _propose_buy(self, request: Request, slots: OrderSlots) -> Proposal:
        plan = await self._manual.buy(slots)
        preview = await self._manual.buy_preview(slots, request.entry.intent, plan, self._mode)

        async def recheck() -> Proposal | None:
            if plan.expire_ms:
                return None
            _, quote = await self._manual.quote(plan.symbol)
            moved = abs(quote.ask / plan.reference - 1)
            return await self._propose_buy(request, slots) if moved > _MOVED else None

        return self._confirmations.propose(
            preview, request.actor, lambda: self._noting(request, self._buy(plan, request)),
            self._config.agent.confirm_s, recheck=recheck,
        )  # fmt: skip

    async def _buy(self, plan: EntryPlan, request: Request) -> Answer:
        self._manual.check_open()
        done = await self._entrance.enter(plan, Origin.CHAT, request.id, "manual", request.correlation)
        self._sync.soon()
        if isinstance(done, Denied):
            raise Refused(f"I did not place that: {done.reason}.", done.code)
        if done.report is None:
            raise Refused(f"The exchange did not take it: {done.reason}. Nothing was bought.", "rejected")
        if not done.filled:
            coin, at = words.coin(plan.symbol), words.price(plan.reference)
            text = f"Your order to buy {coin} rests at {at}; /orders shows it, /cancel takes it back."
            return Answer(TextView(text), done=True)
        stop = self._portfolio.brackets(plan.symbol).stop
        coin = words.coin(plan.symbol)
        average = words.price(done.report.cost / done.filled)
        text = f"Done: bought {words.qty(done.filled)} {coin} at {average}."
        guard = f" The stop rests on the exchange at {words.price(stop)}." if stop else ""
        return Answer(TextView(text + guard, {"order_id": done.report.txid}), done=True)

    async def _propose_sell(self, request: Request, slots: OrderSlots) -> Proposal:
        plan = await self._manual.sell(slots)
        preview = await self._manual.sell_preview(slots, request.entry.intent, plan, self._mode)

        async def recheck() -> Proposal | None:
            _, quote = await self._manual.quote(plan.symbol)
            moved = abs(quote.bid / plan.reference - 1)
            return await self._propose_sell(request, slots) if moved > _MOVED and not plan.at else None

        return self._confirmations.propose(
            preview, request.actor, lambda: self._noting(request, self._sell(plan, request)),
            self._config.agent.confirm_s, recheck=recheck,
        )  # fmt: skip

    async def _sell(self, plan: SellPlan, request: Request) -> Answer:
        if plan.at is not None:
            if not await self._protection.aim(plan.symbol, plan.at):
                raise Refused(f"I hold no {words.coin(plan.symbol)} of mine any more.", "no_position")
            text = f"I sell your {words.coin(plan.symbol)} when it reaches {words.price(plan.at)}."
            return Answer(TextView(text), done=True)
        held = self._portfolio.position(plan.symbol)
        left = await self._protection.leave(plan.symbol, Leg.EXIT, Origin.CHAT, plan.qty, request.correlation)
        self._sync.soon()
        sold = (held.qty if held else ZERO) - left.qty
        coin = words.coin(plan.symbol)
        if not sold:
            raise Refused(f"Nothing was sold: {left.reason or 'there was nothing to sell'}.", "not_sold")
        rest = f" {words.qty(left.qty)} {coin} stay, with their stop." if left.qty else ""
        return Answer(TextView(f"Done: sold {words.qty(sold)} {coin}.{rest}"), done=True)

    async def cancel(self, request: Request) -> Outcome:
        """Cancel own resting entries at once. Stops protect positions and are not cancelled by hand."""
        slots = slots_of(request, CancelSlots)
        own = [one for one in await self._sync.resting() if self._portfolio.order(one.txid)]
        named = [
            one
            for one in own
            if slots.order_id in (None, one.txid, one.cl_ord_id)
            and slots.symbol in (None, one.symbol)
            and slots.side in (None, one.side.value)
        ]
        wanted = [one for one in named if self._leg(one.txid) is Leg.ENTRY]
        if slots.which == "last":
            wanted = sorted(wanted, key=lambda one: one.opened_ms)[-1:]
        if not wanted:
            raise Refused(_nothing_to_cancel(bool(named)), "nothing_to_cancel", "/orders lists what rests.")
        ends = [await self._cancelled(one) for one in wanted]
        self._sync.soon()
        count = ends.count("")
        told = [f"Cancelled {count} order{'s'[: count != 1]}."] if count else []
        return Answer(TextView(" ".join((*told, *filter(None, ends)))), done=bool(count))

    async def _cancelled(self, order: OrderReport) -> str:
        """Cancel one entry; nothing when it is gone, else what became of it. No other one waits for it."""
        coin = words.coin(order.symbol)
        try:
            report = await self._protection.cancel_entry(order.symbol, order.txid)
        except VenueError as error:
            return f"The {coin} order may still rest ({error}): /cancel it again."
        if not report.status.final:
            return f"The {coin} order still rests: the exchange has not let it go yet. /cancel it again."
        if report.left <= 0:
            return f"The {coin} order had bought already; its stop rests."
        if report.filled:
            bought = f"{words.qty(report.filled)} {coin}"
            return f"The {coin} order is cancelled; it had bought {bought}, whose stop rests."
        return ""

    def _leg(self, txid: str) -> Leg | None:
        own = self._portfolio.order(txid)
        return own.leg if own else None

    async def flatten(self, request: Request) -> Outcome:
        """One button that names what is sold and about what it costs; `now` acts at once."""
        slots = slots_of(request, FlattenSlots)
        if slots.now:
            return await self._flatten_now(slots.symbol)
        view = await self._status.positions()
        rows = [row for row in view.rows if slots.symbol in (None, row.position.symbol)]
        if not rows:
            return Answer(TextView(_nothing_to_sell(len(self._executor.resting_entries()))))
        value = sum((row.value for row in rows), ZERO)
        fees = [await self._status.exit_fee(row) for row in rows]
        lines = tuple(
            f"{words.qty(row.position.qty)} {words.coin(row.position.symbol)} worth {row.value:,.2f} "
            f"({row.unrealised - fee:+,.2f} after its fee)"
            for row, fee in zip(rows, fees, strict=True)
        )
        worth = words.money(value, self._treasury.currency)
        preview = Preview(
            summary=f"Sell {len(rows)} position{'s'[: len(rows) != 1]} worth {worth}",
            intent=request.entry.intent,
            slots=slots.model_dump(exclude_none=True),
            notional=value,
            fee=sum(fees, ZERO),
            lines=lines,
            mode=self._mode,
        )
        return self._confirmations.propose(
            preview, request.actor, lambda: self._flatten_now(slots.symbol),
            self._config.flatten.confirm_s, one_button=True,
        )  # fmt: skip

    async def _flatten_now(self, symbol: str | None) -> Answer:
        result = await self._flatten.flatten(symbol, Origin.CHAT, BY_OWNER)
        self._sync.soon()
        return Answer(TextView(told(result)), done=True)

    async def panic(self, request: Request) -> Outcome:
        """Pause, cancel entries and sell everything at once."""
        await self._latches.set(PAUSED, f"paused by {request.actor.user} with /panic", request.correlation)
        answer = await self._flatten_now(None)
        assert isinstance(answer.view, TextView)
        return Answer(TextView(f"Paused. {answer.view.text} /resume when you want me to trade again."), True)

    async def pause(self, request: Request) -> Outcome:
        """No new entries from now on; what is open keeps its stops and targets."""
        slots = slots_of(request, PauseSlots)
        text = await self._pausing.pause(slots.duration, slots.until, request.correlation)
        whole = "That is for every coin." if slots.symbol else ""
        stay = words.positions_stay(self._portfolio.open_count)
        return Answer(TextView(" ".join(filter(None, (text, whole, stay)))), done=True)

    async def resume(self, request: Request) -> Outcome:
        """End a pause, after a yes; a kill switch or lock stays."""
        if not any(name in self._latches for name in ENDED_BY_RESUME):
            blocking = self._latches.blocking()
            text = f"I am not paused, but I open nothing: {blocking}." if blocking else "I am not paused."
            return Answer(TextView(text))
        preview = Preview("Trade again", request.entry.intent, {}, mode=self._mode)
        return self._confirmations.propose(
            preview, request.actor, lambda: self._resume(request), self._config.agent.confirm_s
        )

    async def _resume(self, request: Request) -> Answer:
        for name in ENDED_BY_RESUME:
            await self._latches.lift(name, request.actor.user)
        blocking = self._latches.blocking()
        text = f"The pause is over, but I open nothing yet: {blocking}." if blocking else "I trade again."
        return Answer(TextView(text), done=True)

    async def unlock(self, request: Request) -> Outcome:
        """The first of two steps: name what would be unlocked. The owner's alone."""
        locked = [latch for latch in self._latches.all() if latch.name in LOCKS]
        if not locked:
            return Answer(TextView("Nothing is locked."))
        lines = [f"{latch.reason[:1].upper()}{latch.reason[1:]}." for latch in locked]
        if KILL_SWITCH in [latch.name for latch in locked]:
            lines.append("Today's loss limit then counts anew, from what is there now.")
        preview = Preview(
            "Unlock and let me trade again", request.entry.intent, {}, lines=tuple(lines), mode=self._mode
        )
        return self._confirmations.propose(
            preview, request.actor, lambda: self._unlock(request, locked), self._config.agent.confirm_s
        )

    async def _unlock(self, request: Request, seen: Sequence[Latch]) -> Answer:
        """End the locks that the owner saw; what was locked since then stays."""
        for latch in seen:
            if self._latches.get(latch.name) == latch:
                await self._lift(latch, request.actor.user)
        locked = [latch.reason for latch in self._latches.all() if latch.name in LOCKS]
        if locked:
            raise Refused(
                f"Something was locked since you asked: {'; '.join(locked)}. It stays.", "locked",
                "/unlock shows it and asks again.",
            )  # fmt: skip
        return Answer(TextView("Unlocked. I trade again unless a pause is on."), done=True)

    async def _lift(self, latch: Latch, user: str) -> None:
        """With the kill switch's end the day's limit counts anew, or it would trip on the same loss again."""
        if latch.name != KILL_SWITCH:
            await self._latches.lift(latch.name, user)
            return
        start = self._treasury.after_unlock()
        if await self._latches.lift(latch.name, user, start):
            self._treasury.count_from(start)

    async def tuition(self, request: Request) -> Outcome:
        """A bounded sum to learn with while the edge gate is closed; 0 ends it at once."""
        tuition, money = self._edge.tuition, slots_of(request, RiskSlots).value
        if money is None or (money <= 0 and tuition.budget is None):
            return Answer(TextView(tuition.text()))
        if money <= 0:
            await tuition.end("you ended it")
            return Answer(TextView("The tuition is over. What is open keeps its stop and target."), done=True)
        if not self._edge.enforced:
            text = "No tuition is needed here: the edge gate does not stop me (/edge)."
            return Answer(TextView(text))
        if money > self._treasury.equity:
            raise Refused(f"I have {self._treasury.equity:,.2f} in all.", "too_much", "Grant less.")
        preview = Preview(
            f"Trade although the numbers are against it, and lose at most {words.money(money)} doing so",
            request.entry.intent, {"parameter": "tuition", "value": str(money)},
            worst_loss=money, mode=self._mode,
            lines=(
                "Every entry is cut until all open trades at their stops, fees included, fit into it.",
                f"It ends by itself. My rule's own record: {self._edge.record().text()}.",
            ),
        )  # fmt: skip

        async def grant() -> Answer:
            await tuition.begin(money)
            return Answer(TextView(f"Granted. {tuition.text()} /risk tuition 0 ends it."), done=True)

        return self._confirmations.propose(preview, request.actor, grant, self._config.agent.confirm_s)


def _nothing_to_sell(resting: int) -> str:
    waiting = "1 entry of mine still rests" if resting == 1 else f"{resting} entries of mine still rest"
    rest = f" {waiting}: /cancel all takes back what would buy." if resting else ""
    return f"There is nothing to sell: I hold no position.{rest}"


def _nothing_to_cancel(only_stops: bool) -> str:
    if only_stops:
        return "Only protective stops rest there, and I do not take a stop from an open position."
    return "I have no such order resting."
