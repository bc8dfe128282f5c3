"""How a long errand goes, told to whoever asked for it while it still runs.

The listener belongs to the turn that started the errand and follows it into the tasks it spawns. It only
takes the words down: what lowers risk never waits for a screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str], None]
_listener: ContextVar[Listener | None] = ContextVar("progress", default=None)


@contextmanager
def heard_by(listener: Listener | None) -> Iterator[None]:
    """Errands begun inside the block are told to this listener."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def report(text: str) -> None:
    """Say how it goes; nobody may be listening."""
    listener = _listener.get()
    if listener is not None:
        listener(text)
