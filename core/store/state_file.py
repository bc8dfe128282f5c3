"""state.json: an atomically replaced mirror that Zyn can be restored from. SQLite is the truth, this a copy.

A save goes to a file of its own, is forced to disk and then takes the place of the last one, which is kept
beside it. Whatever is torn, empty, huge or not JSON is passed over for the copy before it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from loguru import logger

FILE_NAME = "state.json"
LARGEST = 64 * 1024 * 1024  # bytes; a mirror is some kilobytes
_CHECKSUM = "checksum"


class StateFile:
    """The engine's Mirror. `save` returns at once: one thread writes, in order, skipping overtaken states."""

    def __init__(self, folder: Path, pool: Executor | None = None) -> None:
        self.trouble = ""  # why the last save failed, or empty
        self._path = folder / FILE_NAME
        self._pool = pool or ThreadPoolExecutor(1, "state-file")
        self._newest = b""
        self._last: Future[None] | None = None

    def save(self, state: Mapping[str, object]) -> None:
        """Replace the mirror. JSON values and Decimals only; a failure is kept in `trouble`, never raised."""
        try:
            body = encode(state)
        except (TypeError, ValueError) as error:
            self._fail(f"state.json was not written: {error}")
            return
        self._newest = body
        self._last = self._pool.submit(self._write, body)

    def load(self) -> Mapping[str, object] | None:
        """The last good state, or the one before it; None when neither can be read. Blocking."""
        for path in (self._path, previous_of(self._path)):
            if (state := read_state(path)) is not None:
                return state
        return None

    def close(self) -> None:
        """Wait until the newest state is on disk. Blocking for some milliseconds."""
        if self._last is not None:
            self._last.result()
        self._pool.shutdown()

    def _write(self, body: bytes) -> None:
        if body is not self._newest:
            return
        try:
            write_state(self._path, body)
            self.trouble = ""
        except OSError as error:
            self._fail(f"state.json could not be written ({error}); the database still has it all")

    def _fail(self, text: str) -> None:
        if text != self.trouble:
            logger.error(text)
        self.trouble = text


class InlineExecutor(Executor):
    """Runs at once, where it is called: for a simulation without threads."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def encode(state: Mapping[str, object]) -> bytes:
    """The file's bytes: the state with a checksum over the rest. Raises ValueError for NaN."""
    body = _canonical(state)
    return _canonical({**json.loads(body), _CHECKSUM: hashlib.sha256(body).hexdigest()})


def read_state(path: Path) -> dict[str, Any] | None:
    """The state in a file, or None when it is missing, torn, huge or changed by another hand."""
    try:
        if not 0 < path.stat().st_size <= LARGEST:
            return None
        state = json.loads(path.read_bytes(), parse_constant=_refuse)
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(state, dict):
        return None
    checksum = state.pop(_CHECKSUM, None)
    return state if checksum == hashlib.sha256(_canonical(state)).hexdigest() else None


def write_state(path: Path, body: bytes) -> None:
    """Replace a file so that a reader, or a crash at any point, finds the old one or the new one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".tmp")
    with open(fresh, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        os.replace(path, previous_of(path))
    os.replace(fresh, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def previous_of(path: Path) -> Path:
    return path.with_name(path.name + ".previous")


def _canonical(state: Mapping[str, object]) -> bytes:
    return json.dumps(state, sort_keys=True, indent=1, allow_nan=False, default=_decimal).encode()


def _decimal(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be kept in state.json")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
