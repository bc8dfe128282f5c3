"""Rules for reasons: why something was done or was not, and what would have to change."""

from __future__ import annotations

import re

from core.agent.offline.clause import POLITE, Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.results import one_symbol, side_of_deed, symbols_or, which_of
from core.agent.offline.scene import Frame, Scene, look_up
from core.agent.offline.tokens import Kind, Token

_NOBODY = ("NO", "NEGNO", "NOT")
_LEFT_OUT = tuple(
    bag(
        """whynot skip skipped pass passed miss missed ignore ignored idle waiting avoid avoided quiet
        hands asleep sleeping
        ignoring skipping avoiding passing leaving inactive
        silent lazy sidelines cash sitting flat nothing empty
        nichts keine keinen kein nicht nada ningun ninguna rien aucun aucune niente nulla nessun nessuna
        nenhum nenhuma"""
    )
)


def why(clause: Clause, scene: Scene) -> list[Frame] | None:
    """Receipts: why something was done, or was not."""
    blocked = clause.has("BLOCKING")
    if not (clause.has("WHY") or blocked or _asks_the_story(clause)):
        return None
    if clause.has("ORDER") and clause.says("happened"):
        return None
    if clause.has("WHY") and clause.says("paused", "halted", "stopped") and clause.says("you", "trading"):
        return [look_up("get_status"), look_up("explain_trade", decision="why_not")]
    if clause.has("PNL") and clause.says("by", "per") and not clause.has("TRADE"):
        return None
    if "how" in clause.texts and not clause.has("TRADE", "BUY", "SELL") and not clause.coins:
        return None
    nothing = blocked or (clause.has(*_NOBODY, "PAUSE") and not _puzzled(clause)) or clause.says(*_LEFT_OUT)
    nothing = nothing or (scene.idle and only_why(clause))
    period = scene.period(clause.tokens)
    which = which_of(clause) if period is None or clause.has("BEST", "WORST") else None
    it = clause.has("IT") and not clause.coins and scene.last_symbol is None
    any_of_it = scene.last_symbol if clause.says("any", "one") and not clause.coins and period else None
    return [
        look_up(
            "explain_trade", symbol=one_symbol(clause, scene) or _told_of(clause, scene) or any_of_it,
            side=side_of_deed(clause), period=period, which=which or ("last" if it and not nothing else None),
            decision="why_not" if nothing else None,
        )
    ]  # fmt: skip


_GRASPING = bag("get understand see know follow grasp fathom comprehend")


def _puzzled(clause: Clause) -> bool:
    """'I do not get why you sold': what is denied is the understanding."""
    at = clause.place("WHY")
    return at > 1 and clause.texts[at - 1] in _GRASPING and clause.tokens[at - 2].tag in _NOBODY


_LACKING = re.compile(
    r"\bwhat (?:would|will|could|might|can|does|did|do|must|has|have|had|needs?|is it|it)\b"
    r".*\b(?:made?|make|get|got|let|convinced?|cause|take|need|needed|have to|has to|happen|change|lack"
    r"|see)\b"
    r".*\b(?:buy|sell|trade|enter|entry|signal|open|go long|get in|get into|pull the trigger)\b"
    r"|\bwhat (?:needs|has|had|would have|will have|must)(?: to)? (?:to )?(?:change|happen|be|improve"
    r"|move|look)\b"
    r".*\b(?:buy|sell|trade|enter|entry|signal|open|get in)\b"
    r"|\b(?:when|under (?:which|what) (?:conditions?|circumstances)|at (?:which|what) (?:price|point"
    r"|level)|how low"
    r"|how cheap) (?:would|will|do|could|are) (?:you|zyn|it)\b.*\b(?:buy|sell|enter|trade|get in|get into"
    r"|go long|buying|in)\b"
    r"|\bhow (?:far|close|near) (?:is|are|was|off)\b.*\b(?:signal|entry|entering|buying|buy|trade|cross"
    r"|crossing)\b"
    r"|\bwhat (?:is|was) (?:still |yet )?(?:missing|lacking|holding|keeping|needed|required|wrong with)\b"
    r"|\bwhat (?:are|were) (?:you|we) (?:still )?(?:waiting|missing|lacking)\b"
    r"|\bwould (?:you|zyn|your (?:rules?|strategy)) have (?:bought|sold|traded|entered|gone)\b"
)
_AFTER_WHY = bag("do is have has had are was were did would can could")


def asks_what_lacks(clause: Clause, scene: Scene) -> list[Frame] | None:
    """'What would have made you buy eth', 'how far is btc from a signal': what would have to change."""
    said = " ".join(clause.texts)
    asked = clause.question or clause.texts[:1] == ("would",)
    if not asked or clause.numbers or clause.has("ORDER", "HELP") or not _LACKING.search(said):
        return None
    if clause.opening and clause.opening[0].text == "when" and not clause.has("CAN"):
        return None
    leaves = clause.has("SELL", "FLAT") or (clause.has("CLOSE") and not clause.run("how", "close"))
    side = "sell" if leaves and not clause.has("BUY") else None
    period = scene.period(clause.tokens)
    return [
        look_up("explain_trade", symbol=symbol, side=side, period=period, decision="why_not")
        for symbol in symbols_or(clause, scene, one_symbol(clause, scene) or scene.named)
    ]


def asks_why(clause: Clause) -> bool:
    """'Why did you not sell when it fell', 'who told you to sell': a reason is asked for."""
    opening = [token for token in clause.opening if token.text not in ("the", "a", "and")]
    opening = opening[1:] if [token.text for token in opening[:2]] == ["reason", "why"] else opening
    first, second = (*opening, Token(""), Token(""))[:2]
    why = first.tag == "WHY" and first.text in ("why", "how come")
    decided = clause.has("SAID") and clause.says("you", "zyn") or clause.says("decided", "chose")
    who = first.tag == "WHO" and decided and clause.has("BUY", "SELL", "BOUGHT", "SOLD", "FLAT")
    named = (
        second.text.split()[:1] and second.text.split()[0] in _AFTER_WHY or second.text in ("you", "we", "i")
    )
    asked = [one.text for one in opening if one.tag not in POLITE | {"CAN", "ME"}][:1]
    told = bool(asked) and asked[0] in _TELLING_WHY and not clause.numbers
    return (why and bool(named)) or who or told


_TELLING_WHY = bag("explain justify")


def _told_of(clause: Clause, scene: Scene) -> str | None:
    """The coin that the words before a bare 'why' were about."""
    return scene.named if only_why(clause) else None


def only_why(clause: Clause) -> bool:
    """'Why', 'why is that', 'how come?': and nothing else."""
    said = [token.tag for token in clause.tokens if token.kind is not Kind.MARK]
    beside = ("WHY", "IT", "IS", "CAN", "ME", "PLEASE")
    return "WHY" in said and all(tag in beside for tag in said) and said[:1] not in (["IS"], ["IT"])


def tells_of_idleness(clause: Clause) -> bool:
    """'You have been sitting on your hands all day': nothing was done, as told on the way to a why."""
    return (clause.has(*_NOBODY) and not _puzzled(clause)) or clause.says(*_LEFT_OUT)


def _asks_the_story(clause: Clause) -> bool:
    """'Who sold my ada', 'what was that sale about'."""
    done = clause.says("sold", "bought", "closed", "opened", "decided") or clause.has("SAID")
    blamed = clause.has("WHO") and done and clause.question
    deed = clause.says("sale", "sell", "buy", "trade", "exit", "entry", "purchase", "move", "close")
    kind = deed and clause.has("IS") and clause.says("stop", "signal", "target") and clause.says("or", "a")
    blamed = blamed or (clause.question and kind)
    return blamed or (clause.question and deed and clause.texts[-1] == "about" and clause.has("WHAT"))
