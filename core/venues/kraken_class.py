"""The client library's Kraken class without its hundred other exchanges.

Importing the library's packages runs four seconds of exchange modules; the class itself needs a fifth of
that. Two bare packages stand in while it is imported and leave again, so that a later plain import of the
library works as ever and gives the same class.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import Any, NamedTuple

_PACKAGES = ("ccxt", "ccxt.async_support")


class Library(NamedTuple):
    """What Zyn takes from the client library."""

    kraken: Any  # its asynchronous Kraken class
    error: type[Exception]  # the root of its errors


def load() -> Library:
    """The library's Kraken, imported the cheap way where that works."""
    kraken = _kraken()
    return Library(kraken, sys.modules["ccxt.base.errors"].BaseError)


def _kraken() -> Any:
    loaded = sys.modules.get("ccxt.async_support.kraken")
    if loaded is not None:
        return loaded.kraken
    if any(name in sys.modules for name in _PACKAGES):
        return _plainly()
    try:
        return _alone()
    except (ImportError, AttributeError):
        return _plainly()


def _plainly() -> Any:
    """The documented import, should a version of the library arrange its files differently."""
    return import_module("ccxt.async_support").kraken


def _alone() -> Any:
    found = False
    try:
        library = _bare("ccxt")
        _bare("ccxt.async_support")
        errors = import_module("ccxt.base.errors")
        # What the library's own modules ask of their package while they are imported.
        vars(library).update({name: one for name, one in vars(errors).items() if isinstance(one, type)})
        vars(library)["Exchange"] = import_module("ccxt.base.exchange").Exchange
        kraken = import_module("ccxt.async_support.kraken").kraken
        found = True
        return kraken
    finally:
        _leave(_PACKAGES if found else [name for name in sys.modules if name.partition(".")[0] == "ccxt"])


def _bare(name: str) -> Any:
    spec = find_spec(name)
    if spec is None:
        raise ImportError(name)
    sys.modules[name] = module_from_spec(spec)
    return sys.modules[name]


def _leave(names: Any) -> None:
    for name in list(names):
        sys.modules.pop(name, None)
