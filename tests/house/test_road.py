"""One road, one clock, one door: what may be called from where."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from tests.house.tree import ROOMS, Source, called, dotted, imports, sources

# The composition root chooses the world, settings describe it, commands print it; nobody else asks.
_PLACING = (
    "core/engine/executor.py", "core/engine/bracketing.py", "core/venues/", "core/sim/", "core/matching/",
)  # fmt: skip
_MAY_ASK_THE_MODE = ("bot/app.py", "bot/worlds.py", "bot/checkup.py", "bot/cli/", "core/trading_config/")
_MAY_CATCH_ALL = ("core/engine/supervisor.py", "core/alerts/pump.py")
_MAY_SLEEP = ("core/clock.py",)
_MAY_SET_UP_LOGURU = ("core/log.py",)
# Who may hold the exchange's account: they settle, act or answer from it; screens ask the status service.
_MAY_HOLD_THE_ACCOUNT = (
    "core/engine/",
    "core/venues/",
    "core/sim/",
    "core/lab/",
    "bot/app.py",
    "bot/worlds.py",
)
_ACCOUNT_READS = {"open_orders", "closed_orders", "balances", "fills", "fees"}
_HOMES = {
    "ccxt": ("core/venues/",),
    "openai": ("core/llm/",),
    "aiosqlite": ("core/store/",),
    "twilio": ("core/alerts/",),
    "telegram": ("bot/",),
    "matplotlib": ("core/pictures/",),
    "numba": ("core/lab/kernel.py",),
    "pandas": ("core/lab/", "core/pictures/"),
    "tenacity": ("core/venues/", "core/alerts/", "bot/"),
    "dotenv": ("core/trading_config/", "bot/cli/"),
    "sqlite3": ("core/store/", "core/sim/kraken/"),
}


def test_no_code_below_the_composition_root_asks_which_world_it_is_in() -> None:
    asking = [
        f"{source.path}:{node.lineno}"
        for source in _outside(_MAY_ASK_THE_MODE)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Compare) and any(map(_is_mode, (node.left, *node.comparators)))
    ]
    assert not asking


def test_nothing_is_swallowed_but_where_nothing_may_be_lost() -> None:
    broad = [
        f"{source.path}:{node.lineno}"
        for source in _outside(_MAY_CATCH_ALL)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and not _passes_on(node)
    ]
    assert not broad


def test_only_the_clock_sleeps() -> None:
    sleeping = [
        f"{source.path}:{node.lineno}"
        for source in _outside(_MAY_SLEEP)
        for node in _calls(source)
        if called(node) in ("asyncio.sleep", "time.sleep") and not _is_zero(node)
    ]
    assert not sleeping


def test_one_sink_is_set_up_in_one_place() -> None:
    elsewhere = [
        f"{source.path}:{node.lineno} {called(node)}"
        for source in _outside(_MAY_SET_UP_LOGURU)
        for node in _calls(source)
        if called(node) in ("logger.add", "logger.configure", "logger.remove", "logging.basicConfig")
    ]
    assert not elsewhere


def test_every_library_has_one_home() -> None:
    strays = [
        f"{source.path}:{line} imports {module}"
        for source in sources(*ROOMS)
        for line, module in imports(source)
        if (home := _HOMES.get(module.partition(".")[0])) and not source.path.startswith(home)
    ]
    assert not strays


def test_only_the_engine_reads_the_account_and_screens_ask_the_status_service() -> None:
    reading = [
        f"{source.path}:{node.lineno} {called(node)}"
        for source in _outside(_MAY_HOLD_THE_ACCOUNT)
        for node in _calls(source)
        if _reads_account(called(node))
    ]
    holding = [
        f"{source.path} imports {module}"
        for source in _outside(_MAY_HOLD_THE_ACCOUNT)
        for _, module in imports(source)
        if module in ("core.engine.ports.Account", "core.engine.ports.Orders")
    ]
    assert not reading + holding


def test_only_the_executor_and_its_kind_place_orders() -> None:
    placing = [
        f"{source.path}:{node.lineno} {called(node)}"
        for source in _outside(_PLACING)
        for node in _calls(source)
        if called(node).rpartition(".")[0].rpartition(".")[2].strip("_") in ("orders", "venue")
        and called(node).rpartition(".")[2] in ("place", "cancel", "raise_stop")
    ]
    assert not placing


def test_tests_use_fakes_and_real_servers_and_patch_none_of_our_code() -> None:
    patching = [
        f"{source.path}:{node.lineno}"
        for source in sources("tests")
        for node in ast.walk(source.tree)
        if _patches(node, source)
    ]
    assert not patching


def _outside(allowed: tuple[str, ...]) -> Iterator[Source]:
    return (source for source in sources(*ROOMS) if not source.path.startswith(allowed))


def _calls(source: Source) -> Iterator[ast.Call]:
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))


def _is_mode(node: ast.expr) -> bool:
    name = dotted(node)
    return (
        name.startswith("Mode.") or name.endswith((".config.mode", ".service.mode")) or name == "config.mode"
    )


def _is_broad(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(one is None or dotted(one) in ("Exception", "BaseException") for one in kinds)


def _passes_on(handler: ast.ExceptHandler) -> bool:
    """Whether it ends by raising again what it caught."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _is_zero(node: ast.Call) -> bool:
    return bool(node.args) and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0


def _reads_account(name: str) -> bool:
    holder, _, method = name.rpartition(".")
    return method in _ACCOUNT_READS and holder.rpartition(".")[2].strip("_") in (
        "account",
        "venue",
        "exchange",
    )


def _patches(node: ast.AST, source: Source) -> bool:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").startswith(("unittest.mock", "mock", "pytest_mock"))
    if isinstance(node, ast.Import):
        return any(alias.name.startswith(("unittest.mock", "mock")) for alias in node.names)
    if not isinstance(node, ast.Call) or called(node) not in ("monkeypatch.setattr", "monkeypatch.setitem"):
        return False
    target = dotted(node.args[0]).partition(".")[0] if node.args else ""
    return target not in sys.stdlib_module_names or target not in {module for _, module in imports(source)}
