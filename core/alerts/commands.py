"""The owner's words about alerts, carried out: switches, quiet hours, conditions, the SMS line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from core.alerts.attention import AttentionDesk, Switch
from core.alerts.escalation import EscalationDesk
from core.engine import entries
from core.engine.price_alerts import PriceAlerts, condition_in_words, numbered
from core.engine.registry import AlertSlots, Answer, Outcome, Registry, Request, slots_of
from core.model.alarms import Condition, PriceAlert
from core.model.errors import AuthFailed, Refused, VenueError
from core.model.events import EventKind
from core.model.views import TextView

NO_SMS = "No SMS is set up."
NO_SMS_HINT = "Put TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM and SMS_TO into .env and start again."
_SWITCHABLE = tuple(
    kind
    for kind in EventKind
    if kind not in (EventKind.ESCALATION, EventKind.SMS_ANSWER, EventKind.KILL_SWITCH)
)
_FEWER = {
    "off": "Only critical news rings; the rest comes in silently.",
    "critical": "Only critical news rings; the rest comes in silently.",
    "trades": "Only trades and critical news ring; the rest comes in silently.",
}
_EVENTS = ", ".join(kind.value.replace("_", " ") for kind in _SWITCHABLE)
_EVERY = ("all", "everything", "every", "any")


def _spoken(name: str) -> str:
    """An event type as a person says it."""
    return name.replace("_", " ")


class SmsLine(Protocol):
    async def send(self, body: str) -> None: ...


class AlertCommands:
    """The handler of `alerts`."""

    def __init__(
        self,
        desk: AttentionDesk,
        prices: PriceAlerts,
        escalation: EscalationDesk,
        line: SmsLine | None,
        mode: str,
    ) -> None:
        """`line` is None where no SMS is set up."""
        self._desk = desk
        self._prices = prices
        self._escalation = escalation
        self._line = line
        self._mode = mode
        self._does: dict[str, Callable[[AlertSlots, Request], Awaitable[str]]] = {
            "list": self._list, "on": self._switch, "silent": self._switch, "off": self._switch,
            "quiet": self._quiet, "when": self._when, "remove": self._remove, "ack": self._ack,
            "sms_test": self._test_sms,
        }  # fmt: skip

    def bind(self, registry: Registry) -> None:
        registry.add(entries.ALERTS, self.handle)

    async def handle(self, request: Request) -> Outcome:
        """One wish about alerts. Raises Refused with what to write instead."""
        slots = slots_of(request, AlertSlots)
        text = await self._does[slots.action](slots, request)
        return Answer(TextView(text, self._data()), done=slots.action != "list")

    def _data(self) -> dict[str, Any]:
        """The same for a page, as it stands after the wish was carried out."""
        attention, waiting = self._desk.attention, self._prices.waiting
        return {
            "rung_today": self._desk.rung_today,
            "rings_a_day": attention.rings_a_day,
            "quiet": str(attention.quiet) if attention.quiet else "",
            "switches": [
                {"event": kind.value, "state": attention.switch_of(kind).value} for kind in _SWITCHABLE
            ],
            "conditions": [
                {"number": number, "text": condition_in_words(one)} for number, one in enumerate(waiting, 1)
            ],
            "sms": self._line is not None,
            "unseen": self._escalation.open is not None,
        }

    async def _list(self, slots: AlertSlots, request: Request) -> str:
        attention = self._desk.attention
        quiet = f"Quiet hours {attention.quiet}: only critical news comes through." if attention.quiet else (
            "No quiet hours."
        )  # fmt: skip
        changed = [f"{_spoken(name)} {switch.value}" for name, switch in sorted(attention.switches.items())
                   if switch is not Switch.ON]  # fmt: skip
        waiting = numbered(self._prices.waiting)
        lines = [
            f"{self._desk.rung_today} of at most {attention.rings_a_day} messages with a sound today; "
            "critical ones always ring.",
            quiet,
            *([_FEWER[attention.ringing]] if attention.ringing in _FEWER else []),
            f"Not on: {', '.join(changed)}." if changed else "Every kind of message is on.",
            *(["I will tell you:", *waiting] if waiting else ["You wait for no price."]),
        ]
        if self._line is None:
            lines.append("No SMS is set up: nothing can wake you when Telegram is silent.")
        if self._escalation.open is not None:
            lines.append("A critical message waits for you: /ack when you have seen it.")
        lines.append(
            "To change them: /alerts silent fill, /alerts off trouble, /alerts quiet 22-7, "
            "/alerts when eth above 3000; /alerts off ? names every kind."
        )
        return "\n".join(lines)

    async def _switch(self, slots: AlertSlots, request: Request) -> str:
        wanted = (slots.event or "").lower().replace(" ", "_")
        kinds = [one for one in _SWITCHABLE if wanted in (one.value, f"{one.value}s", *_EVERY)]
        if not kinds:
            known = f"There are: {_EVENTS}; or all."
            raise Refused(f"I know no kind of message {_spoken(wanted)!r}.", "no_event", known)
        for kind in kinds:
            await self._desk.switch(kind, Switch(slots.action))
        named = _spoken(kinds[0].value).capitalize() if len(kinds) == 1 else "Every kind of message"
        critical = " Critical news rings all the same." if slots.action != "on" else ""
        return f"{named}: {slots.action}.{critical}"

    async def _quiet(self, slots: AlertSlots, request: Request) -> str:
        await self._desk.be_quiet(slots.hours or "")
        quiet = self._desk.attention.quiet
        if quiet is None:
            return "No quiet hours: everything comes at once."
        hours = f"Quiet from {quiet.start:%H:%M} to {quiet.end:%H:%M}."
        return f"{hours} What can wait comes together at the end; critical news comes at once."

    async def _when(self, slots: AlertSlots, request: Request) -> str:
        by_colour = slots.condition in ("green", "red")
        if slots.symbol is None or slots.condition is None or (slots.price is None and not by_colour):
            usage = "Write it like this: /alerts when eth above 3000, or /alerts when eth green."
            raise Refused("I need a coin and what to wait for.", "usage", usage)
        condition = None if slots.condition == "crosses" else Condition(slots.condition)
        made = await self._prices.add(slots.symbol, condition, None if by_colour else slots.price)
        number = len(self._prices.waiting)
        return f"I will tell you {condition_in_words(made)}. /alerts remove {number} takes that back."

    async def _remove(self, slots: AlertSlots, request: Request) -> str:
        gone = self._meant(slots)
        await self._prices.remove(*gone)
        told = " or ".join(condition_in_words(one) for one in gone)
        return f"Taken back: I no longer tell you {told}."

    def _meant(self, slots: AlertSlots) -> list[PriceAlert]:
        """The conditions to be removed. Raises Refused where there is none, or more than one may be meant."""
        waiting = self._prices.waiting
        fitting = [one for one in waiting if slots.symbol in (None, one.symbol)]
        if slots.number is not None:
            fitting = list(waiting[slots.number - 1 : slots.number])
        elif slots.which == "last":
            fitting = fitting[-1:]
        if not fitting:
            listed = "You wait for:\n" + "\n".join(numbered(waiting)) if waiting else ""
            raise Refused("There is no such alert to take back.", "no_alert", listed)
        if len(fitting) > 1 and slots.which is None:
            listed = "\n".join(numbered(waiting))
            raise Refused("Which one? /alerts remove 1 takes back the first.", "which_alert", listed)
        return fitting

    async def _ack(self, slots: AlertSlots, request: Request) -> str:
        if await self._escalation.acknowledge(request.actor.door.value):
            return "Thank you. I stop calling about it."
        return "Nothing is waiting to be seen."

    async def _test_sms(self, slots: AlertSlots, request: Request) -> str:
        if self._line is None:
            raise Refused(NO_SMS, "no_sms", NO_SMS_HINT)
        try:
            await self._line.send(f"Zyn {self._mode}: a test. If you read this, I can wake you.")
        except AuthFailed as error:
            raise Refused(f"{error}.", "sms_auth", "zyn doctor checks the keys.") from error
        except VenueError as error:
            raise Refused(f"The text did not go out: {error}.", "sms_failed") from error
        return "Sent. If the text does not arrive within a minute, check SMS_TO."
