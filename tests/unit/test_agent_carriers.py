"""The same wish in other clothes: courtesy around it, another verb, another way to write the amount."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.agent.batch import outside
from core.agent.offline.brain import Moment, understand

BEFORE = """hey zyn,|hi,|hello zyn|could you please|can you|i'd like you to|i want you to|please|pls
|go ahead and|just|ok|ok so|alright,|yo|when you get a chance,|if you can,|quickly|listen,
|could you be so kind as to|do me a favor and|do me a favour,|i need you to
|it would be great if you could|kindly|now|be a star and|let's|i would love it if you could
|would you|would you mind,|good morning!|hey buddy|sorry,|actually,|next,|also|one more thing:|btw
|right,|thanks. now|zyn:|@zyn|dear zyn,|so|um,|well|and|then|please could you|can i ask you to
|may i ask you to|i'd be grateful if you could|make sure to|you can|yes please,|no problem,|great!
|first of all,|hurry:|if it is not too much trouble,""".replace("\n", "").split("|")
AFTER = """| please| thanks| now| asap| for me| if possible| right away| right now| mate| sir| zyn|!|!!|...
| thank you very much| cheers| when you can| ok| ok?| would you| would you?| will you
| if you don't mind| and thanks| immediately| quickly| :)| lol|, thx| if you would| buddy| - thanks
| straight away| before i forget|, i beg you| as soon as you can| in one go| for us""".replace(
    "\n", ""
).split("|")
WISHES = [
    "buy 50 dollars of eth", "sell 0.5 sol", "sell half my ada", "buy 2 ltc at 80", "sell all my doge",
    "close my btc position", "close everything", "cancel my eth order", "cancel all orders",
    "pause for 2 hours",
    "stop trading", "resume trading", "buy 100 usd of link with a 3% stop and a 6% target",
    "set risk per trade to 1%", "show my positions", "show my open orders", "give me the price of xrp",
    "show me the balance", "tell me the pnl for yesterday", "explain the last trade", "chart dot 4h",
    "backtest avax for 90 days", "list the last 5 trades", "remember that my car is red",
    "send the daily summary at 8am",
]  # fmt: skip

BUYING = """buy|purchase|get|get me|grab|pick up|acquire|order|scoop up|snag|load up on|i want|i want to buy
|i'd like|give me|need|i need|invest in|go long|enter|snap up|stock up on|fetch me|procure|i'll take
|let me get|market buy|place a market buy for|put in a buy for|open a position of|add|throw in""".replace(
    "\n", ""
).split("|")
FIFTY = """50 dollars of {}|$50 of {}|50 usd worth of {}|50$ of {}|fifty dollars of {}|50 bucks worth of {}
|{} for 50 dollars|50 usd {}|{} worth 50 usd|50.00 usd of {}|USD 50 of {}|50 us dollars of {}
|50 dollars' worth of {}|50 dollars in {}|{} with 50 dollars|{}, 50 dollars|{} for $50""".replace(
    "\n", ""
).split("|")
SELLING = """sell|dump|offload|unload|get rid of|ditch|liquidate|cash out|let go of|shed|sell off|market sell
|i want to sell|part with|trim|exit|close|close out|cash in|i'd like to sell|dispose of|flog|bin
|reduce|scale out of|place a sell for|put in a sell for|take profit on|take out""".replace("\n", "").split(
    "|"
)
PARTS = {
    "half my {}": [50, "percent_position"], "25% of my {}": [25, "percent_position"],
    "a third of my {}": [33.33, "percent_position"], "30 percent of the {}": [30, "percent_position"],
    "half the {} position": [50, "percent_position"], "50 dollars of my {}": [50, "quote"],
    "50 usd worth of {}": [50, "quote"], "1.5 {}": [1.5, "base"], "1.5 of my {}": [1.5, "base"],
    "three quarters of my {}": [75, "percent_position"],
}  # fmt: skip
COINS = {"eth": "ETH/USD", "bitcoin": "BTC/USD", "solana": "SOL/USD", "doge": "DOGE/USD"}


def heard(text: str) -> tuple[str, list[dict[str, Any]]]:
    told = outside(understand(Moment(text, date(2026, 11, 20))))
    for call in told["calls"]:
        if call["intent"] == "remember":  # kept as it was said, courtesy included
            call["slots"] = {}
    return told["outcome"], told["calls"]


@pytest.mark.parametrize("wish", WISHES)
def test_courtesy_around_a_wish_changes_nothing(wish: str) -> None:
    plain = heard(wish)
    assert plain[0] not in ("chat", "clarify")
    dressed = [f"{before} {wish}" for before in BEFORE] + [f"{wish}{after}" for after in AFTER]
    assert [text for text in dressed if heard(text) != plain] == []


@pytest.mark.parametrize("verb", BUYING)
def test_every_verb_buys_the_amount_however_it_is_written(verb: str) -> None:
    for at, amount in enumerate(FIFTY):
        name, symbol = list(COINS.items())[at % len(COINS)]
        order = {"side": "buy", "symbol": symbol, "amount": [50, "quote"], "type": "market"}
        text = f"{verb} {amount.format(name)}"
        assert heard(text) == ("confirm", [{"intent": "place_order", "slots": order}]), text


@pytest.mark.parametrize("verb", SELLING)
def test_every_verb_sells_the_part_however_it_is_written(verb: str) -> None:
    for at, (part, amount) in enumerate(PARTS.items()):
        name, symbol = list(COINS.items())[at % len(COINS)]
        order = {"side": "sell", "symbol": symbol, "amount": amount, "type": "market"}
        text = f"{verb} {part.format(name)}"
        assert heard(text) == ("confirm", [{"intent": "place_order", "slots": order}]), text


@pytest.mark.parametrize("verb", ["snaffle", "frobnicate", "yoink"])
def test_a_verb_nobody_knows_is_asked_about(verb: str) -> None:
    outcome, calls = heard(f"{verb} 50 dollars of eth")
    assert (outcome, calls) == ("clarify", [])
