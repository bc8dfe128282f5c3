"""What jimmy must learn: facts that leave the engine through the outbox, one calm line each."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any


class Severity(IntEnum):
    """How much it matters; critical ones ignore quiet hours and are escalated."""

    DEBUG = 0
    INFO = 1
    TRADE = 2
    WARNING = 3
    CRITICAL = 4


class EventKind(StrEnum):
    STARTED = "started"
    STOPPED = "stopped"
    FILL = "fill"
    POSITION_CLOSED = "position_closed"
    ORDER_REFUSED = "order_refused"
    ORDER_UNKNOWN = "order_unknown"
    STOP_MISSING = "stop_missing"
    STOP_RESTORED = "stop_restored"
    KILL_SWITCH = "kill_switch"
    REARMED = "rearmed"
    PAUSED = "paused"
    RESUMED = "resumed"
    FLATTEN = "flatten"
    NOT_TRADING = "not_trading"
    TRADING = "trading"
    TROUBLE = "trouble"  # a peer or a part of Zyn is lost
    RECOVERED = "recovered"
    MORNING_BRIEF = "morning_brief"
    DAILY_SUMMARY = "daily_summary"
    WEEKLY_REPORT = "weekly_report"
    PRICE_ALERT = "price_alert"  # a condition the owner asked to hear of
    ESCALATION = "escalation"  # a critical one that nobody has acknowledged, by SMS
    INCIDENT_REPORT = "incident_report"
    SMS_ANSWER = "sms_answer"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One thing to tell. `key` makes it exactly-once: a second row with the same key is not stored."""

    key: str
    kind: EventKind
    severity: Severity
    text: str  # one calm line, numbers included, without markup
    time_ms: int  # market time
    correlation: str = ""
    data: dict[str, Any] = field(default_factory=dict)  # JSON values only, decimals as strings
