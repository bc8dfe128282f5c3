"""A wish that is taken back in the same message: 'buy 2 eth, no, forget it', 'sell all! just kidding'.

A message is read from its end: words that take back are peeled off phrase by phrase, and what is left before
them is what was taken back. Words that follow with a value ('no, 3') correct instead, and are none of these.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from core.agent.intents import Outcome, Plan
from core.agent.offline.chatter import opens_wish
from core.agent.offline.clause import Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.tagging import read

_THAT = r"(?:that|this|it|them|all that|it all|what i (?:said|wrote|typed)|my (?:last|previous) \w+)"
_I_AM = r"(?:i ?'?m|i am|i was|we ?'?re|we are|ich bin|war) "
_KIN = r"(?:kid|son|daughter|cat|dog|wife|husband|brother|sister|toddler|thumb|phone)"
_WRONG = (
    r"(?:chat|window|person|tab|app|number|group|thread|bot|contact|recipient|conversation|channel|one|button"
    r"|room|box|place|message|text|account|screen|phone)"
)
# These take back by themselves.
_PLAINLY = (
    rf"(?:{_I_AM})?(?:just |only |totally |obviously )*"
    r"(?:kidding|joking|teasing|messing|playing|fooling|trolling|testing)"
    r"(?:(?: with)? (?:you|ya|u)| around| about)?",
    r"(?:(?:it|that|this)(?: ?'?s| is| was) |just |only )*(?:a )?(?:bad |silly |stupid )?joke",
    r"j/?ks?|psych|s[yi]ke|april fools?|false alarm|as you were|pulling your leg|sarcasm",
    r"never ?mind(?: that| it| me)?|nvmd?|disregard",
    rf"(?:please )?(?:forget|scratch|ignore|disregard|strike|belay)(?: about)? (?:{_THAT}|me|i said that)",
    rf"(?:(?:that|this|it) (?:is|was) |that ?'?s )?(?:the )?wrong {_WRONG}",
    r"(?:that|this|it) (?:was ?n'?t|was not|is ?n'?t|is not|was) (?:meant |intended |only |just )*"
    r"for (?:\w+ )?\w+",
    r"(?:not |meant |intended )+for (?:my )?\w+",
    r"(?:that|this|it) was (?:just |only )*(?:an? )?"
    r"(?:typo|mistake|test|accident|error|slip|autocorrect|mis-?type)",
    rf"(?:that|this|it) was my {_KIN}(?: \w+ing)?",
    r"(?:i )?(?:have |'ve |just )*changed my mind|on second thoughts?|(?:having )?second thoughts",
    r"(?:i ?'?d |i would |would )?(?:rather|better|maybe|perhaps|probably|really) not",
    r"not (?:really|seriously|serious|now|yet|today|tonight|any ?more|after all)",
    rf"i (?:will |'ll )?take {_THAT} back|(?:i )?(?:did ?n'?t|did not|do ?n'?t|do not) mean {_THAT}",
    r"(?:please )?(?:do ?n'?t|do not)(?: (?P<verb>\w+) (?:it|that|this|them))?(?: yet| please)?",
    r"(?:es|era|fue) (?:una |un )?(?:broma|chiste)|broma|bromeando|olvidal[oa]|olvida(?: eso)?|dejal[oa]"
    r"|mejor no|cambie de (?:idea|opinion)|no lo hagas|todavia no|aun no|(?:me equivoque de|otro) chat"
    r"|chat equivocado",
    r"(?:(?:das )?war )?(?:nur |bloss )?(?:ein )?(?:kleiner )?(?:scherz|spass|witz)|vergiss (?:es|das)"
    r"|lass (?:es|das|mal|gut sein|stecken)(?: sein| bleiben| lieber)?|(?:doch|lieber|besser|noch) nicht"
    r"|falscher chat|schon gut|hab mich (?:vertan|geirrt)|bleib(?:t|en)? so",
    r"je (?:rigole|plaisante|blague)s?|(?:c ?'?est |c ?'?etait )?(?:une |pour )(?:blague|rire)|laisse tomber"
    r"|oublie(?: ca)?|mauvais(?:e)? (?:chat|conversation|fenetre)|pas encore|plutot pas|mieux vaut pas"
    r"|j ?'?ai change d ?'?avis",
    r"scherzo|scherzavo|st(?:o|avo) scherzando|lascia(?:lo)? (?:stare|perdere)|dimentica(?:lo)?"
    r"|meglio di no|come non detto|ho cambiato idea|non ancora|chat sbagliata",
    r"brincadeira|(?:to|estou) brincando|esquece|deixa (?:pra|para) la|melhor nao|ainda nao|mudei de ideia",
    r"grapje|laat maar|toch niet|liever niet|vergeet het|nog niet",
)
# These take back too, unless they may mean an order that was named ('that link order, cancel it').
_POINTED = (
    r"(?:please )?(?:cancel|undo|skip|scrap|delete|erase|abort|revert|drop|annule|cancela)"
    rf" (?:{_THAT}|ca|eso)(?: please)?"
)
# These take back behind a no, a wait or an actually: alone they are part of a wish ('cancel it').
_AS_IT_WAS = (
    r"hold (?:off|your horses|fire)|sit tight|stand down",
    r"(?:leave|keep) (?:it|that|them|those|everything|things|mine|the \w+|my \w+)"
    r"(?: (?:as (?:it|they) (?:is|was|are|were)|as is|alone|be|there|open|running|on|in|for now|all))?",
    r"(?:hold|let) (?:it|them|on to (?:it|them))(?: (?:be|run|ride|stand|stay|for now))?",
    r"(?:stay|remain|keep)(?: (?:paused|put|out|as you are|in|off|quiet|stopped|still|where you are))",
    r"(?:it|that|they|everything) (?:can |should |must )?stays?"
    r"(?: as (?:it|they) (?:is|was|are)| put| open)?",
    r"do nothing|nothing|(?<=[,.!?;] )stop|bleib(?: dabei)?|quedatelo|garde(?:-| )les?|tienilo|tienili",
)
_REFUSES = r"(?:hell |oh )?(?:no+|nah+|nope|naw)(?: way| thanks| thank you| chance)?|nein|nee|non|nao"
_HALTS = r"wait(?: a (?:sec|second|minute|moment))?|hold on|hang on|warte|espera|attends|aspetta|moment"
_UNSAYS = r"actually|oops|whoops|ups|anzi|en fait|finalement|doch"
_BESIDE = (
    r"oh+|ah+|hmm+|hm|uh+|um+|er+|sorry|well|ok(?:ay)?|please|lol|lmao|rofl"
    r"|(?:ha){1,9}h?|(?:he){2,9}|(?:ja){2,9}"
    r"|mdr|but|mate|bro|zyn|man|dude|just"
    r"|ach|och|mal|pardon|scusa|perdona?|ay|eh|pero|aber|mais|ma|rien|of course"
)
# What sounds like it and is not: 'no kidding', 'why not', 'believe it or not', 'do not wait'.
_EARNEST = (
    r"(?:no|not|\w*n'?t|never|without|stop|quit)(?: \w+)? (?:kidding|joking|jokes?|messing|playing)"
    r"|(?:not|\w*n'?t|never|without) (?:wait|waiting|hold on|lie)|or (?:no|nah|wait)"
    r"|(?:why|if|or|whether|or maybe|or rather|or better) not"
    r"|(?:said|says|say|is a|means|than|a|:) no"
    r"|(?:and|then|to) (?:forget|leave|keep|hold|wait|stop)(?: \w+)?"
)
_PIECE = re.compile(
    r"(?:^|(?<=[\s,.!?;:()*\"'\-]))(?:"
    rf"(?P<earnest>{_EARNEST})|(?P<plainly>{'|'.join(_PLAINLY)})|(?P<quo>{'|'.join(_AS_IT_WAS)})"
    rf"|(?P<pointed>{_POINTED})"
    rf"|(?P<refuses>{_REFUSES})|(?P<halts>{_HALTS})|(?P<unsays>{_UNSAYS})|(?P<turned>not)|(?P<beside>{_BESIDE})"
    r")$"
)
_MARKS = " \t\n,.!?;:()*\"'-"
_CUT = re.compile(r"[,.!?;:\n]+(?=\s|$)|\s-+\s")
_JOINED = re.compile(r"\b(?:and|then|or|if|that|to|said|says|say|not)$")
_ORDERED = re.compile(r"\b(?:orders?|limits?|bids?|offers?|stops?|targets?)\b|^(?:my|the|that|this) ")
_ANY_DEED = frozenset(("do", "send", "touch", "place", "execute", "submit"))
_WINDOW = 70  # characters that the longest phrase takes
_CUTS = 6  # places looked at, from the end


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was said, what follows after it was taken back, and whether plainly (not by a bare no or wait)."""

    head: str
    rest: str
    plainly: bool


def taken_back(text: str) -> TakenBack | None:
    """The message cut where it takes something back, its head maybe empty; None when it does not."""
    plain = _flat(text)
    ends = [len(plain), *(cut.end() for cut in reversed(list(_CUT.finditer(plain))))]
    for end in ends[: _CUTS + 1]:
        found = _peeled(plain, end)
        if found:
            return TakenBack(text[: found[0]].strip(), text[end:].strip(_MARKS), found[1])
    return None


def _flat(text: str) -> str:
    """Lower case without accents, each sign in its place."""
    flat = text.lower() if len(text.lower()) == len(text) else text
    bare = "".join(unicodedata.normalize("NFKD", sign)[0] for sign in flat)
    return re.sub(r"[’‘]", "'", re.sub(r"[–—…]", "-", bare))


def _peeled(plain: str, end: int) -> tuple[int, bool] | None:
    """Where the words that take back begin, and whether they do it plainly; None when there are none."""
    kinds: set[str] = set()
    verbs: list[str] = []
    begin = len(plain[:end].rstrip(_MARKS))
    start, apart = begin, False
    while start and (piece := _PIECE.search(plain, max(0, start - _WINDOW), start)):
        kind = str(next(name for name, said in piece.groupdict().items() if said and name != "verb"))
        if kind == "earnest":
            return None
        verbs += [piece["verb"]] if piece["verb"] else []
        kinds.add(kind)
        start = len(plain[: piece.start()].rstrip(_MARKS))
        apart = plain[start : piece.start()].strip() != ""
    if _JOINED.search(plain, max(0, start - 8), start) or not _same_deed(verbs, plain[:start]):
        return None
    if "pointed" in kinds:
        kinds.add("quo" if _ORDERED.search(plain, 0, start) else "plainly")
    if "quo" in kinds and not kinds & {"refuses", "halts", "unsays", "plainly"}:
        return None
    plainly = bool(kinds & {"plainly", "quo"})
    hesitates = "halts" in kinds and (apart or len(kinds) > 1)
    return (start, plainly) if plainly or kinds & {"refuses", "turned"} or hesitates else None


def _same_deed(verbs: list[str], head: str) -> bool:
    """'Sell my eth, do not sell it' takes back; 'cancel the order, do not sell it' adds to a wish."""
    return all(verb in _ANY_DEED or verb in head for verb in verbs)


_DEEDS = bag(
    """BUY SELL SPEND CONVERT FLAT CLOSE CASHOUT ALLIN CANCEL PAUSE RESUME PANIC STOP SET RAISE LESSEN
    BRACKET BID OFFER MOVE WANT RISKWORD DAYLOSS MAXPOS MAXEXP MAXOPEN TRADE AUTOPILOT"""
)
_AT_ONCE = ("pause", "panic")
_NOTHING = Plan(Outcome.CHAT, say="Understood: nothing is sent.")


def may_undo(undone: TakenBack) -> bool:
    """Whether there is a deed to take back, and nothing behind it that can only correct it ('no, 3')."""
    told = Clause(tuple(read(undone.head)))
    return told.has(*_DEEDS) and (not undone.rest or undone.plainly or opens_wish(read(undone.rest)))


def undoes(undone: TakenBack, before: Plan) -> bool:
    """Whether a plan is taken back: what waits for a yes by any no, a halt only plainly."""
    halts = [call for call in before.calls if call.intent in _AT_ONCE]
    only_halts = before.outcome is Outcome.EXECUTE and len(halts) == len(before.calls) > 0
    asked = before.outcome is Outcome.CLARIFY and before.draft is not None
    return before.outcome is Outcome.CONFIRM or asked or (only_halts and undone.plainly)


def what_remains(undone: TakenBack, before: Plan, after: Plan | None) -> Plan | None:
    """The plan of a message whose wish is taken back; None where it is only corrected.

    `before` is the plan of what was taken back, `after` of what follows, if anything does.
    """
    if after is None or (undone.plainly and _says_nothing(undone.rest, after)):
        halts = tuple(call for call in before.calls if call.intent in _AT_ONCE)
        kept = halts and before.outcome is Outcome.CONFIRM
        return replace(before, outcome=Outcome.EXECUTE, calls=halts) if kept else _NOTHING
    fresh = after.calls and opens_wish(read(undone.rest))
    return after if fresh and len(before.calls) <= 1 else None


def _says_nothing(rest: str, after: Plan) -> bool:
    """'(Just kidding.) How was your weekend': nothing to do, and no value that could correct."""
    said = Clause(tuple(read(rest)))
    return after.outcome is Outcome.CHAT and not (said.numbers or said.coins)
