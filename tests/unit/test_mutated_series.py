"""The small twin of `make proof mutated-series`."""

from __future__ import annotations

from benchmarks.mutated_series import spoil


def test_a_spoilt_series_is_held_or_refused_with_its_row_and_never_traded_on() -> None:
    counts = spoil(20_000, 300, 8)
    assert counts["series"] == 300
    assert counts["refused at the file"] == counts["refused at the exchange"] > 150
    assert counts["forming candle not judged"] > 10 and counts["holes held flat"] > 10
    assert counts["not traded on"] + counts["judged as clean"] == 8
