"""What differs from the defaults in one world or another."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from core.trading_config.param import Mode

# A world may change a default; a value the owner gives always wins.
WORLD_DEFAULTS: Mapping[Mode, Mapping[str, Any]] = {
    Mode.LIVE: {"risk.kill_rearm": "manual", "edge.gate": "enforce", "costs.source": "kraken"},
    # A newcomer's first buy must find room in a market that the autopilot has filled within seconds.
    Mode.DEMO: {"risk.owner_reserve": 0.05},
    # The rules of a backtest know no price band, no entry rate and no minimum that is made to fit.
    Mode.BACKTEST: {
        "edge.gate": "off",
        "learning.compare_rules": False,
        "edge.min_record": 0,
        "edge.slippage_bps": 0.0,
        "risk.kill_action": "keep_brackets",
        "risk.price_band": 1.0,
        "risk.max_entries_per_hour": 1000,
        "risk.max_gap_loss": 1.0,
        "risk.max_trade_risk": 1.0,
        "risk.max_turnover": 1_000_000.0,
        "risk.autopilot_turnover": 1_000_000.0,
        "risk.adjust_to_minimum": False,
    },
}


@cache
def backtest_rules(section: str) -> Mapping[str, Any]:
    """The values that a backtest has in one section of the settings."""
    defaults = WORLD_DEFAULTS[Mode.BACKTEST].items()
    return {key.partition(".")[2]: value for key, value in defaults if key.startswith(f"{section}.")}
