"""The registry stays small: one entry a thing, words of one meaning are aliases."""

from __future__ import annotations

from core.agent.tools import offered
from core.engine.entries import ALL

MOST_ENTRIES, MOST_TOOLS = 30, 25


def test_there_are_few_entries_and_fewer_tools() -> None:
    assert len(ALL) <= MOST_ENTRIES
    assert len(offered(ALL)) <= MOST_TOOLS


def test_no_word_means_two_things() -> None:
    words = [word for entry in ALL for word in (entry.command, *entry.aliases)]
    assert len(words) == len(set(words))


def test_what_loosens_or_moves_money_out_is_no_tool() -> None:
    names = {entry.intent for entry in offered(ALL)}
    assert not names & {"unlock", "panic", "mandate", "withdraw"}
