"""Slash commands: the words after a command become the slots of its entry."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from rapidfuzz import process

from core.agent.offline.amounts import order_numbers
from core.agent.offline.charts import timeframe_of
from core.agent.offline.clause import Clause
from core.agent.offline.control import duration_of, until_of
from core.agent.offline.levels import levels_of
from core.agent.offline.lexicon import bag
from core.agent.offline.limits import unit_of
from core.agent.offline.periods import find_period
from core.agent.offline.tagging import read
from core.agent.offline.tokens import Kind, Token
from core.agent.slash_alerts import alerts
from core.agent.typed import CODE, METRICS, PERIODS, Slots, Typed
from core.engine.breakdown import BY
from core.engine.entries import ELSEWHERE
from core.engine.registry import Entry

_ORDER_ID = re.compile(r"O[A-Z0-9-]{1,}|[0-9a-f-]{36}")
_FIXED_PERIODS = {"daily": "today", "weekly": "this_week", "monthly": "this_month"}
_STEPS = {"daily": ("day", 1), "weekly": ("week", 7), "monthly": ("month", 30)}
_TAKEN_APART = {  # words of other bots for the whole record, taken apart
    "performance": "symbol", "stats": "reason", "entries": "rule", "buys": "rule", "exits": "reason",
    "sells": "reason", "mix_tags": "rule",
}  # fmt: skip


def slots_of(entry: Entry, word: str, rest: str, today: date, quote: str = "USD") -> Slots:
    """The slots of a typed command. Raises Refused with one line on how to write it."""
    typed = Typed(entry, word, rest, today, quote)
    reader = _READERS.get(entry.intent)
    if reader is None:
        return {}
    return {name: value for name, value in reader(typed).items() if value is not None}


def coin_alone(entry: Entry, word: str, rest: str, today: date, quote: str) -> tuple[str | None, bool]:
    """The pair that was typed, and whether nothing else was: what a picker may go on from."""
    typed = Typed(entry, word, rest, today, quote)
    symbol = typed.symbol() if typed.args else None
    return symbol, not typed.args or (symbol is not None and len(typed.args) == 1)


def unknown(word: str, words: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """What to say of a command nobody knows, with the nearest ones."""
    if word in ELSEWHERE:
        return ELSEWHERE[word], ()
    near = [f"/{found}" for found, score, _ in process.extract(word, list(words), limit=3) if score >= 60]
    way_out = " Did you mean one of these?" if near else " /help lists what I can do."
    return f"I do not know /{word}.{way_out}", tuple(near)


def split_command(text: str) -> tuple[str, str]:
    """'/buy@ZynBot eth 50' is the word buy and the rest."""
    head, _, rest = text[1:].partition(" ")
    return head.partition("@")[0].lower(), rest


def _order(typed: Typed) -> Slots:
    """/buy eth 50 stop 2% target 4%: a bare number after the coin is money, one before it is coins."""
    side = "sell" if typed.word == "sell" else "buy"
    symbol = typed.symbol()
    numbers = order_numbers(_with_verb(typed.clause, side), side)
    if symbol is None or numbers.bad or numbers.leverage:
        raise typed.fail()
    if typed.word in _MOVES:
        return {"symbol": symbol, _MOVES[typed.word]: _level(typed)}
    if typed.word == "bracket" and (levels := _only_levels(typed)):
        return {"symbol": symbol, **levels}
    amount = numbers.amount or ((numbers.plain, "quote") if numbers.plain is not None else None)
    if amount is None:
        raise typed.fail()
    return {
        "side": side, "symbol": symbol, "amount": amount, "limit_price": numbers.limit,
        "type": "market" if numbers.limit is None else "limit", "stop": numbers.stop,
        "take_profit": numbers.target,
    }  # fmt: skip


_MOVES = {"move_sl": "stop", "move_tp": "take_profit"}


def _level(typed: Typed) -> tuple[Decimal, str]:
    """/move_sl eth 3,050 and /move_tp eth 5%: the one number behind the coin."""
    if len(typed.clause.numbers) != 1:
        raise typed.fail()
    number = typed.clause.numbers[0]
    return number.amount, "percent" if number.unit == "%" else "price"


def _only_levels(typed: Typed) -> Slots:
    """/bracket eth stop 3,050 target 5%: new levels, and no number that could be an amount."""
    levels = dict(levels_of(typed.clause))
    return levels if len(levels) == len(typed.clause.numbers) else {}


def _with_verb(clause: Clause, side: str) -> Clause:
    """The arguments as the sentence they stand for; a number right after the coin stays money."""
    tokens = list(clause.tokens)
    for at, token in enumerate(tokens[1:], start=1):
        after_coin = tokens[at - 1].kind is Kind.COIN
        if token.kind is Kind.NUMBER and not token.unit and after_coin:
            tokens[at] = Token(token.text, Kind.NUMBER, value=token.value, unit="USD")
            break
    return Clause((Token(side, tag=side.upper()), *tokens))


def _flatten(typed: Typed) -> Slots:
    now = "now" in (arg.lower() for arg in typed.args)
    named = [arg for arg in typed.args if arg.lower() not in ("now", "all", "everything")]
    symbol = typed.symbol() if named else None
    if named and symbol is None:
        raise typed.fail()
    return {"symbol": symbol, "now": now or None}


def _cancel(typed: Typed) -> Slots:
    if typed.word == "cancel_all" or typed.rest.lower() in ("all", "everything"):
        return {"which": "all"}
    if not typed.args:
        raise typed.fail()
    if typed.rest.lower() == "last":
        return {"which": "last"}
    first = typed.args[0]
    if _ORDER_ID.fullmatch(first):
        return {"order_id": first}
    symbol = typed.symbol()
    if symbol is None:
        raise typed.fail()
    return {"symbol": symbol, "which": "all"}


def _pnl(typed: Typed) -> Slots:
    """/pnl [period] [coin] [by what]; a bare number counts days, or weeks and months after those words."""
    by = _TAKEN_APART.get(typed.word) or next((arg for arg in map(str.lower, typed.args) if arg in BY), None)
    count = next((int(arg) for arg in typed.args if arg.isdigit() and 1 <= int(arg) <= 1000), None)
    if count is not None:
        step, days = _STEPS.get(typed.word, ("", 1))
        since = typed.today - timedelta(days=count * days - 1)
        period: Any = {"from": since.isoformat(), "to": typed.today.isoformat()}
        by = by or step or None
    else:
        whole = "all" if typed.word in _TAKEN_APART else None
        period = _FIXED_PERIODS.get(typed.word) or _period(typed) or whole
    metric = next((name for name in METRICS if name in typed.args), None)
    symbol = typed.symbol() if typed.clause.coins else None
    return {"period": period, "symbol": symbol, "metric": metric, "by": by}


def _period(typed: Typed) -> Any:
    named = next((arg.lower() for arg in typed.args if arg.lower() in PERIODS), None)
    return named or find_period(typed.clause.tokens, typed.today)


def _trades(typed: Typed) -> Slots:
    count = next((int(arg) for arg in typed.args if arg.isdigit() and 1 <= int(arg) <= 500), 500)
    symbol = typed.symbol() if typed.clause.coins else None
    return {"symbol": symbol, "limit": count, "side": _side(typed), "period": _period(typed)}


def _side(typed: Typed) -> str | None:
    return next((arg.lower() for arg in typed.args if arg.lower() in ("buy", "sell")), None)


def _why(typed: Typed) -> Slots:
    decision = "why_not" if typed.word == "whynot" else None
    return {"symbol": typed.symbol(), "side": _side(typed), "decision": decision}


def _chart(typed: Typed) -> Slots:
    kinds = ("equity", "week", "trade", "light", "dark")
    named = [arg.lower() for arg in typed.args if arg.lower() in kinds]
    named = ["equity", *named] if typed.word == "equity" else named
    kind = " ".join(dict.fromkeys(named)) or None
    if {"equity", "week"}.intersection(named):
        return {"kind": kind}
    if "trade" in named:
        return {"kind": kind, "symbol": typed.symbol()}
    return {"kind": kind, "symbol": typed.symbol(), "timeframe": timeframe_of(typed.clause)}


def _backtest(typed: Typed) -> Slots:
    return {"symbol": typed.symbol() if typed.clause.coins else None, "period": _period(typed)}


def _needs_symbol(typed: Typed) -> Slots:
    symbol = typed.symbol()
    if symbol is None:
        raise typed.fail()
    return {"symbol": symbol}


def _maybe_symbol(typed: Typed) -> Slots:
    return {"symbol": typed.symbol() if typed.clause.coins or typed.word != "count" else None}


def _orders(typed: Typed) -> Slots:
    id = next((arg for arg in typed.args if _ORDER_ID.fullmatch(arg)), None)
    if typed.word == "order" and id is None:
        raise typed.fail()
    return {"order_id": id} if id else {"symbol": typed.symbol()}


def _pause(typed: Typed) -> Slots:
    symbol = typed.symbol() if typed.clause.coins else None
    return {"symbol": symbol, "duration": duration_of(typed.clause), "until": until_of(typed.clause)}


def _risk(typed: Typed) -> Slots:
    if not typed.args:
        return {}
    value = typed.clause.numbers[-1] if typed.clause.numbers else None
    if value is None or len(typed.args) < 2:
        raise typed.fail()
    unit = unit_of(value)
    return {"parameter": typed.args[0].lower(), "value": value.amount, "unit": unit}


def _prefer(typed: Typed) -> Slots:
    key, _, value = typed.rest.partition(" ")
    if not key or not value.strip():
        raise typed.fail()
    return {"key": key.lower(), "value": value.strip()}


def _universe(typed: Typed) -> Slots:
    action = next((arg.lower() for arg in typed.args if arg.lower() in ("allow", "deny", "list")), None)
    named = [arg for arg in typed.args if arg.lower() not in _LIST_WORDS]
    symbol = typed.symbol() if named else None
    action = action or (_LISTS.get(typed.word) if named else None)
    if (named or action in ("allow", "deny")) and symbol is None:
        raise typed.fail()
    return {"action": action, "symbol": symbol}


_LIST_WORDS = ("allow", "deny", "list", "sorted", "baseonly")
_LISTS = {"whitelist": "allow", "blacklist": "deny", "blacklist_delete": "allow", "bl_delete": "allow"}


def _learning(typed: Typed) -> Slots:
    """/learning undo 3, or /undo_lesson 3."""
    words = [arg.lower() for arg in typed.args]
    action = "undo" if typed.word == "undo_lesson" else (words[0] if words else "list")
    numbers = [int(one) for one in words if one.isdigit()]
    if action not in ("list", "on", "off", "undo", "reset") or (action == "undo" and not numbers):
        raise typed.fail()
    return {"action": action, "number": numbers[0] if numbers else None}


def _text(typed: Typed) -> Slots:
    if not typed.rest:
        raise typed.fail()
    return {"text": typed.rest[:500]}


_VIEWS = {
    "health": "health", "ratelimit": "health", "cost": "health", "ping": "health", "settings": "settings",
    "config": "settings", "show_config": "settings", "show_conf": "settings", "edge": "edge", "web": "web",
    "version": "version", "tg_info": "version", "logs": "logs", "errors": "logs",
}  # fmt: skip


def _status(typed: Typed) -> Slots:
    asked = next((arg.lower() for arg in typed.args if arg.lower() in _VIEWS), typed.word)
    view = _VIEWS.get(asked)
    count = next((int(arg) for arg in typed.args if arg.isdigit() and 1 <= int(arg) <= 200), None)
    return {"view": view, "count": count if view == "logs" else None}


def _help(typed: Typed) -> Slots:
    return {"query": "start"} if typed.word == "start" else _query(typed)


_MANDATE = {
    "capital": re.compile(r"(?i)\bcapital\s+[$€£]?([\d.,]+k?)"),
    "loss_a_day": re.compile(r"(?i)\bloss\s+[$€£]?([\d.,]+\s?[k%]?)"),
    "never_buy": re.compile(r"(?i)\bnever\s+([\w, ]+?)(?=\s+(?:capital|loss|hours|ask|drop)\b|$)"),
    "hours": re.compile(r"(?i)\bhours\s+(\d{1,2}(?::\d{2})?)\s*-\s*(\d{1,2}(?::\d{2})?)"),
    "ask_above": re.compile(r"(?i)\bask\s+(?:above\s+)?[$€£]?([\d.,]+k?)"),
    "drop": re.compile(r"(?i)\bdrop\s+(\S+)"),
}


def _mandate(typed: Typed) -> Slots:
    """/mandate capital 2000 loss 3% never doge,shib hours 08:00-22:00 ask 500."""
    found = {name: match for name, one in _MANDATE.items() if (match := one.search(typed.rest))}
    if typed.rest and not found:
        raise typed.fail()
    slots: Slots = {}
    for name, match in found.items():
        if name in ("capital", "ask_above"):
            slots[name] = _number_in(match[1], typed)
        elif name == "loss_a_day":
            unit = "percent" if match[1].rstrip().endswith("%") else "quote"
            slots[name] = (_number_in(match[1].rstrip("% "), typed), unit)
        elif name == "hours":
            slots[name] = f"{clock_text(match[1])}-{clock_text(match[2])}"
        elif name == "never_buy":
            coins = Clause(tuple(read(f"never buy {match[1]}"))).coins
            codes = [coin.unit for coin in coins] or [part.upper() for part in re.split(r"[,\s]+", match[1])]
            slots[name] = ",".join(dict.fromkeys(codes))
        else:
            slots[name] = match[1]
    return slots


def _number_in(text: str, typed: Typed) -> Any:
    numbers = Clause(tuple(read(text))).numbers
    if not numbers:
        raise typed.fail()
    return numbers[0].amount


def clock_text(text: str) -> str:
    """8 or 8:30 as HH:MM."""
    hour, _, minute = text.partition(":")
    return f"{int(hour) % 24:02d}:{minute or '00'}"


_TOPICS = {
    "time_of_day": bag("hour hours session sessions time"), "day_of_week": bag("weekday weekdays day days"),
    "symbol": bag("coin coins pair pairs symbol symbols"), "exit": bag("exit exits reason reasons"),
    "strategy": bag("rule rules strategy strategies origin"), "regime": bag("regime regimes market markets"),
}  # fmt: skip


def _insights(typed: Typed) -> Slots:
    """/insights regime: the slices that are asked for."""
    said = set(map(str.lower, typed.args))
    topic = next((topic for topic, words in _TOPICS.items() if said & set(words)), None)
    return {"topic": topic, **({} if topic else _query(typed))}


def _query(typed: Typed) -> Slots:
    return {"query": typed.rest[:200] or None}


def _asset(typed: Typed) -> Slots:
    if typed.clause.coins:
        return {"asset": typed.clause.coins[0].unit}
    return {"asset": typed.args[0].upper() if typed.args and CODE.match(typed.args[0]) else None}


_READERS: Mapping[str, Callable[[Typed], Slots]] = {
    "place_order": _order, "place_bracket": _order, "flatten": _flatten, "cancel_order": _cancel,
    "pause": _pause, "get_performance": _pnl, "get_trades": _trades, "explain_trade": _why, "chart": _chart,
    "backtest": _backtest, "get_price": _needs_symbol, "get_market_info": _needs_symbol,
    "get_positions": _maybe_symbol, "get_orders": _orders, "get_balances": _asset, "set_risk": _risk,
    "universe": _universe, "set_preference": _prefer, "remember": _text,
    "recall": _query, "forget": _query, "help": _help,
    "get_status": _status, "mandate": _mandate,
    "get_insights": _insights, "alerts": alerts, "learning": _learning,
}  # fmt: skip
