"""What Kraken's error strings and envelopes prove."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.model.errors import (
    AuthFailed,
    NonceRefused,
    RateLimited,
    Rejected,
    Transient,
    UnknownOutcome,
    VenueError,
)
from core.venues.kraken_wire import Meaning, check_envelope, decode, error_of, is_catalogued, meaning_of

RECORDED = "data/market/kraken_responses/errors/kraken_error_strings.json"

# string, as a write, as a read
TABLE: list[tuple[str, type[VenueError], type[VenueError]]] = [
    ("EAPI:Invalid nonce", NonceRefused, NonceRefused),
    ("EAPI:Invalid key", AuthFailed, AuthFailed),
    ("EAPI:Invalid signature", AuthFailed, AuthFailed),
    ("EAPI:Rate limit exceeded", Rejected, RateLimited),
    ("EAuth:Account temporary disabled", AuthFailed, AuthFailed),
    ("EAuth:Account unconfirmed", AuthFailed, AuthFailed),
    ("EAuth:Rate limit exceeded", Rejected, RateLimited),
    ("EAuth:Too many requests", Rejected, RateLimited),
    ("EAccount:Invalid permissions:BTC trading restricted for GB.", Rejected, Rejected),
    ("EBM:limit exceeded:CAL", Rejected, Rejected),
    ("EDatabase:Internal error", UnknownOutcome, Transient),
    ("EFunding:Max fee exceeded", Rejected, Rejected),
    ("EGeneral:Internal error", UnknownOutcome, Transient),
    ("EGeneral:Internal error:1234", UnknownOutcome, Transient),
    ("EGeneral:Invalid arguments", Rejected, Rejected),
    ("EGeneral:Invalid arguments:volume minimum not met", Rejected, Rejected),
    ("EGeneral:Invalid arguments:price", Rejected, Rejected),
    ("EGeneral:Invalid arguments:cl_ord_id not unique", UnknownOutcome, Transient),
    ("EGeneral:Permission denied", AuthFailed, AuthFailed),
    ("EGeneral:Temporary lockout", Rejected, RateLimited),
    ("EGeneral:Too many requests", Rejected, RateLimited),
    ("EGeneral:Unknown method", Rejected, Rejected),
    ("EOrder:Cannot open position", Rejected, Rejected),
    ("EOrder:Cost minimum not met", Rejected, Rejected),
    ("EOrder:Domain rate limit exceeded", Rejected, RateLimited),
    ("EOrder:Insufficient funds", Rejected, Rejected),
    ("EOrder:Insufficient margin", Rejected, Rejected),
    ("EOrder:Invalid order", Rejected, Rejected),
    ("EOrder:Invalid price:0", Rejected, Rejected),
    ("EOrder:Order minimum not met", Rejected, Rejected),
    ("EOrder:Orders limit exceeded", Rejected, Rejected),
    ("EOrder:Post only order", Rejected, Rejected),
    ("EOrder:Rate limit exceeded", Rejected, RateLimited),
    ("EOrder:Reduce only:No position exists", Rejected, Rejected),
    ("EOrder:Scheduled orders limit exceeded", Rejected, Rejected),
    ("EOrder:Tick size check failed", Rejected, Rejected),
    ("EOrder:Trading agreement required", Rejected, Rejected),
    ("EOrder:Unknown order", Rejected, Rejected),
    ("EQuery:Unknown asset pair", Rejected, Rejected),
    ("EService:Busy", UnknownOutcome, Transient),
    ("EService:Deadline elapsed", Rejected, Rejected),
    ("EService:Market in cancel_only mode", Rejected, Rejected),
    ("EService:Market in limit_only mode", Rejected, Rejected),
    ("EService:Market in post_only mode", Rejected, Rejected),
    ("EService: Throttled: 1700000005", UnknownOutcome, RateLimited),
    ("EService:Timeout", UnknownOutcome, Transient),
    ("EService:Unavailable", UnknownOutcome, Transient),
    ("ETrade:Locked", Rejected, Rejected),
    ("ETrade:User Locked", AuthFailed, AuthFailed),
    ("EOrder:Something new", UnknownOutcome, Transient),
    ("gibberish", UnknownOutcome, Transient),
]


@pytest.mark.parametrize(("text", "as_write", "as_read"), TABLE)
def test_every_string_has_one_meaning_for_writes_and_one_for_reads(
    text: str, as_write: type[VenueError], as_read: type[VenueError]
) -> None:
    assert type(error_of([text], write=True, now_ms=1_700_000_000_000)) is as_write
    assert type(error_of([text], write=False, now_ms=1_700_000_000_000)) is as_read


def test_no_recorded_error_string_is_unclassified(shared: Path | None) -> None:
    strings = [text for text, _, _ in TABLE[:-2]]
    if shared is not None:
        strings += [row["code"] for row in json.loads((shared / RECORDED).read_text())["errors"]]
    assert len(strings) >= 35
    assert [one for one in strings if not is_catalogued(one)] == []


def test_a_throttled_read_waits_until_the_second_it_was_told() -> None:
    error = error_of(["EService: Throttled: 1700000005"], write=False, now_ms=1_700_000_000_000)
    assert isinstance(error, RateLimited)
    assert error.after_s == 5.0


def test_the_gravest_of_several_strings_counts() -> None:
    mixed = ["EOrder:Insufficient funds", "EService:Timeout"]
    assert type(error_of(mixed, write=True, now_ms=0)) is UnknownOutcome
    assert meaning_of("EAPI:Invalid nonce")[0] < Meaning.REJECTED < Meaning.UNKNOWN


def test_the_owner_reads_what_happened_and_the_raw_string() -> None:
    text = str(error_of(["EOrder:Insufficient funds"], write=True, now_ms=0))
    assert text == "Kraken says: not enough funds (EOrder:Insufficient funds)"


BAD_BODIES = [
    "", " ", "null", "true", "0", '"ok"', "[]", '[{"error":[],"result":{}}]', "{}", '{"error":[]}',
    '{"result":{}}', '{"error":null,"result":{}}', '{"error":"","result":{}}', '{"error":{},"result":{}}',
    '{"error":[1],"result":{}}', '{"error":[null],"result":{}}', '{"error":[],"result":null}',
    '{"error":[],"result":[]}', '{"error":[],"result":"{}"}', '{"error":[],"result":0}',
    '{"error":[],"result":{"txid":["O', "<html><body>Attention Required! | Cloudflare</body></html>",
    '{"error":[],"result":{"price":NaN}}', '{"error":[],"result":{"price":Infinity}}',
]  # fmt: skip


@pytest.mark.parametrize("body", BAD_BODIES)
def test_a_bad_envelope_is_never_believed(body: str) -> None:
    try:
        reply = decode(body)
    except ValueError:
        reply = None
    with pytest.raises(Transient):
        check_envelope(200, reply, write=False, now_ms=0)
    with pytest.raises(UnknownOutcome):
        check_envelope(200, reply, write=True, now_ms=0)


def test_there_are_24_bad_envelopes() -> None:
    assert len(set(BAD_BODIES)) == 24


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 502, 503, 504, 520, 522, 525])
def test_a_sound_body_under_another_status_is_not_believed(status: int) -> None:
    with pytest.raises(Transient):
        check_envelope(status, {"error": [], "result": {}}, write=False, now_ms=0)
    with pytest.raises(UnknownOutcome):
        check_envelope(status, {"error": [], "result": {"txid": ["O1"]}}, write=True, now_ms=0)


def test_a_refusal_counts_whatever_the_status_says() -> None:
    with pytest.raises(Rejected):
        check_envelope(400, {"error": ["EOrder:Insufficient funds"]}, write=True, now_ms=0)


def test_a_warning_with_a_result_is_a_success() -> None:
    reply = {"error": ["WDatabase:replica lag"], "result": {"txid": ["O1"]}}
    assert check_envelope(200, reply, write=True, now_ms=0) == {"txid": ["O1"]}


def test_numbers_come_out_exact() -> None:
    assert str(decode('{"fee": 0.1000000000000000055}')["fee"]) == "0.1000000000000000055"
