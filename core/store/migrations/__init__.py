"""The numbered steps from an empty file to today's schema; a step that has shipped is never edited."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Step:
    """One migration: runs whole or not at all."""

    number: int
    name: str
    sql: str


def all_steps() -> tuple[Step, ...]:
    """Every step in order, numbered from 1 without holes."""
    scripts = sorted(one for one in files(__package__).iterdir() if one.name.endswith(".sql"))  # type: ignore[type-var]
    steps = tuple(_step(one.name, one.read_text("utf-8")) for one in scripts)
    if [step.number for step in steps] != list(range(1, len(steps) + 1)):
        raise ValueError("the migrations are not numbered 1, 2, 3 ...")
    return steps


def _step(file_name: str, sql: str) -> Step:
    number, _, name = file_name.removesuffix(".sql").partition("_")
    return Step(int(number), name.replace("_", " "), sql)
