"""What the documents say is so: paths exist, commands run, settings agree on every page."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from core.trading_config import SLOTS, Config, describe
from tests.house.tree import ROOMS, ROOT, sources, tracked_files
from tools.env_example import render

_CONTRACT = ROOT.parent / "shared" / "CONTRACT.md"
_PATH = re.compile(r"\b((?:bot|core|web|tests|tools|docs|benchmarks)/[\w./-]*\.\w+)(?:::(\w+))?")
_COMMAND = re.compile(r"\bzyn ([a-z]+)\b")
_DOCUMENTS = [name for name in tracked_files() if name.endswith(".md")]


@pytest.mark.parametrize("name", _DOCUMENTS)
def test_every_path_a_document_names_exists(name: str) -> None:
    said = _PATH.findall(_text(name))
    missing = [path for path, _ in said if not (ROOT / path).exists()]
    assert not missing
    untold = [test for path, test in said if test and f"def {test}(" not in _text(path)]
    assert not untold


@pytest.mark.parametrize("name", _DOCUMENTS)
def test_every_method_a_document_names_exists(name: str) -> None:
    """`Class.method` of our own code; what the documents name of other programs stands without a class."""
    missing = {
        f"{owner}.{method}"
        for owner, method in re.findall(r"`([A-Z]\w+)\.([a-z_]\w*)`", _text(name))
        if method not in _members().get(owner, ())
    }
    assert not missing


@cache
def _members() -> dict[str, set[str]]:
    """By class, the names of its methods and of whatever its methods or its body set."""
    found: dict[str, set[str]] = {}
    for source in sources(*ROOMS, "tests"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, set()).update(_names_in(node))
    return found


def _names_in(owner: ast.ClassDef) -> set[str]:
    inside = list(ast.walk(owner))
    functions = {one.name for one in inside if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    set_here = {one.id for one in inside if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    attributes = {one.attr for one in inside if isinstance(one, ast.Attribute)}
    return functions | set_here | attributes


def test_each_sentence_of_the_seed_has_its_module_its_screen_and_its_test() -> None:
    rows = [line.strip("|").split("|") for line in _text("README.md").splitlines() if line.startswith("| ")]
    cells = [[cell.strip(" `") for cell in row] for row in rows if len(row) == 4]
    table = [row for row in cells if row[1].endswith(".py")]
    assert len(table) >= 15
    for words, module, screen, test in table:
        assert words and screen, words
        assert (ROOT / module).is_file(), f"{words}: {module}"
        assert (ROOT / test.partition("::")[0]).is_file(), f"{words}: {test}"


def test_every_command_in_a_document_is_one_that_zyn_has() -> None:
    known = _commands()
    for name in _DOCUMENTS:
        spans = "\n".join(re.findall(r"`([^`\n]+)`", _text(name)))
        unknown = set(_COMMAND.findall(spans)) - known
        assert not unknown, f"{name}: {unknown}"


def test_the_readme_names_the_commands_a_newcomer_needs() -> None:
    readme = _text("README.md")
    for command in (
        "make run",
        "make test",
        "zyn init",
        "zyn doctor",
        "zyn shell",
        "zyn backtest",
        "zyn config",
    ):
        assert command in readme


def test_env_example_is_what_the_settings_say() -> None:
    assert _text(".env.example") == render(), "run: .venv/bin/python -m tools.env_example"


def test_every_setting_stands_in_env_example_and_in_zyn_config() -> None:
    listed = re.findall(r"^#?([A-Z][A-Z0-9_]+)=", _text(".env.example"), re.M)
    assert sorted(listed) == sorted(slot.env for slot in SLOTS.values())
    assert {setting.env for setting in describe(Config())} == set(listed)


def test_a_copy_of_env_example_changes_nothing() -> None:
    given = [line for line in _text(".env.example").splitlines() if line and not line.startswith("#")]
    assert all(line.endswith("=") for line in given)


def test_the_settings_are_those_that_were_agreed_on() -> None:
    agreed = _agreed_settings()
    by_env = {setting.env: setting for setting in describe(Config())}
    by_key = {setting.key: setting for setting in describe(Config())}
    missing = [name for name in agreed if name not in by_env and name not in by_key]
    other = [
        f"{name}: {setting.default!r}, agreed {default!r}"
        for name, default in agreed.items()
        if (setting := by_env.get(name) or by_key.get(name)) and not _same(setting.default, default)
    ]
    assert not missing + other


def _agreed_settings() -> dict[str, str]:
    """name -> default, from the agreement beside the clone; nothing where there is none."""
    if not _CONTRACT.is_file():
        return {}
    text = _CONTRACT.read_text("utf-8").partition("## Environment")[2].partition("\n## ")[0]
    found: dict[str, str] = {}
    for span, said_after in re.findall(r"`([^`]+)`( \(default)?", text):
        pairs = re.findall(r"(?<![\w.])([A-Z][A-Z0-9_]+|[a-z_]+\.[a-z0-9_]+)=(\S*)", span)
        # A default that depends on the world is told in words after the name.
        found |= {name: value.split("|")[0] for name, value in (pairs[:-1] if said_after else pairs)}
    return found


def _same(ours: str, agreed: str) -> bool:
    try:
        return float(ours) == float(agreed)
    except ValueError:
        return ours == agreed or Path(ours) == Path(agreed)


def _commands() -> set[str]:
    shown = subprocess.run(
        [sys.executable, "-m", "bot", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(re.findall(r"^    ([a-z]+)\b", shown.stdout, re.M))


def _text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")
