"""What stands before and behind a deed: only words that wish it make it a command.

The words that may lead to a deed are few and listed; before anything else ('my wife keeps telling me to
sell', 'price to sell', 'shlud i sell') the deed is only spoken of. So a slip of the pen or a turn of phrase
that nobody thought of ends in a question, and never in a proposal.
"""

from __future__ import annotations

import re
from functools import cache

from core.agent.offline.clause import POLITE, Clause
from core.agent.offline.english import ENGLISH
from core.agent.offline.idioms import IDIOMS
from core.agent.offline.tokens import Kind

_TRADES = ("BUY", "SELL", "FLAT", "CASHOUT", "CLOSE", "CANCEL")
_COUNT = "#"

_ADVERB = (
    r"(?:um+|uh+|er+|hmm+|like|just|also|anyway|only|really|simply|well|oh|ah|yo|now|today|quick|right|then|but"
    r"|so|and|first|next|finally|maybe|perhaps|possibly|immediately|quickly|kindly|honestly|actually|again"
    r"|instead|rather|definitely|certainly|gladly|straight|away|at once|once|more|no|yes|ok|hey|zyn|jimmy"
    r"|mate|buddy|bro|man|dude|dear|friend|please|to|be|a|an|the|some|this|that|these|those|it|of|one|all|every"
    r"|mine|up)"
)
_WISH = (
    r"(?:i|we)(?: am| are| will| would| should| do)?(?: just| really| now| also| still)*"
    r"(?: want| wanting| wish| need| like| love| intend| prefer| mean| meant| decided| have decided| choose"
    r"| happy| glad| ready| willing| going| gonna| have| got| have got| in the mood| keen| looking| order"
    r"| ask| asking| request| command| tell| telling| told| said| say| authorise| authorize| instruct| opt)?"
    r"(?: for)?(?: you| zyn| u)?(?: to| to be| now)?"
)
_ASKED = (
    r"(?:can|could|would|will|do|may) (?:you|ya|we|i|please)(?: maybe| perhaps| please| just| like| mind)*"
)
_LET = r"let(?: us| me| s)?|lets"
_TIME = (
    r"(?:(?:i|we) (?:think|believe|reckon|guess|feel|say) )?(?:that )?(?:it is |it s |its |now is |the )?"
    r"(?:high |about )?time(?: has come| is right| is now| came)?(?: for (?:us|me|you|zyn))?(?: to| we| i)?"
)
_GO = (
    r"(?:kind|good|nice) (?:as|enough)|kindly|the kindness|as to"
    r"|go(?: ahead| on| fully| and)*|feel free|be (?:so |very )?(?:kind|good|nice)(?: as| enough)?"
    r"|be an? \w+ \w+|be an? (?:dear|darling|sport|star|pal|champ|angel)|off you"
    r"|come on|do me a favou?r"
    r"|help me(?: out)?"
    r"|help us|make sure|have|get(?: me| us)?|try|start|begin|proceed"
    r"|you(?: (?:can|may|must|should|have|are|need))?"
    r"|make(?: for)?(?: me)?|place|put(?: in)?|set(?: up)?|open|enter|submit|execute|do|leave|give me|give"
    r"|take|use|with|in|at|on|for|my(?: available| spare| free)*(?: cash| usd| money| balance)?|by"
    r"|i am \w+(?!\w| to\b)"
    r"|thing to do|next thing|market|limit|bracket(?:ed)?|orders?|list|work|rest|resting|bid|stop|new|long"
    r"|spot"
)
_AIM = (
    r"to (?:be|lock|take|secure|protect|reduce|free|cut|raise|make|limit|stay|avoid) (?:\w+ ?){1,3}(?= |$)"
    r"|as an? \w+|(?:with|from|out of|using) (?:the|my|our|that|those|some of)(?: [\w#]+)?"
    r" (?:cash|money|usd|balance|profits?|gains?|proceeds|funds|rest|savings|change|#)"
    r"|for (?:the|my|our|a) \w+|before (?:the|my) \w+|before i \w+|(?:on|upon) second thoughts?"
    r"|(?:i )?(?:have )?(?:changed my mind|decided|ready)(?: to)?"
    r"|(?:for )?(?:gods?|heavens?|petes?)(?: s)? sake"
    r"|(?:damn|dammit|fuck|screw|sod|stuff|forget|bugger) (?:it|this|that)"
    r"|whatever|urgent|urgently|hurry(?: up)?|listen(?: up)?|(?:task|job|order|one|something) for you"
    r"|btw|by the way|(?:one|another) (?:more |last )?thing|asap|attention|important|emergency|alert"
    r"|enough(?: is enough)?|done deal|decision made|final answer"
)
_STEPS = tuple(
    re.compile(rf"(?:{step})(?:\s+|$)") for step in (_AIM, _COUNT, _ADVERB, _TIME, _WISH, _ASKED, _LET, _GO)
)

_HANDLING = ("MOVE", "SPEND", "SET", "OPENED", "LESSEN", "RAISE", "CONVERT")
_JOINTS = ("so", "and", "then", "but", "therefore", "also")


@cache
def english() -> frozenset[str]:
    return frozenset(word.replace("-", " ") for word in (ENGLISH + IDIOMS).split())


def wished(clause: Clause) -> bool:
    """Whether a deed of a clause is led to by nothing but words that wish it; also where it holds no deed."""
    places = [at for at, token in enumerate(clause.tokens) if token.tag in _TRADES]
    native = [at for at in places if clause.tokens[at].text in english()]
    return not native or len(native) < len(places) or any(_led(clause, at) for at in native)


def _led(clause: Clause, at: int) -> bool:
    """'I would like to', 'stick a' and the like before a deed; 'I am selling' only tells of one."""
    if clause.negated(at):
        return True  # what is ruled out is answered as such
    rest = _lead(clause, at)
    if rest.endswith(" am") and clause.texts[at].endswith("ing"):
        return False
    if clause.opening and clause.opening[0].tag in _HANDLING:
        return True  # put 2 sol up for sale
    return leads_to_deed(rest)


def leads_to_deed(rest: str) -> bool:
    """Whether words are made of nothing but steps towards a deed; '#' stands for a coin or a number."""
    reached, ahead = {0}, [0]
    while ahead:
        at_word = ahead.pop()
        ends = {found.end() for step in _STEPS if (found := step.match(rest, at_word))}
        ahead += ends - reached
        reached |= ends
    return len(rest) in reached


def _lead(clause: Clause, at: int) -> str:
    """The words before a deed, from the last joint on; coins, numbers and money count as one sign each."""
    words: list[str] = []
    for token in clause.tokens[:at]:
        if token.kind is Kind.MARK or token.text in _JOINTS:
            words = []
        elif token.kind is not Kind.WORD or token.tag == "MONEY":
            words.append(_COUNT)
        elif token.tag not in POLITE or token.text == "please":
            words.append(token.text)
    return " ".join(words)


_DEED = (
    r"(?:buy|sell|hold|hodl|keep|wait|stay|close|exit|dump|ditch|leave|sit|ride|hang|let|bail|cash out"
    r"|get out|get in|trim|add|stick|not|no|nah|nope|what|naw|hld|wiat|wate|hole|pass|skip|cancel)"
)
_DOUBTED = re.compile(
    rf"\bor (?:should i |shall i |do i |just |better |rather |to |maybe |is it )*{_DEED}\b(?! than)"
    r"|\b(?:yes or no|y/n|(?:smart|wise|dumb|stupid|silly|bad|good|right) (?:idea|move|call|choice"
    r"|plan|thing|time)|what do you (?:think|reckon|say)|what you think|what say you|(?:any|your) thoughts"
    r"|your (?:opinion|view)|do you agree|you agree|i wonder|wondering|just asking)$"
    r"|\b(?:shall|should) (?:i|we)\b|(?<!how )(?<!where )\bdo i (?:buy|sell|close|dump|get out|exit)\b"
)
_POSSIBLE = re.compile(
    r"^(?:(?:can|could|may) i|will you) (?:just |now |already |even |still )*"
    r"(?:sell|close|dump|liquidate|flatten|exit|ditch|unload|offload|cash out)(?:ing)? "
)
_UNSURE = re.compile(
    r"\b(?:idk|i do not know|do not know|no idea|not sure|unsure|undecided|can not decide|just wondering)$"
)


def doubted(sentence: Clause) -> bool:
    """'Sell my sol or wait', 'close it, good idea', 'buy more eth, what do you think': opinion is asked."""
    return bool(_DOUBTED.search(_plain(sentence))) and sentence.has(*_TRADES)


def asks_whether(clause: Clause) -> bool:
    """'Can I sell my sol', 'will you close my eth': whether it goes or is planned; with a please, a wish."""
    said = " ".join(token.text for token in clause.opening if token.kind is not Kind.MARK)
    wish = clause.numbers or clause.has("PLEASE", "ALL") or clause.run("for", "me") or clause.says("all")
    return bool(_POSSIBLE.match(said)) and not wish


def unsure(sentence: Clause) -> bool:
    """'Sell my sol, idk': a deed and a doubt."""
    return bool(_UNSURE.search(_plain(sentence))) and sentence.has(*_TRADES)


def _plain(sentence: Clause) -> str:
    return " ".join(token.text for token in sentence.tokens if token.kind is not Kind.MARK)
