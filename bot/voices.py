"""Who speaks for Zyn: the conversation, its dry twin, what they keep of the owner, and their model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from core.agent.budget import Budget
from core.agent.llm_agent import Conversation, Profile
from core.agent.llm_brain import Bounds, ModelBrain
from core.agent.memory import Keeper, Memory
from core.agent.rehearsal import Rehearsal
from core.agent.thinking import Thinker
from core.clock import Clock
from core.engine.confirmations import Confirmations
from core.engine.registry import Registry
from core.engine.status_service import StatusService
from core.store.telemetry_db import TelemetryDb
from core.trading_config import Config


class Closable(Protocol):
    async def close(self) -> None: ...


@dataclass(slots=True)
class Voices:
    """What answers the owner, and the clients that are to be closed at the end."""

    conversation: Conversation
    rehearsal: Rehearsal
    budget: Budget | None  # none without a key
    clients: list[Closable] = field(default_factory=list)


async def give_voice(
    config: Config, registry: Registry, confirmations: Confirmations, store: TelemetryDb,
    status: StatusService, clock: Clock, heed: Callable[[], Awaitable[None]],
) -> Voices:  # fmt: skip
    """Bind what is kept of the owner, and open the conversation. `heed` hears that a preference changed."""
    service = config.service
    profile = Profile(service.owner_name, service.mode, service.timezone, service.base_currency)
    called = _called(config, store, profile, heed)
    await called()
    Keeper(store, registry, clock, profile, called).bind(registry)
    budget, clients = _budget(config, store, clock), list[Closable]()
    thinker = _thinker(config, registry, budget, clock, clients, profile)
    memory = Memory(store, clock, config.agent.memory_turns)
    voice = (registry, confirmations, memory, status, clock, profile, thinker)
    return Voices(Conversation(*voice), Rehearsal(*voice), budget, clients)


def _called(
    config: Config, store: TelemetryDb, profile: Profile, heed: Callable[[], Awaitable[None]]
) -> Callable[[], Awaitable[None]]:
    """What takes up the owner's wishes: of messages, and of how he likes to be called."""

    async def take_up() -> None:
        await heed()
        profile.owner = (await store.preferences()).get("name") or config.service.owner_name

    return take_up


def _budget(config: Config, store: TelemetryDb, clock: Clock) -> Budget | None:
    """What the model may cost a day; None without a key."""
    service = config.service
    if not service.openai_api_key:
        return None
    return Budget(store, clock, service.timezone, service.openai_daily_budget_usd)


def _thinker(
    config: Config, registry: Registry, budget: Budget | None, clock: Clock, clients: list[Closable],
    profile: Profile,
) -> Thinker | None:  # fmt: skip
    """The brain with a model behind it, its client among `clients`; without a key the offline one answers."""
    service, agent = config.service, config.agent
    if budget is None:
        return None
    from core.llm.openai import open_chat

    chat = open_chat(service.openai_api_key, service.openai_base_url, agent.turn_timeout_s)
    clients.append(chat)
    models = (service.openai_model, *service.openai_fallback_models)
    bounds = Bounds(agent.max_rounds, agent.max_calls, agent.turn_timeout_s)
    entries = tuple(registry.entries.values())
    return ModelBrain(chat, models, entries, budget, clock, profile, bounds)
