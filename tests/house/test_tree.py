"""What may be in a clone, and what may not."""

from __future__ import annotations

import re
import tomllib

from tests.house.tree import ROOT, tracked_files

_TEXT = (
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".lock",
    ".in",
    ".json",
    ".jsonl",
    ".js",
    ".css",
    ".html",
    ".svg",
    ".sql",
    ".yml",
)
_NAMELESS = ("Makefile", "LICENSE", ".env.example", ".gitignore", ".ci/run")
# Written in pieces, so that this file does not hold what it looks for.
_MACHINE_PATHS = re.compile(
    "|".join(
        (
            "/wo" + "rk/",
            "/tm" + "p/w/",
            "/ro" + "ot/",
            "/op" + "t/wheels",
            "/op" + "t/pypi",
            "/ho" + r"me/\w+/",
        )
    )
)
_REGISTRIES = re.compile(
    "|".join(("py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.org", "debian" + r"\.org/debian"))
)
_SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bsk-(?:proj-)?[A-Za-z0-9]{32,}"
    r"|\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{36}\b"
)


def _texts() -> list[tuple[str, str]]:
    kept = [name for name in tracked_files() if name.endswith((*_TEXT, *_NAMELESS))]
    return [(name, (ROOT / name).read_text("utf-8")) for name in kept]


def _holding(pattern: re.Pattern[str]) -> list[str]:
    return [f"{name}: {found[0]}" for name, text in _texts() if (found := pattern.search(text))]


def test_no_path_of_a_machine_is_in_the_tree() -> None:
    assert not _holding(_MACHINE_PATHS)


def test_no_package_registry_is_named_in_the_tree() -> None:
    assert not _holding(_REGISTRIES)


def test_no_secret_is_in_the_tree() -> None:
    assert not _holding(_SECRETS)


def test_no_file_of_one_machine_is_in_the_tree() -> None:
    made_here = re.compile(
        r"(^|/)(\.env|__pycache__|\.venv|node_modules|data/(demo|paper|live|validate))(/|$)|\.pyc$|\.db$"
    )
    assert not [name for name in tracked_files() if made_here.search(name)]


def test_the_locks_pin_every_package_by_hash_and_name_no_address() -> None:
    others = [name for name in tracked_files() if name.startswith("tools/") and name.endswith(".txt")]
    assert others
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-uv.lock", *others):
        text = (ROOT / name).read_text()
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links|file:", text), name
        entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
        unpinned = [
            entry.split()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry
        ]
        assert not unpinned, name


def test_the_locks_hold_every_package_that_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {"requirements.lock": project["project"]["dependencies"]}
    wanted["requirements-dev.lock"] = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    for name, packages in wanted.items():
        locked = {
            _plain(line) for line in re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / name).read_text(), re.M)
        }
        assert {_plain(re.split(r"[\[<>=~! ;]", one)[0]) for one in packages} <= locked, name


def test_the_development_lock_agrees_with_the_other() -> None:
    pins = [
        dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / name).read_text(), re.M))
        for name in ("requirements.lock", "requirements-dev.lock")
    ]
    assert {name: pins[1].get(name) for name in pins[0]} == pins[0]


def test_the_licence_is_there_and_named() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "MIT"
    assert "MIT License" in (ROOT / "LICENSE").read_text()


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
