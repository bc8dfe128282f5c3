"""What Kraken's replies mean: the envelope that every one must have, and its raw error strings.

A reply is believed only as HTTP 200 JSON with a list `error` and an object `result`. Meanings are read from
Kraken's own strings, never from the client library's classes: those call a refused nonce, a timeout and an
accepted order whose reply was lost the same. What is not known here is ambiguous for a write.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from enum import IntEnum
from typing import Any

from core.model.errors import (
    AuthFailed,
    NonceRefused,
    RateLimited,
    Rejected,
    Transient,
    UnknownOutcome,
    VenueError,
)

WRITES = frozenset({"AddOrder", "AmendOrder", "CancelOrder"})


class Meaning(IntEnum):
    """What an error string proves, the gravest last: among several strings the gravest counts."""

    NONCE = 0  # this copy of the request was not looked at
    REJECTED = 1  # looked at and refused: nothing was placed or changed
    LIMITED = 2  # refused for going too fast: nothing was placed
    AUTH = 3  # the key or the account is not accepted
    UNKNOWN = 4  # anything may have happened


_R, _L, _A, _U = Meaning.REJECTED, Meaning.LIMITED, Meaning.AUTH, Meaning.UNKNOWN

# Longest prefix wins. Source: the recorded catalogue and the measured table of the reference, section 3.4.
CATALOGUE: tuple[tuple[str, Meaning, str], ...] = (
    ("EAPI:Invalid nonce", Meaning.NONCE, "the nonce was refused; another program may be using this key"),
    ("EAPI:Invalid key", _A, "the API key is wrong or was revoked"),
    ("EAPI:Invalid signature", _A, "the API secret does not fit the key"),
    ("EAPI:Rate limit exceeded", _L, "too many requests for this key"),
    ("EAPI:Feature disabled", _R, "this function is switched off"),
    ("EAPI:Bad request", _R, "the request was malformed"),
    ("EAuth:Account temporary disabled", _A, "the account is disabled for now"),
    ("EAuth:Account unconfirmed", _A, "the account is not confirmed yet"),
    ("EAuth:Rate limit exceeded", _L, "too many sign-ins"),
    ("EAuth:Too many requests", _L, "too many sign-ins"),
    ("EAccount:Invalid permissions", _R, "this account may not trade that"),
    ("EBM:limit exceeded", _R, "a legal limit of the account's country is reached"),
    ("EDatabase:Internal error", _U, "Kraken's database failed"),
    ("EFunding:", _R, "the transfer was refused"),
    ("EGeneral:Internal error", _U, "Kraken failed inside"),
    ("EGeneral:Invalid arguments", _R, "an argument was not accepted"),
    # In use already, perhaps by the very order that is asked after: its fate is not proven.
    ("EGeneral:Invalid arguments:cl_ord_id", _U, "the client order id was not accepted"),
    ("EGeneral:Permission denied", _A, "the API key lacks a permission"),
    ("EGeneral:Temporary lockout", _L, "locked out for a while after refused sign-ins"),
    ("EGeneral:Too many requests", _L, "too many requests"),
    ("EGeneral:Unknown method", _R, "Kraken does not know this request"),
    ("EOrder:Cannot open opposing position", _R, "an opposing position is open"),
    ("EOrder:Cannot open position", _R, "no margin position may be opened"),
    ("EOrder:Cost minimum not met", _R, "the order's value is below the pair's minimum"),
    ("EOrder:Deadline elapsed", _R, "it arrived after its deadline"),
    ("EOrder:Domain rate limit exceeded", _L, "too many orders over all accounts"),
    ("EOrder:Insufficient funds", _R, "not enough funds"),
    ("EOrder:Insufficient margin", _R, "not enough margin at the exchange"),
    ("EOrder:Invalid order", _R, "no such order"),
    ("EOrder:Invalid price", _R, "the price is not valid"),
    ("EOrder:Invalid cl_ord_id", _R, "the client order id is not valid"),
    ("EOrder:Duplicate cl_ord_id", _U, "an order with this client id is open already"),
    ("EOrder:Margin allowance exceeded", _R, "the margin allowance is used up"),
    ("EOrder:Margin level too low", _R, "the margin level is too low"),
    ("EOrder:Margin position size exceeded", _R, "the margin position would be too large"),
    ("EOrder:Order minimum not met", _R, "the quantity is below the pair's minimum"),
    ("EOrder:Orders limit exceeded", _R, "too many open orders"),
    ("EOrder:Positions limit exceeded", _R, "too many margin positions"),
    ("EOrder:Post only order", _R, "it would have taken liquidity"),
    ("EOrder:Rate limit exceeded", _L, "too many order changes on this pair"),
    ("EOrder:Reduce only", _R, "there is no position to reduce"),
    ("EOrder:Scheduled orders limit exceeded", _R, "too many resting stops"),
    ("EOrder:Tick size check failed", _R, "the price is off the pair's grid"),
    ("EOrder:Trading agreement required", _R, "Kraken's trading agreement must be accepted first"),
    ("EOrder:Unknown order", _R, "that order is not open any more"),
    ("EOrder:Unknown position", _R, "there is no such position"),
    ("EQuery:Unknown", _R, "Kraken does not know that name"),
    ("EService:Busy", _U, "Kraken is busy"),
    ("EService:Deadline elapsed", _R, "it arrived after its deadline"),
    ("EService:Market in cancel_only mode", _R, "the market takes cancellations only"),
    ("EService:Market in limit_only mode", _R, "the market takes limit orders only"),
    ("EService:Market in post_only mode", _R, "the market takes post-only orders only"),
    ("EService:Market in reduce_only mode", _R, "the market takes only what reduces a position"),
    ("EService:Throttled", _U, "too many requests at a time"),
    ("EService:Timeout", _U, "Kraken ran out of time"),
    ("EService:Unavailable", _U, "Kraken is not available"),
    ("ESession:Invalid session", _A, "the session is over"),
    ("ETrade:Invalid request", _R, "the request was malformed"),
    ("ETrade:Locked", _R, "trading is locked"),
    ("ETrade:User Locked", _A, "the account is locked"),
)
_BY_LENGTH = sorted(CATALOGUE, key=lambda row: -len(row[0]))
_NOTHING_SAID = (Meaning.UNKNOWN, "Kraken gave an error Zyn does not know")

LOCKOUT_S = 900.0  # a lock-out after refused keys lasts about a quarter of an hour
PAUSE_S = 5.0  # the counters drain a call in 1-3 s; asking again sooner prolongs the ban


def meaning_of(text: str) -> tuple[Meaning, str]:
    """What one raw error string proves, and how to say it to the owner."""
    squeezed = _squeeze(text)
    for prefix, meaning, words in _BY_LENGTH:
        if squeezed.startswith(prefix):
            return meaning, words
    return _NOTHING_SAID


def is_catalogued(text: str) -> bool:
    """Whether the string has a row of its own, and is not merely taken for ambiguous."""
    return any(_squeeze(text).startswith(prefix) for prefix, _, _ in CATALOGUE)


def _squeeze(text: str) -> str:
    category, _, rest = text.strip().partition(":")
    return f"{category}:{rest.strip()}"


def error_of(strings: Sequence[str], *, write: bool, now_ms: int) -> VenueError:
    """The error to raise for a reply that carries these strings. `now_ms` is Kraken's time."""
    meaning, words, text = max(
        ((*meaning_of(string), string) for string in strings), key=lambda found: found[0]
    )
    said = f"Kraken says: {words} ({text})"
    if meaning is Meaning.UNKNOWN:
        return UnknownOutcome(said) if write else _patience(said, text, now_ms)
    if meaning is Meaning.LIMITED:
        return Rejected(said) if write else RateLimited(said, _pause_after(text))
    return {Meaning.NONCE: NonceRefused, Meaning.REJECTED: Rejected, Meaning.AUTH: AuthFailed}[meaning](said)


def _pause_after(text: str) -> float:
    return LOCKOUT_S if "lockout" in text else PAUSE_S


def _patience(said: str, text: str, now_ms: int) -> Transient:
    """A read that may be tried again; a throttled one names the second it may come back."""
    until = text.rpartition(":")[2].strip()
    if "Throttled" not in text or not until.isdigit():
        return Transient(said)
    return RateLimited(said, min(max(int(until) - now_ms / 1000, 1.0), 60.0))


def decode(body: str) -> Any:
    """JSON with exact numbers: fractions become Decimal; NaN and Infinity raise ValueError."""
    return json.loads(body, parse_float=Decimal, parse_constant=_no_number)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not a number")


def check_envelope(status: int, reply: object, *, write: bool, now_ms: int) -> dict[str, Any]:
    """The `result` of a reply, or the error that it means; `reply` is the decoded body, None for no JSON.

    An error string counts whatever the HTTP status is. Warnings (W...) with a result are a success.
    """
    if not isinstance(reply, dict) or not _is_list_of_text(reply.get("error")):
        raise no_answer(f"an answer that is not Kraken's (HTTP {status})", write=write)
    errors = [string for string in reply["error"] if not string.startswith("W")]
    if errors:
        raise error_of(errors, write=write, now_ms=now_ms)
    if status != 200:
        raise no_answer(f"HTTP {status}", write=write)
    if not isinstance(reply.get("result"), dict):
        raise no_answer("an answer without a result", write=write)
    result: dict[str, Any] = reply["result"]
    return result


def no_answer(what: str, *, write: bool) -> VenueError:
    """Nothing to believe came back: the order may exist; a read may be tried again."""
    return UnknownOutcome(f"Kraken gave {what}") if write else Transient(f"Kraken gave {what}")


def _is_list_of_text(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
