"""What an incident came to, told once when it is over: what happened, planned against actual loss, what Zyn
did, what is left, and the next choice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol
from zoneinfo import ZoneInfo

from core.alerts.incidents import CALM_MS, Incident, incidents
from core.clock import Clock, WallSeconds
from core.engine import words
from core.engine.ports import Herald
from core.model.account import RoundTrip
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import Fact
from core.model.orders import Leg, OrderIntent
from core.model.time_context import from_ms
from core.model.views import PositionsView, StatusView

LOOK_S = 5.0
LOOK_BACK_MS = 86_400_000  # of market time: an incident older than this was reported before
_HOW = {
    "stop": "its stop on the exchange sold it",
    "flatten": "I sold it at once",
    "owner": "you sold it",
    "target": "it reached its target",
    "signal": "the signal turned",
}


class Story(Protocol):
    """What was announced, closed and intended."""

    async def commit(self, *facts: Fact) -> None: ...

    async def round_trips(
        self, limit: int = ..., *, from_ms: int | None = ..., to_ms: int | None = ...
    ) -> list[RoundTrip]: ...

    async def intents(self, *, unsettled_only: bool = False, since_ms: int = 0) -> list[OrderIntent]: ...


class Announced(Protocol):
    async def announced(self, from_ms: int) -> list[Announcement]: ...


class Standing(Protocol):
    """How things stand when the report is written."""

    async def status(self) -> StatusView: ...

    async def positions(self) -> PositionsView: ...


@dataclass(frozen=True, slots=True)
class Loss:
    """One position of the incident. `planned` is its result had the stop filled where it was set, fees in."""

    trip: RoundTrip
    planned: Decimal | None

    def line(self) -> str:
        trip, currency = self.trip, self.trip.symbol.partition("/")[2]
        text = f"{words.coin(trip.symbol)}: {words.signed(trip.net_pnl, currency)}"
        if self.planned is not None:
            text += f", planned at worst {self.planned:+,.2f}"
            beyond = self.planned - trip.net_pnl
            if beyond > 0:
                text += f" ({beyond:,.2f} more, because it sold at {words.price(trip.exit_price)}, "
                text += "below the stop: the market jumped over it)"
        return f"{text}; {_HOW.get(trip.reason, 'closed')}."


class IncidentReporter:
    """Writes the report of every grave incident that is over. `run` is a supervised task."""

    def __init__(
        self, story: Story, announced: Announced, standing: Standing, herald: Herald, clock: Clock, zone: str
    ) -> None:
        self._story = story
        self._announced = announced
        self._standing = standing
        self._herald = herald
        self._clock = clock
        self._zone = zone

    async def run(self) -> None:
        while True:
            await self.look()
            await self._clock.sleep(WallSeconds(LOOK_S))

    async def look(self) -> None:
        """Report what is over and was not reported; the report's key makes it once."""
        now = self._clock.market_ms()
        announced = await self._announced.announced(now - LOOK_BACK_MS)
        reported = {one.key for one in announced if one.kind is EventKind.INCIDENT_REPORT}
        for incident in incidents(announced):
            if incident.grave and incident.over(now) and _key(incident) not in reported:
                await self._report(incident)

    async def _report(self, incident: Incident) -> None:
        news = Announcement(
            _key(incident), EventKind.INCIDENT_REPORT, Severity.TRADE, await self._text(incident),
            self._clock.market_ms(), data={"incident": incident.key},
        )  # fmt: skip
        await self._story.commit(news)
        self._herald.announced(news)

    async def _text(self, incident: Incident) -> str:
        status, positions = await self._standing.status(), await self._standing.positions()
        losses = await self._losses(incident)
        lines = [self._what(incident), *(loss.line() for loss in losses)]
        lines += [_did(incident), _left(positions, status), _choice(status)]
        return "\n".join(line for line in lines if line)

    def _what(self, incident: Incident) -> str:
        start = from_ms(incident.opened_ms).astimezone(ZoneInfo(self._zone))
        end = from_ms(incident.last_ms).astimezone(ZoneInfo(self._zone))
        first = next(one for one in incident.news if one.severity >= Severity.CRITICAL)
        until = f" to {end:%H:%M}" if f"{end:%H:%M}" != f"{start:%H:%M}" else ""
        return f"Incident of {start:%-d %B %H:%M}{until}, over now. {first.text}"

    async def _losses(self, incident: Incident) -> list[Loss]:
        """The positions that ended in the incident, the costliest first."""
        trips = await self._story.round_trips(
            200, from_ms=incident.opened_ms - CALM_MS, to_ms=incident.last_ms + CALM_MS
        )
        if not trips:
            return []
        intents = await self._story.intents(since_ms=min(trip.opened_ms for trip in trips) - 86_400_000)
        return sorted(
            (Loss(trip, planned(trip, intents)) for trip in trips), key=lambda loss: loss.trip.net_pnl
        )


def planned(trip: RoundTrip, intents: Iterable[OrderIntent]) -> Decimal | None:
    """The result that its first stop had promised, fees as booked; None when nobody wrote it down."""
    entries = (one for one in intents if one.leg is Leg.ENTRY and one.cause == trip.cause)
    stop = next((stop for one in entries if (stop := one.stop_from(trip.entry_price)) is not None), None)
    return (stop - trip.entry_price) * trip.qty - trip.fees if stop is not None else None


def _did(incident: Incident) -> str:
    """What Zyn did, from its own announcements."""
    kinds = [one.kind for one in incident.news]
    done = []
    if EventKind.KILL_SWITCH in kinds:
        done.append("stopped all trading")
    if EventKind.STOP_RESTORED in kinds:
        done.append("put missing stops back")
    if any(kind in kinds for kind in (EventKind.FLATTEN, EventKind.POSITION_CLOSED)):
        done.append("sold what had to go")
    if EventKind.ORDER_UNKNOWN in kinds:
        done.append("found out about orders that had no answer instead of sending them again")
    return f"What I did: {', '.join(done)}." if done else "What I did: kept the stops and waited."


def _left(positions: PositionsView, status: StatusView) -> str:
    rows = positions.rows
    equity = words.money(status.equity, status.currency)
    if not rows:
        return f"Nothing is open. Equity {equity}, today {words.signed(status.pnl_today, status.currency)}."
    names = ", ".join(words.coin(row.position.symbol) for row in rows)
    bare = [words.coin(row.position.symbol) for row in rows if not row.protected]
    guarded = f"without a full stop: {', '.join(bare)}" if bare else "every one with its stop"
    return f"Open: {names}, {guarded}. Equity {equity}."


def _choice(status: StatusView) -> str:
    if status.killed:
        then = "/unlock lets me trade again" if "/unlock" in status.why_not else "I trade again"
        closed = "Next: nothing needs you; I open nothing more today."
        return f"{closed} From midnight on {then}. /pnl shows the day."
    if status.paused:
        return f"Next: I open nothing new ({status.why_not}). /resume when you want that."
    if not status.trading:
        return f"Next: I open nothing new: {status.why_not}"
    return "Next: nothing needs you; I go on trading. /pause stops that."


def _key(incident: Incident) -> str:
    return f"report:{incident.key}"
