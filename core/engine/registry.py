"""The one registry of everything that can be asked of Zyn, on every door.

A slash command, a button, a web request, a tool call of the model and a shell line become the same validated
`Request`. An entry says on which doors it opens and whether it reads, remembers, reduces risk or opens risk.
What opens risk is previewed and confirmed by the owner; what reduces risk never waits for a model.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from core.model.errors import Refused
from core.model.views import Preview, View

T = TypeVar("T")


class Effect(StrEnum):
    READ = "read"
    MEMORY = "memory"  # writes only what Zyn remembers about its owner
    REDUCES = "reduces"  # lowers risk: acts at once, or with one button
    OPENS = "opens"  # opens risk: previewed and confirmed
    OWNER = "owner"  # the owner's alone, never offered to a model


class Door(StrEnum):
    TELEGRAM = "telegram"
    WEB = "web"
    SHELL = "shell"
    MODEL = "model"  # a tool of the language model
    SMS = "sms"  # an answer with its one-time code: flatten or pause, nothing else


EVERYWHERE = frozenset(Door) - {Door.SMS}
HANDS = EVERYWHERE - {Door.MODEL}


class Slots(BaseModel):
    """Base of all parameters: nothing unknown is let in, nothing is coerced quietly."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _decimal(value: object) -> object:
    """Numbers arrive as decimal strings or JSON numbers; a float is read as a person would write it."""
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return Decimal(repr(value)) if isinstance(value, float) else value


Number = Annotated[Decimal, BeforeValidator(_decimal), Field(allow_inf_nan=False)]
Positive = Annotated[Number, Field(gt=0, lt=Decimal("1e15"))]
Symbol = Annotated[str, Field(pattern=r"^[A-Z0-9.]{1,12}/[A-Z0-9]{2,6}$")]
Period = (
    Literal[
        "today", "yesterday", "this_week", "last_week", "this_month", "last_month",
        "7d", "30d", "90d", "180d", "ytd", "all",
    ]
    | dict[Literal["from", "to"], str]
)  # fmt: skip
Amount = tuple[Positive, Literal["base", "quote", "percent_balance", "percent_position"]]
Level = tuple[Positive, Literal["percent", "price"]]


class NoSlots(Slots):
    pass


class SymbolSlots(Slots):
    symbol: Symbol | None = None


class OrdersSlots(SymbolSlots):
    order_id: str | None = None  # one order, also one that is over


class AssetSlots(Slots):
    asset: Annotated[str, Field(pattern=r"^[A-Z0-9.]{1,12}$")] | None = None


class PriceSlots(Slots):
    symbol: Symbol


class MarketInfoSlots(Slots):
    symbol: Symbol
    field: Literal["min_size", "precision", "fees", "status", "all"] | None = None


class PerformanceSlots(Slots):
    period: Period = "today"
    symbol: Symbol | None = None
    metric: str | None = None
    by: str | None = None  # symbol, rule, origin, reason, hour, weekday, session, day, week, month


class TradesSlots(Slots):
    symbol: Symbol | None = None
    side: Literal["buy", "sell"] | None = None
    period: Period | None = None
    limit: Annotated[int, Field(ge=1, le=500)] | None = None


class ExplainSlots(Slots):
    symbol: Symbol | None = None
    side: Literal["buy", "sell"] | None = None
    period: Period | None = None
    trade_id: str | None = None
    which: str | None = None  # "best", "worst", "last"
    decision: Literal["why", "why_not"] | None = None


class OrderSlots(Slots):
    """A manual order. `stop` and `take_profit` are a percentage from the price or a price."""

    side: Literal["buy", "sell"]
    symbol: Symbol
    amount: Amount
    type: Literal["market", "limit"] = "market"
    limit_price: Positive | None = None
    stop: Level | None = None
    take_profit: Level | None = None


class BracketSlots(Slots):
    """A buy with its levels; without an amount, new levels for the position that is held."""

    side: Literal["buy", "sell"] | None = None
    symbol: Symbol
    amount: Amount | None = None
    type: Literal["market", "limit"] = "market"
    limit_price: Positive | None = None
    stop: Level | None = None
    take_profit: Level | None = None

    @property
    def order(self) -> OrderSlots | None:
        """The buy that is asked for, if it is one."""
        if self.amount is None:
            return None
        return OrderSlots(
            side=self.side or "buy", symbol=self.symbol, amount=self.amount, type=self.type,
            limit_price=self.limit_price, stop=self.stop, take_profit=self.take_profit,
        )  # fmt: skip


class CancelSlots(Slots):
    symbol: Symbol | None = None
    order_id: str | None = None
    which: str | None = None  # "one", "all", "last"
    side: Literal["buy", "sell"] | None = None


class FlattenSlots(Slots):
    symbol: Symbol | None = None
    now: bool = False


class PauseSlots(Slots):
    symbol: Symbol | None = None
    duration: str | None = None  # 30m, 2h, 1d
    until: str | None = None


class RiskSlots(Slots):
    parameter: str | None = None
    value: Number | None = None
    unit: str | None = None


class MandateSlots(Slots):
    """Standing orders; without any they are shown. `drop` ends one by its name, or all."""

    capital: Positive | None = None
    loss_a_day: tuple[Positive, Literal["percent", "quote"]] | None = None
    never_buy: Annotated[str, Field(pattern=r"^[A-Z0-9.]{1,12}(,[A-Z0-9.]{1,12}){0,19}$")] | None = None
    hours: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")] | None = None
    ask_above: Positive | None = None
    drop: Annotated[str, Field(max_length=40)] | None = None


class StatusSlots(Slots):
    view: Literal["overview", "health", "settings", "limits", "edge", "web", "version", "logs"] | None = None
    count: Annotated[int, Field(ge=1, le=200)] | None = None  # lines of the log


class PreferenceSlots(Slots):
    key: str
    value: str | bool | Number


class AlertSlots(Slots):
    """What the owner wants to hear of: event switches, quiet hours, conditions, the SMS line."""

    action: Literal["list", "on", "silent", "off", "quiet", "when", "remove", "ack", "sms_test"] = "list"
    event: str | None = None  # an event type, such as fill
    hours: str | None = None  # 22-7, or off
    symbol: Symbol | None = None
    condition: Literal["above", "below", "crosses", "green", "red"] | None = None  # crosses: whichever is new
    price: Positive | None = None
    number: Annotated[int, Field(ge=1, le=100)] | None = None
    which: Literal["last", "all"] | None = None  # of the conditions, to be removed


class TextSlots(Slots):
    text: Annotated[str, Field(min_length=1, max_length=500)]


class QuerySlots(Slots):
    query: Annotated[str, Field(max_length=200)] | None = None


class InsightSlots(Slots):
    topic: Literal["time_of_day", "day_of_week", "symbol", "strategy", "regime", "exit"] | None = None
    query: Annotated[str, Field(max_length=200)] | None = None


class LearningSlots(Slots):
    """What to do with what was learned; `number` names a lesson."""

    action: Literal["list", "on", "off", "undo", "reset"] = "list"
    number: Annotated[int, Field(ge=1, le=10_000)] | None = None


class UniverseSlots(Slots):
    action: Literal["list", "allow", "deny"] | None = None
    symbol: Symbol | None = None


class BacktestSlots(Slots):
    symbol: Symbol | None = None
    period: Period | None = None
    strategy: str | None = None


class ChartSlots(Slots):
    symbol: Symbol | None = None
    period: Period | None = None
    kind: str | None = None
    timeframe: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be asked. `intent` names it for brains, `command` is typed with a slash."""

    intent: str
    command: str
    summary: str
    effect: Effect
    slots: type[Slots] = NoSlots
    aliases: tuple[str, ...] = ()
    usage: str = ""
    doors: frozenset[Door] = EVERYWHERE
    menu: bool = False  # shown in the phone's command menu (at most 12)
    shows: bool = False  # its command without anything behind it only shows what is set


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, through which door, in which conversation."""

    user: str
    door: Door
    session: str


@dataclass(frozen=True, slots=True)
class Request:
    """One validated wish."""

    entry: Entry
    slots: Slots
    actor: Actor
    id: str  # the command's id: cause of whatever order comes of it
    correlation: str = ""


def slots_of(request: Request, kind: type[T]) -> T:
    """The request's slots as what its entry says they are."""
    assert isinstance(request.slots, kind)
    return request.slots


@dataclass(frozen=True, slots=True)
class Answer:
    """A question answered, or a deed done."""

    view: View
    done: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A preview waiting for the owner's yes. `token` is opaque, single-use and expires."""

    token: str
    preview: Preview
    expires_wall_ms: int
    one_button: bool = False  # reduces risk: no second thought needed


Outcome = Answer | Proposal
Handler = Callable[[Request], Awaitable[Outcome]]


@dataclass(slots=True)
class Registry:
    """The entries and who carries them out. Filled once, in the composition root."""

    entries: dict[str, Entry] = field(default_factory=dict)
    _handlers: dict[str, Handler] = field(default_factory=dict)
    _words: dict[str, str] = field(default_factory=dict)

    def add(self, entry: Entry, handler: Handler) -> None:
        """Make an entry available; two entries may not share an intent or a word."""
        for word in (entry.command, *entry.aliases):
            if word in self._words:
                raise ValueError(f"/{word} is taken by {self._words[word]}")
            self._words[word] = entry.intent
        if entry.intent in self.entries:
            raise ValueError(f"{entry.intent} is registered twice")
        self.entries[entry.intent] = entry
        self._handlers[entry.intent] = handler

    def by_word(self, word: str) -> Entry | None:
        """The entry behind a typed command word, without its slash."""
        intent = self._words.get(word.lower())
        return self.entries[intent] if intent else None

    def words(self) -> Mapping[str, str]:
        """Every command word and the intent behind it."""
        return self._words

    def request(self, intent: str, slots: Mapping[str, Any], actor: Actor, id: str) -> Request:
        """Validate slots for an intent. Raises Refused on an unknown intent, a closed door or bad slots."""
        entry = self.entries.get(intent)
        if entry is None:
            raise Refused(f"I cannot do {intent!r}.", "unknown_intent", "Type /help for what I can do.")
        if actor.door not in entry.doors:
            raise Refused(f"{entry.summary} is not available here.", "closed_door")
        try:
            return Request(entry, entry.slots.model_validate(dict(slots)), actor, id, correlation=id)
        except ValueError as error:
            raise Refused(_first_problem(error), "bad_slots", entry.usage) from error

    async def carry_out(self, request: Request) -> Outcome:
        """Answer, do, or propose. Raises Refused with a reason for the owner."""
        return await self._handlers[request.entry.intent](request)


def _first_problem(error: ValueError) -> str:
    problems: list[Any] = error.errors() if isinstance(error, ValidationError) else []
    if not problems:
        return str(error)
    where = ".".join(str(part) for part in problems[0]["loc"]) or "that"
    return f"I did not understand {where}: {problems[0]['msg'].lower()}."
