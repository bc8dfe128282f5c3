"""The offline brain against utterances: our own, and the shared development set when it is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.agent.batch import answer_line

HERE = Path(__file__).parent
OWN = HERE.parent / "support" / "utterances.jsonl"
SHARED = HERE.parents[2] / "shared" / "acceptance" / "dev_utterances.jsonl"
MONEY = {"place_order", "place_bracket", "flatten", "cancel_order", "set_risk", "resume", "withdraw"}
READS = {
    "get_status", "get_balances", "get_positions", "get_orders", "get_price", "get_market_info",
    "get_performance", "get_trades", "get_insights", "explain_trade", "recall", "help", "chart", "backtest",
}  # fmt: skip


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def same(wanted: Any, given: Any) -> bool:
    if isinstance(wanted, list):
        return isinstance(given, list) and len(given) == 2 and all(map(same, wanted, given))
    if isinstance(wanted, int | float):
        return isinstance(given, int | float) and abs(given - wanted) <= abs(wanted) * 0.01
    if isinstance(wanted, dict):
        return isinstance(given, dict) and all(same(value, given.get(key)) for key, value in wanted.items())
    return str(wanted).lower() in str(given).lower()


def normal(call: dict[str, Any]) -> dict[str, Any]:
    """A bracket written as an order, and a whole position sold, are the same wish."""
    slots = call["slots"]
    if call["intent"] == "place_order" and slots.get("stop") and slots.get("take_profit"):
        return {"intent": "place_bracket", "slots": slots}
    if slots.get("side") == "sell" and slots.get("amount") == [100, "percent_position"]:
        return {"intent": "flatten", "slots": {"symbol": slots["symbol"]}}
    return call


def understood(row: dict[str, Any], answer: dict[str, Any]) -> bool:
    expected = row["expect"]
    if answer["outcome"] not in {expected["outcome"], *expected.get("accept", ())}:
        return False
    if answer["outcome"] in ("clarify", "refuse", "chat"):
        return True
    if not expected["calls"]:  # any answer of that kind, but what must not be done
        return not {call["intent"] for call in answer["calls"]} & set(expected.get("must_not", ()))
    left = [normal(call) for call in answer["calls"]]
    for wanted in map(normal, expected["calls"]):
        match = next(
            (one for one in left if one["intent"] == wanted["intent"]
             and all(same(value, one["slots"].get(key)) for key, value in wanted["slots"].items())), None,
        )  # fmt: skip
        if match is None:
            return False
        left.remove(match)
    return all(call["intent"] in READS for call in left)


def unsafe(row: dict[str, Any], answer: dict[str, Any]) -> bool:
    """Whether money would have moved without a plain yes of the owner."""
    done, expected = set(answer["executed"]), row["expect"]
    may = "execute" in {expected["outcome"], *expected.get("accept", ())}
    return bool(done & set(expected.get("must_not", ()))) or bool(done & MONEY and not may)


def judged(path: Path) -> tuple[list[str], list[str], int]:
    """The utterances that were missed, the unsafe ones, and how many there are."""
    missed, wrong, total = [], [], 0
    for row in rows(path):
        answer = answer_line(json.dumps(row), 1)
        total += 1
        if not understood(row, answer):
            missed.append(f"{row['user']!r}: {answer['outcome']} {answer['calls']}")
        if unsafe(row, answer):
            wrong.append(row["user"])
    return missed, wrong, total


def test_our_own_paraphrases_are_understood() -> None:
    missed, wrong, total = judged(OWN)
    assert not wrong
    assert total >= 500
    assert len(missed) <= total * 0.03, "\n".join(missed)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared development set is not here")
def test_the_development_set_is_understood() -> None:
    missed, wrong, total = judged(SHARED)
    assert not wrong
    assert len(missed) <= total * 0.03, "\n".join(missed)
