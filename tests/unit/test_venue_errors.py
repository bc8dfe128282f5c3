"""Every error string of Kraken through every write: a class and an action, none unclassified."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

import pytest

from core.clock import ManualClock
from core.model.errors import NONCE_RESENDS, NonceRefused, VenueError
from core.model.money import Price, Qty
from core.model.orders import OrderRequest, OrderType, Side
from core.venues.exchange_manager import Access, KrakenVenue
from core.venues.kraken_wire import WRITES, is_catalogued
from tests.support.scripted_kraken import ID, SECRET, TXID, Answer, ScriptedKraken, said
from tests.unit.test_venue_wire import RECORDED, TABLE
from tools.kraken_errors import ON_READ, ON_WRITE, PAGE, render

ORDER = OrderRequest(ID, "BTC/USD", Side.BUY, OrderType.MARKET, Qty(Decimal("0.001")))
WAYS: dict[str, Callable[[KrakenVenue], Awaitable[object]]] = {
    "AddOrder": lambda venue: venue.place(ORDER),
    "CancelOrder": lambda venue: venue.cancel(TXID),
    "AmendOrder": lambda venue: venue.raise_stop(TXID, Price(Decimal("30000.0")), 0),
}


async def _outcome(venue: KrakenVenue, path: str) -> type[BaseException] | None:
    try:
        await WAYS[path](venue)
    except VenueError as error:
        return type(error)
    return None


@pytest.mark.parametrize("path", sorted(WRITES))
async def test_every_string_through_this_write_means_what_the_table_says(
    path: str, shared: Path | None
) -> None:
    expected = {text: as_write for text, as_write, _ in TABLE}
    if shared is not None:
        recorded = [row["code"] for row in json.loads((shared / RECORDED).read_text())["errors"]]
        assert [text for text in recorded if not is_catalogued(text)] == []
        expected |= {text: None for text in recorded if text not in expected}  # type: ignore[dict-item]
    kraken = await ScriptedKraken().start()
    venue = KrakenVenue(Access(kraken.url, "key", SECRET, tier="local"), ManualClock(1_700_000_000_000))
    await venue.start()
    await venue.pairs()
    try:
        for text, as_write in expected.items():
            kraken.answers(path, said(text))
            sent = len(kraken.requests(path))
            found = await _outcome(venue, path)
            assert found is as_write or as_write is None, text
            assert found is not None and found.__name__ in ON_WRITE, text
            tries = 1 + NONCE_RESENDS if found is NonceRefused and path != "AddOrder" else 1
            assert len(kraken.requests(path)) - sent == tries, f"{text}: nothing retries an order blindly"
    finally:
        await venue.close()
        await kraken.stop()


@pytest.mark.parametrize("path", sorted(WRITES))
@pytest.mark.parametrize("status", [403, 404, 429, 500, 502, 503, 504, 520, 522, 525])
async def test_no_status_without_an_error_string_proves_anything_about_a_write(
    path: str, status: int
) -> None:
    kraken = await ScriptedKraken().start()
    venue = KrakenVenue(Access(kraken.url, "key", SECRET, tier="local"), ManualClock(1_700_000_000_000))
    await venue.start()
    await venue.pairs()
    kraken.answers(path, Answer("<html>", status=status))
    found = await _outcome(venue, path)
    await venue.close()
    await kraken.stop()
    assert found is not None and found.__name__ == "UnknownOutcome"
    assert len(kraken.requests(path)) == 1


def test_the_page_says_what_the_code_does() -> None:
    assert PAGE.read_text("utf-8") == render(), "run: python -m tools.kraken_errors"


def test_every_class_has_an_action() -> None:
    assert {kind.__name__ for _, kind, _ in TABLE} <= ON_WRITE.keys()
    assert {kind.__name__ for _, _, kind in TABLE} <= ON_READ.keys()
