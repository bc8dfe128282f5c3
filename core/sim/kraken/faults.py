"""Faults on demand: what a network, a proxy or a busy exchange does to a call, before or after it counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from core.model.errors import Rejected

PHASES = ("before", "after", "way")
KINDS = ("timeout", "reset", "status", "html", "empty", "truncated", "error", "late")


@dataclass(slots=True)
class Fault:
    """One fault. `path` is an endpoint such as AddOrder, or *; `count` None means until it is cleared.

    `value` is the HTTP status, the error string, or the seconds that a timeout lasts.
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
        phase, kind = str(body.get("phase", "before")), str(body.get("kind", ""))
        if kind not in KINDS or phase not in PHASES:
            raise Rejected(f"a fault has a kind of {', '.join(KINDS)} and a phase of {' or '.join(PHASES)}")
        count = body.get("count", 1)
        return cls(
            path=str(body.get("path", "*")),
            kind=kind,
            phase=phase,
            value=str(body.get("value", "")),
            count=None if count is None else int(count),
            probability=float(body.get("probability", 1.0)),
        )


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
