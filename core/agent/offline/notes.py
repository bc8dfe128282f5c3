"""Rules for what Zyn keeps of its owner: facts, standing wishes, preferences; read as typed."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from core.agent.offline.caps import bounds
from core.agent.offline.clause import POLITE, Clause
from core.agent.offline.clauses import asks_to_see
from core.agent.offline.habits import left_alone
from core.agent.offline.lexicon import bag, known_words
from core.agent.offline.limits import names_limit
from core.agent.offline.periods import CALENDAR_WORDS
from core.agent.offline.preferences import REPORTS, cities, moved, preference
from core.agent.offline.scene import Frame, Scene, act, ask, look_up
from core.agent.offline.shunned import keeps_to, reserves, shuns
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
    r"(?is)\b(?:forget|erase|delete|wipe|unlearn|remove|scrap|scratch|drop|bin|cancel|kill)\b[\s:,]*(?:about|that|"
    r"what i (?:said|told you) about|"
    r"the note "
    r"(?:about|on)|my note (?:about|on)|everything about|the fact that|the thing about|"
    r"(?:all |everything |anything )?(?:that )?(?:what )?you (?:know|noted|remember) (?:about|of)"
    r"|it all about|all about)?\s*(.*)$"
)
# 'That thing about my boss, you can forget it': what falls away stands before the wish.
_DROPPED = re.compile(
    r"(?is)^(.{6,}?)[\s,;:-]+(?:so |and )?(?:you (?:can|may) |please )?(?:now )?"
    r"forget (?:it|that|this)(?: now)?\b"
)
_VOCATIVE = re.compile(
    r"(?i)(?<!about)(?<!\bof)(?<!\bon)(?<!my)(?:\s*,\s*|\s+)(?:my )?"
    r"(?:dear|love|darling|mate|buddy|pal|zyn|please|sweetheart|honey|boss|friend|bro"
    r"|old (?:chap|boy|friend)|sir|dude|man|amigo|bruh|again|anyway|then|though)$"
)
# What only the owner can tell of himself, said as a fact.
_A_FACT = re.compile(
    r"(?i)\s*(?:my [\w' ]{2,30}(?: is|'s| are) (?:called|named) |my [\w' ]{2,20}'s? name is |my birthday is "
    r"|i (?:always |usually )?get paid (?:on|every|each)|i was born (?:on|in) |i work (?:as|at|for) )"
)
_CALLED = re.compile(r"(?i)\b(?:call(?:ed)? me|my name is|address me as|my name'?s)\s+([\w' -]{1,40})")
_SPEAKING = tuple(bag("speak talk answer reply respond use language switch habla sprich write"))
_ABOUT = re.compile(
    r"(?i)\b(?:about|told you about|said about|remember about|my|of my|on my)"
    r"\s+(?:my\s+)?([\w' -]{2,60})\??\s*$"
)
_NOISE = bag(
    """have told said that anything what when is are my the i do did you me tell remember about again know
    name's s a get remind"""
)


def notes(sentence: Clause, scene: Scene, raw: str) -> list[Frame] | None:
    """The frame of a sentence that is about memory or preferences, or None."""
    raw = raw.strip().rstrip("?.! ").strip()
    raw = _VOCATIVE.sub("", raw) if sentence.has("RECALL") else raw
    return (
        _asks_preference(sentence) or _recall(sentence, raw) or _called(sentence, raw)
        or preference(sentence, raw)
        or _remember(sentence, raw)
        or _forget(sentence, raw)
        or moved(raw)
    )  # fmt: skip


def _remember(sentence: Clause, raw: str) -> list[Frame] | None:
    first = sentence.opening[0] if sentence.opening else None
    asked = sentence.has("REMEMBER") and (sentence.polite_request or _only_leads_up(sentence))
    if first is not None and (first.tag == "REMEMBER" or asked):
        found = _REMEMBER.search(raw) or _REMEMBER.search(_respelled(sentence, raw, "REMEMBER"))
        text, deed = _and_wish(found[1].strip() if found else "")
        if text in ("that", "it", "this") and (told := _AFTERWARDS.match(raw)):
            text = told[1].strip()
        note = look_up("remember", text=text[:500]) if text else None
        return [note or ask("What shall I remember?", "text", intent="remember"), *deed]
    if sentence.has("REMEMBER") and (found := _AFTERWARDS.match(raw)):
        return [look_up("remember", text=found[1].strip()[:500])]
    standing = first is not None and (
        first.tag == "NEVER" or sentence.run("i", "never") or sentence.run("from", "now", "on")
    )
    halts = sentence.has("PAUSE") or left_alone(sentence)  # from now on, and no note
    if standing and not (sentence.question or halts or _a_limit(sentence)):
        return [look_up("remember", text=raw[:500])]
    if shuns(sentence) or keeps_to(sentence) or reserves(sentence):
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
    if _A_FACT.match(raw) and not sentence.question and not sentence.has("BUY", "SELL", "SET"):
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


def _and_wish(text: str) -> tuple[str, list[Frame]]:
    """'... and pause' or '... and show my positions' at the end of a note is a wish of its own."""
    head, joint, tail = text.rpartition(" and ")
    words = [token for token in read(tail) if token.tag not in ("PLEASE", "FILLER")] if joint else []
    if len(words) == 1 and words[0].tag == "PAUSE":
        return head.rstrip(" ,"), [act("pause")]
    if asks_to_see(words):  # heard by itself
        return head.rstrip(" ,"), []
    return text, []


def _a_limit(sentence: Clause) -> bool:
    if not sentence.numbers:
        return False
    return names_limit(sentence) is not None or sentence.has("PNL") or bool(bounds(sentence))


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
        or (first.tag == "CANCEL" and sentence.has("RECALL") and not sentence.has("ORDER"))
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
    query = "everything" if _ALL_OF_ME.fullmatch(query) else query
    query = (
        "" if re.fullmatch(r"(?i)what i (?:have )?(?:just )?(?:told|said)(?: to)?(?: you)?", query) else query
    )
    if re.match(r"(?i)(?:all|everything|it all)\b(?! about (?!me\b))", query) and len(query.split()) <= 6:
        query = "everything"
    return (
        [look_up("forget", query=query[:200])]
        if query
        else [ask("What shall I forget?", "query", intent="forget")]
    )


_ALL_OF_ME = re.compile(
    r"(?i)(?:all about )?(?:me|myself|us)"
    r"|(?:all )?(?:your|the|my) (?:memory|memories|notes|facts)(?: (?:of|about|on) me)?"
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
    if opening in ("REMEMBER", "NAMED", "NEVER", "FORGET", "CANCEL") or not sentence.has("RECALL"):
        return None
    if _may_forget(sentence) or (sentence.says("remind") and sentence.has(*_LOOKED_UP)):
        return None
    if sentence.has("PRICE", "BUY", "SELL") and not sentence.question:
        return None
    return [look_up("recall", query=_subject(raw))]


_PREFERRED = {"TIMEZONE": "time zone", "QUIET": "quiet hours"}
_PREFERRED_WORDS = ("language", "currency")


def _asks_preference(sentence: Clause) -> list[Frame] | None:
    """'What time zone do you think I am in', 'which language do you use for me': one of his wishes."""
    opens = sentence.opening[0].tag if sentence.opening else ""
    asked = sentence.question and opens in ("WHAT", "SHOW", "WHEN", "") and not sentence.polite_request
    if not asked or sentence.coins or sentence.numbers or sentence.has(*_DEEDS, "LIMIT"):
        return None
    named = next((name for tag, name in _PREFERRED.items() if sentence.has(tag)), None)
    named = named or next((word for word in _PREFERRED_WORDS if sentence.says(word)), None)
    named = named or ("name" if sentence.has("NAMED") else None)
    named = named or ("summary" if opens == "WHEN" and sentence.says(*REPORTS) else None)
    mine = sentence.says("my", "me", "i", "you", "your", "we", "our", "us")
    return [look_up("recall", query=named)] if named and mine and sentence.says(*_OPENERS) else None


_OPENERS = ("what", "which", "when")


def _subject(raw: str) -> str | None:
    """What a question about memory is about: the words after 'about' or 'my', else its own words."""
    found = _ABOUT.search(raw)
    if found and found[1].strip().lower() not in ("me", "myself"):
        return found[1].strip()
    left = [word for word in fold(raw).split() if word not in _NOISE and word.isalpha()]
    return " ".join(left[:6]) or None


# 'It's Jim by the way', 'I am Jim, not Jimmy': a name that is set right.
_CORRECTED = re.compile(
    r"^(?:[Ii]t(?:'s| is)|[Ii](?:'m| am)|[Nn]ame's)(?: actually| really)? ([A-Z][a-z]{1,20})"
    r"(?:,? (?:by the way|btw|actually|please)|,? not [A-Z][a-z]+(?:,? by the way)?)$"
)


def _corrects_name(sentence: Clause, raw: str) -> str | None:
    told = _CORRECTED.match(raw.strip().rstrip("."))
    if told is None or sentence.coins or sentence.question:
        return None
    word = told[1].lower()
    return None if word in known_words() or word in CALENDAR_WORDS or word in cities() else told[1]


_BEFORE_NAME = re.compile(
    r"(?i)^(?:(?:actually|really|in fact|in truth|just|simply|now|rather|properly)\s+)+"
)
_NO_NAME = bag("only if when back later once just before after at on in for about")


def _called(sentence: Clause, raw: str) -> list[Frame] | None:
    if told := _corrects_name(sentence, raw):
        return [look_up("set_preference", key="name", value=told)]
    found = _CALLED.search(raw)
    if not found or not sentence.has("NAMED") or sentence.question:
        return None
    if sentence.has("REMEMBER") or found[1].split()[0].lower() in _NO_NAME:
        return None
    name = re.sub(_BEFORE_NAME, "", found[1])
    name = re.split(r"(?i)\s+(?:from|please|instead|and|now)\b", name)[0].strip()
    return [look_up("set_preference", key="name", value=name)]
