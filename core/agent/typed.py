"""One typed command: its word, and its arguments as words and as tokens."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from core.agent.offline.clause import Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.scene import Scene
from core.agent.offline.tagging import read
from core.engine.registry import Entry
from core.model.errors import Refused
from core.model.pair_table import symbol_of

CODE = re.compile(r"^[A-Za-z0-9.]{2,12}$")
PERIODS = (
    "today", "yesterday", "this_week", "last_week", "this_month", "last_month", "7d", "30d", "90d", "180d",
    "ytd", "all",
)  # fmt: skip
Slots = dict[str, Any]
METRICS = ("win_rate", "profit_factor", "max_drawdown", "sharpe", "fees")


class Typed:
    """One typed command: its word, its arguments as words and as tokens."""

    def __init__(self, entry: Entry, word: str, rest: str, today: date, quote: str) -> None:
        self.entry, self.word, self.rest, self.today = entry, word, rest.strip(), today
        self.args = self.rest.split()
        self.clause = Clause(tuple(read(self.rest)))
        self.scene = Scene(today, quote=quote)

    def fail(self) -> Refused:
        """How the command is written."""
        usage = self.entry.usage or f"/{self.entry.command}"
        return Refused(f"Write it like this: {usage}", "usage")

    def symbol(self) -> str | None:
        """The pair named anywhere, also one the bundled table does not know."""
        if self.clause.coins:
            money = next((token.unit for token in self.clause.tokens if token.tag == "MONEY"), "")
            return self.scene.symbol(self.clause.coins[0], money)
        return next((found for arg in self.args if (found := self._written(arg))), None)

    def _written(self, arg: str) -> str | None:
        if "/" in arg:
            return symbol_of(arg)
        plain = CODE.match(arg) and not arg.isdigit() and arg.lower() not in _NOT_COINS
        return f"{arg.upper()}/{self.scene.quote}" if plain else None


_NOT_COINS = bag("all allow deny last list now equity half buy sell at market trade week light dark") | {
    *PERIODS, *METRICS, *("5m", "15m", "30m", "1h", "4h", "1d"),
}  # fmt: skip
