"""What a search may change, and between which bounds: the one place of the ranges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from core.model.errors import ConfigError
from core.trading_config import SLOTS, Config, changed

Values = Mapping[str, str]  # dotted key -> text, as after --set
_TRIED_BY_DEFAULT = 10_000  # most values that one setting may take


@dataclass(frozen=True, slots=True)
class Dimension:
    """One setting and what it may be, in order; `ordered` when neighbours are alike."""

    key: str
    values: tuple[str, ...]
    ordered: bool


def choice(key: str, *values: str) -> Dimension:
    return Dimension(key, values, ordered=False)


def span(key: str, low: str, high: str, step: str) -> Dimension:
    """Every value from `low` to `high`, both included where the steps meet them."""
    at, last, width = Decimal(low), Decimal(high), Decimal(step)
    count = int((last - at) / width) + 1
    return Dimension(key, tuple(f"{(at + k * width).normalize():f}" for k in range(count)), ordered=True)


RANGES = (
    choice("indicators.cross", "price_fast", "fast_slow"),
    span("indicators.sma_fast", "5", "45", "5"),
    span("indicators.sma_slow", "50", "200", "10"),
    span("filters.rsi_long_max", "50", "90", "5"),
    span("filters.volume_percentile_min", "0", "80", "10"),
    span("filters.chop_range_min", "0.002", "0.02", "0.002"),
    span("risk.stop_atr", "1", "8", "0.5"),
    span("risk.take_profit_atr", "1", "16", "0.5"),
    span("risk.cooloff_candles", "0", "48", "6"),
    choice("exits.on_opposite_signal", "true", "false"),
)


def read_space(wanted: Sequence[str], config: Config) -> tuple[Dimension, ...]:
    """The dimensions of `--search KEY`, `KEY=LOW:HIGH:STEP` or `KEY=A|B`; without any, all of RANGES.

    What the owner fixed with --set is not searched then. Raises ConfigError with every problem.
    """
    if not wanted:
        return tuple(one for one in RANGES if config.sources.get(one.key) != "--set")
    problems: list[str] = []
    found = [one for text in wanted if (one := _read(text, problems)) is not None]
    twice = sorted({one.key for one in found if [other.key for other in found].count(one.key) > 1})
    problems += [f"--search {key}: given twice" for key in twice]
    problems += [problem for one in found for problem in _refused(one, config)]
    if problems:
        raise ConfigError(problems)
    return tuple(found)


def _read(text: str, problems: list[str]) -> Dimension | None:
    key, given, range_ = (part.strip() for part in text.partition("="))
    if key not in SLOTS:
        problems.append(f"--search {key}: no such setting")
        return None
    if not given:
        known = next((one for one in RANGES if one.key == key), None)
        if known is None:
            problems.append(
                f"--search {key}: no range is known for it; write {key}=LOW:HIGH:STEP or {key}=A|B"
            )
        return known
    if "|" in range_:
        return choice(key, *dict.fromkeys(part.strip() for part in range_.split("|")))
    return _stepped(key, range_, problems)


def _stepped(key: str, text: str, problems: list[str]) -> Dimension | None:
    try:
        low, high, step = (Decimal(part) for part in text.split(":"))
    except (ValueError, InvalidOperation):
        problems.append(f"--search {key}={text}: write LOW:HIGH:STEP, such as 1:4:0.5, or A|B")
        return None
    if not (step > 0 and low < high and (high - low) / step < _TRIED_BY_DEFAULT):
        problems.append(f"--search {key}={text}: needs LOW < HIGH, STEP > 0 and at most 10,000 values")
        return None
    return span(key, str(low), str(high), str(step))


def _refused(one: Dimension, config: Config) -> Iterable[str]:
    """What the settings' own bounds say to the first and the last value."""
    for value in dict.fromkeys((one.values[0], one.values[-1]) if one.ordered else one.values):
        try:
            changed(config, {one.key: value})
        except ConfigError as error:
            yield from (f"--search {problem}" for problem in error.problems)


def combinations(space: Iterable[Dimension]) -> int:
    """How many different settings there are."""
    total = 1
    for one in space:
        total *= len(one.values)
    return total
