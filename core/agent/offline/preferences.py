"""Rules for how the owner likes to be served: messages, quiet hours, summaries, language, time zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from core.agent.offline.clause import Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.scene import Frame, ask, look_up
from core.agent.offline.tagging import read
from core.agent.offline.tokens import Kind, Token, fold

_AT_NIGHT = re.compile(
    r"\b(\d{1,2}(?::\d{2})?\s*(?:am|pm)?)\s*(?:to|-|until|till|and)\s*(\d{1,2}(?::\d{2})?\s*(?:am|pm)?)\b"
)


def preference(sentence: Clause, raw: str) -> list[Frame] | None:
    if sentence.question or sentence.has("BUY", "SELL", "REMEMBER"):
        return None
    for rule in (_summary, _grave_only, _quiet, _messages, _language, _wording, _money, _zone):
        found = rule(sentence, raw)
        if found:
            key, value = found
            return [look_up("set_preference", key=key, value=value)]
    return None


REPORTS = tuple(
    bag(
        """summary report recap digest update briefing resumen informe zusammenfassung bericht tagesbericht
        rapport riepilogo rapporto resumo relatorio"""
    )
)


def _summary(sentence: Clause, raw: str) -> tuple[str, str | bool] | None:
    if not (sentence.has("DAILYREPORT") or sentence.says(*REPORTS)):
        return None
    daily = not sentence.says("week", "weekly", "monday", "sunday", "friday")
    prefix = "daily" if daily else "weekly"
    at = _time(sentence)
    if at:
        return f"{prefix}_summary_time", at
    if sentence.has("OFF", "NOT", "NO", "STOP", "CANCEL"):
        return f"{prefix}_summary", False
    if sentence.texts[-1] in ("on", "off"):
        return f"{prefix}_summary", sentence.texts[-1] == "on"
    switched = sentence.has("ON") or (
        sentence.has("NOTIFY", "WANT") and sentence.has("SCHEDULE", "DAILYREPORT")
    )
    switched = switched or (sentence.has("WEEKDAYS") and sentence.says("weekly", "report", "summary"))
    return (f"{prefix}_summary", True) if switched else None


_OLD = ("NOT", "NO", "INSTEAD", "STOP", "NEVER", "OFF", "CANCEL")
_TURNS = bag(", ; . but and to rather make only")
_BEFORE_HOUR = bag("at to um as alle las until for it")
_NAMED_TIMES = {
    "noon": "12:00", "midday": "12:00", "midnight": "00:00", "mittag": "12:00", "mittags": "12:00",
    "mitternacht": "00:00", "mediodia": "12:00", "medianoche": "00:00", "midi": "12:00", "minuit": "00:00",
    "mezzogiorno": "12:00", "mezzanotte": "00:00",
}  # fmt: skip


def _time(sentence: Clause) -> str | None:
    """The hour that is wished for, and not the one ruled out: 'not at 8, 9 suits me better'."""
    old = False
    wished = None
    sentence = Clause(tuple(token for token in sentence.tokens if token.text != "from now on"))
    for before, token in zip([Token(""), *sentence.tokens], sentence.tokens, strict=False):
        if token.tag in _OLD or token.text in ("from", "than"):
            old = True
        elif token.text in _TURNS:
            old = False
        at = _hour(before, token, loose=sentence.has(*_OLD))
        wished = at if at and not old else wished
    return wished


def _hour(before: Token, token: Token, *, loose: bool) -> str | None:
    """'07:30', 'noon', 'at 7', and the bare '9' beside an hour that is ruled out."""
    if token.kind is Kind.TIME:
        return token.text
    if token.text in _NAMED_TIMES:
        return _NAMED_TIMES[token.text]
    counted = token.kind is Kind.NUMBER and not token.unit or token.kind is Kind.SPAN and token.unit == "h"
    led = before.tag == "AT" or before.text in _BEFORE_HOUR or (loose and token.kind is Kind.NUMBER)
    if not (counted and led) or token.amount % 1 or not 0 <= token.amount <= 24:
        return None
    return f"{int(token.amount) % 24:02d}:00"


def retimed(message: Clause, before: str) -> Frame | None:
    """'Move it to 18:30' behind a word about the daily summary: its new hour."""
    pointed = message.has("IT") or len(message.opening) <= 5
    moved = pointed and not (message.question or message.coins or message.has(*_DEEDS))
    at = _time(message) if moved else None
    told = Clause(tuple(read(before)))
    named = told.has("DAILYREPORT") or told.says(*REPORTS)
    if at is None or not named or told.has(*_DEEDS):
        return None
    weekly = told.says("week", "weekly", "monday", "sunday", "friday")
    return look_up("set_preference", key=f"{'weekly' if weekly else 'daily'}_summary_time", value=at)


_DEEDS = ("BUY", "SELL", "PAUSE", "RESUME", "CLOSE", "FLAT", "CANCEL", "NOTIFY", "ORDER")


_GRAVE = tuple(
    bag(
        """emergency emergencies critical urgent serious important disaster disasters catastrophe crisis
        burning breaks broken wrong"""
    )
)
_CALLS = tuple(bag("bother bug contact ring wake disturb interrupt call buzz"))
_AT_REST = tuple(bag("night nights sleep asleep overnight nighttime"))


def _grave_only(sentence: Clause, raw: str) -> tuple[str, str | bool] | None:
    """'Wake me only for emergencies', 'no messages unless it is urgent': the rest makes no sound."""
    told = sentence.has("NOTIFY", "QUIET") or sentence.says(*_CALLS)
    narrowed = sentence.has("WITHOUT", "IF") or sentence.says("only", "just", "except", "but")
    if not (told and narrowed and sentence.says(*_GRAVE)):
        return None
    return ("quiet_hours", "22:00-07:00") if sentence.says(*_AT_REST) else ("notifications", "critical")


def _quiet(sentence: Clause, raw: str) -> tuple[str, str | bool] | None:
    hush = sentence.has("QUIET") or (
        sentence.has("NOTIFY") and sentence.has("NOT", "NO", "STOP", "NEVER", "OFF")
    )
    if not hush or sentence.says("sms"):
        return None
    span = _AT_NIGHT.search(fold(raw).replace("midnight", "00:00").replace("noon", "12:00"))
    if span:
        return "quiet_hours", f"{_clock(span[1])}-{_clock(span[2])}"
    if sentence.says(*_AT_REST):
        return "quiet_hours", "22:00-07:00"
    times = [token.text for token in sentence.tokens if token.kind is Kind.TIME]
    if times:
        return (
            ("quiet_hours", f"{times[0]}-{times[1]}")
            if len(times) > 1
            else ("quiet_hours", f"22:00-{times[0]}")
            if sentence.says("before", "until", "till")
            else ("quiet_hours", f"{times[0]}-07:00")
        )
    return ("notifications", False) if sentence.has("NOTIFY") or len(sentence.tokens) <= 4 else None


def _clock(text: str) -> str:
    hour, _, minute = text.rstrip("apm ").partition(":")
    late = text.strip().endswith("pm") and int(hour) < 12
    return f"{(int(hour) + (12 if late else 0)) % 24:02d}:{minute or '00'}"


def _messages(sentence: Clause, raw: str) -> tuple[str, str | bool] | None:
    if not sentence.has("NOTIFY") or sentence.coins:
        return None
    kind = "sms" if sentence.says("sms", "text", "texts", "texting") else "notifications"
    if sentence.has("OFF", "NOT", "NO", "STOP") or sentence.texts[-1] == "off":
        return kind, False
    sent = sentence.has("SEND", "WANT", "NOTIFY") and sentence.says("too", "also", "by", "via")
    switched = sentence.has("ON") or (sentence.texts[-1] == "on" and not sentence.question)
    if switched or (sent and not sentence.has("WHEN", "IF", "CROSSES", "PRICE")):
        return kind, True
    only = sentence.says("only", "just", "every", "each", "whenever", "when") and sentence.has(
        "TRADE", "TRADELIST", "PNL"
    )
    return (kind, "trades") if only else None


def _language(sentence: Clause, raw: str) -> tuple[str, str | bool] | None:
    spoken = sentence.says(
        "speak", "talk", "answer", "reply", "respond", "use", "language", "switch", "habla", "sprich", "write"
    )
    names = {"german": "de", "deutsch": "de", "spanish": "es", "espanol": "es", "french": "fr",
             "francais": "fr",
             "english": "en", "portuguese": "pt", "portugues": "pt", "italian": "it"}  # fmt: skip
    code = next((code for name, code in names.items() if sentence.says(name)), None)
    return ("language", code) if spoken and code else None


def _wording(sentence: Clause, raw: str) -> tuple[str, str | bool] | None:
    told = sentence.says("answers", "replies", "messages") and sentence.says(
        "short", "brief", "long", "detailed"
    )
    if not (sentence.has("VERBOSITY") or told) or sentence.coins:
        return None
    return "verbosity", "long" if sentence.says("more", "detailed", "verbose", "long", "longer") else "short"


def _money(sentence: Clause, raw: str) -> tuple[str, str | bool] | None:
    shown = sentence.has("SHOW", "SET") or sentence.says("use", "display", "in", "report")
    told = sentence.opening and sentence.opening[0].text in ("report", "display", "use")
    kept = told or sentence.says(
        "everything", "always", "default", "currency", "amounts", "values", "prices", "numbers", "figures"
    )
    money = next((token.unit for token in sentence.tokens if token.tag == "MONEY"), None)
    return ("currency", money) if shown and kept and money and not sentence.coins else None


_PLACED = re.compile(
    r"(?i)^(?:i'?m|i am|we are|we're|i have moved|i moved|i'?ve moved"
    r"|i live|i'?m living|i am living|just landed)"
    r"(?: now| currently| back)? (?:in|at|to) ([a-z ]{3,24}?)(?: now| this week| today| for .*)?$"
)


def moved(raw: str) -> list[Frame] | None:
    """'I'm in Lisbon now': whether the owner's hours shall follow him is asked."""
    told = _PLACED.match(fold(raw).strip())
    zone = cities().get(told[1].strip()) if told else None
    if zone is None:
        return None
    return [ask(f"Shall I use that time? Say: my time zone is {zone}.", "value", intent="set_preference")]


def _zone(sentence: Clause, raw: str) -> tuple[str, str | bool] | None:
    found = re.search(r"\b([A-Z][A-Za-z]+/[A-Z][A-Za-z_]+)\b", raw)
    if found and sentence.has("TIMEZONE", "SET"):
        return "timezone", found[1]
    if not sentence.has("TIMEZONE") and not (
        sentence.says("time") and sentence.says("use", "in", "on", "set")
    ):
        return None
    said = f" {' '.join(re.findall(r'[a-z]+', fold(raw)))} "
    city = next((zone for name, zone in cities().items() if f" {name} " in said), None)
    return ("timezone", city) if city else None


@cache
def cities() -> Mapping[str, str]:
    """Cities that name a time zone, in plain lower case."""
    zones = (zone for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith("Etc/"))
    return {zone.rpartition("/")[2].replace("_", " ").lower(): zone for zone in zones}
