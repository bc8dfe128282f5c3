"""What a schedule met, and how a process dies in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.life import Life

LIFE: ContextVar[Life | None] = ContextVar("LIFE", default=None)  # the process that the running code is of


class Killed(BaseException):
    """What a dead process meets when it touches the world again: nothing catches it."""


class Broken(AssertionError):
    """An invariant does not hold."""


@dataclass
class Record:
    """What a schedule met: faults and rare situations by name, and every event for the seed's fingerprint."""

    met: Counter[str] = field(default_factory=Counter)
    events: list[str] = field(default_factory=list)
    last_fault: float = -1000.0  # wall seconds

    def fault(self, name: str, now: float) -> None:
        self.met[f"fault: {name}"] += 1
        self.last_fault = now
        self.events.append(f"{now:.4f} fault {name}")


class Fuse:
    """A life's thread: once it is cut, whatever the dead process touches raises Killed."""

    def __init__(self) -> None:
        self.dead = False
        self.left: int | None = None  # steps until it burns through; None: not lit
        self.on_death: Callable[[], None] = lambda: None

    def step(self) -> None:
        """A touch of the world: a write to the disk or the network, before it or after."""
        if self.dead:
            raise Killed
        if self.left is not None:
            self.left -= 1
            if self.left <= 0:
                self.cut()
                raise Killed

    def cut(self) -> None:
        if not self.dead:
            self.dead = True
            self.on_death()
