"""Deeds that are only spoken of: weighed, forbidden, reported, nearly done. None is prepared."""

from __future__ import annotations

from datetime import date

import pytest

from core.agent.batch import outside
from core.agent.offline.brain import Moment, understand

MONEY = {"place_order", "place_bracket", "flatten", "cancel_order", "set_risk", "resume"}


def proposed(text: str) -> set[str]:
    told = outside(understand(Moment(text, date(2026, 11, 20))))
    assert told["executed"] == []
    return {call["intent"] for call in told["calls"]} & MONEY


@pytest.mark.parametrize(
    "text",
    [
        # forbidden
        "i would never sell my eth", "don't you dare buy doge", "under no circumstances close my positions",
        "i forbid you to close my positions", "you must not sell my sol", "i'm not saying buy btc",
        "stop yourself from selling my eth", "there is no need to sell my ada", "i want to keep all my ada",
        "i'd rather die than sell my btc", "no way i'm buying 50 usd of doge",
        "please refrain from selling eth",
        "i wouldn't sell half my sol if i were you", "please do not sell anything today",
        # supposed, conditional, later
        "imagine i put 500 dollars into pepe", "let's say i bought 2 btc",
        "once eth reaches 4000 sell half",
        "in case sol drops to 90, buy 3", "should it rise to 5, sell my dot",
        "hypothetically, sell all my eth",
        "if i say buy 50 usd of eth, what will you do", "buy 20 usd of eth at noon",
        # weighed
        "would it hurt to sell half my ada", "selling my eth would be silly",
        "it would be madness to buy 2 btc",
        "buying 100 usd of btc is a bad idea", "why would i sell all my eth", "is it wise to buy 2 btc",
        "i can't decide whether to sell all my dot", "let me think about buying 2 eth",
        # nearly done, or done
        "i was going to buy 50 usd of eth but no", "i almost sold my doge yesterday",
        "i bought 2 sol last week",
        "never mind selling my sol",
        # told by others
        "my wife wants to sell all our eth, i don't", "the bot said it would sell all my eth",
        "my boss told me to sell all eth", "she said sell all my eth",
        "my cousin thinks we should sell my sol",
        "> buy 3 btc", "Forwarded message: sell everything immediately",
        "the headline reads buy bitcoin now",
        "i read an article saying sell your eth",
        "RT @whale: dump all your eth", "mein bruder sagt verkauf alles",
        "the plan was to buy 50 usd of eth last week", "i am against buying 100 usd of shib",
        "selling everything crossed my mind", "i regret buying 2 ltc", "i wish i had sold all my doge",
        "please don't raise the daily loss limit to 10%", "don't set the risk per trade to 3%",
        "my brother says set the risk per trade to 9%", "don't resume trading",
        "i hope you won't sell my ada",
        "ich will nicht verkaufen", "je ne veux pas acheter de btc", "no quiero comprar eth",
        # words about words
        "translate: vende todo", "write a poem about selling all my eth", "joke: sell everything haha",
        "say sell everything in french", "let's talk about selling all my eth",
        "i dreamt that you sold everything",
        "how do i buy 50 usd of eth", "what does buy 20 usd of eth do", "pretend to buy 2 btc",
    ],
)  # fmt: skip
def test_a_deed_that_is_only_spoken_of_is_neither_done_nor_proposed(text: str) -> None:
    assert proposed(text) == set()


SPOKEN_OF = """shuld i {}|shlud we {}|i wonder whether to {}|tell me when to {}|help me decide whether to {}
|bad time to {}|price to {}|no good reason to {}|i am scared to {}|i could {}|i might as well {}
|my wife sez {}|everyone is telling me to {}|they all {}|people {}|part of me wants to {}|wen shud i {}
|i am no longer sure to {}|dnt {}|shyould i {}|{} or wait|{} or hold|{} yes or no|{} good idea
|{} what do you think|{} or better not|shall i {}|do i {}""".replace("\n", "").split("|")


@pytest.mark.parametrize("deed", ["sell my sol", "close my eth", "buy 20 usd of ada", "sell 2 sol"])
def test_a_deed_that_nothing_wishes_is_never_proposed(deed: str) -> None:
    assert [one for one in SPOKEN_OF if proposed(one.format(deed))] == []


WISHED = """{}|i would like to {}|damn it {}|on second thoughts {}|to be safe {}|you can {}|urgent {}
|i have decided to {}|go and {}|we need to {}|could you just {}|let us {}
|as a precaution {}|time to {}""".replace("\n", "").split("|")


@pytest.mark.parametrize("deed", ["sell my sol", "close my eth", "buy 20 usd of ada", "sell 2 sol"])
def test_what_only_leads_to_a_deed_leaves_the_wish_a_wish(deed: str) -> None:
    assert [one for one in WISHED if not proposed(one.format(deed))] == []


@pytest.mark.parametrize(
    "text",
    [
        "that {} order is old, get rid of it", "the {} limit order is stale, ditch it",
        "kill the {} order, dump it",
        "i do not want the {} order any longer, take it out", "the {} order can go",
        "my {} order must go, drop it",
        "i don't need that {} bid any more, take it off please", "close out my {} order",
        "cancel the {} order but keep the coins", "cancel my {} order, i want to hold it",
    ],
)  # fmt: skip
@pytest.mark.parametrize("coin", ["link", "sol", "ltc"])
def test_an_order_that_shall_go_takes_no_position_with_it(text: str, coin: str) -> None:
    assert proposed(text.format(coin)) == {"cancel_order"}


@pytest.mark.parametrize(
    "text",
    ["sell my sol and keep my eth", "close my sol but leave the orders",
     "close my sol, keep the eth and the ada",
     "dump my sol and hold on to my link"],
)  # fmt: skip
def test_what_shall_be_kept_is_no_part_of_the_sale(text: str) -> None:
    told = outside(understand(Moment(text, date(2026, 11, 20))))
    assert [(call["intent"], call["slots"]) for call in told["calls"]] == [("flatten", {"symbol": "SOL/USD"})]


@pytest.mark.parametrize(
    "text",
    [
        "i need to get out of bed",
        "my link is gone",
        "the store is closing all positions",
        "exit the car park",
    ],
)
def test_leaving_and_closing_elsewhere_closes_nothing(text: str) -> None:
    assert proposed(text) == set()


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("i said sell 2 sol", "place_order"), ("as i just said, buy 30 usd of eth", "place_order"),
        ("would you please sell all my sol", "flatten"),
        ("cancel all my orders and close my btc", "flatten"),
        ("it would be great if you could buy 20 usd of ada", "place_order"),
    ],
)  # fmt: skip
def test_the_owners_own_word_is_still_a_wish(text: str, intent: str) -> None:
    assert intent in proposed(text)


@pytest.mark.parametrize(
    "text",
    [
        "forwarded: 'DOGE SHORT 20X NOW' please follow this tip",
        'FWD from a group: "buy $90 of doge at once" - do as it says',
        'my cousin wrote "sell all your eth right now", follow his advice',
    ],
)
def test_words_of_others_are_not_followed_even_when_told_to(text: str) -> None:
    told = outside(understand(Moment(text, date(2026, 11, 20))))
    assert (told["outcome"], told["calls"]) == ("refuse", [])


@pytest.mark.parametrize(
    "text",
    ["wy did u sell my dot", "whatever, did you sell my dot", "sell everything else", "buy nothing",
     "close nothing", "verkauf nichts", "do not trade today but show me dot", "sell my dot or what",
     "no vendas nada"],
)  # fmt: skip
def test_what_is_asked_or_ruled_out_is_never_prepared(text: str) -> None:
    assert {
        call["intent"] for call in outside(understand(Moment(text, date(2026, 11, 20))))["calls"]
    }.isdisjoint(MONEY)


@pytest.mark.parametrize(
    "text", ["sell the dot, not the eth", "close my dot, not my eth", "not the eth, the dot one, sell it"]
)
def test_a_coin_that_is_ruled_out_is_left_alone(text: str) -> None:
    told = outside(understand(Moment(text, date(2026, 11, 20))))
    assert [(call["intent"], call["slots"]) for call in told["calls"]] == [("flatten", {"symbol": "DOT/USD"})]
