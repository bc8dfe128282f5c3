"""Rules for questions about what was done: receipts, results, lessons, lists of trades."""

from __future__ import annotations

from collections.abc import Sequence

from core.agent.offline.clause import Clause
from core.agent.offline.lexicon import bag, known_words
from core.agent.offline.periods import TODAY, Period, one_before
from core.agent.offline.scene import Frame, Scene, look_up
from core.agent.offline.tokens import Kind, Token
from core.agent.offline.verdicts import brought_by, fared, good_day, hurt_by, summed_up, won


def symbols_of(clause: Clause, scene: Scene) -> list[str]:
    return [scene.symbol(coin) for coin in clause.coins]


def symbols_or(clause: Clause, scene: Scene, default: str | None = None) -> Sequence[str | None]:
    """The pairs that are named, or the one default."""
    return symbols_of(clause, scene) or [default]


_BEFORE_COIN = ("on", "for", "of", "with", "in", "my", "the")


def names_stranger(clause: Clause, *nouns: str) -> bool:
    """'Backtest gribbit', 'a chart of gribbit': a word that nobody knows, where a coin stands."""
    return any(
        (before.tag in nouns or before.text in _BEFORE_COIN)
        and word.kind is Kind.WORD
        and not word.tag
        and len(word.text) > 2
        and word.text not in known_words()
        for before, word in clause.pairs()
    )


def one_symbol(clause: Clause, scene: Scene) -> str | None:
    if clause.coins:
        return scene.symbol(clause.coins[0])
    return scene.last_symbol if points_back(clause) and not clause.has("PNL", "ALL") else None


_STRETCHES = bag("week weeks month months year quarter weekend morning afternoon evening day days time")


def points_back(clause: Clause) -> bool:
    """Whether 'it' or 'that one' stands for the coin spoken of; 'this week' stands for none."""
    return any(
        (token.tag == "IT" or token.text.split()[-1:] in (["that"], ["it"], ["its"]))
        and after.text not in _STRETCHES
        and after.kind is not Kind.SPAN
        for token, after in zip(clause.tokens, (*clause.tokens[1:], Token("")), strict=True)
    )


def side_of_deed(clause: Clause) -> str | None:
    if clause.has("BUY", "BOUGHT") and clause.has("SELL", "SOLD") and not clause.has("WHY"):
        return None  # what was bought and sold
    if clause.has("BUY", "BOUGHT", "BID") or clause.says("entries", "entry", "buys", "purchases"):
        return "buy"
    sold = clause.has("SELL", "SOLD", "OFFER", "FLAT", "CLOSE") or clause.says(
        "exits", "exit", "sells", "sales", "sale"
    )
    return "sell" if sold else None


def which_of(clause: Clause) -> str | None:
    """Best, worst or last; our biggest losing trade is the worst."""
    big = clause.says("biggest", "largest", "heaviest", "greatest")
    if big and (clause.says("losing", "loss", "loser") or clause.has("WORST")):
        return "worst"
    return next((tag.lower() for tag in ("BEST", "WORST", "LAST") if clause.has(tag)), None)


_BIG = ("biggest", "largest", "worst", "heaviest", "top", "best", "greatest")


def _extremes(clause: Clause) -> str | None:
    """'My three biggest losses', 'the top winners': the trades at that end."""
    counted = all(not one.unit and one.amount <= _FEW for one in clause.numbers)
    if (
        not clause.says(*_BIG)
        or not counted
        or clause.has("COINWORD", "DAYLOSS", "WINRATE", "HOURS", "LIMIT")
    ):
        return None
    if clause.says("losses", "losers", "flops"):
        return "worst"
    return "best" if clause.says("wins", "winners", "gains") and not clause.has("WORST") else None


_FEW = 20


def one_trade(clause: Clause, scene: Scene) -> list[Frame] | None:
    """The best, worst or last trade."""
    which = _extremes(clause) or which_of(clause)
    if which in ("best", "worst") and _extremes(clause):
        symbol = one_symbol(clause, scene)
        return [look_up("explain_trade", which=which, symbol=symbol, period=scene.period(clause.tokens))]
    if clause.says("better") and clause.opening and clause.opening[0].tag in ("DO", "IS"):
        return None  # do we trade better in the morning
    single = clause.has("WORST") and clause.says(
        "screw", "mistake", "blunder", "fail", "clanger", "howler", "goal", "facepalm"
    )
    single = single or clause.says(
        "trade", "deal", "position", "win", "winner", "loss", "loser", "entry", "exit", "move"
    )
    if (
        which is None
        or not single
        or clause.has(*_METRICS)
        or clause.numbers
        or clause.says("time", "times", "when")
        or clause.has("HOURS", "WEEKDAYS", "COINWORD", "ORDER")
    ):
        return None
    last = clause.place("LAST") if which == "last" else -1
    after = clause.tokens[last + 1] if 0 <= last < len(clause.tokens) - 1 else Token("")
    if after.text in ("week", "month", "night", "year") or after.kind is Kind.SPAN:
        return None
    if which == "last" and (
        clause.has("PNL") or not clause.has("WHAT", "HOW", "WHY", "IT", "SHOW") and not clause.says("about")
    ):
        return None
    period = scene.period(clause.tokens) if which != "last" else None
    symbol = one_symbol(clause, scene)
    return [
        look_up(
            "explain_trade",
            which=which,
            symbol=symbol,
            side=side_of_deed(clause) if which == "last" else None,
            period=period,
        )
    ]


_METRICS = {
    "PROFITFACTOR": "profit_factor", "WINRATE": "win_rate", "DRAWDOWN": "max_drawdown", "SHARPE": "sharpe",
    "EXPECT": "expectancy", "FEEINFO": "fees",
}  # fmt: skip


_OF_ALL_TIME = ("max_drawdown", "sharpe", "profit_factor", "expectancy")
_UNREALISED = tuple(bag("unrealized unrealised floating"))


def performance(clause: Clause, scene: Scene) -> list[Frame] | None:
    metric = next((name for tag, name in _METRICS.items() if clause.has(tag)), None)
    if metric is None and not _share_of_wins(clause) and not _about_results(clause, scene):
        return None
    if clause.has("CAN") and clause.says("lose", "risk") or clause.says(*_UNREALISED):
        return None
    in_it = clause.coins or clause.says("positions", "red", "green")
    if clause.has("POSITION") and in_it and not metric and not scene.period(clause.tokens):
        return None
    metric = metric or ("win_rate" if _share_of_wins(clause) else None)
    ever = metric or clause.says("record", "lifetime", "streak", "longest") or _so_far_with(clause)
    period = scene.period(clause.tokens) or ("all" if ever else "today")
    if metric in _OF_ALL_TIME and period == "today" and not clause.says(*TODAY):
        period = "all"  # the biggest drawdown so far
    both = _two_periods(clause, scene)
    if both:
        return [look_up("get_performance", period=one, symbol=one_symbol(clause, scene)) for one in both]
    grouped = grouping(clause)
    of_it = asked_within(clause)
    symbols: list[str | None] = list(symbols_of(clause, scene)) or [
        scene.last_symbol if of_it else scene.named if clause.says("it") else None
    ]
    return [
        look_up("get_performance", period=period, symbol=one, metric=metric, by=grouped) for one in symbols
    ]


_FARED_ALONE = bag("do done make made bring brought earn earned cost lose lost treat treated hurt perform")


def asked_within(clause: Clause) -> bool:
    """'(Which trades did we make) in it': of the coin just spoken of; 'this week' points at none."""
    after = [two.text for one, two in clause.pairs() if one.text in ("in", "on", "with", "from", "of", "for")]
    named = any(clause.run("that", word) or clause.run("this", word) for word in ("coin", "one", "pair"))
    fared = any(clause.run(did, "it", done) for did in ("did", "has", "does") for done in _FARED_ALONE)
    return "it" in after or named or fared


def _so_far_with(clause: Clause) -> bool:
    """'How much have I lost on doge': of one coin, in the perfect tense, all there was."""
    perfect = clause.says("have", "has", "ever", "been") and clause.says(
        "lost", "made", "earned", "cost", "won", "been"
    )
    return bool(clause.coins) and perfect


_GROUPS = {
    "symbol": "coin coins pair pairs symbol symbols asset market", "hour": "hour hours",
    "weekday": "weekday weekdays",
    "day": "day days", "week": "week weeks", "month": "month months", "rule": "rule rules strategy",
    "reason": "reason reasons", "session": "session sessions", "origin": "origin",
    "regime": "regime regimes",
}  # fmt: skip


def grouping(clause: Clause) -> str | None:
    """'By coin', 'per weekday', 'for each pair'."""
    for by, what in clause.pairs():
        word = what.text.split()[0]
        if by.text.rpartition(" ")[2] in ("by", "per", "each", "every"):
            return next((name for name, said in _GROUPS.items() if word in said.split()), None)
    return None


def _share_of_wins(clause: Clause) -> bool:
    share = clause.says("percentage", "percent", "share", "rate", "ratio", "proportion", "fraction")
    often = clause.says("often") and clause.says("win", "right", "lose", "profit")
    return (
        often
        or share
        and clause.says("winners", "wins", "won", "winning", "win", "profitable", "green", "made", "positive")
    )


def stretch(clause: Clause, scene: Scene) -> list[Frame] | None:
    """A question about a stretch of time and nothing else: how it went."""
    asked = clause.question or clause.asked or clause.has("SHOW", "HOW")
    period = scene.period(clause.tokens)
    if not asked or period is None or clause.has("BUY", "SELL", "STOP", "PAUSE", "ORDER", "SCHEDULE"):
        return None
    return [look_up("get_performance", period=period, symbol=one) for one in symbols_or(clause, scene)]


_RUNNING = {"yesterday": "today", "last_week": "this_week", "last_month": "this_month"}


def _two_periods(clause: Clause, scene: Scene) -> list[Period]:
    """'This week against last week': the periods on both sides of the joint."""
    whole = scene.period(clause.tokens)
    if isinstance(whole, dict) and whole["from"] != whole["to"] and not clause.has("COMPARE"):
        return []
    for at, token in enumerate(clause.tokens):
        if token.tag == "COMPARE" or token.text in ("with", "and", "to", "against", "than"):
            sides = scene.period(clause.tokens[:at]), _other_side(clause.tokens, at, scene)
            if sides[0] and sides[1] and sides[0] != sides[1] and not isinstance(sides[0], dict):
                return [sides[0], sides[1]]
    named = scene.period(clause.tokens)
    outdone = clause.says("beating", "beat", "outperforming", "outdoing") and clause.says("we", "i", "you")
    return [_RUNNING[named], named] if outdone and isinstance(named, str) and named in _RUNNING else []


def _other_side(tokens: Sequence[Token], at: int, scene: Scene) -> Period | None:
    """What a period is set against; 'the month before' and 'the one before' are told from the first."""
    first, behind = scene.period(tuple(tokens[:at])), Clause(tuple(tokens[at + 1 :]))
    if first and behind.says("before", "prior") and behind.says("one", "week", "month", "day"):
        return one_before(first, scene.today)
    return scene.period(behind.tokens)


_OURS = ("we", "us", "our", "you", "i", "my", "pnl", "position", "trades")


def _about_other_things(clause: Clause) -> bool:
    """What sounds like results and asks for positions, trades, or how the market moves."""
    held = clause.has("OWN", "HOLD") and bool(clause.coins) and not clause.has("PNL")
    counts = clause.run("do", "i", "have") and clause.has("MUCH") and not clause.has("PNL")
    held = held or (counts and not clause.has("TRADE", "TRADELIST"))
    made = any(clause.run("trades", who, "made") for who in ("you", "we", "i", "zyn"))
    listed = clause.has("WHAT") and clause.says("trades") and clause.says("lost", "made", "won")
    counted = clause.has("TRADELIST") and clause.says("many") and not clause.has("PNL")
    moves = clause.coins and clause.has("IS") and clause.says("up", "down") and not clause.says(*_OURS)
    often = clause.says("times", "often") and clause.has("TRADE", "BUY", "SELL") and not clause.has("PNL")
    return bool(held or made or listed or counted or moves or often)


def _at_the_stops(clause: Clause) -> bool:
    """'What do I lose if all stops are hit': asks of the positions, and no result."""
    fired = clause.says("hit", "hits", "triggers", "triggered", "fires", "fire", "reached", "go", "goes")
    return clause.has("STOP", "STOPLOSS") and clause.has("IF", "WHEN") and fired


def _about_results(clause: Clause, scene: Scene) -> bool:
    if good_day(clause) or hurt_by(clause):
        return True
    if fared(clause) and scene.period(clause.tokens) is not None:
        return True
    if _about_other_things(clause) or _at_the_stops(clause):
        return False
    earned = clause.has("HOW", "WHAT") and clause.says("bring", "earn") and clause.question
    if earned or brought_by(clause) or won(clause):
        return True
    if clause.coins and clause.has("HOW") and clause.run("for", "us") and not clause.has("WHY", "ORDER"):
        return True
    if clause.has("WHO") and clause.has("CAN") and not clause.says(*_OURS):
        return False  # who will win the election
    if clause.has("PNL") and clause.question:
        return True
    if clause.has("PNL"):
        told = clause.says("lose", "made") and not clause.has("HOW", "WHAT", "DO", "WHO", "IS", "MUCH")
        return not told or any(text in ("money made", "money lost") for text in clause.texts)
    if clause.says("make", "making") and clause.says("money", "much", "anything") and clause.question:
        return True
    if (
        (clause.has("COMPARE") or _two_periods(clause, scene))
        and scene.period(clause.tokens)
        and not clause.coins
    ):
        return True
    ours = clause.says("we", "us", "our", "you", "i", "my")
    period = scene.period(clause.tokens) is not None
    if (
        clause.says("up", "down", "ahead", "behind")
        and clause.has("IS", "HOW")
        and ours
        and not clause.has("AUTOPILOT", "ALIVE", "POSITION")
        and not (clause.run("are", "you", "up") and len(clause.opening) <= 4)
    ):
        return True
    made = any(clause.run("did", who, "make") for who in ("we", "i", "you"))
    if made and clause.has("WHAT") and not clause.has("BUY", "SELL", "TRADE", "TRADELIST", "DIDTRADE"):
        return True
    if summed_up(clause) and scene.period(clause.tokens):
        return True
    if clause.run("did", "we", "do") and not clause.has("BUY", "SELL", "TRADE"):
        return True
    if clause.has("HOW") and clause.has("MUCH") and clause.says("win", "won", "winners", "losers"):
        return True
    if clause.says("trades", "fills"):
        return False
    doing = clause.has("DOING", "DO") or clause.says("go", "did", "fared", "been", "went", "doing")
    return bool(clause.has("HOW") and doing and period and (ours or not clause.coins))
