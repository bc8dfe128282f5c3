"""Arrays that were made last, as many as memory should hold."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Key = TypeVar("Key", bound=Hashable)


_LARGE = 31 << 17  # numbers, 31 MiB; beyond 32 glibc learns nothing


def keep_freed_memory() -> None:
    """Let arrays be made of memory that was freed before: new pages cost more than filling them.

    glibc gives a large block back to the system at once, until it has seen one freed: from then on it keeps
    blocks of that size, and up to twice as much (mallopt(3), M_MMAP_THRESHOLD). This one is never touched.
    """
    np.empty(_LARGE)


class Latest(Generic[Key]):
    """Forgets the oldest beyond `most` numbers or records together; the newest always stays.

    A long search asks for more than memory could hold. Several threads may use one.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Key, NDArray[Any]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: Key) -> NDArray[Any] | None:
        with self._lock:
            return self._kept.get(key)

    def keep(self, key: Key, made: NDArray[Any]) -> None:
        with self._lock:
            known = self._kept.pop(key, None)
            self._size += made.size - (known.size if known is not None else 0)
            self._kept[key] = made
            while len(self._kept) > 1 and self._size > self._most:
                _, oldest = self._kept.popitem(last=False)
                self._size -= oldest.size
