"""Every number in a model's reply stands on a tool's answer or on the owner's words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.agent.grounding import Ground

FACTS = {
    "last": "3267.12", "change": "0.0512", "pnl": "-21.404", "fees": Decimal("1.2"), "qty": "0.0153",
    "trades": 17,
    "rows": [{"net": "12.5"}, {"net": "-33.9"}], "total": "12450.75", "text": "limits: 1,500 of 20,000",
}  # fmt: skip


@pytest.fixture
def ground() -> Ground:
    ground = Ground(["buy 50 bucks of eth with a 2% stop"])
    ground.add(FACTS)
    return ground


@pytest.mark.parametrize(
    "honest",
    [
        "ETH is at 3,267.12 now.", "About $3,267, up 5.12 % today.", "Up 5.1% since yesterday.",
        "You lost 21.40 over 17 trades.", "That is -21.4 USD.", "Fees were 1.20.",
        "0.0153 ETH for 50 dollars.",
        "Two positions: +12.50 and -33.90.", "In all 12.45k.",
        "At 14:05 on 20 November nothing happened.", "Your stop of 2 percent is set.",
        "1,500 of 20,000 used.",
        "Nothing new, jimmy.", "One of them is fine.",
    ],
)  # fmt: skip
def test_honest_numbers_pass(ground: Ground, honest: str) -> None:
    assert ground.strangers(honest) == []


@pytest.mark.parametrize(
    "lie",
    [
        "ETH is at 3,276.12 now.", "ETH is at 3268.", "Up 5.3 % today.", "You won +21.40 USD.",
        "It was 18 trades.",
        "0.0135 ETH for 50 dollars.", "In all 12.54k.", "Your stop of 3 percent is set.",
        "Three thousand dollars.",
        "You hold 12,450.57.", "Fees were 1.30.", "Together -21.50.", "I sold half of it.",
        "2,500 of 20,000 used.", "You made ②⑤ dollars.", "You made ２５ dollars.",
        "Du hast fünfundzwanzig Dollar verdient.", "Ganaste treinta dólares.",
        "Tu as gagné quarante dollars.",
    ],
)  # fmt: skip
def test_invented_numbers_are_caught(ground: Ground, lie: str) -> None:
    assert ground.strangers(lie)
