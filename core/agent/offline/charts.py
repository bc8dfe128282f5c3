"""Rules for candles: charts of them, and the strategy tried on those of the past."""

from __future__ import annotations

from core.agent.offline.clause import Clause
from core.agent.offline.results import names_stranger, one_symbol, symbols_or
from core.agent.offline.scene import Frame, Scene, ask, look_up
from core.agent.offline.tokens import Kind


def backtest(clause: Clause, scene: Scene) -> list[Frame] | None:
    supposed = clause.has("STRATEGY") and clause.says("would") and clause.has("DO", "PNL")
    tested = (
        clause.has("BACKTEST")
        or supposed
        or (clause.says("test", "run", "try", "apply", "replay") and clause.has("STRATEGY"))
    )
    first = clause.opening[0].text if clause.opening else ""
    if not tested and not (
        first in ("test", "try", "retest") and clause.coins and scene.period(clause.tokens)
    ):
        return None
    period = scene.period(clause.tokens)
    if not clause.coins and names_stranger(clause, "BACKTEST", "STRATEGY", "CHART"):
        return [
            ask("I do not know that coin. Which one do you mean?", "symbol", intent="backtest", period=period)
        ]
    return [
        look_up("backtest", symbol=symbol, period=period)
        for symbol in symbols_or(clause, scene, one_symbol(clause, scene))
    ]


_FRAMES = {"hourly": "1h", "daily": "1d", "weekly": "1w"}


def timeframe_of(clause: Clause) -> str | None:
    """A candle length: 4h, 15 minute, hourly, daily."""
    for token in clause.tokens:
        if token.kind is Kind.SPAN and token.unit in "mhdw":
            return f"{token.amount:f}{token.unit}"
        if token.kind is Kind.NUMBER and token.tag == "m" and token.scaled:
            return f"{token.amount / 1_000_000:f}m"
    return next((_FRAMES[word] for text in clause.texts for word in text.split() if word in _FRAMES), None)


def chart(clause: Clause, scene: Scene) -> list[Frame] | None:
    if clause.has("CURVE") or (
        clause.has("CHART") and clause.says("equity", "pnl", "balance", "performance")
    ):
        return [look_up("chart", kind="equity", period=scene.period(clause.tokens))]
    frame = timeframe_of(clause)
    bare = bool(clause.coins) and len(clause.opening) == 2 and any(word in _FRAMES for word in clause.texts)
    if not clause.has("CHART") and not (frame and (bare or _candles_shown(clause))):
        return None
    ranged = any(
        token.kind is Kind.SPAN and token.unit in "dwM" and token.value != 1 for token in clause.tokens
    )
    if frame and frame[-1] in "dw" and frame not in ("1d", "1w"):
        frame = None
    period = scene.period(clause.tokens) if ranged or not frame else None
    symbols = symbols_or(clause, scene, scene.last_symbol)
    if symbols == [None] and clause.has("INSIGHT"):
        return None  # lessons are drawn, too
    if not clause.coins and names_stranger(clause, "CHART"):
        return [
            ask("I do not know that coin. Which one do you mean?", "symbol", intent="chart", period=period)
        ]
    if symbols == [None]:
        return [ask("A chart of which coin?", "symbol", intent="chart", timeframe=frame, period=period)]
    return [look_up("chart", symbol=symbol, timeframe=frame, period=period) for symbol in symbols]


def _candles_shown(clause: Clause) -> bool:
    """'Pull up the hourly for btc': a candle length and a coin, and nothing else to be shown of it."""
    other = clause.has("PRICE", "PNL", "TRADE", "TRADELIST", "ORDER", "POSITION", "BALANCE", "INSIGHT", "WHY")
    by_word = any(word in _FRAMES for text in clause.texts for word in text.split())
    sized = any(token.kind is Kind.SPAN and token.unit in "mh" for token in clause.tokens)
    by_word = by_word or (sized and not clause.says("last", "past", "ago", "in"))
    return bool(clause.coins) and clause.has("SHOW") and by_word and not other
