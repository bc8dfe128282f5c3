"""Questions that judge how it went without a word for results: good, worth it, hurt, beaten, summed up."""

from __future__ import annotations

from core.agent.offline.clause import Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.scene import Frame, Scene, look_up


def fared(clause: Clause) -> bool:
    """'How has our eth trading done ...'."""
    return clause.has("HOW") and clause.says("done", "fared", "performed") and clause.says("has", "have")


def good_day(clause: Clause) -> bool:
    """'Was it a good week?'."""
    good = clause.says("good", "bad", "rough", "nice", "great", "decent") and clause.says(
        "day", "week", "month"
    )
    return good and clause.question and not clause.has("BUY", "SELL", "INSIGHT", "BEST", "WORST")


def brought_by(clause: Clause) -> bool:
    """'What did btc make us', 'how much has sol cost me'."""
    told = clause.says("make", "made", "earn", "bring", "cost", "lose", "do") and clause.says("us", "me")
    done = told and clause.says("did", "has", "have", "does") and clause.has("WHAT", "HOW", "MUCH")
    return bool(clause.coins) and done and clause.question and not clause.has("WHY")


def won(clause: Clause) -> bool:
    """'Did we win anything'."""
    ours = any(clause.run("did", who, "win") or clause.run("have", who, "won") for who in ("i", "we", "you"))
    return ours and not clause.has("TRADELIST", "BEST", "WORST")


_HURTING = tuple(
    bag(
        """hurt hurts hurting bleed bleeding bled burn burns burned burnt burning kill kills killed killing
        sting stung drain drained draining punish punished ruin ruined reward rewarded damage damaged help
        helped pay paid treat treated hit rip ripped rob robbed screw screwed hammer hammered"""
    )
)


def hurt_by(clause: Clause) -> bool:
    """'How badly did doge hurt me', 'are we bleeding on xrp': what a coin has done to the account."""
    whom = clause.says("us", "me", "we", "i") or clause.run("the", "account")
    asked = clause.question or clause.asked
    other = clause.has(
        "WHY", "ORDER", "FEEINFO", "BUY", "SELL", "PRICE", "STOP", "STOPLOSS", "TARGET", "INSIGHT"
    )
    paid = clause.says("pay", "paid") and not clause.says("off")  # what it cost is no result
    return bool(clause.coins) and clause.says(*_HURTING) and bool(whom and asked) and not (other or paid)


def summed_up(clause: Clause) -> bool:
    """'Send me a recap of the week': once, and no report for every day."""
    told = clause.says(*_IN_SHORT)
    sent_often = clause.has("NOTIFY") and not clause.has("SEND") and not clause.run("send me", "a")
    return told and not clause.has("SET", "AUTOPILOT") and not sent_often


_IN_SHORT = tuple(
    bag(
        """sum summary recap rundown overview report summarise summarize
        version gist nutshell highlights wrap-up"""
    )
)
_BEATING = ("beat", "beaten", "beating", "outperform", "outperformed", "outperforming", "outdo", "outdone")
_OUTDOING = ("beat", "beaten", "beating", "better", "outperform", "outperformed", "outdo", "ahead", "worse")


def against_holding(clause: Clause, scene: Scene) -> list[Frame] | None:
    """'Did we beat just holding btc', 'are we better than buy and hold': the results, beside the market."""
    held = clause.says("holding", "hodl", "hodling") or clause.run("buy", "and", "hold")
    ours = clause.says("we", "us", "our", "i", "you")
    outdone = (
        clause.says(*_OUTDOING) if held else clause.says(*_BEATING) and (clause.coins or clause.has("MARKET"))
    )
    asked = clause.question or clause.asked or clause.polite_request
    if not (ours and asked and outdone) or clause.has("SHOULD", "ADVICE", "BUY", "SELL", "ORDER"):
        return None
    return [look_up("get_performance", period=scene.period(clause.tokens) or "all")]


def cost_so_far(clause: Clause, scene: Scene) -> list[Frame] | None:
    """'How much have you cost me so far': the results of all of it."""
    cost = any(clause.run(word, whom) for word in ("cost", "costing") for whom in ("me", "us"))
    whole = clause.says("you", "zyn", "this", "trading") and not clause.coins
    if not (cost and whole and clause.question) or clause.has("FEEINFO", "BEST", "WORST", "COINWORD", "WHY"):
        return None
    period = scene.period(clause.tokens)
    return [look_up("get_performance", period="all" if clause.run("so", "far") else period or "all")]


_EATING = tuple(bag("eating eats eaten ate nibbling draining drains gnawing leaking leak leaks swallowing"))


def eaten(clause: Clause, scene: Scene) -> list[Frame] | None:
    """'What is eating our profits': the fees of the period, and what the trades lost on."""
    asked = clause.has("WHAT", "WHERE", "WHO") and clause.says(*_EATING)
    if not asked or clause.coins or not clause.has("PNL", "BALANCE", "MONEY"):
        return None
    period = scene.period(clause.tokens) or "all"
    return [look_up("get_performance", period=period, metric="fees"), look_up("get_insights")]
