"""The numbers of a tool's answer, each with what it is of: the coin, the money, the period, the field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?|\b\d{1,2}:\d{2}(?::\d{2})?\b")
_NUMBER = re.compile(r"(?<![\w.])[+-]?\d[\d,]*(?:\.\d+)?(?P<percent>\s?%)?")
# Fields that count coins; the other numbers of a pair are money, shares or counts.
COIN_FIELDS = frozenset(
    (
        "qty", "total", "free", "held", "hold", "amount", "volume", "volume_24h", "stopped_qty", "min_qty",
        "lot", "base_qty", "filled", "balance",
    )
)  # fmt: skip
_RESULTS = ("pnl", "net", "change", "realised", "unrealised", "realized", "profit", "result", "total")
_SHARES = ("share", "percent", "pct", "rate", "ratio", "drawdown", "change")


@dataclass(frozen=True, slots=True)
class Fact:
    """One number. Empty sets and names mean: it may be said of anything."""

    value: Decimal
    field: str = ""
    coins: frozenset[str] = frozenset()
    money: frozenset[str] = frozenset()
    period: str = ""
    percent: bool = False  # written as a percentage in a text

    @property
    def counts_coins(self) -> bool:
        of_money = self.field == "total" and not self.coins
        return not self.field or (self.field in COIN_FIELDS and not of_money)

    @property
    def is_result(self) -> bool:
        """Whether its sign says won or lost."""
        return any(part in self.field for part in _RESULTS) and "qty" not in self.field

    @property
    def is_share(self) -> bool:
        return any(part in self.field for part in _SHARES)


def facts_of(answer: object) -> Iterator[Fact]:
    """Every number of an answer as plain data, and how many rows its lists have."""
    yield from _facts(answer, Fact(Decimal(0)))


def _facts(value: object, scope: Fact) -> Iterator[Fact]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float | Decimal):
        yield replace(scope, value=Decimal(str(value)))
    elif isinstance(value, str):
        yield from _in_text(value, scope)
    elif isinstance(value, Mapping):
        inner = _narrowed(value, scope)
        for name, one in value.items():
            yield from _facts(one, replace(inner, field=str(name)))
    elif isinstance(value, Iterable):
        rows = list(value)
        yield replace(scope, value=Decimal(len(rows)), field="", money=frozenset())
        for row in rows:
            yield from _facts(row, scope)


def _narrowed(record: Mapping[object, object], scope: Fact) -> Fact:
    """What a record says of all its numbers."""
    symbol = str(record.get("symbol") or _child_symbol(record) or "")
    coin, _, quote = symbol.partition("/")
    asset = str(record.get("asset") or coin)
    money = str(record.get("currency") or quote)
    period = str(record.get("period") or "")
    return replace(
        scope,
        coins=frozenset({asset}) if asset else scope.coins,
        money=frozenset({money}) if money else scope.money,
        period=period or scope.period,
    )


def _child_symbol(record: Mapping[object, object]) -> str:
    """The pair that the parts of a record share, such as the quote and the rules of one market."""
    children = [one for one in record.values() if isinstance(one, Mapping)]
    symbols = {str(one["symbol"]) for one in children if one.get("symbol")}
    return symbols.pop() if len(symbols) == 1 else ""


def _in_text(text: str, scope: Fact) -> Iterator[Fact]:
    """Numbers in words of a tool; moments are no amounts, and one plain number is the field's own."""
    plain = re.fullmatch(r"[+-]?\d+(?:\.\d+)?", text)
    for found in _NUMBER.finditer(text if plain else _MOMENT.sub(" ", text)):
        try:
            value = Decimal(re.sub(r"[,%\s]", "", found[0]))
        except InvalidOperation:
            continue
        shown = replace(scope, value=value, percent=bool(found["percent"]))
        yield shown if plain else replace(shown, field="", money=frozenset())
