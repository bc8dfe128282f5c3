"""What must be told of recorded candles before anything is made of them: holes, strangers, too few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.lab.data import History, Wanted, find_files, left_out
from core.strategy.signal_engine import SignalEngine
from core.trading_config import Config


def remarks(wanted: Wanted, histories: Sequence[History]) -> Iterator[str]:
    """One line for each file that is left out, and for each with candles missing."""
    if not wanted.symbols:
        for name, why in left_out(wanted.folder, wanted.timeframe):
            yield f"{name} is left out: {why}"
        read = {one.symbol for one in histories}
        for symbol, path in find_files(wanted.folder, wanted.timeframe).items():
            if symbol not in read:
                yield f"{path.name} is left out: it has no candle in the wanted time"
    for one in histories:
        if one.filled:
            many = "candle is" if one.filled == 1 else "candles are"
            yield (
                f"{one.file}: {one.filled:,} {many} missing, the first before row {one.hole}; a missing one "
                "counts as a flat one without volume"
            )


def without_effect(config: Config) -> Iterator[str]:
    """One line for each setting that recorded candles cannot follow."""
    if config.features.crypto_universe:
        yield (
            "features.crypto_universe has no effect here: candles do not tell spreads and listings, so the "
            "pairs are those of --symbols, or every pair there is"
        )


def too_short(config: Config, history: History) -> str:
    """Why no candle of this history can be judged, or nothing."""
    needed = SignalEngine(config.indicators, config.filters, history.pair.tick).candles_needed
    if len(history) >= needed:
        return ""
    count = f"{len(history)} candle{'s'[: len(history) != 1]}"
    return (
        f"{history.file} has {count} in the wanted time, and the first judgement of "
        f"{history.symbol} needs {needed}: take more data, shorter periods or fewer filters"
    )


def never_judged(config: Config, histories: Sequence[History]) -> list[str]:
    """One line for each history of which no candle can be judged."""
    return [f"Nothing is judged: {why}" for one in histories if (why := too_short(config, one))]
