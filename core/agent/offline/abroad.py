"""Deeds told in Spanish, German, French, Italian and Portuguese: only what is wished there is a wish.

A command or an infinitive is a wish where nothing but words of wishing leads to it; 'mi hermano compra' and
'ich überlege zu verkaufen' only speak of a deed. Past and conditional forms never get here: they are told
from commands by accents and endings, so verb_forms.py writes them out before the accents are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from core.agent.offline.clause import POLITE, Clause
from core.agent.offline.languages import FOREIGN_WISHING
from core.agent.offline.lexicon import bag
from core.agent.offline.tokens import Kind, Token
from core.agent.offline.wishes import english

_DEEDS = ("BUY", "SELL", "SPEND", "FLAT", "CLOSE", "CANCEL", "RESUME")
_STEM = re.compile(
    r"(?:quiero |prends )?(?:compr|adquir|acquist|achet|kauf|vend|vent|verkauf|abstoss|liquid|cierr|cerr|ferm"
    r"|schliess|glattstell|chiud|fech|alles |tout |cancela|cancele|stornier|abbrech|anul|annul|losch|loesch"
    r"|invert|inviert|invest|gast|deshaz|debarrass|sbarazz|livr|larg"
    r"|reanud|continuar?$|continuez|fortsetz|weiter|mach weiter|repren|retom|relanc|sigue|vuelve"
    r"|reativ|riprend)"
)
_INFINITIVE = re.compile(r"(?:[aei]r|re|[aei]r(?:me|lo|la|los|las)|en)$")
_TAGS = bag(
    "ME MONEY ALL HALF MY SOME WANT CAN MAXPOS COINWORD POSITION ORDER LIMIT MARKET AT WORTH NOT NEVER"
    " TODAYWORD BALANCE LAST RESTING SET NO WITHOUT OWN PNL IF WHEN SCHEDULE SHOULD MAYBE SAID INSTEAD MOVE"
) | bag(" ".join(_DEEDS))  # what else these mean, the manner of the clause has said already
_LEADING = bag(FOREIGN_WISHING)
_WEIGHED = re.compile(
    r"\b(?:pensando|pensado|pienso|pensaba|dudo|dudando|planeo|planeando|considero|considerando|planteo"
    r"|planteando|quizas?|tal vez|a lo mejor|ojala|tentado|ganas de"
    r"|pense|pensais|reflechis|hesite|envisage|peut etre|songe|tente de"
    r"|uberlege|ueberlege|uberlegen|ueberlegen|uberlegt|erwage|erwaege|denke|dachte|nachgedacht|gedanken"
    r"|vielleicht|eventuell|evtl|versucht|plane"
    r"|penso|pensavo|pensato|pensiamo|forse|magari|valuto|valutando|dubito|tentato|tentazione"
    r"|bereue|bedaure|traum\w*|getraumt|sone|sueno|reve|sogno|sognato|regrett?e|arrepiento|pento|angst|peur|paura"
    r"|miedo|medo|verboten|interdit|prohibido|proibido|vietato|talvez|acho que|pensava|se calhar)\b"
    r"|\b(?:habria|haberia|deberia haber|tendria que haber|avrei|avremmo|dovuto|aurais|aurions|teria"
    r"|devia ter|podria|poderia|iba a|ibamos a|allais|allait|hatte|haette|hatten|haetten)\b(?=.* )"
    r"|\b(?:seria|serait|were|ware|waere|sarebbe|fue|era|etait|war) (?:\w+ ){0,2}?"
    r"(?:un |une |ein |eine |uma |so )?"
    r"(?:error|locura|tonteria|lastima|estupid\w*|fou|folle|folie|betise|bete|dommage|erreur|dumm|fehler"
    r"|verruckt|schade|irre|wahnsinn|quatsch|falsch|errore|follia|peccato|sciocc\w+|stupid\w*|erro|loucura|pena"
    r"|burrice|mal|malo|mala|idea|idee)\b"
    r"|\b(?:quoi|was|que|cosa|che) (?:si|wenn|se)\b"
)
_LIKED = re.compile(r"\b(?:hatte|haette|hatten|haetten) (?:ich |wir )?gern")
_COURTEOUS = re.compile(r"^(?:me )?(?:podria|poderia) ")  # '¿podría vender ...?' is asked of Zyn
_BY_OTHERS = re.compile(
    r"(?<!\bho )(?<!\bti ho )\bdetto\b|(?<!\bhe )\bdicho\b|\bgesagt\b|\bmeinte\b|\bconseille\b|\baconseja\b"
    r"|\bconsiglia\b|\baconselha\b|\bempfiehlt\b|\bva dicendo\b|\bquiere que yo\b"
)
_BEFORE = re.compile(
    r"\b(?:ayer|anoche|anteayer|hace (?:un|una|dos|\d+)|gestern|vorgestern|neulich|damals|avant hier|jadis"
    r"|ieri|l altro ieri|ontem|anteontem|last (?:week|month|year|night)|yesterday"
    r"|(?:letzte[nsr]?|vergangene[nsr]?) (?:woche|monat|jahr|nacht|montag|dienstag|mittwoch|donnerstag"
    r"|freitag))\b|^(?!.*kauf).*\bhier(?: soir| matin|$)"
)
_HE = bag("il el er sie ela ele")  # some are articles, too
_COULD_YOU = bag("konnten koennten konnen koennen wurden wuerden wollen bitte")  # and no she
_ASKING = ("HOW", "WHAT", "WHY", "WHERE", "WHO", "IS", "DO", "HELP", "SHOULD")


def spoken_of(clause: Clause, sentence: Clause) -> bool:
    """Whether a deed in one of these languages is only told of: weighed, past, or another's."""
    places = [at for at, token in enumerate(clause.tokens) if token.tag in _DEEDS and _foreign(token.text)]
    if not places or any(clause.negated(at) for at in places):
        return False
    if clause.question and clause.opening and clause.opening[0].tag in _ASKING:
        return False
    whole = _plain(sentence.tokens if any(_leans(clause, at) for at in places) else _own(clause, places[0]))
    courteous = _LIKED.search(whole) or (_COURTEOUS.search(whole) and sentence.asked)
    if (
        (_WEIGHED.search(whole) and not courteous)
        or _BY_OTHERS.search(whole)
        or _BEFORE.search(_plain(clause.tokens))
    ):
        return True
    return not any(_led(clause, sentence, at) for at in places)


def _led(clause: Clause, sentence: Clause, at: int) -> bool:
    """Whether only words of wishing, what is dealt with and how much of it stand before a deed."""
    lead = _lead(clause, sentence, at)
    texts = [token.text for token in lead]
    if texts and texts[-1] in _HE and not _infinite(clause.tokens[at].text):
        return False
    if "sie" in texts[:2] and texts[0] not in _COULD_YOU:
        return False
    tags = {token.tag for token in lead}
    traded = clause.tokens[at].tag in ("BUY", "SELL", "SPEND")
    if traded and "ORDER" in tags and tags.isdisjoint(("MOVE", "SET", "WANT", "CAN", "DO")):
        return False  # the order to sell ...
    return all(_wishes(token) for token in lead)


def _lead(clause: Clause, sentence: Clause, at: int) -> list[Token]:
    """The words before a deed, from the last mark on; 'zu verkaufen' and 'dass' lean on what is before it."""
    before = clause.tokens[:at]
    if _leans(clause, at):
        whole = takewhile(lambda token: token is not clause.tokens[at], sentence.tokens)
        return [token for token in whole if token.kind is not Kind.MARK]
    marks = [place for place, token in enumerate(before) if token.kind is Kind.MARK]
    return list(before[marks[-1] + 1 :] if marks else before)


def _leans(clause: Clause, at: int) -> bool:
    return clause.texts[max(0, at - 1)] == "zu" or "dass" in clause.texts[:at]


def _wishes(token: Token) -> bool:
    if token.kind is not Kind.WORD or token.tag in POLITE or token.tag in _TAGS:
        return True
    return all(word in _LEADING or len(word) == 1 for word in token.text.split())


def _own(clause: Clause, at: int) -> Sequence[Token]:
    """A clause from the last mark before its command on: 'tengo miedo, vende todo'."""
    marks = [place for place, token in enumerate(clause.tokens[:at]) if token.kind is Kind.MARK]
    return clause.tokens[marks[-1] :] if marks and not _infinite(clause.texts[at]) else clause.tokens


def _plain(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens if token.kind is not Kind.MARK)


def _infinite(word: str) -> bool:
    return bool(_INFINITIVE.search(word))


def _foreign(word: str) -> bool:
    return bool(_STEM.match(word)) and word not in english()
