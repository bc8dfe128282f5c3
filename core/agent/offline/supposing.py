"""What is only supposed or weighed: a crash of the market, more money in the account."""

from __future__ import annotations

from core.agent.offline.clause import Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.manner import Manner


def would_add(clause: Clause) -> bool:
    """'Should I put more money in': how much the account shall hold."""
    put = clause.has("MOVE", "SPEND") or clause.says("add", "deposit", "commit", "top", "put")
    added = clause.says("more", "extra", "another", "money", "cash", "savings", "capital", "funds")
    return bool(put and added) and not (clause.coins or clause.has("STOP", "SELL", "TARGET", "LIMIT"))


_CRASHING = tuple(
    bag(
        """crash crashes crashed crashing tank tanks tanked collapse collapses collapsed plunge plunges
        plunged halve halves halved implode implodes imploded"""
    )
)
_FALLING = tuple(bag("fall falls fell drop drops dropped lose loses lost sink sinks sank dip dips goes"))


def asks_of_a_crash(clause: Clause, manner: Manner) -> bool:
    """'What would happen if bitcoin crashed': what all stops and the gaps below them would cost."""
    if clause.run("worst", "case") and not (clause.coins or clause.numbers):
        return True
    supposed = manner is Manner.HYPOTHESIS or clause.has("IF", "WHEN") or clause.says("happens", "happen")
    asked = clause.has("WHAT", "HOW") or "what if" in clause.texts or clause.asked
    shares = any(number.unit in ("%", "part") for number in clause.numbers)
    falls = clause.says(*_CRASHING) or (
        shares and clause.says(*_FALLING) and clause.says("happen", "happens", "if")
    )
    falls = falls and not clause.says("we", "i", "you", "day")  # the market, and no limit of ours
    other = clause.has("BUY", "SELL", "BOUGHT", "SOLD", "WHY", "ORDER", "NOTIFY", "PAUSE", "FLAT")
    return bool(supposed and asked and falls) and not other
