"""Small talk, and what is said when nothing was understood."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz, process

from core.agent.intents import Outcome
from core.agent.offline.clause import Clause
from core.agent.offline.levels import UNNAMED
from core.agent.offline.likely import neighbours
from core.agent.offline.scene import Frame, Scene, ask, chat, look_up
from core.agent.offline.tokens import Kind
from core.engine.entries import ALL

_TRADE_TALK = (
    "BUY",
    "SELL",
    "SPEND",
    "STOP",
    "STOPLOSS",
    "TARGET",
    "LIMIT",
    "BRACKET",
    "RAISE",
    "LESSEN",
    "SET",
    "CLOSE",
)
_NOT_MINE = (
    "I do not know that: my field is your trading. "
    "Ask me about prices, positions or results, or tell me what to do."
)


def small_talk(sentence: Clause, scene: Scene) -> Frame | None:
    """An answer to thanks, greetings, a stray yes or no."""
    words = [token for token in sentence.tokens if token.tag not in ("FILLER",)]
    tags = {token.tag for token in words}
    if sentence.has("GUARANTEE"):
        return chat(
            "Nobody can promise a profit, and neither do I. I keep losses small and show every number."
        )
    if tags <= {"YES", "OKAY", "NEUTRAL", "PLEASE", "MY", "IT", "AT"} and tags & {"YES", "OKAY"}:
        return ask(
            "There is nothing waiting for your yes right now. What would you like me to do?", "pending"
        )
    said = [token for token in words if token.kind is not Kind.MARK]
    if "NO" in tags and len(said) <= 4 and not sentence.has("WHAT", "HOW", "WHERE"):
        return chat("Fine, nothing changes.")
    for tag, line in _LINES:
        if tag in tags:
            return chat(line)
    return None


_LINES = (
    ("WELL", "All well, {owner}: I am here and watching. Ask me how the trades are doing."),
    ("THANKS", "You are welcome, {owner}. I keep watch."),
    ("BYE", "Good night, {owner}. I keep watch, and I will tell you when something happens."),
    ("GREET", "Hello, {owner}! I am here and watching. Ask me how things stand."),
    ("LAUGH", "Glad to hear it."),
    ("NEUTRAL", "Good."),
)


def unfinished(sentence: Clause, scene: Scene) -> Frame | None:
    """A question back for trading words that fit no rule."""
    if sentence.has("STOP", "STOPLOSS", "TARGET"):
        return ask(UNNAMED, "symbol", "stop")
    if sentence.opening and sentence.opening[0].tag == "WHEN" and _asks_a_day(sentence):
        said = [word for word in sentence.texts if word.isalpha() and word not in _NOT_A_SUBJECT]
        return look_up("recall", query=" ".join(said)[:60] or None)
    idle = sentence.question and (sentence.has("HOW") or not (sentence.coins or sentence.numbers))
    if sentence.has("BUY", "SELL", "SPEND", "BID", "OFFER") and not idle:
        return ask("Which coin, and how much?", "symbol", "amount", intent="place_order")
    if sentence.has("CANCEL"):
        return ask(
            "What shall I cancel: one order, a coin's orders, or all of them?", "order", intent="cancel_order"
        )
    if sentence.numbers and not sentence.question and len(sentence.tokens) <= 4:
        return ask("What shall I do with that number: buy, sell, or a limit?", "intent")
    if sentence.has(*_TRADE_TALK) and not sentence.question and len(sentence.tokens) <= 8:
        return ask(
            "I am not sure what you want changed. Say it with the coin and the amount, please.", "intent"
        )
    if (
        sentence.question
        and sentence.has("MY")
        and sentence.opening[0].tag in ("WHAT", "WHEN", "WHERE", "WHO")
    ):
        after = sentence.texts[sentence.place("MY") + 1 :]
        return look_up("recall", query=" ".join(word for word in after if word.isalpha())[:60] or None)
    about_me = (
        sentence.says("am", "do", "did", "was") and sentence.says("i") and not sentence.has(*_TRADE_TALK)
    )
    if sentence.question and about_me and sentence.opening[0].text in ("what", "when", "where", "who"):
        said = [word for word in sentence.texts if word.isalpha() and word not in _NOT_A_SUBJECT]
        return look_up("recall", query=" ".join(said)[:60] or None)
    if sentence.coins and len(sentence.tokens) <= 6:
        return look_up("get_price", symbol=scene.symbol(sentence.coins[0]))
    return None


def _asks_a_day(sentence: Clause) -> bool:
    """'When is rent due': a day that only a note can tell."""
    plain = not sentence.has(*_TRADE_TALK, "TRADE", "ORDER", "ALIVE", "AUTOPILOT", "WHAT")
    return sentence.question and plain and sentence.says("is", "was", "are") and not sentence.coins


_NOT_A_SUBJECT = frozenset(
    [
        "is",
        "are",
        "my",
        "what",
        "when",
        "where",
        "who",
        "am",
        "do",
        "did",
        "was",
        "i",
        "for",
        "the",
        "a",
        "to",
        "of",
        "again",
    ]
)


def lost(text: str) -> Frame:
    """Nothing understood: say so, with the questions and commands that sound nearest."""
    return Frame(Outcome.CHAT, say=_NOT_MINE, suggestions=tuple(neighbours(text, 3)) or tuple(nearest(text)))


def nearest(text: str, limit: int = 3) -> Sequence[str]:
    """Commands whose summary is most like the text, for 'did you mean' buttons."""
    menu = {f"/{entry.command}": f"{entry.command} {entry.summary}" for entry in ALL if entry.menu}
    ranked = process.extract(text, menu, scorer=fuzz.token_set_ratio, limit=limit, score_cutoff=45)
    return [command for _, _, command in ranked]
