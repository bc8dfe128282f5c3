"""The bad night: protected, told once, calmly, and true to the last cent."""

from __future__ import annotations

import re

import pytest

from tests.simulation.bad_night import EDITED, PAGE, page, play


@pytest.mark.blocks
def test_a_bad_night_ends_flat_and_is_told_calmly_and_completely() -> None:
    night = play()
    assert night.errors == [] and night.open_positions == 0 and not night.escalation_open
    assert {trip.symbol for trip in night.trips} == {"ETH/USD", "BTC/USD"}
    loud = [text for _, how, text in night.lines if how == "telegram, with a sound"]
    assert len(loud) <= 2  # the loss limit, and that the exchange would not let go of everything
    assert any(how == EDITED for _, how, _ in night.lines)
    (report,) = [text for _, _, text in night.lines if "over now" in text]
    for trip in night.trips:
        assert f"{trip.net_pnl:+,.2f}" in report
    assert len([text for _, how, text in night.lines if how == "sms" and "Reply OK" in text]) == 1
    assert not re.search(r"!|panic|disaster|sorry", report, re.IGNORECASE)
    assert told(PAGE.read_text()) == told(page(night))


def told(text: str) -> list[str]:
    """What is said, without the moments and figures that shift by seconds with the service's pace."""
    return [re.sub(r"[-+\d.,:#]+[A-Z0-9]{0,5}", "~", line) for line in text.split("\n") if "[" not in line]
