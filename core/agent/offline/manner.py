"""The semantic validator: in which manner something is said. Only a plain wish may become a command."""

from __future__ import annotations

import re
from enum import StrEnum

from core.agent.offline.abroad import spoken_of
from core.agent.offline.asides import judges, nearly, only_speaks, others_wish, said_by_another
from core.agent.offline.clause import Clause
from core.agent.offline.tokens import Kind
from core.agent.offline.unmeant import mocked, recited, told_of_a_limit
from core.agent.offline.wishes import asks_whether, doubted, unsure, wished


class Manner(StrEnum):
    PLAIN = "plain"
    QUESTION = "question"
    ADVICE = "advice"  # should I, is it a good time
    HYPOTHESIS = "hypothesis"  # what if, suppose, I could have
    CONDITION = "condition"  # if it drops, when it hits, once
    TENTATIVE = "tentative"  # maybe, I am thinking of
    SCHEDULED = "scheduled"  # tomorrow, every monday, at 5pm
    REPORTED = "reported"  # somebody said so
    PAST = "past"  # I sold, you bought


_SUPPOSING = (
    "what if",
    "suppose",
    "supposing",
    "imagine",
    "hypothetically",
    "say i",
    "let us say i",
    "theoretically",
)
_LATER = re.compile(
    r"\b(in an? (hour|minute|week|month|day)|next (week|month|year|time)|later|at (noon|midnight)"
    r"|over the weekend"
    r"|after (lunch|dinner|breakfast|work|school|the (close|open|meeting|weekend|holidays?)))\b"
)

_BEFORE = re.compile(r"\b(yesterday|ago|(last|past) (\d+ )?(night|days?|weeks?|months?|year))\b")


def manner_of(clause: Clause, sentence: Clause) -> Manner:
    """How a clause is meant, with what the rest of its sentence says about it."""
    if said_by_another(sentence) or others_wish(sentence) or recited(sentence) or told_of_a_limit(clause):
        return Manner.REPORTED
    if _supposed(sentence):
        return Manner.HYPOTHESIS
    if clause.run("should", "be") and clause.numbers and not clause.question:
        return Manner.PLAIN
    if clause.has("SHOULD", "ADVICE") or (sentence.has("SHOULD", "ADVICE") and clause.question):
        return Manner.ADVICE
    opinion = _asks_what_you_would(clause) or _weighs(sentence) or doubted(sentence) or asks_whether(clause)
    if opinion or judges(sentence) or only_speaks(sentence) or mocked(sentence):
        return Manner.ADVICE
    if sentence.has("IF") or _awaits(sentence) or _told_to_wait(clause, sentence):
        return Manner.CONDITION
    if (clause.has("MAYBE") and not _softened(clause)) or nearly(sentence) or unsure(sentence):
        return Manner.TENTATIVE
    if spoken_of(clause, sentence):
        return Manner.TENTATIVE
    if clause.question:
        return Manner.QUESTION
    if _scheduled(clause):
        return Manner.SCHEDULED
    if _past(clause):
        return Manner.PAST
    return Manner.PLAIN if wished(clause) else Manner.TENTATIVE


def _asks_what_you_would(clause: Clause) -> bool:
    """'Would you buy link here?': an opinion; 'would you buy me 2 link' is a wish."""
    head = [token.text for token in clause.opening[:2]]
    deed = len(clause.opening) > 2 and clause.opening[2].tag in ("BUY", "SELL", "HOLD", "CLOSE")
    asked_of_me = clause.has("ALL", "MY", "PLEASE") or clause.run("for", "me")
    weighed = clause.says("now", "here", "already", "yet") and not clause.has("ALL", "PLEASE")
    asked_of_me = asked_of_me and not (weighed and not clause.run("for", "me"))
    return head == ["would", "you"] and deed and not clause.numbers and not asked_of_me


_IN_MY_PLACE = re.compile(
    r"\bif (?:you were (?:me|i)|i were you|it (?:was|were) (?:yours|your money|you|up to you))\b"
    r"|\bin my (?:shoes|place|position|situation|boots)\b|\bif you had (?:my|our)\b"
)
_HELD_OR_NOT = (
    r"(?:hold|keep|hodl|buy|sell|dump|wait|stay(?: in)?|close|exit|get out|bail|ride|add|trim|cash out"
    r"|hang on)"
)
_EITHER = re.compile(
    rf"\b{_HELD_OR_NOT}\b(?: [a-z]{{2,8}}){{0,3}} or (?:to |should i |just |rather )?{_HELD_OR_NOT}\b"
)


def _weighs(sentence: Clause) -> bool:
    """'Hold or sell link?', 'would you hang on to it if you were me': an opinion is asked for."""
    said = " ".join(sentence.texts)
    either = _EITHER.search(said) and not sentence.numbers and (sentence.asked or sentence.question)
    return bool(either or _IN_MY_PLACE.search(said))


def _softened(clause: Clause) -> bool:
    """'Could you maybe buy ...': the maybe is courtesy, not doubt."""
    doubts = [token.text for token in clause.tokens if token.tag == "MAYBE"]
    return clause.polite_request and set(doubts) <= {"maybe", "perhaps", "possibly"}


def _supposed(sentence: Clause) -> bool:
    named = any(text in _SUPPOSING for text in sentence.texts)
    return named or _had(sentence) or (sentence.has("IF") and _asks_outcome(sentence))


_HAD_A_THING = ("a", "an", "the", "such", "some", "no", "fun", "my", "our", "his", "her", "to")


def _had(sentence: Clause) -> bool:
    """'Had I bought', 'I could have sold'; 'the wife had a word' supposes nothing."""
    for at, token in enumerate(sentence.tokens):
        if token.tag != "HAD":
            continue
        after = sentence.tokens[at + 1].text if at + 1 < len(sentence.tokens) else ""
        opens = bool(sentence.opening) and token is sentence.opening[0] and after not in _HAD_A_THING
        if (
            token.text != "had"
            or opens
            or sentence.has("IF")
            or after in ("i", "we", "you")
            or sentence.says("wish")
        ):
            return True
    return False


def _asks_outcome(sentence: Clause) -> bool:
    """What would happen if I ...: a question about a wish, not the wish."""
    return sentence.question and sentence.has("WHAT", "HOW", "CAN") and not sentence.polite_request


def _awaits(sentence: Clause) -> bool:
    """Whether a 'when' or 'once' sets a condition; 'when did you' asks, 'until' only ends a pause."""
    for at, token in enumerate(sentence.tokens):
        if token.tag != "WHEN" or token.text in ("until", "till", "every time"):
            continue
        following = sentence.tokens[at + 1].tag if at + 1 < len(sentence.tokens) else ""
        if token.text == "when" and following in ("DO", "IS", "CAN", "HAVE", "OWN"):
            continue
        if token.text in ("before", "after") and following in ("", "DO"):
            continue
        return True
    return False


def _told_to_wait(clause: Clause, sentence: Clause) -> bool:
    """'Wait until it falls, buy 2 sol': the deed comes after the waiting."""
    waits = sentence.says("wait", "hold") and sentence.says("until", "till", "for")
    return waits and clause.has("BUY", "SELL", "FLAT", "CLOSE")


def _scheduled(clause: Clause) -> bool:
    spans = [at for at, token in enumerate(clause.tokens) if token.kind is Kind.SPAN]
    ahead = any(at and clause.tokens[at - 1].text in ("in", "after", "every") for at in spans)
    timed = any(token.kind is Kind.TIME for token in clause.tokens)
    return clause.has("SCHEDULE") or ahead or timed or bool(_LATER.search(" ".join(clause.texts)))


def _past(clause: Clause) -> bool:
    """A statement about what was done; an order in the same breath still counts as one."""
    if _BEFORE.search(" ".join(clause.texts)) and not clause.numbers and not clause.has("MY"):
        return True
    return clause.has("BOUGHT", "SOLD") and not clause.has("BUY", "SELL", "FLAT")


_QUOTED = re.compile(
    r"[\"“«]([^\"”»]{12,})[\"”»]"
    r"|(?:(?<=[\s:(,])|^)['‘](?:[^'‘’\n]|(?<=\w)['’](?=\w)){12,}['’](?=\W|$)"
)
# What is copied out of a group, a mail or a post stands behind its colon.
_COPIED = re.compile(
    r"(?i)\b(?:from|via|in|on|by|saw|got|read|received|this|a|the|my)\b[^:\n.!?]{0,40}?"
    r"\b(?:groups?|grp|chats?|channels?|friend|buddy|reddit|twitter|discord|telegram|tg|whatsapp|e-?mail"
    r"|mail|"
    r"newsletter|forum|posts?|tweet|dm|headline|article|website|signal|tip|inbox|txts?|texts?|sms|letter"
    r"|popup|pop-up|alert|warning)\b[^:\n]{0,20}:\s+.*"
)
_DEED = r"(?:buy|sell|close|dump|cancel|liquidate|flatten|exit|ditch)\b"
_QUOTED_DEED = re.compile(
    rf"(?i)[\"“«]\s*{_DEED}[^\"”»]{{0,14}}[\"”»]|(?<!\w)['‘]\s*{_DEED}[^'’]{{0,14}}['’](?!\w)"
)
_EXAMPLE = re.compile(r"(?i)\b(?:e\.\s?g\.|i\.e\.)[,:]?\s*")
_KEPT = re.compile(r"(?i)\W*(?:please |pls )?(?:remember|note|keep in mind|write down|jot down|remind me)\b")
_ROLE = re.compile(
    r"(?im)^\s*(?:>+|(?:system|assistant|developer|fwd?|forwarded(?: message)?|tool)\b\s*[:>]?|rt @\w+).*$"
)


_FOLLOWS = re.compile(
    r"(?i)\b(?:do|follow|copy|execute|obey|mirror|act on|carry out|run with|go with|make|place|take|enter) "
    r"(?:exactly |just |as )?"
    r"(?:(?:what|as|whatever|everything) (?:it|they|he|she|this|that|the \w+) (?:says?|said|tells?|told)"
    r"|(?:this|that|the|their|his|these|those) (?:\w+ )?"
    r"(?:signals?|trades?|tips?|calls?|advice|instructions?|orders?|setups?|bets?))\b"
    r"|\bas (?:it|they|he|she) (?:says?|tells?)\b"
)


def follows_others(text: str) -> bool:
    """'... do what it says', 'please copy this signal': asks to act on words that are not the owner's."""
    return bool(_FOLLOWS.search(_QUOTED.sub(" ", text)))


def own_words(text: str) -> tuple[str, bool]:
    """The owner's own words, and whether quoted or forwarded text was left out: such text is data."""
    bare = _QUOTED.sub(" ", text)
    around = _QUOTED_DEED.sub(" ", bare)
    if re.search(r"\w", around) and not (_KEPT.match(bare) or re.search(rf"(?i)\b{_DEED}", around)):
        bare = around
    bare = _EXAMPLE.sub("for example ", bare)
    bare = bare if _KEPT.match(bare) else _COPIED.sub(" ", bare)
    bare = (
        _ROLE.sub(" ", bare)
        if re.search(
            r"(?im)^\s*(>+|system\s*:|assistant\s*:|developer\s*:|(fwd?|forwarded)\b[^:\n]{0,30}:"
            r"|forwarded|rt @)",
            bare,
        )
        else bare
    )
    return bare, bare.strip() != text.strip()
