"""What holds for every test: nothing of ours blocks the loop, nothing leaves this machine, no test hides.

`ZYN_NO_SKIP=1` (set by .ci/run) turns a skip into a failure. A test that wants recorded data takes the
`shared` fixture's folder when there is one and makes its own data otherwise; it does not skip.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from blockbuster import BlockBuster

from core.trading_config import SLOTS

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
NO_SKIP = bool(os.environ.get("ZYN_NO_SKIP"))
_LOOKS = ("os.stat", "os.path.", "os.access", "os.getcwd")  # a look at a name waits for nothing
_HERE = ("127.", "::1", "localhost", "0.0.0.0", "::")


def pytest_configure(config: pytest.Config) -> None:
    """No setting of whoever runs the tests reaches them, and no test reaches another machine.

    What the fast engine compiles is kept beside pytest's own cache: once, not once a session.
    """
    cache = getattr(config, "cache", None)  # absent where pytest was told to leave nothing behind
    os.environ["NUMBA_CACHE_DIR"] = str(cache.mkdir("fast_engine") if cache else ROOT / "build")
    for slot in SLOTS.values():
        os.environ.pop(slot.env, None)
    sys.addaudithook(_stay_here)


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = str(arguments[1][0])
    elif event == "socket.getaddrinfo":
        host = _text(arguments[0])
    else:
        return
    if host and not host.startswith(_HERE):
        raise PermissionError(f"a test may not reach {host}")


def _text(host: object) -> str:
    return host.decode() if isinstance(host, bytes) else str(host or "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones stand evenly among the others: workers begin with equal shares of the list."""
    long = [item for item in items if _is_long(item)]
    rest = [item for item in items if not _is_long(item)]
    step = len(items) / max(len(long), 1)
    for number, item in enumerate(long):
        rest.insert(round(number * step), item)
    items[:] = rest


def _is_long(item: pytest.Item) -> bool:
    """Simulated days, and what was given more time than the others."""
    marker = item.get_closest_marker("timeout")
    return "tests/simulation" in item.nodeid or (marker is not None and marker.args[0] > 120)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: Any = yield
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: nothing may be skipped here: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    report: Any = yield
    if NO_SKIP and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid}: nothing may be skipped here: {report.longrepr}"
    return report


class _Everything(frozenset[str]):
    """Every function of a file."""

    def __contains__(self, name: object) -> bool:
        return True


@pytest.fixture(scope="session")
def _watchdog() -> BlockBuster:
    watchdog = BlockBuster(["bot", "core", "web"])
    for name in [one for one in watchdog.functions if one.startswith(_LOOKS)]:
        del watchdog.functions[name]
    for function in watchdog.functions.values():
        function.can_block_in("<frozen importlib._bootstrap>", "_find_and_load")  # a late import
        function.can_block_in("zoneinfo/_tzpath.py", "find_tzfile")  # a zone's first use, kept after it
        function.can_block_in("zoneinfo/_common.py", ("load_tzdata", "load_data"))
        function.can_block_in("core/sim/kraken/books.py", _Everything())  # booked before it is told
        function.can_block_in("telegram/ext/_application.py", "__init__")  # once, at the start
        # What is installed is listed when a package first asks for its version. A refusal would be kept.
        function.can_block_in("importlib/metadata/__init__.py", _Everything())
    return watchdog


@pytest.fixture(autouse=True)
def the_loop_is_never_blocked(request: pytest.FixtureRequest, _watchdog: BlockBuster) -> Iterator[None]:
    """Blocking calls by our own code inside a running loop fail the test; `blocks` marks who may."""
    if request.node.get_closest_marker("blocks"):
        yield
        return
    _watchdog.activate()
    try:
        yield
    finally:
        _watchdog.deactivate()


@pytest.fixture
def uncounted() -> Iterator[None]:
    """No coverage inside: counted lines take three times as long, where a time is what a test is about.

    pytest-cov's own `no_cover` has no effect in xdist's workers, which measure twice.
    """
    counter = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(counter)


@pytest.fixture(scope="session")
def shared() -> Path | None:
    """The folder of recorded data beside the clone, or None: then a test makes its own."""
    return SHARED if SHARED.is_dir() else None
