"""The way out of positions inside the compiled loop, and the book of closed trades."""

from __future__ import annotations

from core.lab.atoms import cost_of, fee_of, put, quoted_ticks, wide
from core.lab.tables import ATOMS, R_FLATTEN, R_SIGNAL, Run
from core.model.wide import floored
from core.strategy.signal import DOWN


def leave(run: Run, number: int, ticks: int, reason: int, closed_ms: int) -> None:
    """Sell all of a pair and write the trade down."""
    state, slot = run.state[0], run.slots[number]
    proceeds = floored(cost_of(slot, ticks, slot["lots"]))
    fee = fee_of(proceeds, wide(run.terms[0]["taker"]))
    put(state["cash"], wide(state["cash"]) + (proceeds - fee))
    net = proceeds - fee - wide(slot["paid"])
    slot["loss_ms"] = closed_ms if net.hi < 0 else -1
    trade = run.trades[state["trades"]]
    trade["slot"], trade["lots"], trade["entry"], trade["exit"] = number, slot["lots"], slot["entry"], ticks
    trade["opened_ms"], trade["closed_ms"] = slot["opened_ms"], closed_ms
    trade["cause_ms"], trade["reason"] = slot["cause_ms"], reason
    trade["net"], trade["fees"] = net.hi / ATOMS, (fee + wide(slot["fee"])).hi / ATOMS
    state["trades"] += 1
    slot["lots"] = 0


def settle(run: Run) -> None:
    """Forget the pairs that were left."""
    state, kept = run.state[0], 0
    for k in range(state["open"]):
        if run.slots[run.held[k]]["lots"] > 0:
            run.held[kept] = run.held[k]
            kept += 1
    state["open"] = kept
    state["traded"] = 1


def exits(run: Run, place: int, at: int, last: int, now_ms: int) -> bool:
    """Sell what crossed down, at the bid of the next open."""
    if not run.terms[0]["opposite"]:
        return False
    left = False
    for k in range(at, last):
        signal = run.signals[k]
        if signal["acting"] and signal["kind"] == DOWN and run.slots[signal["slot"]]["lots"] > 0:
            _sell(run, signal["slot"], place, R_SIGNAL, now_ms)
            left = True
    if left:
        settle(run)  # what they free, entries may use
    return left


def flatten(run: Run, place: int, now_ms: int) -> bool:
    """Sell all that is still held; whether there was something."""
    sold = False
    for k in range(run.state[0]["open"]):
        if run.slots[run.held[k]]["lots"] > 0:
            _sell(run, run.held[k], place, R_FLATTEN, now_ms)
            sold = True
    return sold


def _sell(run: Run, number: int, place: int, reason: int, now_ms: int) -> None:
    """Sell at the bid of the open that follows `place`."""
    slot = run.slots[number]
    opened = run.opens[slot["at"] + place + 1 - slot["first"]]
    leave(run, number, quoted_ticks(slot, opened, wide(run.terms[0]["to_bid"])), reason, now_ms)
