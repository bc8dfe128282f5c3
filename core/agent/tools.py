"""The registry as tools of a model: strict schemas out, checked calls in, answers as bare data."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from core.agent.intents import Call, checked
from core.engine.registry import Door, Effect, Entry
from core.model.decisions import FilterReading, SignalResult
from core.model.money import plain
from core.model.time_context import iso
from core.model.views import PnlView

Schema = dict[str, Any]

# Inner workings, or text that others may have written: never shown to a model.
_HIDDEN = frozenset(
    {"cl_ord_id", "cause", "correlation", "venue_id", "parent_txid", "stop_txids", "rule", "png"}
)
_FOREIGN_TEXT = frozenset({"reason", "note"})  # as an exchange may word it
_HANDS_ONLY = frozenset({"now"})  # acting at once is for a typed command
_DESCRIBED = {
    "place_order": "Prepare a buy or a sell",
    "flatten": "Prepare to sell a position, or all of them",
}
_MOST_ROWS = 30
_MOST_TEXT = 400
_HINTS = {
    "symbol": "BASE/QUOTE such as BTC/USD",
    "amount": "base: coins. quote: money. percent_balance: share of cash. percent_position: share of holding",
    "stop": "percent below the entry, or a price",
    "take_profit": "percent above the entry, or a price",
    "period": "a named period, or local dates, both included",
    "value": "a decimal number as text",
}


def offered(entries: Iterable[Entry]) -> list[Entry]:
    """The entries a model may call; the owner's own are never among them."""
    return [entry for entry in entries if Door.MODEL in entry.doors and entry.effect is not Effect.OWNER]


def tool(entry: Entry) -> Schema:
    """An entry as a strict function tool."""
    model = entry.slots.model_fields
    properties = {
        name: _field(name, one.annotation, one.is_required())
        for name, one in model.items()
        if name not in _HANDS_ONLY
    }
    return {
        "type": "function",
        "function": {
            "name": entry.intent, "description": _described(entry), "strict": True,
            "parameters": _object(properties),
        },
    }  # fmt: skip


def _described(entry: Entry) -> str:
    note = {
        Effect.READ: "Reads only.",
        Effect.MEMORY: "Writes only what is remembered of the owner.",
        Effect.REDUCES: "Lowers risk.",
        Effect.OPENS: "Makes a preview for the owner to confirm; it executes nothing.",
    }.get(entry.effect, "")
    return f"{_DESCRIBED.get(entry.intent, entry.summary)}. {note}".strip()


def _field(name: str, annotation: Any, required: bool) -> Schema:
    schema = _schema(annotation)
    if not required and not _nullable(schema):
        schema = _union([schema, {"type": "null"}])
    hint = _HINTS.get(name)
    return {**schema, "description": hint} if hint else schema


def _nullable(schema: Schema) -> bool:
    return any(one.get("type") == "null" for one in schema.get("anyOf", ()))


def _schema(annotation: Any) -> Schema:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _schema(arguments[0])
    if origin in (Union, types.UnionType):
        return _union([_schema(one) for one in arguments])
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin is tuple:
        return _object({"value": {"type": "string"}, "unit": _schema(arguments[1])})
    if origin is dict:
        return _object({"from": {"type": "string"}, "to": {"type": "string"}})
    simple = {bool: "boolean", int: "integer", type(None): "null"}
    return {"type": simple.get(annotation, "string")}


def _union(options: list[Schema]) -> Schema:
    flat = [one for option in options for one in option.get("anyOf", [option])]
    unique = [one for at, one in enumerate(flat) if one not in flat[:at]]
    return unique[0] if len(unique) == 1 else {"anyOf": unique}


def _object(properties: Schema) -> Schema:
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def call_of(name: str, arguments: str) -> Call:
    """A tool call as a checked call. Raises ValueError with what is wrong, KeyError for an unknown tool."""
    given = json.loads(arguments or "{}")
    if not isinstance(given, dict):
        raise ValueError("arguments must be an object")
    return checked(name, {key: _inward(value) for key, value in given.items() if value is not None})


def _inward(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"value", "unit"}:
        return (value["value"], value["unit"])
    return value


def data_of(value: Any, name: str = "") -> Any:
    """A view as plain data: decimals as text, moments in UTC, few rows, no words of strangers."""
    if is_dataclass(value) and not isinstance(value, type):
        return _record(value)
    if isinstance(value, SignalResult | FilterReading):
        return {name: data_of(one, name) for name, one in value._asdict().items()} | {"flip": value.flip}
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): data_of(one) for key, one in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [data_of(one) for one in list(value)[:_MOST_ROWS]]
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, int) and not isinstance(value, bool) and name.endswith("_ms") and value > 10**11:
        return iso(value)
    return value


def _record(value: Any) -> dict[str, Any]:
    hidden = _HIDDEN | (
        _FOREIGN_TEXT if type(value).__name__ in ("OrderReport", "OrderIntent") else frozenset()
    )
    shown = (one.name for one in fields(value) if one.name not in hidden)
    told = {name: data_of(getattr(value, name), name) for name in shown}
    # What a view adds up itself may be told; a model adds up nothing.
    return {**told, "total": data_of(value.total)} if isinstance(value, PnlView) else told


def _clean(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)[:_MOST_TEXT]
