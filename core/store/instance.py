"""One process owns a data folder: `zyn.lock` is held while it runs and names it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from core.model.errors import StoreError

FILE_NAME = "zyn.lock"


class DataFolder:
    """The folder's lock. The kernel lets it go when its holder dies, so a stale file is simply taken over."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._descriptor: int | None = None

    def acquire(self) -> Self:
        """Take the folder. Raises StoreError naming the process that has it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read_pid(descriptor)
            os.close(descriptor)
            raise StoreError(_taken(self._path.parent, holder)) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor
        return self

    def release(self) -> None:
        """Let the folder go; the file stays, for removing it could free another process's lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def running_pid(folder: Path) -> int | None:
    """The process that owns a data folder now, or None when nobody does."""
    try:
        descriptor = os.open(folder / FILE_NAME, os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_pid(descriptor)
    finally:
        os.close(descriptor)
    return None


def _read_pid(descriptor: int) -> int:
    """The pid in the file; 0 when its holder has not written it yet."""
    text = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
    return int(text) if text.isdigit() else 0


def _taken(folder: Path, holder: int) -> str:
    who = f"process {holder}" if holder else "another process"
    return (
        f"Zyn is already running on {folder} ({who}). Use that one (zyn shell, zyn link), stop it, "
        "or set ZYN_DATA_DIR to another folder."
    )
