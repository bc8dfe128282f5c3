"""Small twins of the web's campaigns in benchmarks/."""

from __future__ import annotations

import pytest

from benchmarks import web_books, web_schemathesis, web_speed


@pytest.mark.timeout(150)
async def test_pages_equal_the_exchanges_books_after_random_deeds_and_kills() -> None:
    met = await web_books.live(1, 50)
    assert met["fills"] >= 50
    assert met["restarts"] == 3
    assert met["through Zyn"] > 0


async def test_schemathesis_finds_no_answer_that_is_not_described() -> None:
    pytest.importorskip("schemathesis", reason="schemathesis is in the development lock: make setup-dev")
    met = await web_schemathesis.fuzz(0, 40)
    assert met["answered"] + met["refused"] >= 40


@pytest.mark.usefixtures("uncounted")  # as the peer's lines are
async def test_the_status_is_answered_at_the_promised_share_of_a_bare_handler() -> None:
    web_speed.check_ratios(await web_speed.measure(requests=1_280, sockets=60))
