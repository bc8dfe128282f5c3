"""The owner moves the stop or the target of a position that Zyn holds.

A stop is only ever moved up: moved down it would let the position lose more than it was taken for. It is
amended in place on the exchange, so that the position is never without it. A target is Zyn's own price.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.engine import words
from core.engine.entrance import Entrance
from core.engine.executor import Executor
from core.engine.manual import ManualOrders
from core.engine.portfolio import Portfolio
from core.engine.protection import Protection
from core.engine.registry import BracketSlots, Level
from core.model.account import Position
from core.model.errors import Refused
from core.model.market import Quote
from core.model.money import Price
from core.model.views import Preview

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class BracketMove:
    """Where the stop and the target of a position go; None leaves one where it is."""

    symbol: str
    cause: str  # of the position: a later one of the same pair is another
    stop: Price | None
    target: Price | None


class BracketMoves:
    """Plans a move, says what it means, and makes it."""

    def __init__(
        self,
        manual: ManualOrders,
        entrance: Entrance,
        protection: Protection,
        portfolio: Portfolio,
        executor: Executor,
    ) -> None:
        self._manual = manual
        self._entrance = entrance
        self._protection = protection
        self._portfolio = portfolio
        self._executor = executor

    async def plan(self, slots: BracketSlots) -> BracketMove:
        """A percentage counts from the price now. Raises Refused with the reason and the way out."""
        position = self._held(slots.symbol)
        if slots.stop is None and slots.take_profit is None:
            coin = words.coin(slots.symbol)
            raise Refused(
                f"Where shall the stop or the target of {coin} be?", "missing_level",
                "Such as: stop 2% target 4%, or prices.",
            )  # fmt: skip
        pair, quote = await self._manual.quote(slots.symbol)
        stop = pair.price(_level(slots.stop, quote.bid, -1)) if slots.stop else None
        target = pair.price(_level(slots.take_profit, quote.bid, 1)) if slots.take_profit else None
        move = BracketMove(slots.symbol, position.cause, stop, target)
        _check(move, position, quote)
        return move

    def _held(self, symbol: str) -> Position:
        position = self._portfolio.position(symbol)
        if position is None:
            raise Refused(
                f"I hold no {words.coin(symbol)} whose stop or target I could move.", "no_position",
                "To buy with a stop and a target, say how much.",
            )  # fmt: skip
        return position

    async def preview(self, slots: BracketSlots, intent: str, move: BracketMove, mode: str) -> Preview:
        """From where to where, and how the position ends there."""
        position, coin = self._held(move.symbol), words.coin(move.symbol)
        taker = (await self._entrance.fees(move.symbol)).taker
        parts, lines = [], []
        for name, old, new in (("stop", position.stop, move.stop), ("target", position.target, move.target)):
            if new is not None:
                parts.append(f"the {name} of {coin} {_from(old)}to {words.price(new)}")
                ends = words.signed(self._ends_with(position, new, taker))
                lines.append(f"At that {name} the position ends with about {ends} after fees.")
        if move.target is not None:
            lines.append("Kraken cannot rest a stop and a target for the same coins: I watch the target.")
        return Preview(
            summary=f"Move {' and '.join(parts)}",
            intent=intent,
            slots=slots.model_dump(mode="json", exclude_none=True),
            symbol=move.symbol,
            stop=move.stop,
            target=move.target,
            lines=tuple(lines),
            mode=mode,
        )

    def _ends_with(self, position: Position, price: Price, taker: Decimal) -> Decimal:
        """The whole position's result when what is left is sold at `price`."""
        mark = self._portfolio.mark_of(position.symbol) or position.entry_price
        sold = position.qty * price
        return self._portfolio.open_result(position.symbol) + sold - position.qty * mark - sold * taker

    async def carry_out(self, move: BracketMove, correlation: str) -> str:
        """Move them; what was done, in words. Raises Refused when nothing was, or not all of it."""
        _, quote = await self._manual.quote(move.symbol)
        _check(move, self._same(move), quote)
        if move.stop is not None:
            await self._raise_stop(move, move.stop, correlation)
        if move.target is not None:
            self._same(move)
            await self._protection.aim(move.symbol, move.target)
        coin = words.coin(move.symbol)
        stop = f" The stop of {coin} rests at {words.price(move.stop)}." if move.stop else ""
        target = f" I sell when {coin} reaches {words.price(move.target)}." if move.target else ""
        return f"Done.{stop}{target}"

    def _same(self, move: BracketMove) -> Position:
        position = self._held(move.symbol)
        if position.cause != move.cause:
            text = f"The {words.coin(move.symbol)} that you meant was sold, and another position is open."
            raise Refused(text, "no_position", "Ask me again for that one.")
        return position

    async def _raise_stop(self, move: BracketMove, price: Price, correlation: str) -> None:
        symbol, coin = move.symbol, words.coin(move.symbol)
        async with self._protection.at_work(symbol, look_after=True):
            self._same(move)
            if self._executor.unsure(symbol):
                raise Refused(
                    f"An order of {coin} has no answer yet, so I moved nothing.", "unsure",
                    "I am looking for it; ask me again in a moment.",
                )  # fmt: skip
            if await self._executor.raise_stops(symbol, price, correlation):
                return
        rests = self._portfolio.brackets(symbol).stop
        where = f" It guards at {words.price(rests)} at least." if rests else ""
        raise Refused(
            f"The exchange did not say that it moved the stop of {coin}.{where}", "not_moved",
            "I look at it again now; /positions shows where it rests.",
        )  # fmt: skip


def _level(level: Level, price: Price, sign: int) -> Decimal:
    value, unit = level
    return price * (1 + sign * value / _HUNDRED) if unit == "percent" else value


def _from(price: Price | None) -> str:
    return f"from {words.price(price)} " if price is not None else ""


def _check(move: BracketMove, position: Position, quote: Quote) -> None:
    """Raises Refused where a level makes no sense at this price, or would let the position lose more."""
    coin, now = words.coin(move.symbol), words.price(quote.bid)
    if move.stop is not None:
        at = words.price(move.stop)
        if not 0 < move.stop < quote.bid:
            text = f"A stop at {at} is not below the price of {now}: it would sell at once."
            raise Refused(text, "bad_stop", f"Put it lower, or say: sell all my {coin}.")
        if position.stop is None:
            text = f"The stop of {coin} is being placed just now."
            raise Refused(text, "unsure", "Ask me again in a moment.")
        if move.stop <= position.stop:
            text = f"The stop of {coin} rests at {words.price(position.stop)}, and I move stops up only."
            raise Refused(text, "stop_only_rises", f"Name a price above that, or say: sell my {coin}.")
    if move.target is not None and move.target <= quote.bid:
        text = f"A target at {words.price(move.target)} is not above the price of {now}."
        raise Refused(text, "bad_target", f"Put it higher, or say: sell all my {coin}.")
