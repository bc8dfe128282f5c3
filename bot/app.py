"""The composition root's outer half: Zyn running, with its doors and pumps, until somebody stops it.

Every part is a named task of one supervisor: a Telegram or OpenAI outage never stops trading.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot.assembly import Core, Through, announce, as_they_are, open_core
from bot.control import ControlServer, operations
from bot.gauges import Gauges
from bot.panels import fill_panels
from bot.worlds import is_loopback
from core.clock import SystemClock, WallSeconds
from core.log import open_log
from core.model.events import Announcement, EventKind, Severity
from core.model.views import PictureView
from core.pictures.chart_command import Charts
from core.store.findings import findings_in
from core.store.housekeeping import Housekeeping, Retention
from core.trading_config import Config, Mode, describe, secrets_of

if TYPE_CHECKING:
    from bot.telegram import TelegramDoor
    from core.agent.llm_agent import Conversation
    from core.agent.thinking import Ears
    from core.alerts.assembly import Line
    from core.alerts.twilio_line import TwilioLine
    from core.alerts.weekly import Chapter
    from core.sim.phone.server import LocalPhone
    from web.app import WebServer

AUTOPILOT, TELEGRAM, WEB = "autopilot", "telegram", "web"
EVERYTHING = frozenset({AUTOPILOT, TELEGRAM, WEB})
_STOP_S = 3.8
_DEMO_DIGEST_GAP_S = 3600.0
_SWEEP = WallSeconds(1.0)


@dataclass(frozen=True, slots=True)
class Running:
    """A Zyn that is up. `create_link` makes a one-time login link where there is a web site at `address`."""

    core: Core
    create_link: Callable[[], str]
    address: str

    @property
    def conversation(self) -> Conversation:
        return self.core.conversation


def _say(line: str) -> None:
    print(line, flush=True)


async def run(config: Config) -> int:
    """Serve until SIGINT or SIGTERM; protective stops stay on the exchange."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    serving = asyncio.create_task(_serve(config, stop), name="zyn")
    stopping = asyncio.create_task(stop.wait(), name="stop-signal")
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    _, late = await asyncio.wait({serving}, timeout=_STOP_S if stop.is_set() else None)
    if late:
        serving.cancel()  # still starting, or a peer that will not let go: stops rest on the exchange
        await asyncio.wait(late, timeout=0.8)
        return 0
    serving.result()
    return 0


async def _serve(config: Config, stop: asyncio.Event) -> None:
    async with service(config) as running:
        door = running.address if config.service.web_password else running.create_link()
        _say(f"Zyn is up in the {config.mode} world: {door}")
        await stop.wait()
        _say("Stopping. Protective stops stay on the exchange.")


@asynccontextmanager
async def service(
    config: Config,
    parts: frozenset[str] = EVERYTHING,
    say: Callable[[str], None] = _say,
    through: Through = as_they_are,
) -> AsyncIterator[Running]:
    """Zyn with the parts named. Without autopilot it still settles and protects what is open."""
    async with AsyncExitStack() as stack:
        config, phone = await _with_phone(config, stack) if TELEGRAM in parts else (config, None)
        stack.enter_context(open_log(config.world_dir / "logs", secrets_of(config)))
        channels = _channels(config) if TELEGRAM in parts else ()
        line = _sms_line(config, stack) if "sms" in channels else None
        core = await stack.enter_async_context(open_core(config, channels, say, line, through))
        owners: list[Callable[[], tuple[int, ...]]] = []
        site = await _web(core, phone, stack, owners) if WEB in parts else None
        create_link = site.create_link if site else _no_link
        fill_panels(core, create_link, bool(core.config.service.web_public_url))
        running = Running(core, create_link, site.address if site else "")
        if TELEGRAM in parts:
            owners += _messengers(core, channels, say)
        await _control(running, stack)
        if core.world.at_life_speed is not None:
            core.world.at_life_speed(False)  # a new demo's market takes up its own pace
        keep_trading(core, AUTOPILOT in parts)
        _keep_house(core, AUTOPILOT in parts)
        await announce(core, EventKind.STARTED, Severity.INFO, f"I am up in the {config.mode} world.")
        yield running


async def _with_phone(config: Config, stack: AsyncExitStack) -> tuple[Config, LocalPhone | None]:
    """In demo without a bot token, a phone on loopback speaks Telegram's and Twilio's protocols."""
    service = config.service
    if config.mode is not Mode.DEMO or service.telegram_bot_token:
        return config, None
    from core.sim.phone.server import LocalPhone

    phone = LocalPhone(SystemClock(), service.owner_name)
    at = await phone.start()
    stack.push_async_callback(phone.stop)
    wired = replace(
        service,
        telegram_bot_token=phone.token,
        telegram_api_base_url=at.bot_api,
        telegram_file_base_url=at.bot_files,
        telegram_allowed_user_ids=(phone.user_id,),
        twilio_account_sid=phone.twilio_sid,
        twilio_auth_token=phone.twilio_token,
        twilio_from=phone.number,
        sms_to=phone.owner_number,
        twilio_api_base_url=at.twilio,
    )
    return replace(config, service=wired), phone


def _channels(config: Config) -> tuple[str, ...]:
    """Where announcements go. A demo never spends the owner's money on SMS."""
    service = config.service
    telegram = ("telegram",) if service.telegram_bot_token else ()
    affordable = config.mode is not Mode.DEMO or is_loopback(service.twilio_api_base_url)
    return (*telegram, "sms") if service.sms_to and affordable else telegram


def _no_link() -> str:
    return "(no web site here)"


async def _web(
    core: Core,
    phone: LocalPhone | None,
    stack: AsyncExitStack,
    owners: Sequence[Callable[[], tuple[int, ...]]],
) -> WebServer:
    """`owners` says whose chats there are, once the messengers stand."""
    from web.app import WebDeps, WebServer

    service = core.config.service
    deps = WebDeps(
        status=core.status,
        registry=core.registry,
        conversation=core.conversation,
        alerts=core.store.outbox,
        settings=lambda: describe(core.config),
        clock=core.world.clock,
        mode=service.mode,
        owner_name=service.owner_name,
        healthy=lambda: True,
        ready=lambda: bool(core.engine.sync.state.as_of_ms) and not core.engine.watchdog.blocking(),
        gauges=Gauges(core).rows,
        timezone=service.timezone,
        timeframe=core.config.autopilot.timeframe,
        first_symbol=next(iter(service.symbols), "BTC/USD"),
        phone=phone,
        turns=core.store,
        telegram=lambda: next((f"telegram:{user_id}" for known in owners for user_id in known()), ""),
        password=service.web_password,
        public_url=service.web_public_url,
        metrics=service.web_metrics,
    )
    server = WebServer(deps, service.web_host)
    await server.start(service.web_host, service.web_port)
    stack.push_async_callback(server.stop)
    core.herald.join(server.hub.announced, server.hub.changed)
    return server


def _messengers(
    core: Core, channels: tuple[str, ...], say: Callable[[str], None]
) -> list[Callable[[], tuple[int, ...]]]:
    """Telegram, SMS, and the desks that decide what reaches the owner when; who owns the chats there."""
    from bot.notifier import TelegramChannel
    from core.alerts.pump import Pump
    from core.alerts.thread import IncidentThread

    zone, clock, line = core.config.service.timezone, core.world.clock, core.alarms.line
    door = _telegram(core, say) if "telegram" in channels else None
    outlets: list[Any] = []
    if door:
        thread = IncidentThread(core.store.outbox, core.store)
        outlets.append(
            TelegramChannel(door.outgoing, door.owners, core.alarms.attention, thread, _weekly_picture(core))
        )
    if line:
        outlets.append(_sms(core, line))
    pump = Pump(core.store.outbox, outlets, clock, zone)
    core.herald.join(announced=pump.wake)
    if door:
        door.when_up(lambda: pump.retry("telegram"))
    core.supervisor.keep("pump", pump.run)
    _watch_over(core, lambda: door is not None and door.up)
    _report(core, line is not None)
    return [door.owners] if door else []


def _weekly_picture(core: Core) -> Callable[[Announcement], Awaitable[PictureView]]:
    """What goes with the weekly report."""
    config = core.config
    charts = Charts(core.status, core.store, config.service.timezone, config.autopilot.timeframe)

    async def draw(report: Announcement) -> PictureView:
        hold = report.data.get("buy_and_hold")
        held = None if hold is None else Decimal(hold)
        return await charts.week(report.data["from"], report.data["to"], held)

    return draw


def _chapters(core: Core) -> tuple[Chapter, ...]:
    """What the parts of Zyn add to the weekly card."""
    from core.alerts.chapters import beside_paper, learned
    from core.learning.telling import in_one_line

    lessons, parity = core.engine.gates.lessons, core.engine.parity
    told = [learned(core.store.outbox, lambda: in_one_line(lessons.school))] if lessons else []
    return (*told, beside_paper(lambda: parity.rows)) if parity else tuple(told)


def _watch_over(core: Core, telegram_up: Callable[[], bool]) -> None:
    """Whatever makes sure that the owner sees what matters: escalation, conditions, incident reports."""
    from core.alerts.incident_report import IncidentReporter

    alarms, store, clock = core.alarms, core.store, core.world.clock
    zone = core.config.service.timezone
    alarms.escalation.first_by(telegram_up)
    core.herald.join(announced=alarms.escalation.heard)
    reporter = IncidentReporter(store, store.outbox, core.status, core.herald, clock, zone)
    keep = core.supervisor.keep
    keep("escalation", alarms.escalation.run)
    keep("price alerts", alarms.prices.run)
    keep("incidents", reporter.run)


def _report(core: Core, can_wake: bool) -> None:
    """The reports told unasked."""
    from core.alerts.digest import DailySummary
    from core.alerts.morning import MorningBrief
    from core.alerts.schedule import Schedule
    from core.alerts.weekly import Sources, WeeklyReport

    store, clock, zone = core.store, core.world.clock, core.config.service.timezone
    at = time.fromisoformat(core.config.alerts.reports_at)
    sources = Sources(
        core.status, store, core.world.market, core.world.symbols, _chapters(core), can_wake=can_wake
    )
    reports = (
        WeeklyReport(sources, clock, zone, at), DailySummary(core.status, clock, zone),
        MorningBrief(core.status, clock, zone, at),
    )  # fmt: skip
    gap = _DEMO_DIGEST_GAP_S if core.config.mode is Mode.DEMO else 0.0
    core.supervisor.keep("reports", Schedule(reports, store, core.herald, store, clock, gap).run)


def _telegram(core: Core, say: Callable[[str], None]) -> TelegramDoor:
    from bot.gate import Gate
    from bot.telegram import TelegramDoor

    service, clock = core.config.service, core.world.clock
    bot_id = service.telegram_bot_token.partition(":")[0]
    gate = Gate(core.store, core.registry, clock, service.telegram_allowed_user_ids, bot_id)
    door = TelegramDoor(
        core.conversation, gate, core.registry, clock, service.telegram_bot_token,
        service.telegram_api_base_url, service.telegram_file_base_url, service.mode, say,
        _ears(core),
    )  # fmt: skip
    core.doors.append(door.health)
    core.supervisor.keep("telegram", door.run)
    return door


def _sms_line(config: Config, stack: AsyncExitStack) -> TwilioLine:
    from core.alerts.sms import SmsSettings
    from core.alerts.twilio_line import TwilioLine

    service = config.service
    settings = SmsSettings(
        service.twilio_account_sid, service.twilio_auth_token, service.twilio_from, service.sms_to,
        service.twilio_api_base_url, loopback_only=config.mode is Mode.DEMO,
    )  # fmt: skip
    line = TwilioLine(settings)
    stack.push_async_callback(line.close)
    return line


def _ears(core: Core) -> Ears | None:
    """Whoever transcribes voice notes; nobody without a key."""
    service = core.config.service
    if not service.openai_api_key:
        return None
    from core.llm.ears import open_ears

    ears = open_ears(
        service.openai_api_key, service.openai_base_url, service.openai_transcribe_model,
        core.config.agent.turn_timeout_s,
    )  # fmt: skip
    core.clients.append(ears)
    return ears


def _sms(core: Core, line: Line) -> Any:
    from core.alerts.sms import SegmentBudget, SmsChannel

    service, a_day = core.config.service, core.config.alerts.sms_segments_a_day
    channel = SmsChannel(
        line, service.mode, SegmentBudget(core.store, core.world.clock, service.timezone, a_day)
    )
    core.doors.append(channel.health)
    return channel


async def _control(running: Running, stack: AsyncExitStack) -> None:
    """The ear for `zyn shell`, `ask` and `link`."""
    core = running.core

    async def audit(_: Mapping[str, Any]) -> Mapping[str, Any]:
        return await core.audit()

    answers = operations(
        core.conversation, core.rehearsal, running.create_link, core.how_it_stands,
        core.config.service.owner_name,
    )  # fmt: skip
    server = ControlServer(core.config.world_dir, {**answers, "audit": audit})
    await server.start()
    stack.push_async_callback(server.stop)


def keep_trading(core: Core, autopilot: bool) -> None:
    """Let the engine's tasks run under the supervisor."""
    engine, keep = core.engine, core.supervisor.keep
    keep("sync", engine.sync.run)
    core.supervisor.spawn("past", engine.sync.read_the_past())
    keep("watchdog", engine.watchdog.run)
    keep("watch", engine.watch.run)
    keep("universe", engine.gates.universe.run)
    keep("rivals", engine.gates.rivals.run)
    keep("pause", engine.pausing.run)
    keep("confirmations", lambda: _sweep(core))
    if autopilot:
        keep("autopilot", engine.autopilot.run)


def _keep_house(core: Core, autopilot: bool) -> None:
    """A verified copy of the database each day, old rows let go; in the demo a history to learn from."""
    kept = core.config.retention
    retention = Retention(kept.holds, kept.marks, kept.errors)
    findings = findings_in(core.config.service.data_dir)
    house = Housekeeping(core.store, core.config.world_dir, core.world.clock, retention, findings)
    core.supervisor.keep("housekeeping", house.run)
    if autopilot and core.config.mode is Mode.DEMO:
        from bot.history import backfill_demo

        world = core.world
        core.supervisor.spawn("history", backfill_demo(core.config, core.store, world.symbols, world.clock))


async def _sweep(core: Core) -> None:
    """Forget previews that have expired, so that the demo's market runs on."""
    while True:
        core.confirmations.sweep()
        await core.world.clock.sleep(_SWEEP)
