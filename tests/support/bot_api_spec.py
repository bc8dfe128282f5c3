"""Checks Bot API calls and answers against the published description, where it lies beside the project."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from core.sim.phone.calls import Call

SPECS = Path(__file__).parents[3] / "shared" / "data" / "specs"


@cache
def published(name: str) -> Any:
    """The parsed description, or None when it is not here."""
    path = SPECS / name
    return json.loads(path.read_text()) if path.exists() else None


def problems_of_call(call: Call) -> list[str]:
    """What the published Bot API says is wrong with a call; nothing when the description is not here."""
    spec = published("telegram_bot_api.json")
    if spec is None:
        return []
    methods = {name.lower(): method for name, method in spec["methods"].items()}
    if call.method not in methods:
        return [f"{call.method}: no such method"]
    fields = {one["name"]: one for one in methods[call.method].get("fields", [])}
    given = {**call.params, **{name: "file" for name in call.files if name in fields}}
    found = [f"{call.method}: unknown parameter {name}" for name in given if name not in fields]
    found += [
        f"{call.method}: {n} is missing" for n, one in fields.items() if one["required"] and n not in given
    ]
    for name, value in given.items():
        if (
            name in fields
            and name not in call.files
            and not _fits_any(_decoded(value), fields[name]["types"])
        ):
            found.append(f"{call.method}: {name}={value!r} is none of {fields[name]['types']}")
    return found


def problems_of_result(method: str, result: Any) -> list[str]:
    """What the published Bot API says is wrong with the result of a method."""
    spec = published("telegram_bot_api.json")
    if spec is None:
        return []
    returns = spec["methods"][method]["returns"]
    return [] if _fits_any(result, returns) else [f"{method}: {result!r} is none of {returns}"]


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _fits_any(value: Any, types: list[str]) -> bool:
    return any(_fits(value, kind) for kind in types)


def _fits(value: Any, kind: str) -> bool:
    if kind.startswith("Array of "):
        inner = kind.removeprefix("Array of ")
        return isinstance(value, list) and all(_fits(one, inner) for one in value)
    if kind == "String":
        return isinstance(value, (str, int, float))  # a numeric text decodes as a number
    if kind in ("Integer", "Float"):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in ("Boolean", "True"):
        return isinstance(value, bool)
    return _fits_type(value, kind)


def _fits_type(value: Any, kind: str) -> bool:
    if kind in ("InputFile", "InputMedia"):
        return True
    described = published("telegram_bot_api.json")["types"].get(kind)
    if described is None or not isinstance(value, dict):
        return False
    if "subtypes" in described:
        return any(_fits_type(value, one) for one in described["subtypes"])
    fields = {one["name"]: one for one in described.get("fields", [])}
    known = all(name in fields and _fits_any(part, fields[name]["types"]) for name, part in value.items())
    return known and all(name in value for name, one in fields.items() if one["required"])
