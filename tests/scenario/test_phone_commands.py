"""Everything that is typed on the phone: the words of other bots, buttons for what is missing, long lists."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from core.agent import guide
from core.agent.offline.lexicon import bag
from core.agent.paging import LINES, ROWS, paged, split_page
from core.agent.replies import Button, Buttons, Reply, Table, Text
from core.agent.slash import slots_of
from core.engine import entries
from core.engine.breakdown import BY
from core.engine.entries import ALL, ELSEWHERE
from core.model.money import Qty
from core.model.orders import OrderReport, OrderStatus, OrderType, Side
from core.model.time_context import TimeContext
from core.model.views import OrdersView
from tests.support.chatting import NOW_MS, OWNER, STAMP, Chat, chatting

TODAY = TimeContext(NOW_MS, "UTC").local.date()
# Every word that freqtrade 2026.9 answers on Telegram.
FREQTRADE = bag(
    """start stop pause stopentry stopbuy reload_config reload_conf show_config show_conf logs health help
    version tg_info status order trades count locks unlock delete_locks marketdir list_custom_data balance
    whitelist blacklist blacklist_delete bl_delete forceexit forcesell fx forcelong forcebuy forceshort
    delete reload_trade cancel_open_order coo profit profit_long profit_short performance daily weekly
    monthly stats entries buys exits sells mix_tags"""
)
WORDS = {word: entry for entry in ALL for word in (entry.command, *entry.aliases)}


@pytest.fixture
def chat() -> Chat:
    return chatting()


def buttons(replies: list[Reply]) -> dict[str, str]:
    """What can be tapped: label to action."""
    blocks = [block for reply in replies for block in reply.blocks if isinstance(block, Buttons)]
    return {one.label: one.action for block in blocks for one in block.buttons}


@pytest.mark.parametrize("word", sorted(FREQTRADE))
def test_every_word_of_freqtrade_does_its_work_or_says_why_not(word: str) -> None:
    assert (word in WORDS) != (word in ELSEWHERE)


@pytest.mark.parametrize(
    ("typed", "intent", "slots"),
    [
        ("fx eth", "flatten", {"symbol": "ETH/USD"}), ("forceexit all", "flatten", {}),
        ("forcesell all", "flatten", {}),
        ("forcebuy eth 50", "place_order", {"side": "buy", "symbol": "ETH/USD"}),
        ("forcelong btc 20", "place_order", {"side": "buy", "symbol": "BTC/USD"}),
        ("move_sl eth 3,050", "place_bracket", {"symbol": "ETH/USD", "stop": (3050, "price")}),
        ("move_tp eth 5%", "place_bracket", {"symbol": "ETH/USD", "take_profit": (5, "percent")}),
        ("coo OABC-1", "cancel_order", {"order_id": "OABC-1"}),
        ("delete all", "cancel_order", {"which": "all"}), ("count", "get_positions", {}),
        ("whitelist", "universe", {}), ("whitelist sorted", "universe", {}),
        ("blacklist doge", "universe", {"action": "deny", "symbol": "DOGE/USD"}),
        ("bl_delete doge", "universe", {"action": "allow", "symbol": "DOGE/USD"}),
        ("show_config", "get_status", {"view": "settings"}), ("version", "get_status", {"view": "version"}),
        ("logs 20", "get_status", {"view": "logs", "count": 20}), ("locks", "set_risk", {}),
        ("tg_info", "get_status", {"view": "version"}),
        ("order OABC-1", "get_orders", {"order_id": "OABC-1"}),
        ("performance", "get_performance", {"period": "all", "by": "symbol"}),
        ("stats", "get_performance", {"period": "all", "by": "reason"}),
        ("entries eth", "get_performance", {"period": "all", "by": "rule", "symbol": "ETH/USD"}),
        ("exits", "get_performance", {"period": "all", "by": "reason"}),
        ("mix_tags", "get_performance", {"period": "all", "by": "rule"}),
        ("insights regime", "get_insights", {"topic": "regime"}), ("insights", "get_insights", {}),
        ("insights by coin", "get_insights", {"topic": "symbol"}),
        ("insights exits", "get_insights", {"topic": "exit"}),
        ("daily", "get_performance", {"period": "today"}),
        ("daily 7", "get_performance", {"period": {"from": "2026-11-14", "to": "2026-11-20"}, "by": "day"}),
        ("weekly 2", "get_performance", {"period": {"from": "2026-11-07", "to": "2026-11-20"}, "by": "week"}),
        ("monthly 1", "get_performance", {"by": "month"}),
        ("profit 3", "get_performance", {"period": {"from": "2026-11-18", "to": "2026-11-20"}}),
        ("pnl 30d by hour", "get_performance", {"period": "30d", "by": "hour"}),
        ("trades eth 5", "get_trades", {"symbol": "ETH/USD", "limit": 5}),
        ("chart week", "chart", {"kind": "week"}), ("chart trade eth", "chart", {"symbol": "ETH/USD"}),
        ("chart eth light", "chart", {"symbol": "ETH/USD", "kind": "light"}),
    ],
)  # fmt: skip
def test_the_words_of_other_bots_mean_what_they_meant_there(
    typed: str, intent: str, slots: dict[str, object]
) -> None:
    word, _, rest = typed.partition(" ")
    entry = WORDS[word]
    read = slots_of(entry, word, rest, TODAY)
    assert entry.intent == intent and slots.items() <= read.items()
    entry.slots.model_validate(read)


@pytest.mark.parametrize("by", BY)
def test_results_can_be_taken_apart_by_every_name(by: str) -> None:
    assert slots_of(entries.PNL, "pnl", f"7d by {by}", TODAY)["by"] == by


async def test_help_leads_to_every_command_and_explains_each(chat: Chat) -> None:
    told = {intent for intents in guide.TOPICS.values() for intent in intents}
    assert told == {entry.intent for entry in ALL}
    everything = await chat.say("/help")
    assert all(f"/{one.command} " in everything for one in chat.registry.entries.values())
    for word in chat.registry.words():
        assert "/" in await chat.say(f"/help {word}")
    assert "/fx is /flatten" in await chat.say("/help fx") and "Usage" in await chat.say("/help trading")


async def test_first_contact_is_five_lines_and_a_word_without_sense_here_says_why(chat: Chat) -> None:
    assert len((await chat.say("/start")).splitlines()) == 5
    for asked in ("/forceshort eth", "/help forceshort"):
        assert "I trade spot" in await chat.say(asked)
    assert chat.hands.done == []


async def test_a_buy_without_words_is_picked_coin_amount_and_preview(chat: Chat) -> None:
    coins = buttons(await chat.conversation.hear("/buy", OWNER))
    assert coins["ETH"] == "go:/buy ETH" and coins["Cancel"] == "no:pick"
    amounts = buttons(await chat.conversation.press(coins["ETH"], OWNER))
    assert amounts["50"] == "go:/buy ETH 50"
    assert "Confirm" in buttons(await chat.conversation.press(amounts["50"], OWNER))
    assert chat.hands.done == [] and chat.hands.asked[-1][1]["amount"] == (50, "quote")


async def test_a_sale_is_picked_from_what_is_held(chat: Chat) -> None:
    coins = buttons(await chat.conversation.hear("/sell", OWNER))
    assert coins == {"ETH": "go:/sell ETH", "Cancel": "no:pick"}
    parts = buttons(await chat.conversation.press(coins["ETH"], OWNER))
    await chat.conversation.press(parts["Half"], OWNER)
    assert chat.hands.asked[-1][1]["amount"] == (50, "percent_position")
    chat.books.rows = ()
    assert "hold no coin" in await chat.say("/sell")


async def test_a_picker_is_cancelled_without_a_trace_and_a_price_is_picked(chat: Chat) -> None:
    coins = buttons(await chat.conversation.hear("/price", OWNER))
    dropped = await chat.conversation.press("no:pick", OWNER)
    assert dropped[0].plain == "Dropped."
    assert "3,267" in (await chat.conversation.press(coins["BTC"], OWNER))[0].plain


async def test_what_rests_is_picked_to_be_cancelled(chat: Chat) -> None:
    assert "No entry of mine rests" in await chat.say("/cancel")
    one = OrderReport(
        "OMINE-1", None, "ETH/USD", Side.BUY, OrderType.LIMIT, OrderStatus.OPEN, Qty(Decimal(1))
    )

    async def orders(symbol: str | None = None) -> OrdersView:
        return OrdersView(STAMP, (one, replace(one, txid="OYOURS-1")), frozenset({"OMINE-1"}))

    chat.books.orders = orders  # type: ignore[method-assign]
    assert "go:/cancel OMINE-1" in buttons(await chat.conversation.hear("/cancel", OWNER)).values()


def many(rows: int) -> Reply:
    made = tuple((str(number), "x") for number in range(rows))
    return Reply((Text("head"), Table(("", ""), made)), refresh="/orders")


def test_a_long_table_is_turned_page_by_page_and_every_row_is_seen_once() -> None:
    seen: list[str] = []
    for page in range(1, 5):
        turned = paged(many(34), "/orders", page)
        table = next(block for block in turned.blocks if isinstance(block, Table))
        seen += [row[0] for row in table.rows]
        assert turned.refresh == f"/orders page {page}"
        actions = set(buttons([turned]).values())
        assert actions == {f"go:/orders page {n}" for n in (page - 1, page + 1) if 1 <= n <= 4}
    assert seen == [str(number) for number in range(34)]
    assert paged(many(34), "/orders", 99) == paged(many(34), "/orders", 4)
    assert paged(many(ROWS), "/orders") == many(ROWS)


def test_the_last_page_promises_no_next_one() -> None:
    assert "/trades page 2 shows the next." in paged(many(15), "/trades").plain
    last = paged(many(15), "/trades", 2).plain
    assert "Page 2 of 2." in last and "shows the next" not in last


def test_long_words_are_turned_too_and_without_a_command_the_first_rows_stand() -> None:
    lines = Reply(tuple(Text(f"line {number}") for number in range(LINES + 5)))
    assert len(buttons([paged(lines, "/universe")])) == 1
    first = paged(many(34), "")
    assert "first of them" in first.plain and not buttons([first])


def test_the_page_is_no_part_of_the_arguments() -> None:
    assert split_page("eth 50 page 3") == ("eth 50", 3) and split_page("page 2") == ("", 2)
    assert split_page("eth") == ("eth", 1)


async def test_a_deed_is_marked_so_that_a_door_may_nod(chat: Chat) -> None:
    assert (await chat.conversation.hear("/pause", OWNER))[0].done
    assert not (await chat.conversation.hear("/positions", OWNER))[0].done


def test_the_menu_is_short_and_no_button_is_too_long() -> None:
    assert sum(entry.menu for entry in ALL) <= 12
    assert len(Button("x", f"go:/cancel {'a' * 36}").action.encode()) <= 64
