"""The reckoning after a calm minute: everything settled, and the service's book equal to the exchange's."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from core.engine.latches import KILL_SWITCH
from core.model.orders import IntentState, Side
from tests.simulation.record import Broken

if TYPE_CHECKING:
    from tests.simulation.schedule import Schedule

OFTEN = 10  # times a day that one and the same message is calm
CENT = Decimal("1e-9")  # far below a cent: only the order of divisions may differ


async def at_the_end(world: Schedule) -> None:
    """All that must hold once nothing is at fault any more."""
    if not world.life.ready:
        raise Broken("I18: Zyn is not back")
    _settled(world)
    _same_money(world)
    _every_trade_once(world)
    _everything_told(world)
    _flat_where_asked(world)
    await _starts_again_the_same(world)


def _settled(world: Schedule) -> None:
    """I18: nothing unknown, everything covered, nothing of ours rests without its reason."""
    engine = world.life.running.engine
    if engine.sync.trouble:
        raise Broken(f"I18: the account is in trouble: {engine.sync.trouble}")
    stuck = {one.name for one in engine.latches.all()} | world.evidence.latches()
    if stuck := {name for name in stuck if name.startswith("unknown_order")}:
        raise Broken(f"I18: still latched: {sorted(stuck)}")
    for intent in world.evidence.unsettled():
        order = world.street.matching.find(intent.id)
        if intent.state is not IntentState.PLACED or order is None or order.status.final:
            raise Broken(f"I18: an intent is not settled: {intent} {order}")
    for symbol, account in world.auditor.accounts.items():
        if gap := world.auditor.gap(symbol):
            raise Broken(f"I4: {gap} of {account.qty} {symbol} without a stop at the end")
        if (out := world.auditor.out(symbol)) > account.qty + account.dust:
            raise Broken(f"I5: exits for {out} {symbol} rest at the end while Zyn holds {account.qty}")
    waiting = [one for one in world.life.tasks if "leave" in repr(one.get_coro())]
    if waiting:
        raise Broken(f"I18: somebody still waits: {waiting}")


def _same_money(world: Schedule) -> None:
    """I14, I17: the result is what the exchange's fills say."""
    book, truth = world.life.running.engine.portfolio, world.auditor
    # Dust that the owner sold is booked, or left with its position when the next one began.
    unseen = {Decimal(0)}
    for earned in truth.dust_sold:
        unseen |= {before + earned for before in unseen}
    if min(abs(truth.realised - one - book.realised) for one in unseen) > CENT:
        raise Broken(f"I14: realised {book.realised}, the fills say {truth.realised}")
    for symbol, account in truth.accounts.items():
        held = book.position(symbol)
        if (held.qty if held else Decimal(0)) != account.qty:
            raise Broken(f"I14: {symbol} {held.qty if held else 0} in the book, {account.qty} by the fills")
    paid = sum((one.paid for one in truth.accounts.values()), Decimal(0))
    if abs(book.open_cost + book.open_fees - paid) > CENT:
        raise Broken(f"I15: {book.open_cost + book.open_fees} in open positions, the fills say {paid}")


def _every_trade_once(world: Schedule) -> None:
    """I16: every execution of ours is on disk, once, and nothing else is."""
    matching, ours = world.street.matching, world.auditor.ours
    happened = Counter(one.id for one in matching.fills() if ours(matching.register.orders[one.order_txid]))
    if (booked := Counter(world.evidence.booked_trades())) != happened:
        raise Broken(f"I16: booked but not executed {booked - happened}, not booked {happened - booked}")


def _everything_told(world: Schedule) -> None:
    """I21: every execution of ours is in exactly one announcement, all are delivered, and none nags."""
    counts = Counter(world.evidence.told_trades())
    for fill in world.street.matching.fills():
        order = world.street.matching.register.orders[fill.order_txid]
        if world.auditor.ours(order) and counts[fill.id] != 1:
            raise Broken(f"I21: {fill.id} was told {counts[fill.id]} times: {fill}")
    if waiting := world.evidence.waiting():
        raise Broken(f"I21: {waiting} messages have not reached the owner")
    text, often = world.evidence.most_told()
    if often > OFTEN:
        raise Broken(f"I21: told {often} times a day: {text}")


def _flat_where_asked(world: Schedule) -> None:
    """I22: what was to be sold is sold; a tripped kill switch leaves nothing open."""
    for asked, symbol in world.owner.flattens:
        for name, account in world.auditor.accounts.items():
            if symbol in (None, name) and account.bought_at < asked and _sellable(world, name):
                raise Broken(f"I22: {account.qty} {name} is still held after a flatten at {asked:.1f} s")
    killed = world.evidence.killed and world.config.risk.kill_action == "flatten"
    if killed and (left := [name for name in world.street.symbols if _sellable(world, name)]):
        raise Broken(f"I22: the kill switch tripped and {left} is still held")


def _sellable(world: Schedule, symbol: str) -> bool:
    """Whether an order could sell some of a position: not what an order of the owner's holds."""
    pair, account = world.street.pairs[symbol], world.auditor.accounts[symbol]
    wallet = world.street.matching.purse.total(pair.base)
    held = sum((one.left for one in world.auditor.owners_orders(symbol) if one.side is Side.SELL), Decimal(0))
    qty = pair.qty(max(Decimal(0), min(account.qty, wallet - held)))
    return pair.too_small(qty, world.street.last(symbol) * Decimal("0.7")) is None


async def _starts_again_the_same(world: Schedule) -> None:
    """I19: a new start finds the same positions, stops, targets and results, and twice changes nothing."""
    before, seen = _shape(world), len(world.street.matching.fills())
    kill = KILL_SWITCH in world.life.running.engine.latches
    for _ in range(2):
        world.life.lay_down()
        world.life = world.new_life()
        await world.life.begin(world.life.start())
        after = _shape(world)
        if after != before and len(world.street.matching.fills()) == seen:
            raise AssertionError(f"I19: before the restart {before}, after it {after}")
        if kill != (KILL_SWITCH in world.life.running.engine.latches):
            raise AssertionError("I19: the kill switch did not survive a restart")


def _shape(world: Schedule) -> object:
    """A stop counts where it rests: one that the exchange takes and cannot keep, for an order of the owner's
    holds its coins, is placed again and again."""
    book = world.life.running.engine.portfolio
    held = {
        name: (
            one.qty,
            one.entry_cost,
            None if book.is_dust(name) else one.target,  # nothing is ever sold for dust's
            (one.stop, one.stopped_qty) if world.auditor.exits(name) else None,
        )
        for name, one in book.positions.items()
    }
    return held, book.realised, len(book.round_trips)
