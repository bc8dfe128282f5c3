"""Short texts in the cheap alphabet."""

from __future__ import annotations

import pytest

from core.alerts.sms import BODY_MAX, plain_ascii, sms_text
from core.model.events import EventKind, Severity
from core.sim.phone.twilio import segments
from tests.support.fake_outbox import news


def test_a_text_names_the_world_and_carries_a_mark_that_tells_equal_texts_apart() -> None:
    one, two = (sms_text(news(key, text="Sold 1 ETH."), "paper") for key in ("fill:1", "fill:2"))
    assert one.startswith("Zyn paper: Sold 1 ETH. #") and one != two
    assert sms_text(news("fill:1", text="Sold 1 ETH."), "paper") == one


@pytest.mark.parametrize("text", ["x" * 900, "word " * 200, "–€→“ü”🚀" * 90, "[~^{}|]\\" * 60])
def test_any_text_fits_two_cheap_segments(text: str) -> None:
    body = sms_text(news("k", Severity.CRITICAL, EventKind.NOTICE, text), "validate")
    assert len(body) <= BODY_MAX and segments(body) <= 2 and body.isascii()


def test_signs_become_what_every_phone_shows() -> None:
    assert plain_ascii("Profit ≈ €12 – “fine” → ok\n🚀 naïve") == 'Profit about EUR 12 - "fine" -> ok naive'
