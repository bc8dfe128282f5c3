"""Company: moods, kindness, insults, jokes and the date, when a message is about nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from core.agent.offline.scene import Frame, chat
from core.agent.offline.tokens import fold

_LINES = tuple(
    (re.compile(said), line)
    for said, line in (
        (
            r"\b(?:love|luv|adore|like) (?:you|u|ya)\b|\byou (?:are|r) (?:my fav\w*|the goat|a star"
            r"|an angel|sweet|funny)\b",
            "That is kind, {owner}. I keep watch all the same.",
        ),
        (
            r"\b(?:you|u|bot|zyn)\b.*\b(?:suck|useless|stupid|dumb|worthless|terrible|pathetic|rubbish"
            r"|trash|crap|bad"
            r"|annoying|liar)\b|\b(?:hate|fuck|screw) (?:you|u)\b|^\W*(?:idiot|moron|stupid|dumbass"
            r"|useless)\W*$",
            "I am sorry, {owner}. Tell me what went wrong, or ask 'why', and I will show you what I saw.",
        ),
        (
            r"\b(?:stress\w*|scared|scary|nervous|worried|anxious|afraid|panicking|terrified|frightened"
            r"|cannot sleep"
            r"|can not sleep)\b",
            "I understand, {owner}. Every position has its stop, and a day may lose only so much. "
            "Say 'pause' and I open nothing new.",
        ),
        (
            r"\bi(?: am|'m| feel)? (?:so |very |really |a bit |just )*(?:tired|exhausted|sleepy|knackered"
            r"|beat)\b",
            "Then rest, {owner}. I stay awake, and I tell you when something happens.",
        ),
        (
            r"\b(?:bored|boring|lonely|sad|unhappy|depressed|down today|bad day|rough day|fed up)\b",
            "I am sorry to hear it, {owner}. I am here; ask me anything about the trades.",
        ),
        (
            r"\bi(?: am|'m| feel)? (?:so |very |really )*(?:happy|glad|excited|great|good|fine|well"
            r"|blessed)\b"
            r"|\b(?:got|getting) (?:married|promoted|a raise)\b",
            "Good to hear, {owner}.",
        ),
        (
            r"\b(?:joke|story|poem|song|sing|riddle|haiku|rap|dance)\b",
            "I am better with stops than with stories, {owner}. Ask me how the trades are doing.",
        ),
        (
            r"\b(?:moon|lambo|get rich|make me rich|get me rich|millionaire)\b",
            "I do not predict and promise nothing, {owner}. I keep losses small and wait for good odds.",
        ),
        (
            r"^\W*(?:you too|u too|same to you|likewise|right back at you|same here)\W*$",
            "Thank you, {owner}.",
        ),
        (r"\b(?:see (?:ya|you)|take care|ttyl|talk later|until tomorrow|gotta go|got to go)\b",
         "Until later, {owner}. I keep watch."),
        (r"\b(?:sorry|my bad|apolog\w+)\b", "No harm done, {owner}."),
    )
)  # fmt: skip
_AGAIN = re.compile(
    r"^\W*(?:(?:sorry|pardon|please|can you|could you)[ ,.!?]+)*(?:say|repeat|tell me|come|what was"
    r"|what did you say|huh|pardon|what)"
    r"(?: that| it| me)*(?: again| once more| please| say)*\W*$"
)
_ASKS_DAY = re.compile(
    r"\bwhat (?:day|date)(?: of the week| of the month)? (?:is it|is today|have we|do we have)\b"
    r"|\btoday's date\b"
)


def company(text: str, today: date, said: Sequence[str] = ()) -> Frame | None:
    """A line for what is only company, the date, or the last answer again; None for anything else."""
    plain = fold(text)
    if _ASKS_DAY.search(plain):
        return chat(f"It is {today:%A}, {today.day} {today:%B %Y}.")
    if said and _AGAIN.match(plain):
        return chat(said[-1][:1000])
    return next((chat(line) for asked, line in _LINES if asked.search(plain)), None)
