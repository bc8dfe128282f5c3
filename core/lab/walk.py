"""A portfolio's way through time, in plain functions that the kernel compiles. The road is the truth of it.

The order of things is that of `core.lab.backtest_mode`; every verdict, size and bracket comes from the
functions of `core.strategy` and `core.risk` that the service calls. Candles are judged first, pair by pair
(`core.lab.judging`), for a verdict never depends on what is held; then all pairs walk through time together,
from cross to cross while nothing is held and candle by candle while something is. The compiler inlines all of
this file: it is what runs for each candle.
"""

from __future__ import annotations

from core.lab.atoms import equity_about, nearest_ticks
from core.lab.entering import enter
from core.lab.leaving import leave, sell, settle
from core.lab.losing import check_loss, least_equity, roll_day
from core.lab.tables import ATOMS, R_END, R_FLATTEN, R_SIGNAL, R_STOP, R_TARGET, Run
from core.risk.brackets import NOTHING, STOP, touch, touch_price
from core.strategy.signal import DOWN, LONG


def trade(run: Run) -> None:
    """Walk on up to the pause; everything it came to is left in the run's arrays."""
    state, places = run.state[0], run.terms[0]["places"]
    place, at, count = state["place"], state["at"], len(run.signals)
    while True:
        state["place"], state["at"] = place, at
        if place >= state["pause"]:
            return
        if state["open"] or state["traded"]:
            place += 1
        elif at < count:
            place = run.signals[at]["place"]
        else:
            return
        if state["open"]:
            place = _coast(run, place, run.signals[at]["place"] if at < count else places)
        if place >= places:
            return
        last = at
        while last < count and run.signals[last]["place"] == place:
            last += 1
        if state["open"]:
            _inside(run, place)
        acting = _mark_acting(run, at, last)
        if acting or state["open"] or state["traded"]:
            _between(run, place, at, last)
        at = last


def _coast(run: Run, place: int, until: int) -> int:
    """Walk on while nothing changes but the worth of what is held; the place where something may happen.

    Nothing happens on a candle without a signal that leaves every bracket and the day's limit alone and has
    a next one that opens above every stop.
    """
    state, terms = run.state[0], run.terms[0]
    least = least_equity(run) if terms["limited"] else 0.0
    while place < until:
        total = state["cash"][0]
        for k in range(state["open"]):
            slot = run.slots[run.held[k]]
            i = slot["at"] + place - slot["first"]
            if touch(run.lows[i], run.highs[i], slot["stop"], slot["target"]) != NOTHING:
                return place
            if i + 1 >= slot["at"] + slot["count"] or run.opens[i + 1] <= slot["stop"]:
                return place
            total += run.closes[i] * slot["lot"][0] * slot["lots"]
        equity = total / ATOMS
        if terms["limited"] and (equity <= least or _opens_ms(run, place + 1) >= state["day_end"]):
            return place
        point = run.points[state["points"]]
        point["ms"], point["equity"] = _opens_ms(run, place), equity
        state["points"] += 1
        state["traded"] = 0
        place += 1
    return place


def _opens_ms(run: Run, place: int) -> int:
    terms = run.terms[0]
    return int(terms["start_ms"] + place * terms["length_ms"])


def _inside(run: Run, place: int) -> None:
    """What the candle at `place` does to the brackets that stood when it opened."""
    closed_ms = _opens_ms(run, place + 1) - 1
    hit = False
    for k in range(run.state[0]["open"]):
        slot = run.slots[run.held[k]]
        i = slot["at"] + place - slot["first"]
        what = touch(run.lows[i], run.highs[i], slot["stop"], slot["target"])
        if what != NOTHING:
            price = touch_price(what, run.opens[i], slot["stop"], slot["target"])
            reason = R_STOP if what == STOP else R_TARGET
            leave(run, run.held[k], nearest_ticks(slot, price), reason, place, closed_ms)
            hit = True
    if hit:
        settle(run)


def _mark_acting(run: Run, at: int, last: int) -> bool:
    """Mark the signals that ask for something at the next open; whether there is one."""
    found = False
    for k in range(at, last):
        signal = run.signals[k]
        slot = run.slots[signal["slot"]]
        asks = (signal["kind"] == DOWN) == (slot["lots"] > 0)
        has_next = signal["place"] - slot["first"] + 1 < slot["count"]
        signal["acting"] = 1 if asks and has_next else 0
        found = found or (asks and has_next)
    return found


def _between(run: Run, place: int, at: int, last: int) -> None:
    """From the close of the candle at `place` to the open of the next."""
    state, terms, now_ms = run.state[0], run.terms[0], _opens_ms(run, place + 1)
    _note(run, place)
    _end(run, place)
    if terms["limited"]:
        roll_day(run, place, now_ms)
    _gaps(run, place + 1, now_ms)
    if terms["limited"]:
        check_loss(run, place, now_ms)
    acted = _exits(run, place, at, last, now_ms)
    for k in range(at, last):
        signal = run.signals[k]
        if signal["acting"] and signal["kind"] == LONG:
            acted = enter(run, k, place, now_ms) or acted
    if state["killed"] and terms["flattens"]:
        acted = _flatten(run, place, now_ms) or acted
    if acted:
        settle(run)


def _note(run: Run, place: int) -> None:
    """A point of the equity curve."""
    state = run.state[0]
    point = run.points[state["points"]]
    point["ms"], point["equity"] = _opens_ms(run, place), equity_about(run, place)
    state["points"] += 1
    state["traded"] = 0


def _end(run: Run, place: int) -> None:
    """Close what is held of pairs that have no next candle, at their last close."""
    closed_ms = _opens_ms(run, place + 1) - 1
    ended = False
    for k in range(run.state[0]["open"]):
        slot = run.slots[run.held[k]]
        i = place - slot["first"]
        if i + 1 >= slot["count"]:
            ticks = nearest_ticks(slot, run.closes[slot["at"] + i])
            leave(run, run.held[k], ticks, R_END, place, closed_ms)
            ended = True
    if ended:
        settle(run)
        _note(run, place)


def _gaps(run: Run, place: int, now_ms: int) -> None:
    """Stops that the open of the candle at `place` gaps through go before everything else."""
    gapped = False
    for k in range(run.state[0]["open"]):
        slot = run.slots[run.held[k]]
        opened = run.opens[slot["at"] + place - slot["first"]]
        if opened <= slot["stop"]:
            leave(run, run.held[k], nearest_ticks(slot, opened), R_STOP, place, now_ms)
            gapped = True
    if gapped:
        settle(run)


def _exits(run: Run, place: int, at: int, last: int, now_ms: int) -> bool:
    """Sell what crossed down, at the bid of the next open."""
    if not run.terms[0]["opposite"]:
        return False
    left = False
    for k in range(at, last):
        signal = run.signals[k]
        if signal["acting"] and signal["kind"] == DOWN and run.slots[signal["slot"]]["lots"] > 0:
            sell(run, signal["slot"], place, R_SIGNAL, now_ms)
            left = True
    if left:
        settle(run)  # what they free, entries may use
    return left


def _flatten(run: Run, place: int, now_ms: int) -> bool:
    """Sell all that is still held; whether there was something."""
    sold = False
    for k in range(run.state[0]["open"]):
        if run.slots[run.held[k]]["lots"] > 0:
            sell(run, run.held[k], place, R_FLATTEN, now_ms)
            sold = True
    return sold
