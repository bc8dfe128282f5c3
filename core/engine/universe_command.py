"""/universe: which pairs are traded and why, and the owner's own word on single ones."""

from __future__ import annotations

from typing import Any

from core.engine import entries
from core.engine.confirmations import Confirmations
from core.engine.crypto_universe import Candidate, CryptoUniverse
from core.engine.registry import Answer, Outcome, Registry, Request, UniverseSlots, slots_of
from core.engine.tracks import Tracks
from core.model.errors import Refused
from core.model.money import plain
from core.model.views import Preview, TextView

_SHOWN, _NEAR = 10, 3


class UniverseCommand:
    """The handler of the universe entry."""

    def __init__(
        self,
        universe: CryptoUniverse,
        tracks: Tracks,
        confirmations: Confirmations,
        confirm_s: int,
        mode: str,
    ) -> None:
        self._universe = universe
        self._tracks = tracks
        self._confirmations = confirmations
        self._confirm_s = confirm_s
        self._mode = mode

    def bind(self, registry: Registry) -> None:
        registry.add(entries.UNIVERSE, self.universe)

    async def universe(self, request: Request) -> Outcome:
        """List or explain at once, deny at once (it only reduces risk), allow after a yes."""
        slots = slots_of(request, UniverseSlots)
        if slots.action in ("allow", "deny") and not self._universe.wanted:
            raise Refused(
                "I do not choose pairs myself here.", "universe_off",
                "ZYN_SYMBOLS names the pairs; ZYN_FEATURES__CRYPTO_UNIVERSE=true lets me choose.",
            )  # fmt: skip
        if slots.action == "deny":
            return await self._deny(self._named(slots))
        if slots.action == "allow":
            return self._propose(request, self._named(slots))
        return Answer(TextView(self._one(slots.symbol) if slots.symbol else self._all(), self._data()))

    def _named(self, slots: UniverseSlots) -> str:
        if slots.symbol is None:
            raise Refused("Which coin?", "usage", entries.UNIVERSE.usage)
        return slots.symbol

    async def _deny(self, symbol: str) -> Answer:
        await self._universe.deny(symbol)
        text = f"{symbol} is on your deny list: I open nothing of it. What is open keeps its stop and target."
        return Answer(TextView(text), done=True)

    def _propose(self, request: Request, symbol: str) -> Outcome:
        if never := self._universe.never(symbol):
            raise Refused(f"{symbol} cannot be traded: {never}.", "not_tradable")
        preview = Preview(
            f"Trade {symbol} whatever its liquidity and age", request.entry.intent,
            {"action": "allow", "symbol": symbol}, symbol=symbol, lines=(self._one(symbol),), mode=self._mode,
        )  # fmt: skip

        async def allow() -> Answer:
            await self._universe.allow(symbol)
            return Answer(
                TextView(f"{symbol} is on your allow list; it is watched within seconds."), done=True
            )

        return self._confirmations.propose(preview, request.actor, allow, self._confirm_s)

    def _one(self, symbol: str) -> str:
        found = next((one for one in self._universe.candidates if one.symbol == symbol), None)
        if not self._universe.wanted:
            watched = "is" if symbol in self._tracks else "is not"
            return f"{symbol} {watched} among the pairs of ZYN_SYMBOLS."
        if symbol in self._universe.denied:
            return f"{symbol} is out: it is on your deny list (/universe allow ends that)."
        if found is None:
            return f"{symbol} is not listed in my money, or I have not looked yet."
        if found.out:
            return f"{symbol} is out: {found.out}. {found.text}."
        waived = " (on your allow list)" if symbol in self._universe.allowed else ""
        return f"{symbol} is in{waived}, ranked {found.rank}. {found.text}."

    def _all(self) -> str:
        universe = self._universe
        if not universe.wanted:
            return (
                f"I trade the pairs of ZYN_SYMBOLS: {', '.join(self._tracks.symbols)}. "
                "ZYN_FEATURES__CRYPTO_UNIVERSE=true lets me choose by liquidity."
            )
        if not universe.candidates:
            why = f" The last try failed: {universe.trouble}." if universe.trouble else ""
            return f"I have not looked at all pairs yet.{why} Until then: {', '.join(self._tracks.symbols)}."
        return "\n".join(self._lines())

    def _data(self) -> dict[str, Any]:
        """Every pair with its measurements, for a page: JSON values, money as decimal text."""
        universe = self._universe
        return {
            "chosen": universe.wanted,
            "trouble": universe.trouble,
            "watched": list(self._tracks.symbols),
            "allowed": sorted(universe.allowed),
            "denied": sorted(universe.denied),
            "pairs": [_row(one) for one in universe.candidates],
        }

    def _lines(self) -> list[str]:
        universe, rules = self._universe, self._universe.rules
        inside = [one for one in universe.candidates if not one.out]
        outside = [one for one in universe.candidates if one.out]
        lines = [
            f"I watch {len(inside)} of {len(universe.candidates)} pairs, the most traded first "
            f"(at most {rules.size}; {rules.min_volume:,f} in 24 h, spread up to "
            f"{rules.max_spread_bps:g} bps, {rules.min_age_days} days old):"
        ]
        lines += [f"{one.rank}. {one.symbol}: {one.text}" for one in inside[:_SHOWN]]
        if len(inside) > _SHOWN:
            lines.append(f"... and {len(inside) - _SHOWN} more: {_names(inside[_SHOWN:])}")
        lines += [f"Out: {one.symbol}, {one.out}" for one in outside[:_NEAR]]
        for name, kept in (("allow", universe.allowed), ("deny", universe.denied)):
            lines += [f"Your {name} list: {', '.join(sorted(kept))}"] if kept else []
        if universe.trouble:
            lines.append(f"The last refresh failed ({universe.trouble}); this is what I knew before.")
        return lines


def _row(one: Candidate) -> dict[str, Any]:
    return {
        "symbol": one.symbol, "rank": one.rank, "traded_24h": plain(round(one.traded, 2)),
        "spread_bps": plain(round(one.spread * 10_000, 2)), "age_days": one.age_days, "out": one.out,
    }  # fmt: skip


def _names(rows: list[Candidate]) -> str:
    more = ", ..." if len(rows) > 30 else ""
    return ", ".join(one.symbol.partition("/")[0] for one in rows[:30]) + more
