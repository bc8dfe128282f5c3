"""Kraken's frames as text: numbers keep the decimals of their market, moments are RFC 3339."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Json = dict[str, Any]


_plain = json.JSONEncoder().encode  # without the arguments that `json.dumps` looks at every time


class Number(str):
    """A number as it is to be written, trailing zeros included."""

    __slots__ = ()


def encode(value: Any) -> str:
    """JSON text; decimals and Numbers become numbers with the digits they have."""
    if isinstance(value, Number):
        return value
    if isinstance(value, dict):
        return "{" + ",".join([f'"{name}":{encode(item)}' for name, item in value.items()]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([encode(item) for item in value]) + "]"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return _plain(value)


def fixed(value: Decimal | float, decimals: int) -> Number:
    return Number(f"{value:.{decimals}f}")


def stamp(ms: int) -> str:
    """Such as 2023-09-25T09:04:31.742599Z."""
    return _moment(ms, "microseconds")


def candle_stamp(ms: int) -> str:
    """When a candle began, to the nanosecond as Kraken writes it."""
    return _moment(ms, "seconds")[:-1] + ".000000000Z"


def _moment(ms: int, precision: str) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def data_frame(channel: str, kind: str, rows: Any, sequence: int | None = None) -> str:
    """A channel's snapshot or update."""
    frame: Json = {"channel": channel, "type": kind, "data": rows}
    if sequence is not None:
        frame["sequence"] = sequence
    return encode(frame)
