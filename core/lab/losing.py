"""The daily loss limit inside the compiled loop: the day's baseline and the kill switch."""

from __future__ import annotations

from core.lab.atoms import equity, equity_about, put, wide
from core.lab.tables import ATOMS, Run
from core.risk.limits import loss_reaches

_SURELY = 1e-9  # a share this far from the limit needs no exact look


def roll_day(run: Run, place: int, now_ms: int) -> None:
    """Take the day's baseline once midnight has passed in the owner's zone."""
    state = run.state[0]
    if now_ms < state["day_end"]:
        return
    put(state["start"], equity(run, place))
    while run.days[state["day"]] <= now_ms:
        state["day"] += 1
    state["day_end"] = run.days[state["day"]]


def check_loss(run: Run, place: int, now_ms: int) -> None:
    """The kill switch: re-arm on a new day where that is the rule, then trip when the day lost too much."""
    state = run.state[0]
    if state["killed"] and run.terms[0]["rearms"] and state["killed_until"] <= now_ms:
        state["killed"] = 0
    if not state["killed"] and _lost_too_much(run, place):
        state["killed"], state["killed_until"] = 1, state["day_end"]


def least_equity(run: Run) -> float:
    """The equity, in quote units, above which today's loss is surely below the limit."""
    start = run.state[0]["start"][0] / ATOMS
    return float(start * (1.0 - run.terms[0]["loss_limit"][0] + _SURELY))


def _lost_too_much(run: Run, place: int) -> bool:
    terms, state = run.terms[0], run.state[0]
    if state["start"][0] <= 0 or equity_about(run, place) > least_equity(run):
        return False
    return loss_reaches(wide(state["start"]), equity(run, place), wide(terms["loss_limit"]))
