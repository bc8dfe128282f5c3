"""Rules for what steers Zyn: panic, pause, resume, cancel; closing has a room of its own."""

from __future__ import annotations

from dataclasses import replace

from core.agent.offline.cancelling import cancel
from core.agent.offline.clause import POLITE, Clause
from core.agent.offline.closing import flatten
from core.agent.offline.lexicon import bag
from core.agent.offline.manner import Manner
from core.agent.offline.resuming import cries, halts_the_trade, resumes_trading
from core.agent.offline.scene import Frame, Scene, act, chat, if_plain, look_up, propose
from core.agent.offline.tokens import Kind

_WHO_PANICS = bag("they people traders you we he she who never to not everybody everyone others")
_MESSAGES = ("NOTIFY", "DAILYREPORT", "QUIET")


def control(clause: Clause, manner: Manner, scene: Scene, raw: str) -> list[Frame] | None:
    """The frames of a steering clause, or None when it steers nothing."""
    if _asks_for_its_help(clause):
        return [look_up("help", query=clause.texts[-1])]
    alarm = clause.place("PANIC")
    if alarm > 0 and clause.tokens[alarm - 1].text in _WHO_PANICS:
        alarm = -1  # people sell when they panic
    if alarm >= 0 and not cries(clause, alarm):
        alarm = -1
    if alarm >= 0 and manner is not Manner.QUESTION and not (clause.negated(alarm) or clause.has("IF")):
        say = "Shall I sell what I hold, too?"
        return [replace(act("pause"), say=say, suggestions=("/flatten",))]
    if clause.opening and clause.opening[0].tag == "STOP" and not halts_the_trade(clause):
        return [chat("I carry on as I am.")]  # stop joking
    for rule in (_resume, _pause, cancel, flatten):
        found = rule(clause, manner, scene, raw)
        if found is not None:
            return found
    return None


def _asks_for_its_help(clause: Clause) -> bool:
    """'Help flatten', 'help with pause': how a command works; 'help stop' may be a cry and stops."""
    words = [word for word in clause.texts if word not in ("with", "on", "about", "for")]
    return len(words) == 2 and words[0] == "help" and not clause.has("STOP")


def _pause(clause: Clause, manner: Manner, scene: Scene, raw: str) -> list[Frame] | None:
    at = _pause_word(clause)
    if at is None or clause.has(*_MESSAGES) or _ends_pause(clause):
        return None
    if clause.has("COINWORD") and manner is not Manner.PLAIN:
        return None
    if manner is Manner.ADVICE and clause.says("or") and clause.has("BUY", "SELL", "HOLD", "SPEND"):
        return None  # would you get in now or hold off
    if clause.question and clause.has("WHAT", "WHEN") and clause.has("HOURS", "WEEKDAYS"):
        return None  # at what time of day should we stay out of the market
    if clause.has("WHY") and not clause.says("pause", "paused", "stop", "stopped", "halt", "halted"):
        return None  # 'why did you sit on your hands' asks for the reason
    awaited = not clause.has("PAUSE") and _ends_with(clause, clause.place("RESUME"))  # until I say go on
    if clause.negated(at) and not awaited:
        return [chat("I carry on as I am.")]
    if manner in (Manner.QUESTION, Manner.PAST):
        return [look_up("get_status")]
    bounded = duration_of(clause) or until_of(clause) or manner is Manner.SCHEDULED
    if manner in (Manner.CONDITION, Manner.SCHEDULED) and bounded and not _conditional(clause):
        manner = Manner.PLAIN
    symbol = scene.symbol(clause.coins[0]) if clause.coins else None
    frame = act("pause", symbol=symbol, duration=duration_of(clause), until=until_of(clause))
    return if_plain(manner, [frame], "pause")


def _ends_pause(clause: Clause) -> bool:
    """'Lift the pause', 'the break is over': the pause is a thing that ends."""
    thing = any(
        clause.run(before, word)
        for before in ("the", "this", "your")
        for word in ("pause", "break", "freeze")
    )
    broken = any(clause.run("break", before, "pause") for before in ("the", "this", "your"))
    ended = clause.says("lift", "end", "ends", "remove", "undo", "cancel", "stop", "over", "finish")
    return thing and (ended or broken)


def _conditional(clause: Clause) -> bool:
    """A pause that waits for something; a length or an end is none."""
    return clause.has("IF", "CROSSES") or clause.says("when", "once", "whenever")


def _pause_word(clause: Clause) -> int | None:
    at = clause.place("PAUSE")
    if at >= 0:
        return at
    deeds = clause.numbers or clause.coins or clause.has("BUY", "SELL", "CLOSE", "FLAT")
    if _ends_with(clause, clause.place("RESUME")) and not (clause.question or deeds):
        return 0
    if clause.opening and clause.opening[0].text == "no" and not clause.asked and _none_to_come(clause):
        return clause.texts.index("no")
    if [t.text for t in clause.opening if t.kind is not Kind.MARK and t.tag not in POLITE] == ["enough"]:
        return clause.texts.index("enough")
    if _all_off(clause):
        return len(clause.tokens) - 1
    off, stop = _switched(clause, "OFF", "off", "down"), clause.place("STOP")
    if off >= 0 and (
        clause.has("AUTOPILOT", "TRADE")
        or ((clause.has("IT", "ALL") or clause.says("yourself", "things", "it")) and len(clause.tokens) <= 5)
    ):
        return off
    opening = clause.opening
    plain = (
        opening and opening[0].tag == "STOP" and not clause.has("STOPLOSS", "TARGET") and not clause.numbers
    )
    if (
        stop >= 0
        and plain
        and (len(opening) <= 2 or duration_of(clause) or clause.has("AUTOPILOT", "TRADE", "ALL", "BUY"))
    ):
        return stop
    rests = [at for at, text in enumerate(clause.texts) if text in _RESTS]
    taken = clause.says("take", "have", "go", "give", "make", "need", "want", "enjoy") and not clause.question
    spanned = clause.has("AUTOPILOT", "TRADE") or duration_of(clause) or until_of(clause)
    if rests and taken and spanned and not (clause.numbers or clause.coins):
        return rests[0]
    return None


_RESTS = bag("break rest breather breathers timeout holiday vacation nap pause breaks")
_HURRYING = bag("now immediately quick quickly fast asap the hit pull use do it")


def _all_off(clause: Clause) -> bool:
    """'Everything off', 'autopilot off': a thing and its state alone; or a bare 'kill switch'."""
    words = [
        token
        for token in clause.opening
        if token.kind is not Kind.MARK and token.tag not in POLITE and token.text not in _HURRYING
    ]
    if len(words) == 1 and words[0].text in ("kill switch", "killswitch") and not clause.asked:
        return True
    things = all(
        token.tag in ("ALL", "AUTOPILOT", "TRADE", "MY") or token.text == "the" for token in words[:-1]
    )
    return 2 <= len(words) <= 4 and words[-1].text == "off" and things and not clause.asked


def _none_to_come(clause: Clause) -> bool:
    """'No trades for the next 3 hours': a ban with an end, or from now on."""
    acts = clause.has("TRADE", "TRADELIST", "BUY") or (clause.has("POSITION") and clause.says("new", "more"))
    spans = any(token.kind is Kind.SPAN for token in clause.tokens)
    ends = (
        spans
        or duration_of(clause) is not None
        or clause.says("until", "till", "tomorrow", "tonight", "now", "today", "please")
    )
    return acts and ends and not clause.numbers and not clause.coins


def _switched(clause: Clause, tag: str, *particles: str) -> int:
    """Where 'turn ... off' stands, also with the thing between verb and particle; or -1."""
    if clause.has(tag):
        return clause.place(tag)
    verbs = [at for at, text in enumerate(clause.texts) if text in ("turn", "switch", "shut", "power")]
    return verbs[0] if verbs and any(text in particles for text in clause.texts[verbs[0] :]) else -1


def duration_of(clause: Clause) -> str | None:
    if clause.run("hour", "and", "a", "half"):
        return "90m"
    for token in clause.tokens:
        if token.kind is Kind.SPAN:
            return f"{token.amount.normalize():f}{token.unit}"
        if token.kind is Kind.NUMBER and token.tag == "m":
            return f"{(token.amount / 1_000_000).normalize():f}m"
    for before, token in clause.pairs():
        if token.text in _ONE_LONG and (before.text in _ONE or clause.run("for", "one", token.text)):
            return _ONE_LONG[token.text]
    return None


_ONE = bag("a an une un una eine einen ein")
_ONE_LONG = {
    word: length
    for length, words in (
        ("1h", "hour heure hora stunde ora"), ("1d", "day jour dia tag"),
        ("1w", "week semaine semana woche"), ("1m", "minute minuto"),
    )
    for word in words.split()
}  # fmt: skip


_UNTIL = ("until", "till", "til", "hasta", "bis")
_TOMORROW = dict.fromkeys(bag("manana morgen demain domani amanha"), "tomorrow")


_LONGEST_END = 6  # words: until the 14th of december


def until_of(clause: Clause) -> str | None:
    for bound, hour in clause.pairs():
        if bound.text in _UNTIL and hour.kind is Kind.TIME and clause.says("tonight", "this"):
            return hour.text  # until 20:45 tonight
    if clause.says("today") or clause.run("rest", "of", "the", "day"):
        return "tomorrow"
    if clause.run("for", "the", "weekend"):
        return "monday"
    if clause.says("tonight", "overnight"):
        return "tomorrow morning"
    for at, token in enumerate(clause.tokens):
        if token.text in _UNTIL:
            rest = [t.text for t in clause.tokens[at + 1 : at + _LONGEST_END] if t.kind is not Kind.MARK]
            if "further" in rest or "notice" in rest or rest[:1] == ["i"]:
                return None  # until further notice, until I say so
            return " ".join(_TOMORROW.get(word, word) for word in rest) or None
    return None


_STARTS = ("start", "begin")


def _resume(clause: Clause, manner: Manner, scene: Scene, raw: str) -> list[Frame] | None:
    at = clause.place("RESUME")
    if _ends_pause(clause) and manner is Manner.PLAIN:
        return [propose("resume")]
    started = clause.says(*_STARTS) and clause.has("AUTOPILOT", "TRADE")
    started = started or (_only_trade(clause) and not clause.asked)
    switched = _switched(clause, "ON", "on") >= 0 and (
        clause.has("AUTOPILOT", "TRADE", "IT") or clause.says("yourself", "things") or len(clause.tokens) <= 2
    )
    if at < 0 and not started and not switched:
        return None
    word = at if at >= 0 else next((n for n, text in enumerate(clause.texts) if text in _STARTS), -1)
    if word >= 0 and not switched and not resumes_trading(clause, word, raw):
        return None
    if clause.has("PNL", "INSIGHT", "BACKTEST", *_MESSAGES) or _ends_with(clause, at):
        return None
    if at >= 0 and clause.negated(at):
        return [chat("I stay as I am.")]
    if manner in (Manner.QUESTION, Manner.PAST):
        return [look_up("get_status")]
    if manner is Manner.PLAIN and clause.numbers:  # resume at 9
        manner = Manner.SCHEDULED
    return if_plain(manner, [propose("resume")], "start again")


def _ends_with(clause: Clause, at: int) -> bool:
    """'Open nothing until I say carry on': the word that shall end a halt, and no wish to start again."""
    return any(
        text.split()[0] in ("until", "till", "til", "unless", "before") for text in clause.texts[: max(at, 0)]
    )


def _only_trade(clause: Clause) -> bool:
    """'Trade', 'you can trade now', 'back on': the deed and nothing it is done with."""
    words = [one.text for one in clause.opening if one.tag not in POLITE and one.kind is not Kind.MARK]
    said = [word for word in words if word not in ("you", "are", "can", "may", "now")]
    return said in (["trade"], ["back", "on"])
