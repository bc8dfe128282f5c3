"""Rules for what Zyn keeps of its owner: facts, standing wishes, preferences; read as typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from rapidfuzz import fuzz

from core.agent.offline.clause import POLITE, Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.limits import names_limit
from core.agent.offline.scene import Frame, Scene, act, ask, look_up
from core.agent.offline.shunned import keeps_to, shuns
from core.agent.offline.tagging import read
from core.agent.offline.tokens import Kind, fold

_REMEMBER = re.compile(
    r"(?is)\b(?:remember|remind me (?:to|that)|note down|note|memori[sz]e|"
    r"keep in mind|bear in mind|fyi|jot down|"
    r"write down|for the record|"
    r"take note|make a note|keep a note|(?:don'?t|do not) (?:let me )?forget|for your information|"
    r"store this|save this)\b"
    r"[\s:,;-]*(?:(?:that|down|this|of the fact that)\b[\s:,]*)*(.+)$"
)
_AFTERWARDS = re.compile(
    r"(?is)^(.{4,}?)[\s,;:-]+(?:so |and )?(?:please )?(?:remember|note|keep) (?:it|that|this)\W*$"
)
_FORGET = re.compile(
    r"(?is)\b(?:forget|erase|delete|wipe|unlearn|remove)\b[\s:,]*(?:about|that|"
    r"what i (?:said|told you) about|"
    r"the note "
    r"(?:about|on)|my note (?:about|on)|everything about|the fact that|the thing about|"
    r"what you know about)?\s*(.*)$"
)
# 'That thing about my boss, you can forget it': what falls away stands before the wish.
_DROPPED = re.compile(
    r"(?is)^(.{6,}?)[\s,;:-]+(?:so |and )?(?:you (?:can|may) |please )?(?:now )?"
    r"forget (?:it|that|this)(?: now)?\b"
)
_VOCATIVE = re.compile(
    r"(?i)(?:\s*,\s*|\s+)(?:my )?"
    r"(?:dear|love|darling|mate|buddy|pal|zyn|please|sweetheart|honey|boss|friend|bro"
    r"|old (?:chap|boy|friend)|sir|dude|man|amigo|bruh|again|anyway|then|though)$"
)
_CALLED = re.compile(r"(?i)\b(?:call me|my name is|address me as|my name'?s)\s+([\w' -]{1,40})")
_SPEAKING = tuple(bag("speak talk answer reply respond use language switch habla sprich write"))
_ABOUT = re.compile(
    r"(?i)\b(?:about|told you about|said about|remember about|my|of my|on my)"
    r"\s+(?:my\s+)?([\w' -]{2,60})\??\s*$"
)
_NOISE = bag("""what when is are my the i do did you me tell remember about again know name's s a get""")
_AT_NIGHT = re.compile(
    r"\b(\d{1,2}(?::\d{2})?\s*(?:am|pm)?)\s*(?:to|-|until|till|and)\s*(\d{1,2}(?::\d{2})?\s*(?:am|pm)?)\b"
)


def notes(sentence: Clause, scene: Scene, raw: str) -> list[Frame] | None:
    """The frame of a sentence that is about memory or preferences, or None."""
    raw = raw.strip().rstrip("?.! ").strip()
    raw = _VOCATIVE.sub("", raw) if sentence.has("RECALL") else raw
    return (
        _recall(sentence, raw) or _called(sentence, raw) or _preference(sentence, raw)
        or _remember(sentence, raw)
        or _forget(sentence, raw)
    )  # fmt: skip


def _remember(sentence: Clause, raw: str) -> list[Frame] | None:
    first = sentence.opening[0] if sentence.opening else None
    asked = sentence.has("REMEMBER") and (sentence.polite_request or _only_leads_up(sentence))
    if first is not None and (first.tag == "REMEMBER" or asked):
        found = _REMEMBER.search(raw) or _REMEMBER.search(_respelled(sentence, raw, "REMEMBER"))
        text, deed = _and_pause(found[1].strip() if found else "")
        note = look_up("remember", text=text[:500]) if text else None
        return [note or ask("What shall I remember?", "text", intent="remember"), *deed]
    if sentence.has("REMEMBER") and (found := _AFTERWARDS.match(raw)):
        return [look_up("remember", text=found[1].strip()[:500])]
    standing = first is not None and (
        first.tag == "NEVER" or sentence.run("i", "never") or sentence.run("from", "now", "on")
    )
    if standing and not sentence.question and not _a_limit(sentence):
        return [look_up("remember", text=raw[:500])]
    if shuns(sentence) or keeps_to(sentence):
        return [look_up("remember", text=raw[:500])]
    shunned = re.match(r"(?i)\s*i\s+(don'?t|do not|never)\s+(want|like|trust|wish)\b", raw)
    if (
        shunned
        and first is not None
        and first.text == "i"
        and not _a_limit(sentence)
        and not sentence.has("CANCEL", "ORDER", "BUY", "SELL", "CONFIRMWORD", "FLAT", "CLOSE")
    ):
        return [look_up("remember", text=raw[:500])]
    wishes = sentence.run("i", "prefer") or sentence.run("i", "hate") or sentence.run("i", "like")
    wishes = wishes and not (first is not None and first.tag == "FORGET")
    return (
        [look_up("remember", text=raw[:500])]
        if wishes and not sentence.question and not sentence.numbers
        else None
    )


_LEADING_UP = bag("WANT ME CAN IT IS PLEASE AUTOPILOT FREE")


def _only_leads_up(sentence: Clause) -> bool:
    """'I want you to remember ...', 'make sure to remember ...': courtesy before the wish."""
    before = sentence.tokens[: sentence.place("REMEMBER")]
    plain = all(
        token.kind in (Kind.WORD, Kind.MARK)
        and (not token.tag or token.tag in POLITE | _LEADING_UP | {"SET", "MY"})
        for token in before
    )
    return plain and len(before) <= 6 and not sentence.question


def _and_pause(text: str) -> tuple[str, list[Frame]]:
    """'... and pause' at the end of a note is a wish of its own."""
    head, joint, tail = text.rpartition(" and ")
    words = [token for token in read(tail) if token.tag not in ("PLEASE", "FILLER")] if joint else []
    if len(words) == 1 and words[0].tag == "PAUSE":
        return head.rstrip(" ,"), [act("pause")]
    return text, []


def _a_limit(sentence: Clause) -> bool:
    return bool(sentence.numbers) and (names_limit(sentence) is not None or sentence.has("PNL"))


def _forget(sentence: Clause, raw: str) -> list[Frame] | None:
    first = sentence.opening[0] if sentence.opening else None
    if not (sentence.coins or sentence.numbers or sentence.has(*_DEEDS)) and (gone := _DROPPED.match(raw)):
        return [look_up("forget", query=gone[1].strip()[:200])]
    about_notes = sentence.says("note", "notes", "memory", "fact", "facts", "reminder") and sentence.has(
        "CANCEL"
    )
    if first is None or not (
        first.tag == "FORGET"
        or about_notes
        or _may_forget(sentence)
        or (sentence.polite_request and sentence.has("FORGET"))
    ):
        return None
    if sentence.has("ORDER") and not sentence.has("REMEMBER", "RECALL") and not sentence.says("said", "told"):
        return None
    if sentence.has("PAUSE", "RESUME") and not sentence.has("REMEMBER", "RECALL"):
        return None
    told = sentence.texts.index(first.text) + 1 if first.tag == "FORGET" else len(sentence.texts)
    whole = sentence.texts[told : told + 1] in (("that",), ("about",), ("my",)) and len(sentence.texts) > 4
    if sentence.texts[-1] in ("forget it", "forget about it") or (sentence.has("NO") and not whole):
        return None
    found = _FORGET.search(raw) or _FORGET.search(_respelled(sentence, raw, "FORGET"))
    query = found[1].strip() if found else ""
    return (
        [look_up("forget", query=query[:200])]
        if query
        else [ask("What shall I forget?", "query", intent="forget")]
    )


_LOOKED_UP = ("BALANCE", "POSITION", "PNL", "ORDER", "TRADELIST", "RESTING")  # kept by the exchange, no note
_DEEDS = (
    *_LOOKED_UP,
    "BUY",
    "SELL",
    "FLAT",
    "CLOSE",
    "PAUSE",
    "RESUME",
    "CANCEL",
    "SET",
    "RISKWORD",
    "TRADE",
)
_ALIKE = 70  # percent


def _respelled(sentence: Clause, raw: str, tag: str) -> str:
    """The raw text with its misspelled verb written right: 'forgt my birthday'."""
    verb = sentence.tokens[sentence.place(tag)].text.split()[0]
    near = max(raw.split(), key=lambda word: fuzz.ratio(word.lower(), verb), default="")
    return raw.replace(near, verb, 1) if fuzz.ratio(near.lower(), verb) >= _ALIKE else raw


def _may_forget(sentence: Clause) -> bool:
    """'You may forget what I told you about ...': leave to forget is a wish for it."""
    before = sentence.tokens[: max(sentence.place("FORGET"), 0)]
    allowed = all(
        token.tag in ("CAN", "PLEASE", "FILLER") or token.text in ("you", "now", "also") for token in before
    )
    return bool(before) and allowed and before[0].text == "you" and not sentence.asked


def _recall(sentence: Clause, raw: str) -> list[Frame] | None:
    opening = sentence.opening[0].tag if sentence.opening else ""
    if opening in ("REMEMBER", "NAMED", "NEVER", "FORGET") or not sentence.has("RECALL"):
        return None
    if _may_forget(sentence) or (sentence.says("remind") and sentence.has(*_LOOKED_UP)):
        return None
    if sentence.has("PRICE", "BUY", "SELL") and not sentence.question:
        return None
    return [look_up("recall", query=_subject(raw))]


def _subject(raw: str) -> str | None:
    """What a question about memory is about: the words after 'about' or 'my', else its own words."""
    found = _ABOUT.search(raw)
    if found and found[1].strip().lower() not in ("me", "myself"):
        return found[1].strip()
    left = [word for word in fold(raw).split() if word not in _NOISE and word.isalpha()]
    return " ".join(left[:6]) or None


_NO_NAME = bag("only if when back later once just before after at on in for about")


def _called(sentence: Clause, raw: str) -> list[Frame] | None:
    found = _CALLED.search(raw)
    if not found or not sentence.has("NAMED") or sentence.question:
        return None
    if sentence.has("REMEMBER") or found[1].split()[0].lower() in _NO_NAME:
        return None
    name = re.split(r"(?i)\s+(?:from|please|instead|and|now)\b", found[1])[0].strip()
    return [look_up("set_preference", key="name", value=name)]


def _preference(sentence: Clause, raw: str) -> list[Frame] | None:
    if sentence.question or sentence.has("BUY", "SELL", "REMEMBER"):
        return None
    for rule in (_summary, _grave_only, _quiet, _messages, _language, _wording, _money, _zone):
        found = rule(sentence, raw)
        if found:
            key, value = found
            return [look_up("set_preference", key=key, value=value)]
    return None


def _time(sentence: Clause) -> str | None:
    return next((token.text for token in sentence.tokens if token.kind is Kind.TIME), None)


def _summary(sentence: Clause, raw: str) -> tuple[str, str | bool] | None:
    named = sentence.has("DAILYREPORT") or sentence.says(
        "summary", "report", "recap", "digest", "update", "briefing"
    )
    if not named:
        return None
    daily = not sentence.says("week", "weekly", "monday", "sunday", "friday")
    prefix = "daily" if daily else "weekly"
    if sentence.has("OFF", "NOT", "NO", "STOP", "CANCEL"):
        return f"{prefix}_summary", False
    at = _time(sentence) or _named_time(sentence) or _hour(sentence)
    if at:
        return f"{prefix}_summary_time", at
    if sentence.texts[-1] in ("on", "off"):
        return f"{prefix}_summary", sentence.texts[-1] == "on"
    switched = sentence.has("ON") or (
        sentence.has("NOTIFY", "WANT") and sentence.has("SCHEDULE", "DAILYREPORT")
    )
    switched = switched or (sentence.has("WEEKDAYS") and sentence.says("weekly", "report", "summary"))
    return (f"{prefix}_summary", True) if switched else None


def _hour(sentence: Clause) -> str | None:
    """'At 7': the hour alone."""
    for before, number in sentence.pairs():
        hour = number.value if number.kind is Kind.NUMBER and not number.unit else None
        if before.tag == "AT" and hour is not None and hour % 1 == 0 and 0 <= hour <= 24:
            return f"{int(hour) % 24:02d}:00"
    return None


def _named_time(sentence: Clause) -> str | None:
    names = {"noon": "12:00", "midday": "12:00", "midnight": "00:00"}
    return next((at for word, at in names.items() if sentence.says(word)), None)


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
    if not hush:
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
    return "verbosity", "long" if sentence.says("detailed", "verbose", "long", "longer") else "short"


def _money(sentence: Clause, raw: str) -> tuple[str, str | bool] | None:
    shown = sentence.has("SHOW", "SET") or sentence.says("use", "display", "in", "report")
    told = sentence.opening and sentence.opening[0].text in ("report", "display", "show me everything")
    kept = told or sentence.says(
        "everything", "always", "default", "currency", "amounts", "values", "prices", "numbers", "figures"
    )
    money = next((token.unit for token in sentence.tokens if token.tag == "MONEY"), None)
    return ("currency", money) if shown and kept and money and not sentence.coins else None


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
