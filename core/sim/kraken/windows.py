"""Pages of history: Kraken's start, end and ofs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from core.sim.kraken.params import Params, argument_error

T = TypeVar("T")

PAGE = 50
_END_OF_TIME = 2**62


def window(params: Params, time_of: Callable[[str], int | None]) -> tuple[int, int]:
    """(start, end] in ms. Either may be a moment in seconds or an id, whose time `time_of` knows."""
    return _edge(params, "start", time_of, -1), _edge(params, "end", time_of, _END_OF_TIME)


def cut(params: Params, found: list[T]) -> list[T]:
    """One page of what was found."""
    return found[max(params.whole("ofs"), 0) :][:PAGE]


def _edge(params: Params, name: str, time_of: Callable[[str], int | None], usual: int) -> int:
    text = params.text(name)
    if not text[:1].isalpha():
        moment = params.moment_ms(name)
        return moment if moment is not None else usual
    time_ms = time_of(text)
    if time_ms is None:
        raise argument_error(name)
    return time_ms
