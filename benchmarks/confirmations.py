"""Double taps, two surfaces, expiry, restarts and price moves, interleaved: zero or one order each."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from decimal import Decimal

from core.engine.confirmations import Confirmations, Requoted
from core.engine.registry import Actor, Answer, Door, Proposal
from core.model.errors import Refused
from core.model.orders import OrderRequest, Side
from tests.scenario.test_engine_autopilot import ManualDesk, ask, crossing_up, world_with
from tests.support.trading import START_MS, Trading

SUMMARY = "interleavings of double taps, two surfaces, expiry, restart and price moves around one preview"
ROUNDS = 1_000
PHONE = Actor("jimmy", Door.TELEGRAM, "chat")
PAGE = Actor("jimmy", Door.WEB, "chat")  # another surface of the same conversation
STRANGER = Actor("mallory", Door.TELEGRAM, "theirs")
BUY = {"side": "buy", "symbol": "ETH/USD", "amount": ("50", "quote"), "stop": ("2", "percent")}


class Scene:
    """One preview and everything that happens around it."""

    def __init__(self, world: Trading, rng: random.Random) -> None:
        self.world, self.rng = world, rng
        self.desk = ManualDesk(world)
        self.proposals: list[Proposal] = []
        self.yes = 0  # confirmations that were carried out
        self.met: Counter[str] = Counter()

    async def preview(self, actor: Actor) -> None:
        try:
            made = await ask(self.desk, "place_order", actor, **BUY)
        except Refused as error:
            self.met[f"no preview: {error.code}"] += 1
            return
        assert isinstance(made, Proposal)
        self.proposals.append(made)

    async def tap(self, actor: Actor) -> None:
        """A yes to one of the previews seen so far."""
        proposal = self.rng.choice(self.proposals)
        try:
            answer = await self.desk.confirmations.confirm(proposal.token, actor)
        except Requoted as moved:
            self.proposals.append(moved.proposal)
            self.met["requoted"] += 1
        except Refused as error:
            self.met[f"refused: {error.code}"] += 1
        else:
            assert isinstance(answer, Answer) and answer.done
            self.yes += 1
            self.met["carried out"] += 1

    async def decline(self, actor: Actor) -> None:
        try:
            await self.desk.confirmations.decline(self.rng.choice(self.proposals).token, actor)
            self.met["declined"] += 1
        except Refused as error:
            self.met[f"refused: {error.code}"] += 1

    def restart(self) -> None:
        """A new process: nothing that was open is open any more."""
        self.desk.confirmations = Confirmations(self.world.clock, self.world.journal, lambda _: None)
        self.met["restart"] += 1

    def later(self) -> None:
        seconds = self.rng.choice((1, 20, 59, 61, 300))
        self.world.clock.advance(seconds * 1000)
        self.met[f"{seconds} s later"] += 1

    def move(self) -> None:
        price = self.rng.choice(("1985", "2000", "2003", "2025", "2040"))
        self.world.desk.trade("ETH/USD", price, "1")
        self.met["price move"] += 1


def bought(world: Trading) -> list[OrderRequest]:
    return [one for one in world.desk.sent if one.side is Side.BUY]


async def play(number: int) -> dict[str, int]:
    """One interleaving. Raises when an order was sent without a yes, twice, or to a stranger."""
    rng = random.Random(number)
    world = await world_with(crossing_up(), risk__max_position="0.9", risk__max_exposure="0.9")
    await world.engine.treasury.roll_day(START_MS)
    scene = Scene(world, rng)
    await scene.preview(PHONE)
    for _ in range(rng.randint(2, 6)):
        await _step(scene, rng)
        orders = len(bought(world))
        assert orders == scene.yes, f"seed {number}: {orders} orders after {scene.yes} yes; {dict(scene.met)}"
        assert scene.yes <= len(scene.proposals), f"seed {number}: a preview was carried out twice"
    tokens = Counter(one.cl_ord_id for one in bought(world))
    assert all(count == 1 for count in tokens.values()), f"seed {number}: an order went out twice"
    exposure = sum((one.qty * Decimal(2100) for one in bought(world)), Decimal(0))
    assert exposure <= 60 * len(scene.proposals), f"seed {number}: more was bought than previewed"
    return {"interleavings": 1, **scene.met}


async def _step(scene: Scene, rng: random.Random) -> None:
    """One thing, or several at the same moment."""
    kind = rng.choice(("double", "surfaces", "stranger", "later", "move", "restart", "no", "again", "storm"))
    taps = {
        "double": (PHONE, PHONE), "surfaces": (PHONE, PAGE), "stranger": (STRANGER,),
        "storm": (PHONE, PAGE, PHONE, PAGE, STRANGER),
    }.get(kind, ())  # fmt: skip
    scene.met[f"step: {kind}"] += 1
    if taps:
        await asyncio.gather(*(scene.tap(actor) for actor in taps))
    elif kind == "no":
        await asyncio.gather(scene.decline(PHONE), scene.tap(PAGE))
    elif kind == "again":
        await scene.preview(rng.choice((PHONE, PAGE)))
    elif kind == "restart":
        scene.restart()
        await scene.tap(PHONE)
    elif kind == "later":
        scene.later()
    else:
        scene.move()
