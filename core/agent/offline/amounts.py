"""The numbers of an order clause and their roles: stop, target, limit price, amount with its unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from core.agent.offline.clause import Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.tokens import Kind, Token

Level = tuple[Decimal, str]

_SKIP = bag(
    """at of loss to is price around set order a an the my on for be with from as it about and only by
    exactly"""
)
_SIGNED = bag("plus minus +")
_SKIP_LEVEL = (
    _SKIP | _SIGNED | bag("above below under over beneath should be must shall was sit change go")
) - {"and", "for", "with", "on"}
_BEFORE_LEVEL = bag("trailing hard tight percent a for as on the")
_SPENDING = bag("SPEND MOVE")
_CASH = bag(
    """balance cash money usd dollars funds portfolio account equity capital bankroll savings euros"""
)
_BOUNDS = (
    "no more than",
    "no less than",
    "not more than",
    "not less than",
    "at most",
    "up to",
    "maximum",
    "max",
)
_FOREIGN_AT = bag("a zu por per po")  # right behind the coin
_LIMIT_WORDS = bag("at around near under below over above")


@dataclass(frozen=True, slots=True)
class OrderNumbers:
    """What was read; `vague` says that an amount is spoken of without a number."""

    amount: tuple[Decimal, str] | None = None
    plain: Decimal | None = None  # a number without any unit
    scaled: bool = False
    unit_said: bool = False  # asked for and told, so that even an unlikely amount is meant
    stop: Level | None = None
    target: Level | None = None
    limit: Decimal | None = None
    money: str = ""  # the currency that was named
    leverage: bool = False
    bad: str = ""  # why the numbers cannot be meant

    @property
    def slots(self) -> dict[str, Any]:
        """What was read, as slots of an order."""
        read = {
            "stop": self.stop,
            "take_profit": self.target,
            "limit_price": self.limit,
            "amount": self.amount,
        }
        return {name: value for name, value in read.items() if value is not None}


class _Roles:
    """Hands each number of a clause to at most one role."""

    def __init__(self, clause: Clause) -> None:
        self.clause, self.tokens = clause, clause.tokens
        self.taken: set[int] = set()

    def level(self, *tags: str) -> Level | None:
        """The number of a stop or a target, after its word or before it."""
        for at, token in enumerate(self.tokens):
            if token.tag not in tags:
                continue
            found = self._before(at) if self._backwards() else self._after(at)
            found = found if found is not None else self._after(at) if self._backwards() else self._before(at)
            if found is not None:
                self.taken.add(found)
                number = self.tokens[found]
                share = number.unit in ("%", "part") or (found and self.tokens[found - 1].text in _SIGNED)
                return abs(number.amount), "percent" if share else "price"
        return None

    def _backwards(self) -> bool:
        """Whether numbers stand before their words: nothing follows the last stop or target word."""
        last = max(at for at, token in enumerate(self.tokens) if token.tag in ("STOP", "STOPLOSS", "TARGET"))
        return self._after(last) is None and self._before(last) is not None

    def _after(self, at: int) -> int | None:
        for place in range(at + 1, min(at + 6, len(self.tokens))):
            if self._is_number(place):
                return place
            token = self.tokens[place]
            if token.text not in _SKIP_LEVEL and token.tag != "AT" and token.text != ":":
                return None
        return None

    def _before(self, at: int) -> int | None:
        for place in range(at - 1, max(at - 4, -1), -1):
            if self._is_number(place):
                return place
            if self.tokens[place].text not in _BEFORE_LEVEL:
                return None
        return None

    def _is_number(self, place: int) -> bool:
        token = self.tokens[place]
        return token.kind is Kind.NUMBER and token.unit not in ("x", "th") and place not in self.taken

    def limit(self) -> Decimal | None:
        """A limit price: after 'at', 'limit', '@', 'below', or where a bid or an offer names it first."""
        for at, token in enumerate(self.tokens):
            after = self.tokens[at + 1] if at + 1 < len(self.tokens) else Token("")
            named = token.tag == "PRICE" and (after.kind is Kind.NUMBER or after.text in ("of", "is", ":"))
            bounded = token.text in _BOUNDS and self._another_amount(at)
            marks = token.tag in ("AT", "LIMIT") or token.text in _LIMIT_WORDS or named or bounded
            marks = marks or (token.text in _FOREIGN_AT and at > 0 and self.tokens[at - 1].kind is Kind.COIN)
            if token.text == "or better" and at and self._is_number(at - 1):  # 50 link, 19.5 or better
                self.taken.add(at - 1)
                return self.tokens[at - 1].amount
            if marks and (found := self._price_after(at)) is not None:
                self.taken.add(found)
                return self.tokens[found].amount
        return self._price_each() or self._price_of_one() or self._bid_price() or self._price_beside_amount()

    def _another_amount(self, at: int) -> bool:
        """Whether how much is said apart from the number after a bound: 'sell 3 ltc for no less than 95'."""
        return any(self._is_number(place) and self._is_amount(place) for place in range(at))

    def _price_beside_amount(self) -> Decimal | None:
        """'Limit sell 250 ada .62': of two numbers the one right before the coin is how much."""
        rest = [at for at, _ in self.rest()]
        prices = [at for at in rest if not self._is_amount(at) and self.tokens[at].unit in ("", *_MONEY)]
        if not self.clause.has("LIMIT") or len(rest) != 2 or len(prices) != 1:
            return None
        self.taken.add(prices[0])
        return self.tokens[prices[0]].amount

    def _price_of_one(self) -> Decimal | None:
        """'Sell 1 eth for 3000', 'pay 2700 for an eth': what is told of exactly one coin is its price."""
        rest = [at for at, _ in self.rest()]
        ones = [at for at in rest if self._is_amount(at) and self.tokens[at].value == 1]
        single = any(a.text in ("a", "an", "one") and b.kind is Kind.COIN for a, b in self.clause.pairs())
        prices = [at for at in rest if at not in ones]
        if len(prices) != 1 or len(ones) + single != 1 or self.clause.has("CONVERT", "WORTH"):
            return None
        at = prices[0]
        beside = [one.text for one in self.tokens[max(at - 1, 0) : at + 2]]
        if self.tokens[at].unit not in ("", *_MONEY) or "for" not in beside or self._is_amount(at):
            return None
        self.taken.add(at)
        return self.tokens[at].amount

    def _price_each(self) -> Decimal | None:
        """'for 0.50 each', 'at 3 apiece'."""
        for at, token in enumerate(self.tokens[:-1]):
            if (
                self._is_number(at)
                and self.tokens[at + 1].tag == "EACH"
                and (at + 2 >= len(self.tokens) or self.tokens[at + 2].text not in ("of", "in", "into", "on"))
                and at
                and token.unit in ("", *_MONEY)
            ):
                self.taken.add(at)
                return token.amount
        return None

    def _price_after(self, at: int) -> int | None:
        for place in range(at + 1, min(at + 6, len(self.tokens))):
            token = self.tokens[place]
            if self._is_number(place):
                usable = token.unit in ("", *_MONEY) and not self._is_amount(place)
                return place if usable else None
            if token.text not in _SKIP | {"of", "limit", "sell", "buy", ":"} and token.tag not in (
                "AT",
                "PRICE",
                "LIMIT",
            ):
                return None
        return None

    def _is_amount(self, place: int) -> bool:
        """A number right before a coin or 'of' is how much, not at which price."""
        after = self.tokens[place + 1] if place + 1 < len(self.tokens) else Token("")
        onward = self.tokens[place + 2] if place + 2 < len(self.tokens) else Token("")
        placed = after.text in ("in", "into") and onward.kind is Kind.COIN
        return placed or after.kind is Kind.COIN or after.text in ("of", "worth")

    def _bid_price(self) -> Decimal | None:
        for at, token in enumerate(self.tokens):
            if token.tag not in ("BID", "OFFER") or at + 2 >= len(self.tokens):
                continue
            told = at > 0 and self._is_number(at - 1) and self.tokens[at - 1].unit in ("", *_MONEY)
            if told and self.tokens[at + 1].text in ("for", "on"):  # 60k bid for 0.01 btc
                self.taken.add(at - 1)
                return self.tokens[at - 1].amount
            first, link = self.tokens[at + 1], self.tokens[at + 2]
            rest = [i for i in range(at + 3, len(self.tokens)) if self._is_number(i)]
            if (
                self._is_number(at + 1)
                and link.text in ("for", "on")
                and rest
                and first.unit in ("", *_MONEY)
            ):
                self.taken.add(at + 1)
                return first.amount
        return None

    def rest(self) -> list[tuple[int, Token]]:
        return [(at, self.tokens[at]) for at in range(len(self.tokens)) if self._is_number(at)]


_MONEY = ("USD", "EUR", "GBP", "USDT", "USDC")


def order_numbers(clause: Clause, side: str) -> OrderNumbers:
    """Reads every number of an order clause. Amounts are (value, unit) as the registry writes them."""
    roles = _Roles(clause)
    stop = roles.level("STOP", "STOPLOSS") if clause.has("STOP", "STOPLOSS") else None
    target = roles.level("TARGET") if clause.has("TARGET") else None
    limit = roles.limit()
    rest = roles.rest()
    leverage = any(token.unit == "x" for token in clause.numbers)
    base = OrderNumbers(stop=stop, target=target, limit=limit, leverage=leverage, money=_money(clause, rest))
    return _with_amount(base, clause, side, rest)


def _money(clause: Clause, rest: Sequence[tuple[int, Token]]) -> str:
    for _, number in rest:
        if number.unit in _MONEY:
            return number.unit
    return next((token.unit for token in clause.tokens if token.tag == "MONEY"), "")


def _with_amount(
    base: OrderNumbers, clause: Clause, side: str, rest: Sequence[tuple[int, Token]]
) -> OrderNumbers:
    if not rest:
        whole = _whole(clause, side)
        return replace(base, amount=whole) if whole else base
    if len(rest) > 1 and len({(token.value, token.unit) for _, token in rest}) > 1:
        return replace(base, bad="several")
    at, number = rest[0]
    if number.amount <= 0 or (at and clause.tokens[at - 1].text == "minus"):
        return replace(base, bad="sign")
    unit = _unit_of(clause, side, at, number)
    if number.unit == "part" and unit == "base":
        number = replace(number, value=number.amount / 100)
    if (
        unit == "percent_balance"
        and number.amount > 100
        or unit == "percent_position"
        and number.amount > 100
    ):
        return replace(base, bad="share")
    if not unit and base.limit is not None and not number.scaled:
        unit = "base"  # beside a price a bare number is how many
    if unit:
        return replace(base, amount=(number.amount, unit), scaled=number.scaled)
    return replace(base, plain=number.amount, scaled=number.scaled)


def _unit_of(clause: Clause, side: str, at: int, number: Token) -> str:
    """base, quote, a share, or nothing when the number has no unit."""
    if number.unit in _MONEY:
        return "quote"
    if number.unit == "part" and _of_one_coin(clause, at):
        return "base"
    if number.unit in ("%", "part"):
        return "percent_position" if side == "sell" else "percent_balance"
    after = clause.tokens[at + 1 : at + 4]
    near = next(
        (token for token in after if token.text not in ("more", "extra", "additional", "whole", "full")),
        Token(""),
    )
    if near.kind is Kind.COIN or near.tag == "COINWORD":
        return "base"
    rest = [token for token in clause.tokens[at + 2 : at + 5] if token.tag != "MY" and token.text != "the"]
    onward = any(token.kind is Kind.COIN for token in clause.tokens[at + 3 :])
    of_those = bool(rest) and rest[0].tag == "IT" and not onward
    of_mine = near.text == "of" and len(after) > 2 and after[1].tag == "MY" and after[2].kind is Kind.COIN
    if of_mine:
        return "base"
    if near.text == "of" and (of_those or (rest and rest[0].kind is Kind.COIN and number.amount < 1)):
        return "base"
    if at and clause.tokens[at - 1].text in ("amount", "size", "qty", "quantity"):
        return "base"
    if near.tag == "WORTH" or (near.text == "in" and len(after) > 1 and after[1].text == "value"):
        return "quote"
    placed = (
        near.text in ("in", "into", "on", "towards", "toward")
        and len(after) > 1
        and after[1].kind is Kind.COIN
    )
    spent = at > 0 and clause.tokens[at - 1].text == "for" and clause.coins and not after
    if spent and side == "buy" and any("into" in text.split() for text in clause.texts):
        return "quote"  # into avax for a hundred
    if clause.has(*_SPENDING) or (placed and side == "buy"):
        return "quote"
    before = clause.tokens[at - 1] if at else Token("")
    counted = number.amount < 1 or _never_money(number.amount)
    return "base" if before.kind is Kind.COIN and counted else ""


def _of_one_coin(clause: Clause, at: int) -> bool:
    """'A quarter of a bitcoin': a part of one coin, not of what is held."""
    after = clause.tokens[at + 1 : at + 4]
    texts = [token.text for token in after]
    return texts[:1] == ["of"] and texts[1:2] in (["a"], ["an"], ["one"]) and after[-1].kind is Kind.COIN


def _never_money(value: Decimal) -> bool:
    """Whether a number has one decimal, or more than two: nobody writes money so."""
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent < 0 and exponent != -2


def _whole(clause: Clause, side: str) -> tuple[Decimal, str] | None:
    """An amount without a number: all of a position, all the cash, one coin."""
    if (
        clause.has("ALLIN")
        or (side == "buy" and clause.has("ALL"))
        or clause.run("as", "much")
        or _most(clause)
    ):
        return (Decimal(100), "percent_balance") if side == "buy" else (Decimal(100), "percent_position")
    if side == "sell" and clause.says("halve"):
        return Decimal(50), "percent_position"
    if side == "sell" and clause.has("ALL"):
        return Decimal(100), "percent_position"
    single = any(one.text in ("a", "an", "one") and two.kind is Kind.COIN for one, two in clause.pairs())
    return (Decimal(1), "base") if single else None


def _most(clause: Clause) -> bool:
    return clause.has("MAXIMUM") and not clause.has("LIMIT") and clause.has("BUY", "SPEND", "SELL")


def of_cash(clause: Clause) -> bool:
    """Whether a share is of the cash: '20% of my balance'."""
    return any(word in _CASH for text in clause.texts for word in text.split()) or clause.has("BALANCE")


def changed_amount(message: Clause, numbers: OrderNumbers, old: Any) -> tuple[Decimal, str] | None:
    """The amount that a message makes of an order's: twice it, half of it, or another one."""
    value, unit = old or (Decimal(0), "quote")
    part = next((token for token in message.numbers if token.unit == "part"), None)
    if message.has("TIMES"):
        factor = (
            Decimal("0.5") if message.says("halve") else Decimal(3) if message.says("triple") else Decimal(2)
        )
        return Decimal(value) * factor, unit
    if part is not None and unit in ("base", "quote"):
        return Decimal(value) * part.amount / 100, unit
    if part is not None:
        return part.amount, unit
    if numbers.amount:
        shares = numbers.amount[1].startswith("percent") and str(unit).startswith("percent")
        return numbers.amount[0], (unit if shares else numbers.amount[1])
    return (numbers.plain, unit) if numbers.plain is not None else None
