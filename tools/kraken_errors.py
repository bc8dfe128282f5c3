"""Writes docs/kraken-errors.md: every error string of Kraken, what it proves, and what Zyn does about it.

`python -m tools.kraken_errors` writes it; a test fails while it says something else than the code.
"""

from __future__ import annotations

from pathlib import Path

from core.model.errors import VenueError
from core.venues.kraken_wire import CATALOGUE, WRITES, error_of

PAGE = Path(__file__).parents[1] / "docs" / "kraken-errors.md"

# What Zyn does, by the error that a write or a read raises.
ON_WRITE = {
    "NonceRefused": "sent again at once with a new nonce, at most 3 times; then it counts as Rejected",
    "Rejected": "not placed: the intent is closed with the reason and the owner is told",
    "AuthFailed": "not placed: the owner is told, nothing more is sent for that intent",
    "UnknownOutcome": "never sent again: the pair is frozen, after the deadline it is looked for until found "
    "or proven absent",
}
ON_READ = {
    "NonceRefused": "asked again with a new nonce, at most 3 times",
    "Rejected": "told as it is",
    "AuthFailed": "told; the account counts as unknown, entries stop",
    "RateLimited": "asked again after the pause that Kraken names, else 5 s (a lock-out: 15 min); the budget "
    "starts from nothing",
    "Transient": "asked again, 3 times in all, with doubling pauses; then the circuit breaker counts",
}
_HEAD = """# What Kraken's error strings prove

Made by `tools/kraken_errors.py` from `core/venues/kraken_wire.py`; `tests/unit/test_venue_errors.py` sends
each string as the answer to every write ({writes}) and compares. The longest
beginning that fits counts; among
several strings in one reply the gravest. A string that is not listed, an answer that is no sound envelope, a
status of 5xx, a closed connection and silence are an unknown outcome for a write and a failed question for a
read. A connection that was never made proves that nothing was sent.

| string | in words | a write | a read |
|---|---|---|---|
"""
_TAIL = """
## What Zyn does

| a write raises | then |
|---|---|
{on_write}

| a read raises | then |
|---|---|
{on_read}
"""


def render() -> str:
    rows = [
        f"| `{text}` | {words} | {_of(text, write=True)} | {_of(text, write=False)} |"
        for text, words in _all()
    ]
    head = _HEAD.format(writes=", ".join(sorted(WRITES)))
    tail = _TAIL.format(on_write=_table(ON_WRITE), on_read=_table(ON_READ))
    return head + "\n".join(rows) + "\n" + tail


def _all() -> list[tuple[str, str]]:
    return [*((text, words) for text, _, words in CATALOGUE), ("anything else", "an error Zyn does not know")]


def _of(text: str, *, write: bool) -> str:
    error: VenueError = error_of([text], write=write, now_ms=0)
    return type(error).__name__


def _table(rows: dict[str, str]) -> str:
    return "\n".join(f"| {name} | {does} |" for name, does in rows.items())


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
