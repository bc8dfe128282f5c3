"""How frozen values become columns and JSON, and come back equal: read from their own annotations."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """`pack` gives what JSON can hold, `unpack` gives the value back. `nested` needs JSON in a column."""

    pack: Convert
    unpack: Convert
    nested: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a dataclass as one column of a table."""

    name: str
    to_sql: Convert
    from_sql: Convert


def as_it_is(value: Any) -> Any:
    return value


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_SAME = Shape(as_it_is, as_it_is)
_DECIMAL = Shape(str, Decimal)


@cache
def shape_of(hint: Any) -> Shape:
    """The shape of a type. Raises TypeError for one that cannot be kept."""
    hint = getattr(hint, "__supertype__", hint)  # NewType
    origin, args = get_origin(hint), get_args(hint)
    if hint in (str, int, float):
        return _SAME
    if hint is bool:
        return Shape(as_it_is, bool)
    if hint is Decimal:
        return _DECIMAL
    if origin in (Union, UnionType):
        return _optional(next(shape_of(arg) for arg in args if arg is not NoneType))
    if origin is tuple:
        return _tuple(shape_of(args[0]))
    if origin is dict:
        return Shape(as_it_is, as_it_is, nested=True)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Shape(lambda member: member.value, hint)
    if is_dataclass(hint) or _is_named(hint):
        return _record(hint)
    raise TypeError(f"{hint!r} cannot be stored")


def _optional(inner: Shape) -> Shape:
    return Shape(
        lambda value: None if value is None else inner.pack(value),
        lambda raw: None if raw is None else inner.unpack(raw),
        inner.nested,
    )


def _tuple(inner: Shape) -> Shape:
    return Shape(
        lambda values: [inner.pack(one) for one in values], lambda raw: tuple(map(inner.unpack, raw)), True
    )


def _is_named(hint: Any) -> bool:
    """Whether it is a NamedTuple."""
    return isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields")


def _record(kind: Any) -> Shape:
    """A dataclass or NamedTuple as an object; fields that an older row does not have take their defaults."""
    hints = get_type_hints(kind)
    parts = [
        (name, shape_of(hints[name])) for name in sorted(hints)
    ]  # as JSON will have them: no sorting later
    names, changed = [name for name, _ in parts], [one for one in parts if one[1].pack is not as_it_is]

    def pack(value: Any) -> dict[str, Any]:
        packed = {name: getattr(value, name) for name in names}
        for name, shape in changed:
            packed[name] = shape.pack(packed[name])
        return packed

    def unpack(raw: dict[str, Any]) -> Any:
        return kind(**{name: shape.unpack(raw[name]) for name, shape in parts if name in raw})

    return Shape(pack, unpack, nested=True)


@cache
def columns_of(kind: Any) -> tuple[Column, ...]:
    """The columns of a dataclass, in the order of its fields."""
    hints = get_type_hints(kind)
    return tuple(_column(one.name, shape_of(hints[one.name])) for one in fields(kind))


def _column(name: str, shape: Shape) -> Column:
    if not shape.nested:
        return Column(name, shape.pack, shape.unpack)
    return Column(name, lambda value: to_json(shape.pack(value)), lambda text: shape.unpack(json.loads(text)))


def to_json(value: Any) -> str:
    """Canonical JSON: the same value is always the same text."""
    return _CANONICAL.encode(value)
