"""Replies drawn for Telegram: escaped, cut safely, complete."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.format_html import PAGE_MAX, pages, table_lines, units
from bot.gate import Late
from bot.handlers.turns import late
from core.agent.replies import Block, Button, Buttons, Picture, Reply, Table, Text, say
from core.sim.phone.html_entities import parse_html
from tests.support.a_png import png

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=300)
CELLS = st.text("<>&\"'äé1234567890.,+- BTC🚀", max_size=30)


@st.composite
def replies(draw: st.DrawFn) -> Reply:
    blocks: list[Block] = []
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            blocks.append(Text(draw(WORDS) * draw(st.integers(1, 40)), draw(st.booleans())))
        else:
            width = draw(st.integers(1, 5))
            row = st.tuples(*[CELLS] * width)
            blocks.append(Table(draw(row), tuple(draw(st.lists(row, max_size=60)))))
    return Reply(tuple(blocks))


@given(replies())
@settings(max_examples=60, deadline=None)
def test_every_page_parses_fits_and_loses_no_letter(reply: Reply) -> None:
    shown = pages(reply)
    texts = [parse_html(page.html)[0] for page in shown]
    assert all(units(text) <= 4096 for text in texts)
    assert all(squeezed(text) == squeezed(page.plain) for text, page in zip(texts, shown, strict=True))
    wanted = "".join(squeezed(block.text) for block in reply.blocks if isinstance(block, Text))
    letters = iter(squeezed("".join(page.plain for page in shown)))
    assert all(letter in letters for letter in wanted)  # in this order, with the tables in between


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_headlines_are_bold_and_tables_are_narrow_columns() -> None:
    table = Table(("Coin", "Value"), (("BTC", "1,000.00"), ("ETH", "50.00")))
    (page,) = pages(Reply((Text("Balances & more", strong=True), table)))
    assert page.html == ("<b>Balances &amp; more</b>\n<pre>Coin    Value\nBTC  1,000.00\nETH     50.00</pre>")


def test_a_wide_table_is_stacked_and_no_number_is_cut() -> None:
    head = ("Pair", "Quantity", "Entry", "Stop", "Result")
    row = ("ETH/USD", "0.01530000", "3,267.12", "3,201.78", "+12,345.67 USD")
    lines = table_lines(Table(head, (row,)))
    assert lines == [
        "ETH/USD", "  Quantity 0.01530000", "  Entry    3,267.12", "  Stop     3,201.78",
        "  Result   +12,345.67 USD",
    ]  # fmt: skip


def test_a_long_value_goes_on_below_itself_beside_its_name() -> None:
    rows = (("Stop", "2,751.77"), ("Worst loss", "1.25 USD, 0.5 % of today's loss budget"))
    assert table_lines(Table(("", ""), rows)) == [
        "Stop       2,751.77", "Worst loss 1.25 USD, 0.5 % of", "           today's loss budget",
    ]  # fmt: skip


def test_a_long_line_is_cut_at_words() -> None:
    shown = pages(say("word " * 2_000))
    assert len(shown) == 3 and all(
        page.plain.startswith("word") and page.plain.endswith("word") for page in shown
    )


def test_a_line_without_spaces_is_cut_too_and_no_character_is_halved() -> None:
    shown = pages(say("🚀" * 5_000))
    assert "".join(page.plain for page in shown) == "🚀" * 5_000
    assert all(units(page.plain) <= PAGE_MAX for page in shown)


def test_buttons_hang_under_the_last_page_two_a_row_with_refresh_below() -> None:
    buttons = Buttons(
        (Button("Yes", "yes:1"), Button("No", "no:1"), Button("A rather long question", "ask:why"))
    )
    shown = pages(Reply((Text("x " * 4_000), buttons), refresh="/status"))
    assert not shown[0].buttons
    assert [[one.action for one in row] for row in shown[-1].buttons] == [
        ["yes:1", "no:1"],
        ["ask:why"],
        ["ref:/status"],
    ]


@pytest.mark.parametrize("action", ["ask:" + "x" * 61, "ask:" + "€" * 21])
def test_a_button_that_telegram_would_refuse_is_left_out(action: str) -> None:
    (page,) = pages(Reply((Text("hi"), Buttons((Button("x", action),))), refresh="/" + "y" * 70))
    assert page.buttons == ()


def test_a_picture_takes_short_words_as_caption_and_long_ones_follow_it() -> None:
    picture = Picture(png(), "candles")
    (short,) = pages(Reply((Text("BTC"), picture)))
    assert short.picture is picture and short.plain == "BTC"
    first, second = pages(Reply((Text("x" * 2_000), picture)))
    assert (first.picture, first.plain) == (picture, "candles") and second.picture is None
    (alone,) = pages(Reply((picture,)))
    assert alone.plain == "candles" and alone.picture is picture


def test_an_empty_reply_still_says_something() -> None:
    assert pages(Reply(()))[0].plain == "Done."


def test_a_late_word_is_named_with_its_age() -> None:
    said = late(Late(1, "sell everything " * 9, 400)).plain
    assert "7 minutes late" in said and len(said) < 200
