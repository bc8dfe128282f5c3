"""Faults on demand: what a network, a proxy or a busy exchange does to a call or a frame, and when.

A call fault strikes `before` or `after` the call counted, or on its way in; a race when an order meets the
market or its cancel; a socket fault when a frame goes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from core.model.errors import Rejected

CALL_KINDS = ("timeout", "reset", "status", "html", "empty", "truncated", "error")
SOCKET_KINDS = ("ws_drop", "ws_duplicate", "ws_reorder", "ws_late", "ws_silent", "ws_disconnect")
# Those that have one phase only. `late`: the call arrives after `value` seconds of market time. `fill`: an
# order fills by `value` (all of it without one) just before its cancel. `thin`: the book holds `value` only.
_PHASE_OF = {"late": "way", "fill": "fill", "thin": "thin", **dict.fromkeys(SOCKET_KINDS, "frame")}
KINDS = (*CALL_KINDS, *_PHASE_OF)
PHASES = ("before", "after")


@dataclass(slots=True)
class Fault:
    """One fault. `path` is an endpoint such as AddOrder, a WebSocket method such as add_order, a channel such
    as executions, or *; `count` None means until it is cleared.

    `value` is the HTTP status, the error string, or the seconds or quantity that its kind speaks of.
    """

    path: str
    kind: str
    phase: str = "before"
    value: str = ""
    count: int | None = 1
    probability: float = 1.0

    @classmethod
    def of_json(cls, body: Mapping[str, Any]) -> Fault:
        """Read what POST /__sim__/faults was given; Rejected naming what is wrong."""
        kind = str(body.get("kind", ""))
        phase = _PHASE_OF.get(kind, str(body.get("phase", "before")))
        if kind not in KINDS or (kind in CALL_KINDS and phase not in PHASES):
            raise Rejected(f"a fault has a kind of {', '.join(KINDS)} and a phase of {' or '.join(PHASES)}")
        count, probability = body.get("count", 1), float(body.get("probability", 1.0))
        if not 0 <= probability <= 1 or (count is not None and int(count) < 1):
            raise Rejected("a fault's count is at least 1, or null, and its probability from 0 to 1")
        return cls(
            path=str(body.get("path", "*")),
            kind=kind,
            phase=phase,
            value=_checked_value(kind, body.get("value")),
            count=None if count is None else int(count),
            probability=probability,
        )


def _checked_value(kind: str, value: Any) -> str:
    """The value as text; Rejected when its kind needs a number and it is none."""
    text = "" if value is None else str(value)
    if text and kind not in ("error", "html", "empty", "truncated", "reset"):
        try:
            number = float(text)
        except ValueError as broken:
            raise Rejected(f"the value of a {kind} fault is a number") from broken
        if not 0 <= number < 1e12:
            raise Rejected(f"the value of a {kind} fault is a number from 0")
    return text


class Faults:
    """The faults in force, drawn with the exchange's seed."""

    def __init__(self, seed: int) -> None:
        self._faults: list[Fault] = []
        self._rng = Random(f"{seed}|faults")

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults = []

    def pending(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._faults]

    def strike(self, path: str, phase: str) -> Fault | None:
        """The fault that hits this call now, if any; its count goes down."""
        for fault in self._faults:
            if fault.phase == phase and fault.path in ("*", path) and self._rng.random() < fault.probability:
                self._spend(fault)
                return fault
        return None

    def _spend(self, fault: Fault) -> None:
        if fault.count is None:
            return
        fault.count -= 1
        if fault.count <= 0:
            self._faults.remove(fault)
