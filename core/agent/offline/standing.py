"""Rules for standing arrangements: alerts, lessons, the choice of pairs, tuition, the end of a mandate."""

from __future__ import annotations

import re
from decimal import Decimal

from core.agent.offline.clause import Clause
from core.agent.offline.levels import MOVING, UNNAMED, replaced, shifts
from core.agent.offline.lexicon import bag
from core.agent.offline.scene import Frame, Scene, ask, chat, look_up, propose

_ABOVE = tuple(bag("above over past exceeds rises climbs breaks higher up"))
_BELOW = tuple(bag("below under falls drops dips lower down beneath sinks"))
_ENDING = tuple(bag("remove delete cancel stop drop forget kill clear scrap end undo off"))
_ORDERS_STAY = (
    "I do not change an order that rests: /cancel takes it back, then tell me the new one and I preview it."
)
_TRAILING = tuple(bag("trail trails trailing follow follows following"))
_NO_TRAIL = (
    "I do not trail a stop: it stays until you move it. Where shall it be now: a price, or how many percent "
    "from the price?"
)
_EVENTS = {
    "fill": "fill fills filled executions buys sells", "position_closed": "closed closes closing",
    "order_refused": "refused refusals rejected", "morning_brief": "brief briefing morning",
    "weekly_report": "weekly", "trouble": "trouble outages outage connection",
}  # fmt: skip


def standing(sentence: Clause, scene: Scene) -> list[Frame] | None:
    """The frames of a sentence about a standing arrangement, or None."""
    if sentence.opening and sentence.opening[0].tag == "REMEMBER":
        return None  # what is kept is told, and no wish
    return (
        _replanned(sentence, scene)
        or _banned(sentence, scene)
        or _turning(sentence, scene)
        or _alerts(sentence, scene)
        or _learning(sentence)
        or _universe(sentence, scene)
        or _mandate(sentence)
        or _tuition(sentence)
    )


def _replanned(sentence: Clause, scene: Scene) -> list[Frame] | None:
    """'Move my eth stop to breakeven', 'raise the target on btc', 'amend my limit order to 2600'."""
    if sentence.question:
        return None
    if levelled := _levelled(sentence, scene):
        return levelled
    if not sentence.says(*MOVING):
        return None
    if sentence.says("order", "bid") and sentence.numbers and not sentence.has("STOP", "STOPLOSS", "TARGET"):
        return [ask(_ORDERS_STAY, "decision")]
    return None


def _levelled(sentence: Clause, scene: Scene) -> list[Frame] | None:
    """A stop or target that is to be moved or set, of something that is held."""
    other = sentence.has("BUY", "SELL", "SPEND", "BRACKET", "NOT", "NEVER", "NO", "NOTIFY", "IF", "WHEN")
    if other or not shifts(sentence):
        return None
    coins = [scene.symbol(coin) for coin in sentence.coins]
    symbols = [one for one in coins or _meant(scene) if one in scene.positions]
    if len(symbols) == 1 and sentence.says(*_TRAILING):
        return [ask(_NO_TRAIL, "stop", intent="place_bracket", symbol=symbols[0])]
    if symbols:
        return replaced(sentence, scene, symbols)
    return None if sentence.coins or sentence.numbers else [ask(UNNAMED, "symbol", "stop")]


def _banned(sentence: Clause, scene: Scene) -> list[Frame] | None:
    """'Which coins have I banned', 'is doge off limits': the rows of the mandate and the list of pairs."""
    asked = sentence.question or sentence.has("SHOW", "WHAT")
    if not sentence.has("BANNED") or not asked or sentence.numbers:
        return None
    coins: list[str | None] = [scene.symbol(coin) for coin in sentence.coins]
    return [look_up("mandate"), *(look_up("universe", symbol=one) for one in coins or [None])]


def _turning(sentence: Clause, scene: Scene) -> list[Frame] | None:
    """'Tell me when the trade turns green', 'let me know once eth is in profit'."""
    told = sentence.has("NOTIFY") or sentence.run("tell", "me") or sentence.run("me", "know")
    if not told or not sentence.says("when", "once") or sentence.numbers:
        return None
    coloured = next((name for name, said in _COLOURS.items() if sentence.says(*said)), None)
    if coloured is None or not (sentence.coins or sentence.says("trade", "position", "it", "bag")):
        return None
    symbols = [scene.symbol(coin) for coin in sentence.coins] or _meant(scene)
    if not symbols:
        return [ask("Which coin's trade? I watch one that is open.", "symbol")]
    return [look_up("alerts", action="when", symbol=one, condition=coloured) for one in symbols]


def _meant(scene: Scene) -> list[str]:
    """The trade that was spoken of, else the only one that is open."""
    if scene.last_symbol in scene.positions:
        return [scene.last_symbol] if scene.last_symbol else []
    return list(scene.positions) if len(scene.positions) == 1 else []


_TOLD_WHEN = re.compile(
    r"\b(?:text|message|tell|notify|ping|alert|warn|inform|let|sms|write|buzz)(?: to)? ?(?:me|us)?"
    r"(?: know)? (?:if|when|whenever|every time|each time|any time|anytime|as soon as|once|the moment)"
    r" (?P<what>.+)"
)
_ZYN_TRADES = re.compile(
    r"^(?:you|zyn|we|the bot)(?: \w+)? (?:buy|sell|trade|purchase|make a trade|(?:open|enter|do) \w+)\b"
    r"|^(?:you|zyn|we)(?: have)?(?: \w+)? (?:bought|sold|traded) (?:something|anything)\b"
    r"|\b(?:order|buy|sale|trade)s?(?: is| are| gets?| has been)? (?:filled|fills|executed|done|made)\b"
)
_IT_CLOSES = re.compile(
    r"\b(?:stop|target|take profit)s? (?:is|are|gets?|was|has been)? ?(?:hit|reached|fires?|fired|triggers?"
    r"|triggered|filled|fills)\b|\b(?:position|trade)s?(?: is| are| gets?)? (?:closed|closes|ends|over)\b"
    r"|^(?:you|zyn|we) (?:close|exit|get out)\b"
)


def _told_when(sentence: Clause) -> list[Frame] | None:
    """'Text me whenever you sell', 'let me know when a stop is hit': what Zyn tells of by itself."""
    asked = _TOLD_WHEN.search(" ".join(sentence.texts))
    if asked is None or sentence.numbers or (sentence.question and not sentence.polite_request):
        return None
    if _IT_CLOSES.search(asked["what"]):
        return [look_up("alerts", action="on", event="position_closed")]
    return [look_up("alerts", action="on", event="fill")] if _ZYN_TRADES.search(asked["what"]) else None


def _alerts(sentence: Clause, scene: Scene) -> list[Frame] | None:
    if told := _told_when(sentence):
        return told
    if not _about_alerts(sentence):
        return None
    named = sentence.says("alert", "alerts", "alarm", "alarms", "notification", "notifications")
    if sentence.says("sms", "text", "message") and sentence.says("test", "testing"):
        return [look_up("alerts", action="sms_test")]
    if named and sentence.says(*_ENDING) and not sentence.question and (removed := _removed(sentence, scene)):
        return [removed]
    if sentence.coins and _awaits_price(sentence):
        return alert_at(sentence, scene)
    if begun := _coin_unsaid(sentence, scene, named):
        return begun
    if event := _event(sentence):
        return [look_up("alerts", action=event[0], event=event[1])]
    shown = (
        named and not sentence.has("OFF", "ON", "NO", "NOT", "STOP", "QUIET") and not sentence.says("send")
    )
    asks = sentence.question or sentence.has("SHOW", "WHAT", "MY") or len(sentence.opening) == 1
    return [look_up("alerts")] if shown and asks and not sentence.numbers and not sentence.coins else None


_OTHERWISE = ("OFF", "ON", "NO", "NOT", "STOP", "QUIET")


def _coin_unsaid(sentence: Clause, scene: Scene, named: bool) -> list[Frame] | None:
    """'Set an alert at 3000', 'alert me when it hits 3000': of the coin just spoken of, else it is asked."""
    if sentence.coins or sentence.question or sentence.has(*_OTHERWISE) or sentence.says(*_ENDING):
        return None
    placed = named and sentence.has("SET", "WANT", "MOVE")
    pointed = sentence.has("IT") and sentence.has("CROSSES", "WHEN", "IF")
    if (placed or pointed) and sentence.numbers and scene.last_symbol and not _event(sentence):
        return alert_at(sentence, scene)
    if placed and not sentence.numbers and sentence.says("price", "alert", "alarm"):
        say = "Of which coin, and at which price?"
        return [ask(say, "symbol", "price", intent="alerts", action="when")]
    return None


def _about_alerts(sentence: Clause) -> bool:
    return sentence.has("NOTIFY") or sentence.says("alarm", "alarms", "sms") and not sentence.has("REMEMBER")


def _awaits_price(sentence: Clause) -> bool:
    return sentence.has("CROSSES", "WHEN", "IF") or sentence.says(*_ABOVE, *_BELOW) or bool(sentence.numbers)


def _removed(sentence: Clause, scene: Scene) -> Frame | None:
    """'Remove alert 2', 'cancel the eth alert', 'drop that alert', 'delete all my price alerts'; nothing
    for a wish that the phone be silent."""
    number = next((int(one.amount) for one in sentence.numbers if one.unit in ("", "th")), None)
    if number is not None:
        if not 1 <= number <= 100:  # a price is no number of the list
            return ask("Which one? /alerts lists them with their numbers.", "number")
        return look_up("alerts", action="remove", number=number)
    if sentence.coins:
        every = "all" if sentence.says("alerts", "alarms") else None
        return look_up("alerts", action="remove", symbol=scene.symbol(sentence.coins[0]), which=every)
    if sentence.says("alert", "alarm") and sentence.says(*_POINTING):
        return look_up("alerts", action="remove", which="last" if sentence.says(*_LATEST) else None)
    if sentence.says("alerts", "alarms") and sentence.says("price", "condition") and sentence.says(*_LIFTING):
        return look_up("alerts", action="remove", which="all")
    return None


_POINTING = tuple(bag("that this the it last latest previous my price"))
_LATEST = tuple(bag("that this it last latest previous"))
_LIFTING = tuple(bag("remove delete cancel drop forget clear scrap end undo"))


def alert_at(sentence: Clause, scene: Scene) -> list[Frame]:
    """One alert a coin; a word such as 'hits' is read by where the price is now."""
    level = next((one for one in sentence.numbers if one.unit not in ("%", "part", "x", "th")), None)
    if level is None:
        coloured = next((name for name, said in _COLOURS.items() if sentence.says(*said)), None)
        if coloured:
            return [
                look_up("alerts", action="when", symbol=scene.symbol(coin), condition=coloured)
                for coin in sentence.coins
            ]
        return [ask("At which price? I watch for a coin above or below a price.", "price")]
    symbol = scene.symbol(sentence.coins[0]) if sentence.coins else str(scene.last_symbol)
    side = _side(sentence, level.amount, scene.prices.get(symbol))
    return [look_up("alerts", action="when", symbol=symbol, condition=side, price=level.amount)]


_COLOURS = {"green": ("green", "profit", "plus"), "red": ("red", "loss", "minus")}


def _side(sentence: Clause, level: Decimal, price: Decimal | None) -> str:
    if sentence.says(*_BELOW) and not sentence.says("above", "over"):
        return "below"
    if sentence.says(*_ABOVE):
        return "above"
    if price is None:
        return "crosses"
    return "above" if level >= price else "below"


def _event(sentence: Clause) -> tuple[str, str] | None:
    """An event type to be switched: 'no messages about fills', 'send fills silently'."""
    event = next((name for name, words in _EVENTS.items() if sentence.says(*words.split())), None)
    if event is None or sentence.question or sentence.coins or sentence.has("DAILYREPORT"):
        return None
    if sentence.says("silently", "silent", "quietly"):
        return "silent", event
    if sentence.has("OFF", "NOT", "NO", "STOP", "NEGNO", "NEVER") or sentence.says("mute", "without"):
        return "off", event
    return ("on", event) if sentence.has("ON") or sentence.says("unmute", "again", "back") else None


def _learning(sentence: Clause) -> list[Frame] | None:
    """'Turn learning off', 'undo lesson 3', 'stop acting on what you learned', 'is learning on'."""
    named = sentence.says("learning", "lesson", "lessons", "learned", "learnt", "learn")
    if not named or sentence.coins or sentence.has("BUY", "SELL"):
        return None
    switch = _switch(sentence)
    if sentence.question and not sentence.polite_request:
        state = (
            sentence.says("on", "off", "active", "enabled", "disabled", "running") and not sentence.numbers
        )
        return [look_up("learning")] if state else None
    number = next((int(one.amount) for one in sentence.numbers if one.unit in ("", "th")), None)
    if sentence.says("undo", "revoke", "unlearn", "retract") or (
        number is not None and sentence.says("back", "drop", "cancel", "remove", "forget", "delete")
    ):
        return [_undone(number)]
    if sentence.says("reset", "everything", "scratch", "all") and sentence.says(
        "reset", "forget", "wipe", "erase", "delete", "start", "clear"
    ):
        return [propose("learning", action="reset")]
    if switch is None:
        return None
    if sentence.negated(max(sentence.place("OFF", "ON", "STOP", "PAUSE"), 0)):
        return [chat("Learning stays as it is.")]
    return [propose("learning", action=switch)]


def _undone(number: int | None) -> Frame:
    if number is None or number < 1:
        return ask("Which lesson? /learning lists them with their numbers.", "number")
    return propose("learning", action="undo", number=number)


def _switch(sentence: Clause) -> str | None:
    if sentence.has("OFF", "STOP", "PAUSE") or sentence.says("off", "quit", "ignore", "disable"):
        return "off"
    on = sentence.has("ON", "RESUME") or sentence.says("on", "start", "use", "apply", "again", "back")
    return "on" if on and not sentence.question else None


def _universe(sentence: Clause, scene: Scene) -> list[Frame] | None:
    """'Take doge off the list', 'put ltc back on the watchlist'."""
    if not sentence.says(*_LISTS) or not sentence.coins or sentence.question or sentence.numbers:
        return None
    if sentence.says("blacklist"):
        lifts = sentence.says("off", "from", "remove", "un", "lift")
        action = "allow" if lifts else "deny"
    elif sentence.says("off", "from", "remove", "out", "drop", "deny", "exclude", "ban", "strike"):
        action = "deny"
    elif sentence.says("add", "back", "on", "allow", "include", "to", "into", "put"):
        action = "allow"
    else:
        return None
    return [propose("universe", action=action, symbol=scene.symbol(coin)) for coin in sentence.coins]


_LISTS = tuple(bag("universe watchlist whitelist blacklist list pairs coins"))
_ROWS = {
    "capital": "capital bankroll budget", "daily_loss_limit": "loss losses daily",
    "hours": "hours times schedule",
    "ask_above": "ask asking approval",
}  # fmt: skip


def _mandate(sentence: Clause) -> list[Frame] | None:
    """'Drop the capital rule', 'lift the ban on doge', 'you may buy doge again', 'my standing orders'."""
    named = sentence.says("mandate", "policy", "ban", "rule", "rules") or sentence.run("standing", "orders")
    again = sentence.says("again") and sentence.says("may", "allowed", "can")
    again = again and sentence.has("BUY", "TRADE")
    if sentence.coins and again and not sentence.numbers and not sentence.question:
        return [propose("mandate", drop=coin.unit.lower()) for coin in sentence.coins]
    if not named or sentence.numbers:
        return None
    ends = sentence.has("CANCEL", "FORGET") or sentence.says(
        "lift", "end", "drop", "remove", "undo", "delete"
    )
    if not ends or sentence.question:
        shown = sentence.has("SHOW", "WHAT") and (sentence.says("standing", "mandate") or sentence.has("MY"))
        told = sentence.says("mandate", "standing", "policy") or sentence.run("my", "rules")
        return [look_up("mandate")] if shown and told else None
    if sentence.coins:
        return [propose("mandate", drop=coin.unit.lower()) for coin in sentence.coins]
    row = next((name for name, words in _ROWS.items() if sentence.says(*words.split())), None)
    if row or sentence.says("all", "everything", "whole", "mandate"):
        return [propose("mandate", drop=row or "all")]
    return None


_FAMILY = tuple(
    bag("daughter son kid kids child children school college university niece nephew sister brother")
)


def _tuition(sentence: Clause) -> list[Frame] | None:
    """A bounded sum to learn with while the edge gate is closed."""
    if not sentence.says("tuition") or sentence.says(*_FAMILY):
        return None
    money = next((one for one in sentence.numbers if one.unit in ("", "USD", "EUR", "GBP")), None)
    if money is not None and not sentence.question:
        return [propose("set_risk", parameter="tuition", value=money.amount, unit="quote")]
    ended = sentence.has("STOP", "OFF", "CANCEL") or sentence.says("end", "no")
    if ended and not sentence.question:
        return [propose("set_risk", parameter="tuition", value=Decimal(0), unit="quote")]
    return [look_up("get_status", view="edge")]
