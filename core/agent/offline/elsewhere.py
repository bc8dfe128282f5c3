"""Questions about another world: words of home, food, school or sport outweigh a weak cue of the trade.

'Who won the game last night' holds a word that may mean a result, and one that belongs to no trade. Each
word of a question is weighed: a coin or a word of the trade's own is heavy, one that everybody uses every
day ('won', 'history', 'open', 'how do I') is light, and a word of another world stands against them. What
the question tells of its time ('while I was at the dentist') is not what it asks about.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.agent.intents import Outcome
from core.agent.offline.clause import Clause
from core.agent.offline.common import WORLD
from core.agent.offline.lexicon import bag, known_words
from core.agent.offline.periods import CALENDAR_WORDS
from core.agent.offline.reasons import tells_of_idleness
from core.agent.offline.scene import Frame
from core.agent.offline.spelling import inflected
from core.agent.offline.tokens import Kind, Token

_OWN = 2.0  # the weight of a coin, or of a word that only traders use
_LIGHT = 0.4  # of a word of the trade that everybody uses
_OTHER = 1.0  # of a word that belongs to another world
_LOOK_UPS = bag(
    """help get_status get_balances get_positions get_orders get_trades get_performance get_price
    get_market_info explain_trade get_insights"""
)
_OF_TRADE = bag(
    """PRICE BALANCE POSITION HOLDINGS BAGS PNL ORDER RESTING TRADELIST TRADE BUY SELL BOUGHT SOLD DIDTRADE
    FLAT CANCEL STOP STOPLOSS TARGET LIMIT BRACKET INSIGHT WINRATE PROFITFACTOR DRAWDOWN SHARPE EXPECT FEEINFO
    MININFO PRECINFO LISTINFO INFO CHART CURVE BACKTEST STRATEGY REGIME COINWORD AUTOPILOT RISKWORD DAYLOSS
    MAXPOS MAXEXP MAXOPEN BID OFFER MARKET SAFETY PAUSE RESUME BLOCKING DAILYREPORT NOTIFY HOLD OWN WORTH"""
)
_EVERYDAY = bag(
    """remove delete make made lose lost earn earned win won winning fare result return returns damage
    ahead perform performed performance performing cost costs rate go-for account money open opened run
    running order orders enter history happened log journal activity stop stops quit target limit limits
    charge charges charged picture draw minimum small least smallest smallest-size support supports info
    details improve improving better learn learned learnt learning teach taught lesson lessons mistakes
    rules rule approach hold holds holding held have got has owned worth get pull kill close shut freeze
    break cancel fill filled went-through message messages texts alert scratch fetch long grab stack cop
    bag snap exit sell buy bought sold calm numbers added upside treated capital pattern
    explanation what-happened anything-happened anything-happen did-i-miss what-went-down"""
)
_WHOLE = 4  # words before a comma that are a question of their own
_TIMES = bag("while when whenever since before after during until till over as because")
_OTHER_WORLD = bag(WORLD)
_BEFORE_THING = bag(
    """the a an my your his her their our with about of for in on to some any explain describe
    der die das den dem ein eine el la los las un una le les du des il"""
)
_BEFORE_SOMEBODY = bag("did does do is are was were has will can")
_ARTICLES = bag("the a an this")
_OPENS = ("how do i", "who", "whom")
_OF_ZYN = bag(
    """most least other first last next thing things app bot time name page site code chat number list day
    part week month way table same right rest best worst better one ones whole lot deal call calls step steps
    phone
    trades decision decisions say boss top bottom edge half"""
)
_A_THING = bag("match goal goals team teams star moon flat party date date series season race score")


def elsewhere(clause: Clause, frames: Sequence[Frame]) -> bool:
    """Whether look-ups would answer a question that is about something else than the trade."""
    if frames and all(frame.intent == "get_price" and frame.missing for frame in frames):
        return any(text in _OTHER_WORLD for text in clause.texts)  # the price of petrol
    if frames and all(frame.intent == "learning" for frame in frames):
        return any(worldly(token) for token in clause.tokens)  # enable learning in schools
    looked_up = all(frame.outcome is Outcome.CALL and frame.intent in _LOOK_UPS for frame in frames)
    return looked_up and of_another_world(clause)


def worldly(token: Token) -> bool:
    """Whether a word belongs to another world, in the plural too, and to no concept of the trade."""
    forms = (token.text, token.text.removesuffix("s"), f"{token.text.removesuffix('ies')}y")
    return token.kind is Kind.WORD and not token.tag and not _OTHER_WORLD.isdisjoint(forms)


def of_another_world(clause: Clause) -> bool:
    """Whether the words of another world weigh more than those of the trade."""
    asked = _what_is_asked(clause.tokens)
    taught = any(token.text in _OPENS for token in asked)
    strange = [_strange(asked, at) or (taught and _a_thing(asked, at)) for at in range(len(asked))]
    known = sum(_of_trade(token) for token, other in zip(asked, strange, strict=True) if not other)
    idle = _OWN if clause.has("WHY") and tells_of_idleness(clause) else 0.0
    return _OTHER * sum(strange) > known + idle


def _what_is_asked(tokens: Sequence[Token]) -> Sequence[Token]:
    """The words up to the first that only tell when or by whom: '(what happened) while I was at school'."""
    spoken: list[Token] = []
    for token in tokens:
        if token.text == "," and sum(len(one.text.split()) for one in spoken) >= _WHOLE:
            break
        spoken += [token] if token.kind is not Kind.MARK else []
    end = next((at for at, token in enumerate(spoken) if at and token.text in _TIMES), len(spoken))
    return spoken[:end]


def _of_trade(token: Token) -> float:
    if token.kind is Kind.COIN:
        return _OWN
    if token.kind is not Kind.WORD or token.tag not in _OF_TRADE:
        return 0.0
    return _LIGHT if token.text.replace(" ", "-") in _EVERYDAY else _OWN


def _strange(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word belongs to another world: by what it is, or as a thing that nobody here knows."""
    token = tokens[at]
    if token.kind is not Kind.WORD:
        return False
    before = tokens[at - 1].text if at else ""
    if token.text.replace(" ", "-") in _OTHER_WORLD or (token.text in _A_THING and before in _ARTICLES):
        return not _only_swears(tokens, at)
    known = token.text in known_words() or token.text in CALENDAR_WORDS or inflected(token.text)
    unknown = not (token.tag or token.guessed or known)
    named = before in _BEFORE_THING or (before in _BEFORE_SOMEBODY and len(token.text) > 4)
    return unknown and named and len(token.text) > 3


def _a_thing(tokens: Sequence[Token], at: int) -> bool:
    """'How do I tie a knot', 'who lost the debate': a thing that no word of the trade names."""
    token, before = tokens[at], tokens[at - 1].text if at else ""
    plain = token.kind is Kind.WORD and not token.tag and token.text not in CALENDAR_WORDS
    return plain and before in _ARTICLES and token.text not in _OF_ZYN


def _only_swears(tokens: Sequence[Token], at: int) -> bool:
    """'What in the world happened', 'what is the game plan': no world and no game is spoken of."""
    before = tokens[at - 3] if at > 2 and [one.text for one in tokens[at - 2 : at]] == ["in", "the"] else None
    sworn = before is not None and before.tag in ("WHAT", "WHY", "HOW", "WHO", "WHERE")
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    return (sworn and tokens[at].text == "world") or (tokens[at].text == "game" and after == "plan")
