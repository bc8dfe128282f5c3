"""The arguments of /alerts and its other words: /quiet, /sms, /ack, /tell."""

from __future__ import annotations

from core.agent.offline.lexicon import bag
from core.agent.typed import Slots, Typed


def alerts(typed: Typed) -> Slots:
    """/alerts [on|silent|off event], [quiet 22-7], [when eth above 3000], [remove 1]; /sms test, /ack."""
    words = [arg.lower() for arg in typed.args]
    if typed.word in ("quiet", "sms", "ack", "tell"):
        words.insert(0, {"tell": "when"}.get(typed.word, typed.word))
    if not words or words == ["list"]:
        return {}
    head, rest = words[0], words[1:]
    if head in ("on", "silent", "off") and rest:
        return {"action": head, "event": "_".join(rest)}
    if head == "quiet":
        return {"action": "quiet", "hours": "".join(rest) or "off"}
    if head == "when":
        return {"action": "when", **_condition(typed, rest)}
    if head == "remove" and rest:
        return {"action": "remove", **_which(typed, rest[0])}
    if head == "ack":
        return {"action": "ack"}
    if head == "sms" and rest in ([], ["test"]):
        return {"action": "sms_test"}
    raise typed.fail()


def _which(typed: Typed, word: str) -> Slots:
    """Which condition is meant: by its number, its coin, the last one or all."""
    if word.isdigit():
        return {"number": int(word)}
    return {"which": word} if word in ("last", "all") else {"symbol": typed.symbol()}


_CONDITIONS = {
    "above": bag("above over exceeds past > rises"),
    "crosses": bag("crosses cross reaches reach hits hit at touches"),
    "below": bag("below under falls drops < dips"),
    "green": bag("green profit"),
    "red": bag("red loss"),
}


def _condition(typed: Typed, words: list[str]) -> Slots:
    numbers = typed.clause.numbers
    found = next((name for name, said in _CONDITIONS.items() if said & set(words)), None)
    return {
        "symbol": typed.symbol(), "condition": found, "price": numbers[-1].amount if numbers else None,
    }  # fmt: skip
