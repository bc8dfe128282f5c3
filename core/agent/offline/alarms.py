"""A cry with a command in it: what frightens the owner is set aside, so that only the command is read.

"omg it's all crashing, stop stop stop", "oh no the market is tanking get me out". Nothing is taken for an
alarm that asks, forbids or names a condition, and only what lowers risk is heard in one.
"""

from __future__ import annotations

import re

from core.agent.offline.lexicon import bag
from core.agent.offline.tokens import fold

DEEDS = frozenset({"pause", "panic", "flatten", "cancel_order"})
_LEADING = bag("and so just now please pls then ok okay zyn hey")
_LONGEST = 6  # words of a command in a cry
_CRY = re.compile(
    r"\b(?:o+m+f*g+|oh+ (?:no+|(?:my )?god|shit|crap|fuck|dear|man)|o+h+|no{2,}|a+h+|a{3,}\w*|argh+"
    r"|help(?: me)?(?= ?!)|help(?:,? help)+|shit|fuck|damn|crap|wtf|jesus|christ|(?:my )?god|hurry(?: up)?"
    r"|for (?:god|heaven)'?s sake|emergency|(?<!false )alarm|mayday|sos|panic(?:king)?(?! sell))\b"
)
_FALLS = re.compile(
    r"\b(?:it'?s|its|it|this|everything(?:'s)?|all(?: of it)?|we|we're|were|i|i'm|im"
    r"|(?:the |my |our )?(?:whole )?(?:market|price|coin|portfolio|account|money|crypto|chart|thing)s?)"
    r"(?: (?:is|are|am|all|so|really|just|totally|completely|getting|going|in|a|now|keeps?|on))* "
    r"(?:crash\w*|tank\w*|fall\w*|drop\w*|dump(?:ing|ed|s)|plung\w*|plummet\w*|bleed\w*|collaps\w*"
    r"|melt\w*|sink\w*|diving|dives|nosediv\w*|down(?: the drain| fast| hard)?|red|burn\w*|dying"
    r"|blowing up|free ?fall\w*|to zero|los(?:ing|t) (?:money|everything|it all|a lot|so much)|wiped out"
    r"|wrecked|rekt|(?:scared|frightened)(?! (?:to|of)\b))\b"
    r"|\b(?:crash(?:ing)?|tanking|dumping|plunging|collapsing)\b(?=\W*(?:stop|halt|pause|sell|get|crash|!))"
)
_CAREFUL = re.compile(
    r"\b(?:if|when|whenever|once|unless|until|till|after|before|should|would|could|may|might|not|never|dont|why"
    r"|how|what|who|did|does|do i|stop ?loss|stops|said|says|tell|told|alert|text me|remember)\b|n't\b|\?"
)
_HELP = re.compile(r"\bhelp(?: me)?\b")  # no cry by itself: 'help pause' asks what a command does
_REST = re.compile(r"[^a-z0-9'.% ]+|\.(?!\d)")


def command_of(text: str) -> str | None:
    """The command that a frightened message comes down to; None without a cry, or for a long one."""
    said = fold(text)
    if _CAREFUL.search(said):
        return None
    calm = _FALLS.sub(" ", _CRY.sub(" ", said))
    if calm == said:
        return None
    words = _REST.sub(" ", _HELP.sub(" ", calm)).split()
    while words and words[0] in _LEADING:
        words = words[1:]
    return " ".join(words) if 0 < len(words) <= _LONGEST else None
