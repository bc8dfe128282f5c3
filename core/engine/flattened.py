"""What a flatten came to, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.engine import words
from core.model.account import RoundTrip
from core.model.money import ZERO


@dataclass(frozen=True, slots=True)
class Flattened:
    """What a flatten did. `left` names what is still held and why, `residue` what no order could sell.

    `stepping` when all that is left was offered, and waits for the next step.
    """

    sold: tuple[RoundTrip, ...]
    cancelled: int
    left: tuple[str, ...]
    residue: tuple[str, ...] = ()
    stepping: bool = False

    @property
    def flat(self) -> bool:
        return not self.left


def told(result: Flattened) -> str:
    """What came of it, in words."""
    if not result.sold and result.flat:
        return f"I am flat. {dust(result)}" if result.residue else (
            "Everything is flat: there was nothing to sell."
        )  # fmt: skip
    count, net = len(result.sold), sum((trip.net_pnl for trip in result.sold), ZERO)
    text = f"{sales(count, net)}."
    if result.residue:
        text += f" {dust(result)}"
    if result.flat:
        return f"{text} I am flat."
    return f"{text} Still open: {'; '.join(result.left)}. I go on until I am flat."


def sales(count: int, net: Decimal, verb: str = "Sold") -> str:
    """What was sold and what it came to."""
    if not count:
        return "nothing is sold yet" if verb.islower() else "Nothing is sold yet"
    together = "together " if count > 1 else ""
    return f"{verb} {words.count(count, 'position')}, {together}{net:+,.2f} net of fees"


def dust(result: Flattened) -> str:
    return f"Of what was held {', '.join(result.residue)} stay: too little for an order."
