"""Help: every command by topic, one of them in full, and why a word of other bots means nothing here."""

from __future__ import annotations

from collections.abc import Mapping

from core.agent import glossary
from core.engine.entries import ELSEWHERE
from core.engine.registry import Door, Entry

TOPICS: Mapping[str, tuple[str, ...]] = {
    "money": (
        "get_status", "get_balances", "get_positions", "get_orders", "get_trades", "get_performance",
    ),
    "market": ("get_price", "get_market_info", "chart", "explain_trade", "universe"),
    "trading": (
        "place_order", "place_bracket", "cancel_order", "flatten", "panic", "pause", "resume", "unlock",
    ),
    "rules": ("set_risk", "mandate", "learning", "get_insights", "backtest"),
    "you": ("alerts", "set_preference", "remember", "recall", "forget", "help"),
}  # fmt: skip


def hello(greeting: str, owner: str, mode: str) -> str:
    """First contact, in five lines."""
    return "\n".join(
        (
            f"{greeting}, {owner}. I am Zyn: I watch the market day and night and trade for you, in the "
            f"{mode} world.",
            "Every position I open has its stop on the exchange; when a day loses too much I stop by myself.",
            "Talk to me as you like, or try /status, /positions, /pnl, /price btc, /why.",
            "I ask before anything that opens risk. /pause stops new trades at once, /flatten sells all.",
            "What matters reaches you here by itself: /alerts says what and when. /help lists the rest.",
        )
    )


def overview(entries: Mapping[str, Entry]) -> str:
    """Every command by topic."""
    lines = ["In plain words, or with a slash. /help WORD tells more of any of them."]
    for topic, intents in TOPICS.items():
        found = [entries[intent] for intent in intents if intent in entries]
        if found:
            lines += [topic.capitalize() + ":", *(f"/{one.command} - {one.summary}" for one in found)]
    told = {intent for intents in TOPICS.values() for intent in intents}
    lines += [f"/{one.command} - {one.summary}" for one in entries.values() if one.intent not in told]
    return "\n".join(lines)


def about(word: str, entry: Entry | None, entries: Mapping[str, Entry]) -> str | None:
    """A command, a topic, a word of other bots or a term of the trade; None when it is none of these."""
    if entry is not None:
        return in_full(entry, word)
    if word in TOPICS:
        return "\n\n".join(in_full(entries[one], "") for one in TOPICS[word] if one in entries)
    return ELSEWHERE.get(word) or glossary.meaning(word)


def in_full(entry: Entry, word: str) -> str:
    """How a command is written, what else it is called, and whether plain words do it too."""
    also = ", ".join(f"/{one}" for one in entry.aliases)
    named = f"/{entry.command}" if word in ("", entry.command) else f"/{word} is /{entry.command}"
    lines = [f"{named}: {entry.summary}."]
    lines += [f"Usage: {entry.usage}"] if entry.usage else []
    lines += [f"Also: {also}"] if also else []
    by_words = Door.MODEL in entry.doors
    lines.append("I may do this when you ask in plain words." if by_words else "Only by this command.")
    return "\n".join(lines)
