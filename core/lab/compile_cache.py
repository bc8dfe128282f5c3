"""Where compiled code is kept between runs: a folder of its own, named after what it was made from."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType


def cache_folder(modules: Iterable[ModuleType], environ: Mapping[str, str], data_dir: Path) -> Path | None:
    """The first of NUMBA_CACHE_DIR, the user's cache and the data folder that can be written, or None.

    A change in any of `modules` gives another folder, so that no stale code is ever run.
    """
    name = f"kernel-{digest(modules, sys.version)}"
    for base in _bases(environ, data_dir):
        folder = base / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return None


def _bases(environ: Mapping[str, str], data_dir: Path) -> Iterable[Path]:
    if given := environ.get("NUMBA_CACHE_DIR"):
        yield Path(given)
    if given := environ.get("XDG_CACHE_HOME"):
        yield Path(given) / "zyn"
    if home := environ.get("HOME"):
        yield Path(home) / ".cache" / "zyn"
    yield data_dir / "cache"


def digest(modules: Iterable[ModuleType], *more: str) -> str:
    """A short name of what these modules say."""
    found = hashlib.sha256("|".join(more).encode())
    for module in modules:
        assert module.__file__ is not None
        found.update(Path(module.__file__).read_bytes())
    return found.hexdigest()[:16]


def is_warm(folder: Path | None) -> bool:
    """Whether compiled code lies there already."""
    return folder is not None and any(folder.rglob("*.nbc"))
