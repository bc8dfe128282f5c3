"""Rules for questions about what was learned: by coin, by hour, by weekday, by kind of market."""

from __future__ import annotations

from core.agent.offline.clause import Clause
from core.agent.offline.dates import DAYS
from core.agent.offline.lexicon import bag
from core.agent.offline.scene import Frame, Scene, look_up

_RANKING = tuple(
    bag(
        "suck sucks hurt hurts hurting help helps suit suits burn burns burning kill kills killing drag drags"
        " dragging carry carries carrying"
        " cost costs costing lose loses losing bleed bleeds win wins winning pay pays paying favour favours"
        " work works well make makes making good bad money most least avoid"
        " losers winners"
    )
)


def insights(clause: Clause, scene: Scene) -> list[Frame] | None:
    ranked = clause.has("BEST", "WORST", "PNL") or clause.says(*_RANKING)
    asked = clause.asked or clause.has("WHAT", "HOW", "WHEN", "IS", "SHOW", "WHY", "DO")
    first = clause.opening[0].tag if clause.opening else ""
    asked = asked or clause.says("rank", "ranking") or first in ("BEST", "WORST", "SHOULD")
    topic = topic_of(clause, ranked)
    judged = ranked or clause.has("SHOULD")
    listed = clause.has("PNL") and clause.says("by", "per")
    listed = listed or (clause.run("the", "weekend") and not clause.has("BEST", "WORST", "SHOULD", "INSIGHT"))
    if (
        clause.has("HOW")
        and clause.has("MUCH", "MONEY")
        and scene.period(clause.tokens)
        and not clause.has("BEST")
    ):
        return None  # how much was made yesterday
    judged = judged or (clause.has("WINRATE") and clause.question and clause.opening[0].tag == "DO")
    judged = judged or (topic == "regime" and clause.has("HOW"))
    by_topic = topic is not None and judged and asked and not clause.numbers and not listed
    if clause.has("COINWORD") and clause.has("SHOULD") and asked and not clause.numbers:
        return [look_up("get_insights", topic="symbol")]
    when = (
        clause.has("WHEN")
        and clause.has("SHOULD")
        and clause.has("TRADE", "BUY", "SELL")
        and not clause.coins
    )
    if when and clause.question and not clause.numbers:
        return [look_up("get_insights", topic="time_of_day")]
    losing_when = clause.has("WHEN") and clause.has("PNL") and clause.says("we", "i", "you")
    if losing_when and clause.question and not clause.coins and not scene.period(clause.tokens):
        return [look_up("get_insights", topic="time_of_day")]
    made = any(
        clause.run("did", who, "make") or clause.run("have", who, "made") for who in ("we", "i", "you")
    )
    if made and topic == "time_of_day" and not clause.has("BEST", "WORST", "WHEN", "INSIGHT"):
        return None  # did we make anything overnight
    if asked and _which_coin_is_ours(clause):
        return [look_up("get_insights", topic="symbol")]
    if clause.has("STRATEGY") and clause.says("compare", "compared", "comparison") and not clause.numbers:
        return [look_up("get_insights", topic="strategy")]
    if not clause.has("INSIGHT") and not by_topic:
        return None
    return [look_up("get_insights", topic=topic)]


def _which_coin_is_ours(clause: Clause) -> bool:
    """'Every team has a star. Which coin is ours', 'who are the top earners'."""
    ours = clause.has("COINWORD") and clause.says("ours", "mine") and clause.has("WHAT")
    earns = clause.says("earners", "earner", "breadwinner", "breadwinners", "moneymakers")
    return earns or (ours and not clause.has("OWN"))


def topic_of(clause: Clause, ranked: bool) -> str | None:
    """What the lessons shall be sorted by: the hour, the weekday, the coin, the market, the rule."""
    if (
        clause.has("HOURS")
        or clause.run("at", "night")
        or clause.run("in", "the", "morning")
        or clause.run("in", "the", "evening")
        or clause.run("time", "of")
        or (clause.says("time", "times") and ranked)
    ):
        return "time_of_day"
    named_day = (
        clause.says(*DAYS) and clause.says("good", "bad", "better", "worse") and clause.says("us", "we", "me")
    )
    if named_day or clause.has("WEEKDAYS") or (clause.says("day") and clause.has("BEST", "WORST")):
        return "day_of_week"
    if clause.has("REGIME"):
        return "regime"
    if clause.says("exits"):
        return "exit"
    whose = clause.has("WHO", "WHAT") and clause.has("BEST", "WORST")
    if clause.has("COINWORD") or (whose and clause.says("portfolio", "holdings", "bags", "book")):
        return "symbol"
    most = clause.has("BEST", "WORST") or clause.says("most", "least")
    if clause.has("WHEN") and most and ranked:
        return "time_of_day"
    return "strategy" if clause.has("STRATEGY") else None
