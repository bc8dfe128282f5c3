"""The way out of positions inside the compiled loop, and the book of closed trades."""

from __future__ import annotations

from core.lab.atoms import cost_of, fee_of, put, quoted_ticks, wide
from core.lab.tables import ATOMS, Run
from core.model.wide import floored


def leave(run: Run, number: int, ticks: int, reason: int, place: int, closed_ms: int) -> None:
    """Sell all of a pair in the candle at `place` and write the trade down."""
    state, slot = run.state[0], run.slots[number]
    proceeds = floored(cost_of(slot, ticks, slot["lots"]))
    fee = fee_of(proceeds, wide(run.terms[0]["taker"]))
    put(state["cash"], wide(state["cash"]) + (proceeds - fee))
    net = proceeds - fee - wide(slot["paid"])
    slot["lost_at"] = place if net.hi < 0 else -1
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


def sell(run: Run, number: int, place: int, reason: int, now_ms: int) -> None:
    """Sell at the bid of the open that follows `place`."""
    slot = run.slots[number]
    opened = run.opens[slot["at"] + place + 1 - slot["first"]]
    ticks = quoted_ticks(slot, opened, wide(run.terms[0]["to_bid"]))
    leave(run, number, ticks, reason, place + 1, now_ms)
