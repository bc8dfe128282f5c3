"""The way into a position inside the compiled loop: limits, price, bracket, size, edge, as on the road."""

from __future__ import annotations

from math import floor
from typing import Any

from core.lab.atoms import cost_of, exposure, fee_of, price_of, put, quoted_ticks, wide, written
from core.lab.tables import (
    ALLOWED,
    CASH,
    COOLING_OFF,
    ENTRY_RATE,
    MAX_EXPOSURE,
    MAX_POSITION,
    MAX_POSITIONS,
    NO_EDGE,
    PAIR_STATUS,
    PRICE_BAND,
    STOP_TOO_FAR,
    STOP_TOO_NEAR,
    STOPPED,
    TOO_SMALL,
    Run,
)  # fmt: skip
from core.model.wide import Wide, floored, from_int, nearest, whole
from core.risk.edge import round_trip_cost
from core.risk.limits import cooloff_left, entries_within_hour, exposed
from core.risk.sizing import cash_room, exposure_room, position_room, wanted_size

_MOST_LOTS = 4e18  # what 64 bits count


def enter(run: Run, k: int, place: int, now_ms: int) -> bool:
    """Buy for signal `k` at the open of the next candle, or count why not."""
    slot = run.slots[run.signals[k]["slot"]]
    held = exposure(run, place)
    refusal = _limit(run, slot, held, place, now_ms)
    if refusal == ALLOWED:
        refusal = _buy(run, k, place, now_ms, held)
    if refusal != ALLOWED:
        run.refused[refusal] += 1
    return bool(refusal == ALLOWED)


def _limit(run: Run, slot: Any, held: Wide, place: int, now_ms: int) -> int:
    """The first limit that says no."""
    terms, state = run.terms[0], run.state[0]
    if state["killed"]:
        return STOPPED
    if slot["lost_at"] >= 0 and cooloff_left(place, slot["lost_at"], 1, terms["cooloff"]) > 0:
        return COOLING_OFF
    if state["open"] >= terms["max_open"]:
        return MAX_POSITIONS
    if exposed(wide(state["cash"]) + held, held, wide(terms["max_exposure"])):
        return MAX_EXPOSURE
    if entries_within_hour(run.entries[: state["entries"]], now_ms) >= terms["max_entries"]:
        return ENTRY_RATE
    return ALLOWED


def _buy(run: Run, k: int, place: int, now_ms: int, held: Wide) -> int:
    """Price, bracket, size and edge of an entry that the limits allow; it fills at the ask."""
    terms, signal = run.terms[0], run.signals[k]
    slot = run.slots[signal["slot"]]
    at = slot["at"] + place - slot["first"]
    ask = quoted_ticks(slot, run.opens[at + 1], wide(terms["to_ask"]))
    if _left_the_band(slot, ask, run.closes[at], wide(terms["band"])):
        return PRICE_BAND
    if not slot["online"]:
        return PAIR_STATUS
    stop_away = written(terms["stop_atr"] * signal["atr"])
    target_away = written(terms["take_profit_atr"] * signal["atr"])
    stop = nearest(from_int(ask) - stop_away * wide(slot["ticks_in_one"]))
    target = nearest(from_int(ask) + target_away * wide(slot["ticks_in_one"]))
    if stop >= ask:
        return STOP_TOO_NEAR
    if stop <= 0:
        return STOP_TOO_FAR
    lots, refusal = _size(run, slot, ask, stop, held)
    if refusal != ALLOWED:
        return refusal
    if terms["edge"] and not _pays(run, slot, ask, target_away, run.opens[at + 1]):
        return NO_EDGE
    _open(run, signal, ask, lots, now_ms)
    slot["stop"] = price_of(slot, stop)
    slot["target"] = price_of(slot, target)
    return ALLOWED


def _left_the_band(slot: Any, ask: int, close: float, band: Wide) -> bool:
    """Whether the ask is further from the judged close than allowed."""
    judged = written(floor(close * slot["scale"] + 0.5) / slot["scale"])
    moved = from_int(ask) * wide(slot["tick"]) - judged
    if moved.hi < 0:
        moved = Wide(-moved.hi, -moved.lo)
    return moved > band * judged


def _size(run: Run, slot: Any, ask: int, stop: int, held: Wide) -> tuple[int, int]:
    """Lots to buy, cut to the caps, and why none. A lot's price in atoms makes every size a count of lots."""
    terms, cash = run.terms[0], wide(run.state[0]["cash"])
    entry = from_int(ask) * wide(slot["tick_lot"])
    equity = cash + held
    wanted = wanted_size(
        terms["sizing"], equity, wide(terms["risk_per_trade"]), wide(terms["stake"]), entry,
        from_int(stop) * wide(slot["tick_lot"]),
    )  # fmt: skip
    room, cut_by = cash_room(cash, wide(terms["taker"]), entry), CASH
    other = exposure_room(equity, held, wide(terms["max_exposure"]), entry)
    if other < room:
        room, cut_by = other, MAX_EXPOSURE
    other = position_room(equity, wide(terms["max_position"]), entry)
    if other < room:
        room, cut_by = other, MAX_POSITION
    if room < wanted:
        wanted = room
    else:
        cut_by = TOO_SMALL
    if wanted.hi > _MOST_LOTS:
        run.state[0]["beyond"] = 1
        return 0, TOO_SMALL
    lots = whole(wanted)
    if lots <= 0:
        return 0, cut_by
    if lots < slot["min_lots"] or entry * from_int(lots) < wide(slot["min_cost"]):
        return 0, TOO_SMALL
    return lots, ALLOWED


def _pays(run: Run, slot: Any, ask: int, target_away: Wide, opened: float) -> bool:
    """Whether the move to the target is more than a round trip costs."""
    terms, tick = run.terms[0], wide(slot["tick"])
    entry = from_int(ask) * tick
    bid = from_int(quoted_ticks(slot, opened, wide(terms["to_bid"]))) * tick
    spread = (entry - bid) / ((entry + bid) * Wide(0.5, 0.0))
    return target_away / entry > round_trip_cost(wide(terms["taker"]), spread)


def _open(run: Run, signal: Any, ask: int, lots: int, now_ms: int) -> None:
    """Pay and hold."""
    state, terms, slot = run.state[0], run.terms[0], run.slots[signal["slot"]]
    cost = floored(cost_of(slot, ask, lots))
    fee = fee_of(cost, wide(terms["taker"]))
    put(state["cash"], wide(state["cash"]) - (cost + fee))
    put(slot["paid"], cost + fee)
    put(slot["fee"], fee)
    slot["lots"], slot["entry"] = lots, ask
    slot["opened_ms"], slot["cause_ms"] = now_ms, now_ms - terms["length_ms"]
    run.held[state["open"]] = signal["slot"]
    run.entries[state["entries"]] = now_ms
    state["open"] += 1
    state["entries"] += 1
