"""A request's arguments, whichever way they were sent: query, form or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from itertools import count, takewhile
from typing import Any
from urllib.parse import parse_qsl

from core.model.errors import Rejected
from core.model.time_context import to_ms

# Powers of ten between which every number of this protocol lies.
_FINEST, _COARSEST = -20, 16
_LONGEST = 60  # digits that a number is written out with
_WHOLE = re.compile(r"[+-]?\d{1,20}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?", re.ASCII)
_TRUE = frozenset({"true", "1", "yes"})
_ROW_FIELD = re.compile(r"(\w+)\[(\d{1,3})\]\[(\w+)\]((?:\[\w+\])?)")


def argument_error(name: str) -> Rejected:
    return Rejected(f"EGeneral:Invalid arguments:{name}")


class Params:
    """Arguments by name; nested ones as `close[ordertype]`. Every reader raises Rejected on nonsense.

    `key` is the API key that asks; empty on public calls.
    """

    def __init__(self, values: dict[str, Any], key: str = "") -> None:
        self._values, self.key = values, key

    @classmethod
    def of_body(cls, body: bytes, content_type: str, key: str = "") -> Params:
        """Read a form or JSON body; Rejected when it is neither."""
        try:
            text = body.decode()
            if "json" in content_type or text.lstrip().startswith("{"):
                return cls(_flat(json.loads(text, parse_float=Decimal)), key)
            return cls(dict(parse_qsl(text, keep_blank_values=True)), key)
        except (UnicodeDecodeError, ValueError, RecursionError) as broken:
            raise Rejected("EGeneral:Invalid arguments") from broken

    def over(self, others: Mapping[str, str]) -> Params:
        """These arguments on top of others."""
        return Params(dict(others) | self._values, self.key)

    def text(self, name: str, default: str = "") -> str:
        value = self._values.get(name)
        return default if value is None else as_text(value)

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in _TRUE

    def whole(self, name: str, default: int = 0) -> int:
        text = self.text(name)
        if text and _WHOLE.fullmatch(text) is None:
            raise argument_error(name)
        return int(text) if text else default

    def number(self, name: str) -> Decimal | None:
        """A decimal of sane size, or None when the argument is absent or empty."""
        text = self.text(name)
        if not text:
            return None
        value = Decimal(text) if _NUMBER.fullmatch(text) else None
        if value is None or not _FINEST < value.adjusted() < _COARSEST:
            raise argument_error(name)
        return value

    def needed(self, name: str) -> str:
        text = self.text(name)
        if not text:
            raise argument_error(name)
        return text

    def names(self, name: str) -> list[str]:
        """A comma list."""
        value = self._values.get(name)
        if isinstance(value, list):
            return [as_text(item) for item in value]
        return [item.strip() for item in self.text(name).split(",") if item.strip()]

    def items(self, name: str) -> list[Any]:
        """A list of plain values, from JSON or from form fields such as `orders[0]`."""
        value = self._values.get(name)
        if isinstance(value, list):
            return value
        if value is not None:
            return self.names(name)
        numbered = (f"{name}[{number}]" for number in count())
        return [self._values[field] for field in takewhile(self._values.__contains__, numbered)]

    def rows(self, name: str, shared: tuple[str, ...]) -> list[Params]:
        """A list of objects, from JSON or from form fields such as `orders[0][volume]`.

        Each has the `shared` arguments of the whole call too.
        """
        common = {field: self._values[field] for field in shared if field in self._values}
        value = self._values.get(name)
        if isinstance(value, list):
            if not all(isinstance(row, dict) for row in value):
                raise argument_error(name)
            return [Params(_flat(row) | common, self.key) for row in value]
        return [Params(row | common, self.key) for row in self._numbered_rows(name)]

    def _numbered_rows(self, name: str) -> list[dict[str, Any]]:
        rows: dict[int, dict[str, Any]] = {}
        for field, value in self._values.items():
            if (match := _ROW_FIELD.fullmatch(field)) and match[1] == name:
                rows.setdefault(int(match[2]), {})[match[3] + match[4]] = value
        return [rows[number] for number in sorted(rows)]

    def moment_ms(self, name: str) -> int | None:
        """Seconds since the epoch, with decimals, as milliseconds."""
        seconds = self.number(name)
        return int(seconds * 1000) if seconds is not None else None

    def rfc3339_ms(self, name: str) -> int | None:
        text = self.text(name)
        return _rfc3339_ms(text, name) if text else None


def as_text(value: Any) -> str:
    """A JSON value as a form would bring it: a small number is written out, not as 4.6E-7."""
    small = isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < _LONGEST
    return f"{value:f}" if small else str(value)


def _rfc3339_ms(text: str, name: str) -> int:
    try:
        return to_ms(datetime.fromisoformat(text.replace("Z", "+00:00")))
    except ValueError as broken:
        raise argument_error(name) from broken


def _flat(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ValueError("a JSON body must be an object")
    flat: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, dict):
            flat |= {f"{name}[{inner}]": item for inner, item in value.items()}
        else:
            flat[name] = value
    return flat
