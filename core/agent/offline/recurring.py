"""Orders for later or again and again: there are none, so one now is offered, as a preview after a yes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from core.agent.intents import Call, Outcome, Plan
from core.agent.offline.amounts import OrderNumbers
from core.agent.offline.assemble import assemble
from core.agent.offline.clause import Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.scene import Frame, Scene, ask
from core.agent.offline.sense import judged
from core.agent.offline.tagging import read
from core.agent.offline.tokens import Kind

_DAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|weekend|weekday|payday)"
_TERM = rf"(?:hour|day|week|fortnight|month|year|{_DAY})"
_RECURS = re.compile(
    rf"\b(?:(?:(?<!for )(?<!in )(?<!within )(?<!what )(?<!such )an?|per|each|every(?: other| single| \d+)?)"
    rf" {_TERM}s?(?! ago)|on (?:the )?{_DAY}s|hourly|daily|weekly|biweekly|fortnightly|monthly|quarterly"
    r"|again and again|every time|each time|whenever i get paid|at regular intervals)\b"
)
_BY_A_PLAN = re.compile(
    r"\b(?:dca|dollar cost averag\w+|recurring|auto ?buy|savings plan|standing buys?|regularly)\b"
)
_ONCE = "I cannot place orders for later or again and again."


def recurs(clause: Clause) -> bool:
    """'Put 10 dollars a week in eth', 'buy 20 of btc on mondays'."""
    said = " ".join(clause.texts)
    other = clause.has("RISKWORD", "DAYLOSS", "CHART", "SHOW", "PRICE", "BACKTEST")
    return not other and bool(_RECURS.search(said) or _BY_A_PLAN.search(said))


def by_a_plan(clause: Clause) -> bool:
    """'Dca into btc': a plan of purchases, in no other words."""
    other = clause.question or clause.has(
        "SELL", "SHOW", "WHAT", "HOW", "WHY", "HELP", "NOT", "NO", "NEVER", "STOP"
    )
    asked = bool(clause.coins) or clause.polite_request
    return asked and not other and bool(_BY_A_PLAN.search(" ".join(clause.texts)))


def once_instead(frames: Sequence[Frame]) -> list[Frame]:
    """The question whether the order shall be done once, now; it keeps what was said of it."""
    if len(frames) != 1 or frames[0].outcome is Outcome.REFUSE:
        return [ask(f"{_ONCE} Shall I do it once, now?", "when")]
    only = frames[0]
    say = only.say if only.outcome is Outcome.CLARIFY else "Shall I do it once, now?"
    say = say if only.outcome is not Outcome.CLARIFY else f"I can do it once, now. {say}"
    return [ask(f"{_ONCE} {say}", "when", *only.missing, intent=only.intent, **only.slots)]


_AGREEING = bag(
    "once now today then just only it do that one time only go for so this ahead a please for the first"
)


def agreed(message: Clause, draft: Call, missing: Sequence[str], scene: Scene) -> Plan | None:
    """'Yes', 'just once then', 'now': the order that was asked about, shown as a preview."""
    if "when" not in missing or message.question or not draft.slots.get("symbol"):
        return None
    words = [token for token in message.tokens if token.kind is not Kind.MARK]
    told = any(token.tag == "YES" or token.text in ("once", "now") for token in words)
    if not told or not all(
        token.tag in ("YES", "OKAY", "PLEASE") or token.text in _AGREEING for token in words
    ):
        return None
    slots = dict(draft.slots)
    numbers = OrderNumbers(amount=slots.get("amount"), plain=slots.pop("plain", None))
    return assemble([judged(Frame(Outcome.CONFIRM, draft.intent, slots), numbers, scene)])


class _Turn(Protocol):
    @property
    def role(self) -> str: ...

    @property
    def text(self) -> str: ...


def still_asked(last: Plan, history: Sequence[_Turn]) -> Plan:
    """The last wish; without its open order once the owner has said no to it."""
    said = next((turn.text for turn in reversed(history) if turn.role == "user"), "")
    refused = "when" in last.missing and Clause(tuple(read(said[:60]))).has("NO", "NOT", "NEVER")
    return replace(last, draft=None) if refused else last
