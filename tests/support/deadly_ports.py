"""The engine's ports with a death in them: the process kills itself at the n-th passing of a named point.

A point is `port.method what:before`, `:after`, or `:underway` for an order whose bytes have left and whose
answer has not come.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
from dataclasses import fields, replace
from typing import Any

from core.engine.assembly import Ports
from core.model.facts import Fact
from core.model.orders import OrderIntent, OrderRequest

_UNDERWAY_S = 0.004
_WATCHED = ("account", "at_once", "orders", "journal", "mirror")


class Fuse:
    """Counts every point that is passed, and burns through at the armed one."""

    def __init__(self, armed: str = "", nth: int = 1) -> None:
        self.passed: dict[str, int] = {}
        self._armed, self._left = armed, nth

    def at(self, point: str) -> None:
        self.passed[point] = self.passed.get(point, 0) + 1
        if point == self._armed:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def waits_for(self, point: str) -> bool:
        return point == self._armed


class _Deadly:
    def __init__(self, port: object, name: str, fuse: Fuse) -> None:
        self._port, self._name, self._fuse = port, name, fuse

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._port, method)
        if not callable(found):
            return found
        if inspect.iscoroutinefunction(found):
            return self._awaited(method, found)
        return found if method != "save" else self._called(method, found)

    def _awaited(self, method: str, found: Any) -> Any:
        async def call(*args: Any, **kwargs: Any) -> Any:
            point = f"{self._name}.{method}{_what(args)}"
            self._fuse.at(f"{point}:before")
            if self._fuse.waits_for(f"{point}:underway"):
                underway = asyncio.ensure_future(found(*args, **kwargs))
                await asyncio.sleep(_UNDERWAY_S)
                self._fuse.at(f"{point}:underway")
                result = await underway
            else:
                result = await found(*args, **kwargs)
            self._fuse.at(f"{point}:after")
            return result

        return call

    def _called(self, method: str, found: Any) -> Any:
        def call(*args: Any) -> Any:
            self._fuse.at(f"{self._name}.{method}:before")
            result = found(*args)
            self._fuse.at(f"{self._name}.{method}:after")
            return result

        return call


def _what(args: tuple[Any, ...]) -> str:
    """What a call is about, as far as it matters for where to die."""
    if args and isinstance(args[0], OrderRequest):
        one = args[0]
        return f" {one.side.value} {one.type.value}"
    facts = [_fact(one) for one in args if not isinstance(one, str | int | float)]
    return f" {facts[0]}" if facts and facts[0] else ""


def _fact(fact: Fact | object) -> str:
    if isinstance(fact, OrderIntent):
        return f"{fact.leg.value} {fact.state.value}"
    kind = getattr(fact, "kind", "")
    return type(fact).__name__.lower() + (f" {kind}" if isinstance(kind, str) and kind else "")


def deadly(ports: Ports, fuse: Fuse) -> Ports:
    """The same ports, watched."""
    watched = {one.name: getattr(ports, one.name) for one in fields(ports) if one.name in _WATCHED}
    made: dict[str, Any] = {name: _Deadly(port, name, fuse) for name, port in watched.items()}
    return replace(ports, **made)
