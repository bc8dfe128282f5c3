"""Small talk around a wish: what leads up to it is heard for its coin and its day, and then left out.

Left out is only what tells: nothing that asks, orders, forbids, supposes, sets a condition or a time, or
reports what others say. An order that follows from a report by the owner's own 'so' is his own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.agent.offline.clause import POLITE, Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.tokens import Kind, Token
from core.agent.offline.unmeant import mocked, recited

_COMMANDS = bag(
    """BUY SELL SPEND FLAT CLOSE CONVERT CANCEL PAUSE RESUME SET SHOW CHART BACKTEST REMEMBER FORGET LESSEN
    RAISE BRACKET BID OFFER CASHOUT ALLIN PANIC OFF ON RECALL"""
)
_MEASURED = bag("MOVE WANT SOME")  # orders only beside an amount or a coin
_ASKING = bag("WHAT HOW WHY WHO WHERE")
_AUXILIARIES = bag("did does do is are was were am have has can could would will")
_SUBJECTS = bag(
    "everything all trading anyone i we you it my our the any there anything he she they this that"
)
_SKIPPED = bag(
    """so and but then well just now oh ok hey zyn let us go ahead to i we you want need like would could can
    will please kindly right yeah yep alright anyway actually therefore honestly also here is time"""
)
_TRADE = bag(
    """PRICE BALANCE POSITION ORDER PNL TRADELIST STATUS STOP STOPLOSS TARGET LIMIT RESTING BUY SELL SPEND
    FLAT CLOSE CANCEL PAUSE RESUME TRADE RISKWORD DAYLOSS MAXPOS MAXEXP MAXOPEN MININFO FEEINFO PRECINFO INFO
    HOLD WINRATE PROFITFACTOR DRAWDOWN HOLDINGS OWN INSIGHT CHART BACKTEST AUTOPILOT"""
)
_TELLERS = bag(
    """i we he she they my our his her that this the everyone everybody somebody someone nobody it last every
    a an mum mom dad you"""
)
_BLOCKING = bag("IF SCHEDULE MAYBE SHOULD ADVICE INSTEAD WITHOUT NAMED QUIET NOTIFY LEVERAGE PANIC UNLOCK")
_BLOCKING_WORDS = bag(
    """never joking kidding joke pretend example quiz imagine supposed wish not no unless later noon midnight
    translate spell recite poem song story forbid"""
)
_HARD_ENDS = bag(". ! ? ;") | {"\n"}
_SOFT_ENDS = bag(", :")
_LONGEST_ANSWER = 4


@dataclass(frozen=True, slots=True)
class Heard:
    """What is left to be understood, and what was only told."""

    tokens: list[Token]
    told: list[Token]


@dataclass(frozen=True, slots=True)
class _Part:
    tokens: tuple[Token, ...]
    follows: bool = False  # from what was told, by a 'so'


def without_chatter(tokens: Sequence[Token]) -> Heard:
    """The message without what only leads up to its wish; the whole where there is none."""
    kept: list[Token] = []
    told: list[Token] = []
    sentences = list(_sentences(tokens))
    wished = [any(opens_wish(part.tokens) for part in _parts(one)) for one in sentences]
    for sentence, wishes in zip(sentences, wished, strict=True):
        if wishes:
            lead = _lead(sentence)
            told += sentence[:lead]
            kept += sentence[lead:]
        elif any(wished) and _tells(_Part(tuple(sentence)), asked=False):
            told += sentence
        else:
            kept += sentence
    return Heard(kept, told)


def last_words(tokens: Sequence[Token]) -> list[Token]:
    """'Let us not go mad, 35 dollars': the amount or coin that answers, behind words about nothing."""
    parts = [part for sentence in _sentences(tokens) for part in _parts(sentence)]
    answer = [token for token in parts[-1].tokens if token.kind is not Kind.MARK] if parts else []
    bare = bool(answer) and len(answer) <= _LONGEST_ANSWER and any(one.kind in _VALUES for one in answer)
    only = all(one.kind in _VALUES or one.tag in POLITE | {"MONEY"} or one.text == "of" for one in answer)
    about_nothing = all(_means_nothing(part.tokens) for part in parts[:-1])
    return answer if bare and only and len(parts) > 1 and about_nothing else list(tokens)


_AGAIN = bag("same again ditto do the")
_VALUES = (Kind.NUMBER, Kind.COIN)


def _means_nothing(tokens: Sequence[Token]) -> bool:
    tags = {token.tag for token in tokens}
    valued = any(token.kind in (*_VALUES, Kind.SPAN, Kind.TIME) for token in tokens)
    return not valued and not tags & (_TRADE | _BLOCKING | _COMMANDS | {"NO", "YES", "WHEN"})


def _sentences(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    run: list[Token] = []
    for token in tokens:
        run.append(token)
        if token.kind is Kind.MARK and token.text in _HARD_ENDS:
            yield run
            run = []
    if run:
        yield run


def _parts(sentence: Sequence[Token]) -> list[_Part]:
    """A sentence cut at commas, colons, 'so' and 'and'; the joint stays at the head of what follows."""
    parts: list[_Part] = []
    run: list[Token] = []
    for token in sentence:
        joint = (token.kind is Kind.MARK and token.text in _SOFT_ENDS) or token.text in ("so", "and", "but")
        if joint and run:
            parts.append(_part(run))
            run = []
        run.append(token)
    return [*parts, _part(run)]


def _part(run: Sequence[Token]) -> _Part:
    return _Part(tuple(run), any(token.text in ("so", "therefore") for token in run[:2]))


def _lead(sentence: Sequence[Token]) -> int:
    """How many tokens only lead up to the first part that wishes something; zero when one of them matters."""
    at = 0
    parts = _parts(sentence)
    for number, part in enumerate(parts):
        if opens_wish(part.tokens):
            if _only_points(part.tokens):
                return 0
            own = any(one.follows for one in parts[1 : number + 1])
            asked = _asks(_core(part.tokens))
            before = parts[:number]
            whole = Clause(tuple(sentence))
            if recited(whole) or mocked(whole):
                return 0
            return at if all(_tells(one, asked=asked, own=own) for one in before) else 0
        at += len(part.tokens)
    return 0


def _only_points(tokens: Sequence[Token]) -> bool:
    """'Can you list them?', 'remember that': what is to be shown or kept stands in what was told."""
    shown = _core(tokens)[:1]
    kept = [token for token in _core(tokens)[1:] if token.kind is not Kind.MARK and token.tag not in POLITE]
    if shown and shown[0].tag in ("REMEMBER", "FORGET"):
        return all(token.tag == "IT" for token in kept)
    bare = not any(token.tag in _TRADE or token.kind in _VALUES for token in tokens)
    return (
        bare
        and bool(shown)
        and shown[0].tag == "SHOW"
        and any(token.text in ("them", "it") for token in tokens)
    )


def _core(tokens: Sequence[Token]) -> list[Token]:
    """The tokens after courtesy, joints and the words that only lead to a verb."""
    at = 0
    while at < len(tokens) and (
        tokens[at].kind is Kind.MARK
        or tokens[at].tag in POLITE
        or (tokens[at].text in _SKIPPED and (_requests(tokens[at:]) or not _asks(tokens[at:])))
    ):
        at += 1
    return list(tokens[at:])


def _requests(tokens: Sequence[Token]) -> bool:
    """'Can you ...': a wish in the form of a question."""
    return [token.text for token in tokens[1:2]] == ["you"] and tokens[0].tag == "CAN"


def _asks(tokens: Sequence[Token]) -> bool:
    if not tokens:
        return False
    second = tokens[1].text.split()[0] if len(tokens) > 1 and tokens[1].text else ""
    head = tokens[0].text.split()[0] if tokens[0].text else ""
    if head == "what" and second in ("a", "an"):  # what a week
        return False
    asks = head in ("what", "how", "why", "who", "where", "which") or tokens[0].tag in _ASKING
    return asks or (
        head in _AUXILIARIES and (second in _SUBJECTS or (len(tokens) > 1 and tokens[1].kind is Kind.COIN))
    )


def opens_wish(tokens: Sequence[Token]) -> bool:
    core = _core(tokens)
    if not core:
        return False
    measured = any(token.kind in (Kind.NUMBER, Kind.COIN) for token in core)
    again = any(token.text in ("same", "again", "ditto") for token in core[:3]) and core[0].text in _AGAIN
    taken_back = core[0].tag == "NO" and core[0].text.split()[0] == "cancel"
    return (
        core[0].tag in _COMMANDS
        or again
        or taken_back
        or (core[0].tag in _MEASURED and measured)
        or _asks(core)
    )


def _tells(part: _Part, *, asked: bool, own: bool = False) -> bool:
    """Whether a part only tells. Before a question more may be left out than before an order."""
    tags = {token.tag for token in part.tokens}
    words = {word for token in part.tokens for word in token.text.split()}
    blocking = _BLOCKING - _WEIGHED if own else _BLOCKING
    blocking = blocking - {"WITHOUT"} if asked and _past_tense(part.tokens) else blocking
    if opens_wish(part.tokens) or tags & blocking or _supposes(part.tokens):
        return False
    if tags & {"BEST", "WORST"} and words & _ONE_TRADE:
        return False
    if "SAID" in tags and not (own or asked):
        return False
    if not _told_by_someone(part.tokens):
        return False
    if asked:
        return True
    counted = any(token.kind in (Kind.NUMBER, Kind.SPAN, Kind.TIME) and token.unit for token in part.tokens)
    if counted or _awaits(part.tokens):
        return False
    return own or not (words & _BLOCKING_WORDS or tags & {"NOT", "NO"})


def _past_tense(tokens: Sequence[Token]) -> bool:
    """'You have sat there all day without a trade': tells what was, and excepts nothing from a wish."""
    return any(token.text in ("have", "has", "had", "was", "were", "did") for token in tokens[:4])


_ONE_TRADE = bag("winner loser trade win loss deal buy sale")  # the best of them is asked about
_WEIGHED = bag("SHOULD ADVICE MAYBE")  # thoughts from which a 'so' may follow


def _awaits(tokens: Sequence[Token]) -> bool:
    """Whether a moment is waited for; 'my knees hurt after that hike' only tells."""
    core = [
        token for token in tokens if token.kind is not Kind.MARK and token.text not in ("so", "and", "but")
    ]
    return any(
        token.tag == "WHEN" and (at == 0 or token.text not in ("after", "before"))
        for at, token in enumerate(core)
    )


def _told_by_someone(tokens: Sequence[Token]) -> bool:
    """Whether a part is talk: nothing of the trade in it, or somebody in it who does or is something."""
    core = [
        token for token in tokens if token.kind is not Kind.MARK and token.text not in ("so", "and", "but")
    ]
    traded = any(token.tag in _TRADE or token.kind in (Kind.COIN, Kind.NUMBER) for token in core)
    first = core[0].text.split()[0] if core and core[0].text else ""
    asked = tokens[-1].text == "?" and first in _AUXILIARIES | _ANY
    known = [token.text for token in core[:2]] == ["you", "know"]
    if tokens[-1].text == "?" and traded and not known:
        return False
    return not asked and (not traded or (first in _TELLERS and len(core) >= 4))


_ANY = bag("any anything what how which")


_HAD_A_THING = bag("a an the such some no fun my our his her to lunch dinner breakfast")  # had a nice day


def _supposes(tokens: Sequence[Token]) -> bool:
    """'Had I bought': a had that opens a thought; 'we had a talk' only tells."""
    for at, token in enumerate(tokens):
        if token.tag == "HAD":
            before = tokens[at - 1].text if at else ""
            after = tokens[at + 1].text if at + 1 < len(tokens) else ""
            opens = before in ("", ",", "if", "wish") and after not in _HAD_A_THING
            if token.text != "had" or opens:
                return True
    return False
