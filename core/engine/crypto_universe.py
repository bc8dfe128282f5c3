"""Which pairs Zyn watches when it may choose: ranked by liquidity, refreshed, each one explained.

A pair must be open for trading in Zyn's money, traded enough, cheap to cross, old enough to judge, and its
smallest order must fit the largest position. The owner's deny list always counts; the allow list waives what
only ranks. A pair that leaves keeps being judged while a position of it is open, but is not entered again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from loguru import logger

from core.clock import Clock, WallSeconds
from core.engine.portfolio import Portfolio
from core.engine.ports import Herald, Journal, Market
from core.engine.tracks import Tracks
from core.engine.treasury import Treasury
from core.engine.values import Values
from core.model.decisions import Denied
from core.model.errors import VenueError
from core.model.facts import SafetyEvent
from core.model.market import Pair, PairStatus, Quote, Timeframe
from core.model.money import ZERO, Money, to_decimal
from core.trading_config import RiskConfig, UniverseConfig

_KEY = "universe"
_LOOK_S = WallSeconds(2.0)
_AGES_AT_ONCE = 10  # daily candles asked for in one pass: the public budget is one call a second
# Quoted in money themselves: nothing to trade there.
_MONEY = frozenset({
    "USD", "EUR", "GBP", "CAD", "AUD", "CHF", "JPY", "USDT", "USDC", "DAI", "PYUSD", "USDG", "USDS", "TUSD",
    "RLUSD", "USDR", "EURT", "EURC", "EURR", "FDUSD",
})  # fmt: skip
_LISTABLE = (PairStatus.ONLINE,)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One pair as it stands: what it was measured at, its rank, and why it is out (nothing when it is in)."""

    symbol: str
    traded: Money  # in 24 hours, in Zyn's money
    spread: Decimal  # relative
    age_days: int | None
    out: str = ""
    rank: int = 0
    young: bool = False  # only its age is not known yet
    never: bool = False  # no word of the owner makes it fit

    @property
    def text(self) -> str:
        """The measurements in one line."""
        age = "age not known yet" if self.age_days is None else f"{self.age_days} days old"
        return f"{self.traded:,.0f} traded in 24 h, spread {self.spread * 10_000:.1f} bps, {age}"


@dataclass(frozen=True, slots=True)
class Standards:
    """What a pair must meet; `most` is the largest position in money."""

    rules: UniverseConfig
    most: Money
    allowed: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()

    def measure(self, pair: Pair, quote: Quote | None, age_days: int | None) -> Candidate:
        """The pair against every standard; the first that it misses is named."""
        traded = Money(quote.volume_24h * quote.last) if quote else Money(ZERO)
        spread = quote.spread if quote else ZERO
        denied = "you told me not to trade it" if pair.symbol in self.denied else ""
        hard, young = self._hard(pair, quote), False
        out = hard or denied
        if not out and pair.symbol not in self.allowed:
            out = self._liquid(traded, spread)
            if not out and age_days is None:
                out, young = "its age is not known yet; I ask for it in the next minutes", True
            elif not out and age_days is not None and age_days < self.rules.min_age_days:
                out = f"{age_days} days old, {self.rules.min_age_days} are asked for"
        return Candidate(pair.symbol, traded, spread, age_days, out, young=young, never=bool(hard))

    def _hard(self, pair: Pair, quote: Quote | None) -> str:
        if pair.base in _MONEY:
            return f"{pair.base} is money itself"
        if pair.status not in _LISTABLE:
            return f"the exchange has it as {pair.status.value.replace('_', ' ')}"
        if quote is None or quote.ask <= 0 or quote.bid <= 0:
            return "it has no price now"
        least = max(pair.min_cost, pair.min_qty * quote.ask)
        if least > self.most:
            return f"its smallest order of {least:,.2f} is above my largest position of {self.most:,.2f}"
        return ""

    def _liquid(self, traded: Decimal, spread: Decimal) -> str:
        if traded < self.rules.min_volume:
            return f"{traded:,.0f} traded in 24 h, {self.rules.min_volume:,f} are asked for"
        if spread * 10_000 > to_decimal(self.rules.max_spread_bps):
            return f"its spread of {spread * 10_000:.1f} bps is above {self.rules.max_spread_bps:g}"
        return ""


def ranked(
    candidates: Iterable[Candidate], size: int, allowed: frozenset[str] = frozenset()
) -> list[Candidate]:
    """The owner's own first, then the most traded that meet every standard; beyond `size` they are out."""
    fit = sorted(
        (one for one in candidates if not one.out),
        key=lambda one: (one.symbol not in allowed, -one.traded, one.symbol),
    )
    out = sorted((one for one in candidates if one.out), key=lambda one: (-one.traded, one.symbol))
    return [
        _placed(one, rank, f"ranked {rank}, and {size} are watched" if rank > size else "")
        for rank, one in enumerate(fit, 1)
    ] + out


def _placed(one: Candidate, rank: int, out: str) -> Candidate:
    return Candidate(one.symbol, one.traded, one.spread, one.age_days, out, rank)


class CryptoUniverse:
    """Keeps the watched pairs true to the market, and explains every one. Off, it does nothing."""

    def __init__(
        self,
        market: Market,
        tracks: Tracks,
        portfolio: Portfolio,
        treasury: Treasury,
        values: Values,
        journal: Journal,
        herald: Herald,
        clock: Clock,
        rules: UniverseConfig,
        risk: RiskConfig,
        wanted: bool,
    ) -> None:
        """`wanted` is the feature's flag."""
        self._market = market
        self._tracks = tracks
        self._portfolio = portfolio
        self._treasury = treasury
        self._values = values
        self._journal = journal
        self._herald = herald
        self._clock = clock
        self._rules = rules
        self._risk = risk
        self.wanted = wanted
        self._ages: dict[str, int] = {}  # days of history when it was asked
        self._chosen: frozenset[str] | None = None  # None until the first refresh
        self._due_ms = 0
        self.allowed: frozenset[str] = frozenset()
        self.denied: frozenset[str] = frozenset()
        self.candidates: tuple[Candidate, ...] = ()
        self.refreshed_ms = 0
        self.trouble = ""

    @property
    def chosen(self) -> tuple[str, ...]:
        return tuple(sorted(self._chosen or ()))

    @property
    def rules(self) -> UniverseConfig:
        return self._rules

    async def load(self) -> None:
        """Take over the owner's lists."""
        kept = json.loads(await self._values.get_value(_KEY) or "{}")
        self.allowed = frozenset(kept.get("allow", ()))
        self.denied = frozenset(kept.get("deny", ()))

    async def run(self) -> None:
        """Refresh for ever; what fails is tried again, and the pairs watched stay."""
        if not self.wanted:
            return
        await self.load()
        while True:
            if self._clock.market_ms() >= self._due_ms:
                await self._try_refresh()
            await self._clock.sleep(_LOOK_S)

    async def _try_refresh(self) -> None:
        self._due_ms = self._clock.market_ms() + 60_000
        try:
            await self.refresh()
        except VenueError as error:
            self.trouble = str(error)
            logger.warning("The universe could not be refreshed: {}", error)

    async def refresh(self) -> None:
        """Measure every pair, learn some ages, and watch the best. Raises VenueError."""
        pairs = {
            symbol: pair
            for symbol, pair in (await self._market.pairs()).items()
            if pair.quote == self._treasury.currency
        }
        quotes = await self._market.quotes(list(pairs))
        found = self._measured(pairs, quotes)
        if asked := await self._learn_ages(found):
            found = self._measured(pairs, quotes)
        self.trouble = ""
        self.candidates = tuple(ranked(found, self._rules.size, self.allowed))
        self.refreshed_ms = self._clock.market_ms()
        wait_ms = 60_000 if asked else self._rules.refresh_s * 1000
        self._due_ms = self.refreshed_ms + wait_ms
        await self._watch(frozenset(one.symbol for one in self.candidates if not one.out))

    def _measured(self, pairs: Mapping[str, Pair], quotes: Mapping[str, Quote]) -> list[Candidate]:
        most = Money(self._treasury.equity * to_decimal(self._risk.max_position))
        standards = Standards(self._rules, most, self.allowed, self.denied)
        return [
            standards.measure(pair, quotes.get(symbol), self._ages.get(symbol))
            for symbol, pair in pairs.items()
        ]

    async def _learn_ages(self, found: list[Candidate]) -> int:
        """Ask how old the most traded unknown pairs are; how many are not known after that."""
        unknown = sorted((one for one in found if one.young), key=lambda one: -one.traded)[:_AGES_AT_ONCE]
        for one in unknown:
            try:
                candles = await self._market.candles(one.symbol, Timeframe.D1, 720)
            except VenueError as error:
                logger.warning("The age of {} could not be had: {}", one.symbol, error)
                break
            self._ages[one.symbol] = len(candles)
        return len(unknown)

    async def _watch(self, chosen: frozenset[str]) -> None:
        if not chosen and self._chosen is None:
            return  # nothing is known yet: what was configured stays watched
        held = frozenset(self._portfolio.positions)
        before, self._chosen = self._chosen, chosen
        self._tracks.watch(chosen | held)
        if before is not None and before != chosen:
            came, went = sorted(chosen - before), sorted(before - chosen)
            text = f"The universe changed: {_named('in', came)}{_named('out', went)}".rstrip(" ;")
            self._journal.note(SafetyEvent("universe", text, self._clock.market_ms()))
        self._herald.changed("status")

    def judge(self, symbol: str) -> Denied | None:
        """Why this pair may not be entered, or None."""
        if not self.wanted or self._chosen is None or symbol in self._chosen:
            return None
        known = next((one.out for one in self.candidates if one.symbol == symbol), "it is not listed")
        return Denied("not_in_universe", f"{symbol} is not among the pairs I trade: {known}")

    def never(self, symbol: str) -> str:
        """Why no list can make this pair tradable, or nothing."""
        if not self.candidates:
            return ""
        known = next((one for one in self.candidates if one.symbol == symbol), None)
        if known is None:
            return "it is not listed in my money"
        return known.out if known.never else ""

    async def deny(self, symbol: str) -> None:
        """Never enter this pair; counts at once."""
        await self._keep(self.allowed - {symbol}, self.denied | {symbol})
        if self._chosen is not None:
            await self._watch(self._chosen - {symbol})

    async def allow(self, symbol: str) -> None:
        """Watch this pair whatever its liquidity and age; it counts with the next refresh, made now."""
        await self._keep(self.allowed | {symbol}, self.denied - {symbol})
        self._due_ms = 0

    async def _keep(self, allowed: frozenset[str], denied: frozenset[str]) -> None:
        kept = {"allow": sorted(allowed), "deny": sorted(denied)}
        await self._values.set_value(_KEY, json.dumps(kept))
        self.allowed, self.denied = allowed, denied


def _named(what: str, symbols: list[str]) -> str:
    if not symbols:
        return ""
    more = f" and {len(symbols) - 8} more" if len(symbols) > 8 else ""
    return f"{what} {', '.join(symbols[:8])}{more}; "
