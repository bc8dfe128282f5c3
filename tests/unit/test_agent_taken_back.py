"""Wishes taken back in the same message, and words that halt or carry on something that is no trade."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from core.agent.intents import Call, Outcome, Plan
from core.agent.offline.brain import Moment, Said, understand

HELD = ("LINK/USD", "ETH/USD")
PRICES = {"LINK/USD": Decimal("14.2"), "ETH/USD": Decimal("3000")}


def heard(text: str, *before: str, pending: tuple[Call, ...] = ()) -> Plan:
    history = tuple(said for one in before for said in (Said("user", one), Said("assistant", "ok")))
    orders = ({"id": "OAAA", "symbol": "LINK/USD"},)
    return understand(
        Moment(text, date(2026, 11, 29), history, pending, positions=HELD, orders=orders, prices=PRICES)
    )


def intents(plan: Plan) -> list[str]:
    return [call.intent for call in plan.calls]


@pytest.mark.parametrize(
    "text",
    [
        "dump all of my link, only teasing", "close everything!! i was joking, obviously",
        "get rid of my eth... just messing with you", "buy 40 usd of sol. haha no",
        "buy 5 link, nope, better not", "sell 2 eth - hang on, no", "sell 2 eth, disregard that please",
        "buy 3 sol. wait. don't.", "buy 3 sol, please don't do it", "sell my eth, i take that back",
        "sell my eth, i didn't mean that", "close my link, second thoughts", "sell it all. false alarm",
        "buy 10 usd of link, sorry, wrong person", "sell 1 eth. this was meant for my sister",
        "sell 1 eth, that was a typo", "sell everything, my cat did it, ignore me",
        "cancel my link order - no, keep it open", "cancel OAAA. hmm, actually leave it there",
        "set the daily loss limit to 4%, ah no, keep it as it is", "start trading again, not yet",
        "resume trading. oh wait, remain paused", "buy some link, nevermind",
        "kaufe 3 link, nur spass", "verkaufe alles, nein warte, doch nicht",
        "verkaufe mein eth, lieber nicht",
        "compra 4 link, era broma", "vende todo. mejor no", "vends mes link, non, laisse tomber",
        "achete 2 eth, je plaisante", "compra 2 eth, sto scherzando",
        "vendi tutto, no aspetta, come non detto",
        "sell my link NOT", "buy 1 eth - psych!", "sell my eth, forget it. how was your night?",
        "buy 2 sol, just kidding, you are great", "sell my link, cancel that",
        "buy 2 sol... on second thought, hold off", "close my eth, i was only testing you",
    ],
)  # fmt: skip
def test_what_is_taken_back_in_the_same_message_is_not_prepared(text: str) -> None:
    plan = heard(text)
    assert (plan.outcome, intents(plan)) == (Outcome.CHAT, [])
    assert plan.say == "Understood: nothing is sent."


@pytest.mark.parametrize(
    ("text", "wished"),
    [
        ("buy 40 usd of link, no rush", "place_order"), ("close my eth, i am not joking", "flatten"),
        ("sell my link, no joke", "flatten"), ("close my link, can't wait", "flatten"),
        ("set the risk per trade to 1% and leave it", "set_risk"),
        ("sell my link and hold on to the eth", "flatten"), ("sell my eth, keep the link", "flatten"),
        ("sell half my eth and keep the rest", "place_order"), ("sell 1 eth, sorry", "place_order"),
        ("buy 1 eth, this is for my pension", "place_order"), ("buy 2 eth no stop", "place_order"),
        ("nope, sell my link", "flatten"), ("changed my mind, close my eth", "flatten"),
        ("haha, sell my link", "flatten"), ("buy 1 eth at 2500 and wait", "place_order"),
        ("just kidding yesterday, today sell my link", "flatten"), ("oh man, sell everything", "flatten"),
        ("cancel the link order, i do not want it", "cancel_order"),
        ("actually, buy 3 link", "place_order"), 
        ("cancel OAAA", "cancel_order"), ("kill OQCLML-BW3P3-BUCMWZ, thanks", "cancel_order"),
        ("my link order is old, cancel it", "cancel_order"),
        ("hmm ok buy 3 link please", "place_order"),
        ("kauf 3 link, bitte", "place_order"), ("vende mis link ahora mismo", "flatten"),
        ("resume, no doubt about it", "resume"), ("never mind the news. sell my link", "flatten"),
        ("sell my eth, forget the link", "flatten"), ("sell all my link. thanks, just great", "flatten"),
    ],
)  # fmt: skip
def test_what_only_sounds_taken_back_stays_a_wish(text: str, wished: str) -> None:
    plan = heard(text)
    assert plan.outcome is Outcome.CONFIRM
    assert intents(plan) == [wished]


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("buy 4 eth, no, 5", {"symbol": "ETH/USD", "amount": 5}),
        ("buy 4 eth, sorry, 6 eth", {"symbol": "ETH/USD", "amount": 6}),
        ("buy 30 usd of eth - actually make it link", {"symbol": "LINK/USD", "amount": 30}),
        ("close my link, hang on, no, sell a quarter of it", {"symbol": "LINK/USD", "amount": 25}),
        ("buy 4 eth, forget that, buy 7 link", {"symbol": "LINK/USD", "amount": 7}),
        ("buy 4 eth. Never mind. Sell 2 link", {"symbol": "LINK/USD", "amount": 2}),
    ],
)
def test_a_correction_with_a_new_value_is_the_wish(text: str, slots: dict[str, object]) -> None:
    plan = heard(text)
    assert plan.outcome is Outcome.CONFIRM
    assert [(call.slots["symbol"], call.slots["amount"][0]) for call in plan.calls] == [
        (slots["symbol"], slots["amount"])
    ]


def test_what_follows_a_wish_taken_back_is_all_that_is_done() -> None:
    assert intents(heard("buy 4 eth, no, pause")) == ["pause"]
    assert intents(heard("sell my link, never mind, what is my balance?")) == ["get_balances"]
    assert intents(heard("sell my link, no, sell everything")) == ["flatten"]


def test_a_pause_outlasts_a_sale_that_is_taken_back() -> None:
    for text in ("pause and sell my link - no, leave it", "stop trading, close my eth, no forget it"):
        plan = heard(text)
        assert (plan.outcome, intents(plan)) == (Outcome.EXECUTE, ["pause"])
    assert intents(heard("stop, sell everything")) == ["pause", "flatten"]
    assert intents(heard("pause, no")) == ["pause"]
    assert intents(heard("pause. just kidding")) == []


def test_taking_back_drops_what_is_open_too() -> None:
    sale = Call("flatten", {"symbol": "LINK/USD"})
    for text in ("just kidding", "wrong chat, sorry", "buy 2 eth, no, forget it"):
        plan = heard(text, pending=(sale,))
        assert (plan.outcome, intents(plan), plan.declines_pending) == (Outcome.CHAT, [], True)
    assert not heard("yes, no wait", pending=(sale,)).answers_pending
    assert heard("yes", pending=(sale,)).answers_pending


@pytest.mark.parametrize(
    "text",
    [
        "my resume is two pages long", "please read my resume", "she sent us her resume",
        "the trial resumes, they resume on tuesday", "classes resume next week", "he will resume his studies",
        "resume the film", "continue the lesson", "continue with your tale", "carry on with the recipe",
        "keep going with the poem", "restart the phone", "restart my laptop please", "start the dishwasher",
        "i am back to work after the holidays", "i have to get going", "we will listen, continue the speech",
        "continue singing", "carry on cooking", "wake up the kids", "go again to the dentist",
        "erzahl das weiter", "mach weiter mit dem kochen", "weiter mit der predigt", "continua con el cuento",
        "sigue leyendo", "continue ta phrase", "reprends ton conte", "reprends la lecture",
        "continua a cantare",
        "to resume: it was a lovely day", "start again from the first verse",
    ],
)  # fmt: skip
def test_to_carry_on_something_else_is_no_resume(text: str) -> None:
    assert "resume" not in intents(heard(text))


@pytest.mark.parametrize(
    "text",
    [
        "resume now please", "ok resume", "carry on", "carry on trading", "continue", "keep going mate",
        "please continue with the trading", "you may go on now", "you can carry on", "let us carry on",
        "start trading again", "start the bot", "restart the bot please", "restart", "back to work zyn",
        "get back to work", "off you go, back to trading", "lunch is over, back to work",
        "the storm is over carry on", "all looks fine carry on", "i want you to continue",
        "i think you can resume now", "resume as before", "resume where you left off", "continue as planned",
        "resume normal service", "resume your duties", "resume operations", "keep going, you are doing great",
        "weiter", "weitermachen bitte", "mach weiter", "sigue operando", "reanuda el trading",
        "reprends le trading", "riprendi", "i am home, resume", "hit the resume button", "time to get going",
    ],
)  # fmt: skip
def test_to_carry_on_with_the_trade_is_a_resume(text: str) -> None:
    plan = heard(text)
    assert (plan.outcome, intents(plan)) == (Outcome.CONFIRM, ["resume"])


def test_a_later_start_is_still_asked_about() -> None:
    for text in ("resume trading tomorrow", "carry on at 9"):
        assert heard(text).outcome is Outcome.CLARIFY


@pytest.mark.parametrize(
    "text",
    [
        "stop laughing", "stop teasing", "panic attack at work", "people hate panic buying",
        "my sister is in a panic about her wedding", "panic at the airport this morning",
        "panic is a bad adviser", "the emergency exit is blocked", "panic buying makes no sense",
    ],
)  # fmt: skip
def test_an_alarm_about_something_else_pauses_nothing(text: str) -> None:
    assert not {"pause", "panic"} & set(intents(heard(text)))


@pytest.mark.parametrize(
    "text",
    [
        "panic", "panic!", "PANIC NOW", "panic please", "panic mode", "hit the panic button", "emergency!",
        "panic, everything is red", "i am in a panic about my eth", "panic over this market", "stop", "stop!",
        "stop it", "stop now", "stop trading", "stop everything", "stop buying", "stop gambling",
    ],
)  # fmt: skip
def test_a_cry_still_pauses_at_once(text: str) -> None:
    plan = heard(text)
    assert plan.outcome is Outcome.EXECUTE
    assert set(intents(plan)) == {"pause"}


@pytest.mark.parametrize("news", ["LINK is up 4 percent", "eth dropped 6%", "link was down 2 percent today"])
@pytest.mark.parametrize("before", ["buy 3 apples", "buy some eth", "buy 20 usd of eth"])
def test_news_of_a_coin_completes_no_purchase(before: str, news: str) -> None:
    assert heard(news, before).outcome is not Outcome.CONFIRM


def test_a_share_still_completes_a_purchase() -> None:
    plan = heard("4 percent of my cash", "buy some eth")
    assert (plan.outcome, intents(plan)) == (Outcome.CONFIRM, ["place_order"])
