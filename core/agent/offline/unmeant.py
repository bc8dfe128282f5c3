"""Deeds and limits that are named and not meant: recited, labelled, overheard, mocked, told of the past.

What stands before a colon says whose words follow it. Only the owner's own labels ('order:', 'zyn:', 'do
this:') leave them his; behind any other ('Tom:', 'example:', 'repeat after me:') they are somebody's, or
nobody's. A limit is told of, and not set, where others keep it, where it is past, and where it is judged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.agent.offline.clause import POLITE, Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.tokens import Kind, Token
from core.agent.offline.wishes import leads_to_deed

_DEEDS = bag("BUY SELL FLAT CLOSE CANCEL CASHOUT SPEND MOVE CONVERT")
_LABELS = bag(
    """AUTOPILOT ORDER TRADE LIMIT MARKET BUY SELL STOP STOPLOSS TARGET BRACKET RISKWORD SET WANT MY ME IT ALL
    SAFETY DAYLOSS MAXPOS MAXEXP MAXOPEN POSITION CLOSE FLAT CANCEL BID OFFER RESUME PAUSE CONFIRMWORD
    REMEMBER YES NO DO SOME COINWORD SHOW LAST CAN TIMES MAXIMUM SWITCH NOT NOTIFY"""
)
_LABEL_WORDS = bag(
    """orders request requests task tasks todo to do job jobs command commands instruction instructions wish
    want need would like following thing things decision decisions action actions step steps first second
    third last next then now today tonight here is s what i we you my your our the a an one two three for
    this that these it urgent important attention listen well alright so and also hey jimmy boss mate buddy
    new final please ok okay right real just only quick simple plain usual same again entry exit option plan
    as follows be exactly asap immediately update correction change edit fix ps note reminder purchase sale
    trade deal idea with go ahead ready let us make place put in of on have got decided settled will am going
    mind made up changed question favor favour small little enough time
    choice call answer verdict conclusion turn short summary move"""
)
_ONLY_TRIED = bag("test testing tests trial dummy dry")
_RECITED = re.compile(
    r"\b(?:for (?:example|instance)|such as|as an example)\b"
    r"|^(?:\W|this is |it is |just |only |merely |purely |simply )*an? "
    r"(?:\w+ )?(?:test|drill|joke|demo|demonstration|rehearsal|hypothetical|thought experiment|dry run"
    r"|example|exercise|simulation|dream|riddle|quotation)\b(?! (?:order|trade|buy|sell|purchase|sale)\b)"
    r"|\b(?:he|she|they|everyone|everybody|people)(?: is| was| are| were| s)? (?:like|goes?|went)\b"
    r"|\b(?:overheard|quoting|quote unquote|the sign says|the caption)\b"
)
_MOCKED = re.compile(
    r"^(?:\W|oh |yeah |ha |haha |sure |right |well )*(?:like|as if|as though)(?: i| we)? would\b"
    r"|^(?:\W|oh |yeah |ha |haha |sure |right |well )*as if\b"
    r"|^(?:\W|oh )*(?:yeah right|pf+t|very funny|oh please|in your dreams|you wish|fat chance)\b"
    r"|\b(?:can not|cannot|hard to) believe\b"
    r"|\bthen what\b|\b(?:genius|einstein|sherlock|smart ?(?:ass|arse|guy|pants)|wise ?guy)\W*$"
)
_CAME_OF = re.compile(
    r"^(?:\W|and |but |so |well )*(?:buying|selling|closing|dumping|cancelling|holding)\b.* "
    r"(?:made|cost|costs|paid|pays|brought|gave|gives|worked|works|ruined|saved|taught|helped|took|takes"
    r"|left|kept|turned|felt|went)\b"
    r"|^(?:\W|thanks |thank you |cheers |sorry |so )*(?:by|for|from|despite|since|upon|through) "
    r"(?:buying|selling|closing|dumping|cancelling|holding)\b"
)


def recited(sentence: Clause) -> bool:
    """'Tom: buy 5 link', 'repeat after me: sell all', 'for example, buy 1 eth': words that are not meant."""
    said = " ".join(sentence.texts)
    deed = sentence.place(*_DEEDS)
    if deed < 0:
        return False
    found = _RECITED.search(said)
    before = len(" ".join(sentence.texts[:deed]))
    return _labelled_by_another(sentence.tokens, deed) or (found is not None and found.start() <= before)


def mocked(sentence: Clause) -> bool:
    """'Like I would buy at this price', 'sure, sell it, and then what': said to be laughed at; or told of."""
    said = " ".join(sentence.texts)
    return sentence.has(*_DEEDS) and bool(_MOCKED.search(said) or _CAME_OF.search(said))


def only_named(clause: Clause) -> bool:
    """'Anyone selling 5 link?', 'buying 1 eth costs how much?': what is asked about is never ordered."""
    at = clause.place("BUY", "SELL")
    if at < 0:
        return False
    first = clause.opening[0] if clause.opening else Token("")
    asked_of_all = first.text in ("anyone", "anybody", "someone", "somebody", "everyone", "nobody")
    gerund = clause.tokens[at].text.endswith("ing") and (first is clause.tokens[at] or asked_of_all)
    left_out = at > 0 and clause.tokens[at - 1].tag == "WITHOUT"
    return gerund or left_out


def _labelled_by_another(tokens: tuple[Token, ...], deed: int) -> bool:
    """Whether a colon stands before a deed, and before the colon words that are no label of the owner's."""
    colons = [at for at in range(deed) if tokens[at].text == ":"]
    if not colons or any(
        one.kind is not Kind.MARK and one.tag not in _TO_DEED for one in tokens[colons[-1] + 1 : deed]
    ):
        return False
    lead = [token for token in tokens[: colons[-1]] if token.kind is not Kind.MARK]
    if {"MY", "LAST"} <= {token.tag for token in lead}:
        return True  # my last trade: sell 5 link
    if _gives_reason(lead) or leads_to_deed(_words_of(lead)):
        return False
    trading = any(token.tag in ("ORDER", "TRADE", "BUY", "SELL") for token in lead)
    return not all(_of_a_label(token, trading) for token in lead)


def _words_of(lead: Sequence[Token]) -> str:
    return " ".join(token.text if token.kind is Kind.WORD else "#" for token in lead)


def _gives_reason(lead: Sequence[Token]) -> bool:
    """'Rent is due: sell 50 dollars of eth': a sentence of the owner's, and nobody's name."""
    others = any(token.tag == "OUTSIDE" or token.text in _PEOPLE for token in lead)
    return not others and any(token.text in _FINITE or token.tag == "IS" for token in lead[:-1])


_FINITE = bag(
    """is are am was were need needs have has had want wants got must looks look feels feel seems seem
    brauche brauchen habe haben bin muss ist sind necesito tengo hay es esta estoy debo besoin ai suis
    dois est veux faut bisogno ho sono devo voglio preciso tenho estou quero"""
)
_TO_DEED = POLITE | {"AUTOPILOT", "WANT", "ME", "CAN", ""}


def _of_a_label(token: Token, trading: bool) -> bool:
    if token.kind is Kind.NUMBER:
        return bool(token.unit) or not 1900 < token.amount < 2200
    if token.kind is not Kind.WORD:
        return True
    words = set(token.text.split())
    return (
        token.tag in _LABELS
        or token.tag in POLITE
        or words <= _LABEL_WORDS
        or (trading and words <= _ONLY_TRIED)
    )


_LIMITS = ("RISKWORD", "DAYLOSS", "MAXPOS", "MAXEXP", "MAXOPEN")
_CHANGED = ("SET", "RAISE", "LESSEN")
_TOO_MUCH = (
    r"(?:too \w+|high|low|crazy|insane|mad|madness|nuts|silly|stupid|foolish|reckless|a lot|much|excessive"
    r"|scary|normal|standard|typical|risky|dangerous|steep|ridiculous|absurd|gambling|suicide|greedy|wild"
    r"|huge|tiny|unwise|dumb|common|extreme|brave|bold|bad|awful|terrible|horrible|average|aggressive|conservative)"
)
_OTHERS = r"(?:his|her|their|its|everyone s|everybody s|whose)"
_TELLS = (
    r"(?:read|reads|heard|saw|seen|suggests?|suggested|recommends?|recommended|advises?|advised|says|told me"
    r"|thinks?|thought|believes?|claims?|claimed|noticed|learned|learnt|wrote|dreamt|dreamed)"
)
_TOLD_OF = tuple(
    re.compile(pattern)
    for pattern in (
        r"\bnever again (?!more|over|above)",
        r"^(?:\W|and |but |so |well )*there (?:is|are|was|were|will be|might be)\b",
        r"\brisks? of (?!\d|#|up to|at most|no more|half|one|two|three|a |an |my |our |the )\w+",
        rf"\b{_OTHERS} (?:\w+ )?(?:risk|daily loss|max|loss limit|maximum|own)",
        r"\b(?:was|were|used to|had|risked|previously|formerly|in the past|back then)\b",
        rf"\b(?:is|are|seem(?:s|ed)?|sound(?:s|ed)?|look(?:s|ed)?|feels?|felt|appear(?:s|ed)?)"
        rf"(?: \w+)?? {_TOO_MUCH}\b",
        rf"^(?:\W|the |a |an |my |our |some |most |many |all |any )*[a-z]+(?: [a-z]+)?? {_TELLS}\b",
        r"\b(?:would|will|could) never (?!\w+ (?:\w+ )?more than|\w+ over|\w+ above)",
        r"\braise an? (?!risk|limit|max|daily|day|loss|stop|position|cap)\w+",
    )
)
_OTHERS_KEEP = re.compile(r"\bis what (?:my|the|his|her|most|some|they|he|she|everyone|people|pros)\b")


def told_of_a_limit(clause: Clause) -> bool:
    """'My friend sets his risk to 10%', 'a 3% limit was too much': a limit of others, of the past, judged."""
    if not clause.has(*_LIMITS) or _changed_behind(clause):
        return False
    said = " ".join("#" if token.kind is Kind.NUMBER else token.text for token in clause.tokens)
    return (
        bool(_OTHERS_KEEP.search(said))
        or _kept_by_another(clause)
        or any(pattern.search(said) for pattern in _TOLD_OF)
    )


def _changed_behind(clause: Clause) -> bool:
    """'The risk was 2%, make it 1%': what is told of first is what is to be changed."""
    limit, changed = clause.place(*_LIMITS), clause.place(*_CHANGED)
    behind = clause.tokens[changed + 1 :] if 0 <= limit < changed else ()
    it = any(one.tag == "IT" for one in behind) or (bool(behind) and clause.texts[changed].endswith(" it"))
    return it and any(one.kind is Kind.NUMBER for one in behind)


_LEADS_SUBJECT = bag("the my our some most many all a an these those their his her every each")
_PEOPLE = bag("everyone everybody people someone somebody nobody anyone he she they who others")
_KEEPS = bag("sets set risks uses keeps has limits caps goes runs takes likes lets allows puts puts")


_OFTEN = bag("always never only usually often just now also still even really mostly typically normally")


def _kept_by_another(clause: Clause) -> bool:
    """'The pros risk 1%', 'my brother has a max position of 30%': somebody else stands before the verb."""
    words = [one for one in clause.opening if one.kind is not Kind.MARK and one.text not in _OFTEN]
    number = next((at for at, token in enumerate(words) if token.kind is Kind.NUMBER), len(words))
    led = bool(words) and words[0].text in _LEADS_SUBJECT
    if words and words[0].text in _PEOPLE:
        return True
    for at in range(1 if led else 0, min(number, 5) - 1):
        who, verb = words[at], words[at + 1]
        plain = who.kind is Kind.WORD and not who.tag
        several = (who.text.endswith("s") or who.text in _PEOPLE) and (
            verb.text == "risk" or verb.tag == "SET"
        )
        if plain and (verb.text == "risks" or several):
            return True
        named = who.tag == "OUTSIDE" or (who.kind is Kind.WORD and not who.tag and led)
        acts = verb.text in _KEEPS or verb.text in ("risk", "risking", "risks")
        if named and acts and (verb.text != "risk" or who.text.endswith("s") or who.tag == "OUTSIDE"):
            return True
    return False
