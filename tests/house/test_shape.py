"""Small functions, small files, one reason each; nothing left lying about."""

from __future__ import annotations

import ast
import re

from tests.house.tree import ROOMS, ROOT, Source, called, sources, tracked_files

LONGEST_FUNCTION = 50  # lines, without the docstring
LONGEST_FILE = 400
LONGEST_README = 60
_QUIET = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.AnnAssign,
)
_LEFT_LYING = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
_BANNER = re.compile(r"^\s*(#|//)\s*[-=*#~]{8,}", re.M)


def test_a_function_fits_on_a_screen() -> None:
    too_long = [
        f"{source.path}:{node.lineno} {node.name} ({lines} lines)"
        for source in sources(*ROOMS)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := _lines(node)) > LONGEST_FUNCTION
    ]
    assert not too_long


def test_a_file_has_one_reason_to_exist_and_shows_it_by_its_size() -> None:
    kept = [
        name for name in tracked_files() if name.startswith(ROOMS) and name.endswith((".py", ".js", ".css"))
    ]
    long = [f"{name} ({lines})" for name in kept if (lines := _count(name)) > LONGEST_FILE]
    assert not long


def test_every_room_has_a_readme_that_fits_on_a_page() -> None:
    for room in (*ROOMS, "tests"):
        assert _count(f"{room}/README.md") <= LONGEST_README, room


def test_nothing_is_left_lying_about() -> None:
    found = [
        source.path
        for source in sources(*ROOMS, "tests", "tools")
        if not source.path.startswith("tests/house/")
        and (_LEFT_LYING.search(source.text) or _BANNER.search(source.text))
    ]
    assert not found


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        source.path
        for source in sources(*ROOMS)
        if source.text.strip() and ast.get_docstring(source.tree) is None
    ]
    assert not silent


def test_nothing_happens_when_a_module_is_imported() -> None:
    busy = [f"{source.path}:{node.lineno}" for source in sources(*ROOMS) for node in _work_at_import(source)]
    assert not busy


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if said else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def _count(name: str) -> int:
    return len((ROOT / name).read_text("utf-8").splitlines())


def _work_at_import(source: Source) -> list[ast.stmt]:
    """Statements that do something other than define, at module level."""
    return [node for node in source.tree.body if not isinstance(node, _QUIET) and not _allowed(node)]


def _allowed(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        registered = isinstance(node.value, ast.Call) and called(node.value).endswith(".register")
        return registered or isinstance(node.value, ast.Constant)
    return isinstance(node, ast.If) and (
        "TYPE_CHECKING" in ast.dump(node.test) or "__main__" in ast.dump(node.test)
    )
