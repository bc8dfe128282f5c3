"""The compiled backtest: numba over the service's own strategy and risk functions. The one home of numba.

Nothing is written a second time here. The plain functions are handed to the compiler as they stand, together
with the loops of `core.lab.walk`; `Wide` becomes a value of two floats whose operators are the functions of
`core.model.wide`. Compiled code is kept in a folder named after the sources that it was made from.
"""

from __future__ import annotations

import inspect
import operator
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import numba.core.typing.cffi_utils  # or the first loop that is loaded would look for cffi
from numba.core import cgutils, types
from numba.extending import (
    lower_builtin,
    make_attribute_wrapper,
    models,
    overload,
    register_jitable,
    register_model,
    type_callable,
)

from core.lab import atoms, entering, judging, leaving, losing, tables, walk
from core.model import wide
from core.model.wide import Wide
from core.risk import brackets, edge, limits, sizing
from core.strategy import features, signal

_SHARED: tuple[Callable[..., object], ...] = (
    brackets.touch, brackets.touch_price, sizing.wanted_size, sizing.position_room, sizing.exposure_room,
    sizing.cash_room, limits.cooloff_left, limits.exposed, limits.entries_within_hour, limits.loss_reaches,
    edge.round_trip_cost,
)  # fmt: skip
_WHOLE_MODULES = (wide, features, signal, atoms, entering, leaving, losing, judging, walk)
SOURCES = (*_WHOLE_MODULES, brackets, edge, limits, sizing, tables, sys.modules[__name__])


class Compiled(NamedTuple):
    """The loops of `judging` and `walk`, as machine code or as they stand."""

    count_up: Callable[..., None] = judging.count_up
    add_up: Callable[..., None] = judging.add_up
    smooth: Callable[..., None] = judging.smooth
    judge: Callable[..., int] = judging.judge
    trade: Callable[..., None] = walk.trade


class _WideType(types.Type):
    def __init__(self) -> None:
        super().__init__(name="Wide")


class _WideModel(models.StructModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, [("hi", types.float64), ("lo", types.float64)])


# Nothing is allocated inside: counting references to the arrays that come in would cost more than the work.
# Divisors are never zero: lengths, prices and steps are above it.
_JIT = {"error_model": "numpy", "_nrt": False}
_INNER = {**_JIT, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


@cache
def compiled(folder: Path | None) -> Compiled:
    """The loops, compiled at their first call or taken from `folder` (None: compiled anew each time)."""
    if folder is not None:
        numba.config.CACHE_DIR = str(folder)
    _teach_wide()
    for function in (*_SHARED, *(one for module in _WHOLE_MODULES for one in _functions(module))):
        hot = function.__module__ in (walk.__name__, judging.__name__, features.__name__, entering.__name__)
        register_jitable(**_INNER, forceinline=hot)(function)
    jit = numba.njit(**_JIT, nogil=True, cache=folder is not None)
    return Compiled(*map(jit, Compiled()))


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    for found in vars(module).values():
        if inspect.isfunction(found) and found.__module__ == module.__name__:
            yield found


def _teach_wide() -> None:
    """What a `Wide` is to the compiler, and what its operators do."""
    wide_type = _WideType()

    def typed(context: Any) -> Callable[[Any, Any], Any]:
        return lambda hi, lo: wide_type

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value = cgutils.create_struct_proxy(wide_type)(context, builder)
        value.hi, value.lo = arguments
        return value._getvalue()

    register_model(_WideType)(_WideModel)
    make_attribute_wrapper(_WideType, "hi", "hi")
    make_attribute_wrapper(_WideType, "lo", "lo")
    type_callable(Wide)(typed)
    lower_builtin(Wide, types.Float, types.Float)(made)
    for symbol, done in _operators():
        overload(symbol, _INNER, strict=False)(_for_wide(done))


def _operators() -> Iterator[tuple[Any, Callable[[Wide, Wide], object]]]:
    yield operator.add, wide.add
    yield operator.sub, wide.sub
    yield operator.mul, wide.mul
    yield operator.truediv, wide.div
    yield operator.lt, wide.less
    yield operator.gt, wide.more
    yield operator.ge, wide.at_least


def _for_wide(done: Callable[[Wide, Wide], object]) -> Callable[[Any, Any], Callable[..., object] | None]:
    """An operator between two wide numbers, or a whole number and a wide one."""

    def with_int(a: int, b: Wide) -> object:
        return done(wide.from_int(a), b)

    def choose(a: Any, b: Any) -> Callable[..., object] | None:
        if not isinstance(b, _WideType):
            return None
        if isinstance(a, _WideType):
            return done
        return with_int if isinstance(a, types.Integer) else None

    return choose
