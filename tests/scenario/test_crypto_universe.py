"""The pairs that Zyn chooses itself: ranked, refreshed, explained, and the owner's word on single ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal as D

import pytest

from core.engine.confirmations import Confirmations
from core.engine.registry import Actor, Answer, Door, Proposal, Registry
from core.engine.universe_command import UniverseCommand
from core.model.decisions import Decision
from core.model.errors import Refused, Transient
from core.model.market import Candle, Pair, PairStatus, Quote, Timeframe
from core.model.money import Price, Qty
from core.model.orders import Origin
from tests.scenario.test_engine_autopilot import crossing_up, world_with
from tests.support.trading import PAIRS, START_MS, Desk, Trading

JIMMY = Actor("jimmy", Door.SHELL, "shell")
COINS = [f"C{i:03d}" for i in range(230)]


class WideDesk(Desk):
    """An exchange with 230 more pairs, each traded less than the one before."""

    odd: dict[str, dict[str, object]] = {}  # by symbol: what differs of pair or quote
    young: frozenset[str] = frozenset()
    deaf = False
    asked: list[str] = []

    async def pairs(self) -> Mapping[str, Pair]:
        return {**PAIRS, **{f"{coin}/USD": self._pair(f"{coin}/USD") for coin in COINS}}

    def _pair(self, symbol: str) -> Pair:
        base = symbol.partition("/")[0]
        pair = Pair(symbol, base, "USD", D("0.01"), D("0.0001"), D("0.1"), D(1))
        return replace(pair, **self.odd.get(symbol, {}).get("pair", {}))  # type: ignore[arg-type]

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        if self.deaf:
            raise Transient("no answer")
        found = dict(await super().quotes([one for one in symbols if one in PAIRS]))
        for rank, coin in enumerate(COINS):
            symbol = f"{coin}/USD"
            if symbol in symbols:
                prices = Price(D("9.995")), Price(D("10.005")), Price(D(10))
                volume = Qty(D(1_000_000 - 1_000 * rank))
                quote = Quote(symbol, *prices, self.time.market_ms(), volume)
                found[symbol] = replace(quote, **self.odd.get(symbol, {}).get("quote", {}))  # type: ignore[arg-type]
        return found

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        if timeframe is not Timeframe.D1:
            return await super().candles(symbol, timeframe, limit)
        self.asked.append(symbol)
        days = 3 if symbol in self.young else 400
        return [Candle(i * 86_400_000, 1, 1, 1, 1, 1) for i in range(days)]


async def wide_world(**settings: str) -> Trading:
    settings = {"features__crypto_universe": "true", "universe__size": "200", **settings}
    world = await world_with(crossing_up(), **settings)
    world.desk.__class__ = WideDesk
    world.desk.odd, world.desk.asked = {}, []
    world.engine.portfolio._pairs.update(await world.desk.pairs())  # the table that a real start reads
    return world


async def settle(world: Trading) -> None:
    """As many passes as it takes until every age is known."""
    for _ in range(30):
        await world.engine.gates.universe.refresh()


async def test_the_two_hundred_most_traded_pairs_are_watched_and_each_of_the_others_has_a_reason():
    world = await wide_world()
    await settle(world)
    universe = world.engine.gates.universe
    assert len(world.engine.tracks) == 200 == len(universe.chosen)
    inside = [one for one in universe.candidates if not one.out]
    assert [one.rank for one in inside] == list(range(1, 201)) and inside[0].symbol == "C000/USD"
    assert all(one.out for one in universe.candidates[200:])
    assert universe.candidates[200].out == "ranked 201, and 200 are watched"


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"pair": {"status": PairStatus.CANCEL_ONLY}}, "the exchange has it as cancel only"),
        ({"quote": {"volume_24h": Qty(D(5))}}, "50 traded in 24 h, 100,000 are asked for"),
        ({"quote": {"bid": Price(D("9.9"))}}, "its spread of 105.5 bps is above 40"),
        ({"quote": {"ask": Price(D(0))}}, "it has no price now"),
        ({"pair": {"min_qty": Qty(D(900))}}, "its smallest order of 9,004.50 is above my largest position"),
        ({"pair": {"base": "USDT"}}, "USDT is money itself"),
    ],
)
async def test_a_pair_that_misses_a_standard_is_out_and_says_which(odd: dict[str, object], reason: str):
    world = await wide_world()
    world.desk.odd = {"C003/USD": odd}
    await settle(world)
    (found,) = [one for one in world.engine.gates.universe.candidates if one.symbol == "C003/USD"]
    assert reason in found.out and "C003/USD" not in world.engine.tracks


async def test_a_young_pair_waits_and_its_age_is_asked_once():
    world = await wide_world()
    world.desk.young = frozenset({"C001/USD"})
    await settle(world)
    (found,) = [one for one in world.engine.gates.universe.candidates if one.symbol == "C001/USD"]
    assert found.out == "3 days old, 30 are asked for"
    assert len(world.desk.asked) == len(set(world.desk.asked))


async def test_a_refresh_that_fails_keeps_the_pairs_that_were_watched():
    world = await wide_world()
    await settle(world)
    before, world.desk.deaf = world.engine.tracks.symbols, True
    await world.engine.gates.universe._try_refresh()
    assert world.engine.tracks.symbols == before and world.engine.gates.universe.trouble == "no answer"


async def test_a_pair_that_leaves_keeps_its_position_judged_but_is_not_entered_again():
    world = await wide_world(universe__min_volume="0")
    await world.engine.autopilot.step(START_MS)
    assert world.engine.portfolio.holds("ETH/USD")
    await world.engine.gates.universe.deny("ETH/USD")
    await settle(world)
    assert "ETH/USD" in world.engine.tracks and "ETH/USD" not in world.engine.gates.universe.chosen
    position = world.engine.portfolio.position("ETH/USD")
    assert position.stopped_qty == position.qty
    await world.engine.flatten.flatten(None, Origin.CHAT, "you")
    await world.engine.gates.universe.refresh()
    assert "ETH/USD" not in world.engine.tracks


async def test_on_it_changes_a_decision_and_says_so_and_off_it_does_not():
    on = await wide_world()
    await settle(on)  # ETH has no volume on this exchange: it is out of the universe
    on.engine.tracks.watch({*on.engine.tracks.symbols, "ETH/USD"})
    assert (await on.engine.autopilot.step(START_MS)).entered == 0
    reasons = [one.reason for one in on.journal.noted if isinstance(one, Decision)]
    assert any("ETH/USD is not among the pairs I trade: 0 traded in 24 h" in one for one in reasons)
    off = await world_with(crossing_up())
    await off.engine.gates.universe.run()
    assert (await off.engine.autopilot.step(START_MS)).entered == 1


def command(world: Trading) -> tuple[Registry, Confirmations]:
    registry, confirmations = Registry(), Confirmations(world.clock, world.journal, lambda count: None)
    UniverseCommand(world.engine.gates.universe, world.engine.tracks, confirmations, 60, "demo").bind(
        registry
    )
    return registry, confirmations


async def say(registry: Registry, **slots: str) -> Answer | Proposal:
    return await registry.carry_out(registry.request("universe", slots, JIMMY, f"cmd{len(slots)}"))


async def test_the_owner_lists_denies_at_once_and_allows_after_a_yes():
    world = await wide_world()
    world.desk.odd = {"C009/USD": {"quote": {"volume_24h": Qty(D(5))}}}
    await settle(world)
    registry, confirmations = command(world)
    listed = (await say(registry)).view.text
    assert listed.startswith("I watch 200 of 232 pairs") and "1. C000/USD: 10,000,000 traded" in listed
    assert "is out: 50 traded" in (await say(registry, symbol="C009/USD")).view.text
    assert (await say(registry, action="deny", symbol="C000/USD")).done
    assert "C000/USD" not in world.engine.tracks
    assert "on your deny list" in (await say(registry, symbol="C000/USD")).view.text
    proposal = await say(registry, action="allow", symbol="C009/USD")
    assert isinstance(proposal, Proposal) and "C009/USD" not in world.engine.gates.universe.allowed
    await confirmations.confirm(proposal.token, JIMMY)
    await world.engine.gates.universe.refresh()
    assert "C009/USD" in world.engine.tracks
    again = world.engine.gates.universe
    await again.load()  # as a restart does
    assert (again.allowed, again.denied) == ({"C009/USD"}, {"C000/USD"})


async def test_what_can_never_be_traded_is_not_allowed_by_a_word():
    world = await wide_world()
    world.desk.odd = {"C003/USD": {"pair": {"status": PairStatus.DELISTED}}}
    await settle(world)
    registry, _ = command(world)
    with pytest.raises(Refused, match="the exchange has it as delisted"):
        await say(registry, action="allow", symbol="C003/USD")
    with pytest.raises(Refused, match="not listed"):
        await say(registry, action="allow", symbol="NOPE/USD")


async def test_without_the_flag_the_lists_are_refused_with_the_way_out():
    world = await world_with(crossing_up())
    registry, _ = command(world)
    assert "pairs of ZYN_SYMBOLS" in (await say(registry)).view.text
    with pytest.raises(Refused, match="do not choose"):
        await say(registry, action="deny", symbol="ETH/USD")


async def test_a_list_without_a_coin_is_asked_back_and_a_pair_never_seen_is_told_apart():
    world = await wide_world()
    await settle(world)
    registry, _ = command(world)
    for action in ("allow", "deny"):
        with pytest.raises(Refused, match="Which coin") as refused:
            await say(registry, action=action)
        assert refused.value.hint.startswith("/universe")
    assert "not listed in my money" in (await say(registry, symbol="NOPE/USD")).view.text
    assert not world.engine.gates.universe.denied


async def test_a_pair_is_told_in_with_its_rank_and_that_it_is_there_by_the_owners_word():
    world = await wide_world()
    world.desk.odd = {"C007/USD": {"quote": {"volume_24h": Qty(D(5))}}}
    await settle(world)
    await world.engine.gates.universe.allow("C007/USD")
    await settle(world)
    registry, _ = command(world)
    text = (await say(registry, symbol="C000/USD")).view.text
    assert text.startswith("C000/USD is in, ranked 2. 10,000,000 traded")
    text = (await say(registry, symbol="C007/USD")).view.text
    assert text.startswith("C007/USD is in (on your allow list), ranked 1. 50 traded")
    view = (await say(registry)).view
    assert "Your allow list: C007/USD" in view.text and "Your deny list" not in view.text
    assert view.data["allowed"] == ["C007/USD"] and len(view.data["pairs"]) == 232


async def test_the_list_names_what_is_out_and_a_refresh_that_failed():
    world = await wide_world(universe__size="3")
    registry, _ = command(world)
    assert "have not looked at all pairs yet" in (await say(registry)).view.text
    world.desk.deaf = True
    await world.engine.gates.universe._try_refresh()
    assert "The last try failed: " in (await say(registry)).view.text
    world.desk.deaf = False
    await settle(world)
    text = (await say(registry)).view.text
    assert text.startswith("I watch 3 of 232 pairs") and "... and" not in text and "Out: C003/USD, " in text
    world.desk.deaf = True
    await world.engine.gates.universe._try_refresh()
    view = (await say(registry)).view
    assert "The last refresh failed (" in view.text and view.data["trouble"]
    assert view.text.startswith("I watch 3 of 232 pairs")


async def test_without_the_flag_a_pair_is_told_to_be_among_the_named_ones_or_not():
    registry, _ = command(await world_with(crossing_up()))
    assert "ETH/USD is among the pairs of ZYN_SYMBOLS" in (await say(registry, symbol="ETH/USD")).view.text
    assert "NOPE/USD is not among" in (await say(registry, symbol="NOPE/USD")).view.text
