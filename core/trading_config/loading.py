"""Settings from the environment, `.env` and flags: all mistakes at once, none half-applied."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import Field, dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv.parser import parse_stream

from core.model.errors import ConfigError
from core.trading_config.param import LIVE_ACK, Mode
from core.trading_config.settings import Config
from core.trading_config.worlds import WORLD_DEFAULTS


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a setting lives: section, field, and the field's type."""

    section: str
    field: Field[Any]
    type: Any

    @property
    def key(self) -> str:
        return f"{self.section}.{self.field.name}"

    @property
    def env(self) -> str:
        return self.field.metadata["env"] or f"ZYN_{self.section.upper()}__{self.field.name.upper()}"


def _slots() -> Iterator[Slot]:
    for section in fields(Config):
        if section.name == "sources":
            continue
        cls: Any = section.default_factory
        hints = get_type_hints(cls)
        for one in fields(cls):
            yield Slot(section.name, one, hints[one.name])


SLOTS: Mapping[str, Slot] = {slot.key: slot for slot in _slots()}


def load(
    environ: Mapping[str, str],
    dotenv: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] | None = None,
    mode: Mode | None = None,
) -> Config:
    """The configuration in force. Raises ConfigError with every problem at once.

    `dotenv` holds the .env file's values, `overrides` the `--set KEY=VALUE` flags by dotted key; `mode`
    forces a world (backtest).
    """
    problems: list[str] = []
    raw = _gather(environ, dotenv or {}, overrides or {}, problems)
    values: dict[str, Any] = {}
    for key, (text, source) in raw.items():
        try:
            values[key] = _parse(SLOTS[key], text)
        except ValueError as error:
            problems.append(
                f"{source} {SLOTS[key].env if source != '--set' else key}={_shown(key, text)}: {error}"
            )
    world = mode or _world(values)
    for key, default in WORLD_DEFAULTS.get(world, {}).items():
        values.setdefault(key, default)
    config = _assemble(values, {key: source for key, (_, source) in raw.items()})
    if mode:
        config = replace(config, service=replace(config.service, mode=mode.value))
    problems += _cross_checks(config)
    if problems:
        raise ConfigError(problems)
    return config


def changed(config: Config, texts: Mapping[str, str]) -> Config:
    """The same with other values, by dotted key. Raises ConfigError with every problem at once."""
    problems: list[str] = []
    for key, text in texts.items():
        section, _, name = key.partition(".")
        try:
            value = _parse(SLOTS[key], text)
        except ValueError as error:
            problems.append(f"{key}={_shown(key, text)}: {error}")
        else:
            config = replace(config, **{section: replace(getattr(config, section), **{name: value})})
    problems = problems or _cross_checks(config)
    if problems:
        raise ConfigError(problems)
    return config


def read_dotenv(path: Path, problems: list[str]) -> dict[str, str]:
    """The values of a .env file, taken literally; a line that is none is added to `problems`.

    Raises ConfigError for a file that cannot be read.
    """
    try:
        bindings = list(parse_stream(StringIO(path.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path} cannot be read: {error}"]) from error
    problems += [
        f"{path} line {one.original.line}: this is not NAME=value"
        for one in bindings
        if one.error or (one.key and one.value is None)
    ]
    return {one.key: one.value for one in bindings if one.key and one.value is not None}


def _world(values: Mapping[str, Any]) -> Mode:
    return Mode(values.get("service.mode", Mode.DEMO.value))


def _gather(
    environ: Mapping[str, str], dotenv: Mapping[str, str], overrides: Mapping[str, str], problems: list[str]
) -> dict[str, tuple[str, str]]:
    """dotted key -> (text, where from); an empty variable counts as not given,
    except the list of filters, which may be empty."""
    found: dict[str, tuple[str, str]] = {}
    for source, given in ((".env", dotenv), ("environment", environ)):
        for key, slot in SLOTS.items():
            if given.get(slot.env) or (slot.env in given and key == "filters.enabled"):
                found[key] = (given[slot.env], source)
        problems += [f"{source} {name}: no such setting{near}" for name, near in _strangers(given, source)]
    for key, text in overrides.items():
        full = key if key in SLOTS else f"service.{key}"
        if full not in SLOTS:
            problems.append(f"--set {key}: no such setting{_near(key, SLOTS)}")
        else:
            found[full] = (text, "--set")
    return found


def _strangers(given: Mapping[str, str], source: str) -> Iterable[tuple[str, str]]:
    """Names that must be slips of the pen; other programs' variables are left alone."""
    known = {slot.env for slot in SLOTS.values()}
    for name in [one for one in given if one not in known]:
        ours = name.startswith("ZYN_") and "__" in name
        if ours or (source == ".env" and get_close_matches(name, known, 1, 0.85)):
            yield name, _near(name, known)


def _near(name: str, known: Any) -> str:
    close = get_close_matches(name, list(known), 1, 0.6)
    return f"; did you mean {close[0]}?" if close else ""


def _shown(key: str, text: str) -> str:
    return "***" if SLOTS[key].field.metadata["secret"] else text


_TRUE, _FALSE = {"true", "1", "yes", "on"}, {"false", "0", "no", "off"}


def _parse(slot: Slot, text: str) -> Any:
    """The typed value of a setting's text. Raises ValueError with a reason for the owner."""
    meta, text = slot.field.metadata, text.strip()
    kind = slot.type
    if kind is bool:
        if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        raise ValueError("must be true or false")
    if kind is Path:
        return Path(text).expanduser()
    if kind is str:
        return _one_of(text, meta["choices"])
    if kind in (int, float):
        return _bounded(_number(text, kind), meta)
    if kind in (Decimal, Decimal | None):
        return _bounded(_number(text, Decimal), meta)
    parts = [part.strip() for part in text.split(",") if part.strip() and part.strip().lower() != "none"]
    if kind == tuple[int, ...]:
        return tuple(_number(part, int) for part in parts)
    if kind == tuple[Decimal, ...]:
        return tuple(_bounded(_number(part, Decimal), meta) for part in parts)
    return tuple(_one_of(part, meta["choices"]) for part in parts)


def _one_of(text: str, choices: tuple[str, ...]) -> str:
    if choices and text not in choices:
        raise ValueError(f"must be one of {', '.join(choices)}{_near(text, choices)}")
    return text


def _number(text: str, kind: Any) -> Any:
    try:
        value = kind(text)
    except (ValueError, InvalidOperation):
        raise ValueError(f"must be a {'whole ' if kind is int else ''}number") from None
    if kind is not int and not Decimal(value).is_finite():
        raise ValueError("must be a finite number")
    return value


def _bounded(value: Any, meta: Mapping[str, Any]) -> Any:
    low, high = meta["low"], meta["high"]
    if low is not None and value < low:
        raise ValueError(f"must be at least {low}")
    if high is not None and value > high:
        raise ValueError(f"must be at most {high}")
    return value


def _assemble(values: Mapping[str, Any], sources: Mapping[str, str]) -> Config:
    sections: dict[str, Any] = {}
    for section in fields(Config):
        if section.name == "sources":
            continue
        given = {k.split(".", 1)[1]: v for k, v in values.items() if k.split(".", 1)[0] == section.name}
        cls: Any = section.default_factory
        sections[section.name] = cls(**given)
    return Config(**sections, sources=dict(sources))


_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")
_HOURS = re.compile(rf"({_TIME_OF_DAY.pattern}|[01]?\d|2[0-3])-({_TIME_OF_DAY.pattern}|[01]?\d|2[0-4])")


def _cross_checks(config: Config) -> list[str]:
    """What no single setting can see."""
    service, problems = config.service, []
    try:
        ZoneInfo(service.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(f"ZYN_TIMEZONE={service.timezone}: no such time zone; write one like Europe/Berlin")
    for symbol in service.symbols:
        if symbol.count("/") != 1:
            problems.append(f"ZYN_SYMBOLS: {symbol} is not a pair; write it like BTC/USD")
    crossing = config.indicators.cross == "fast_slow" or "trend" in config.filters.enabled
    if crossing and config.indicators.sma_fast >= config.indicators.sma_slow:
        problems.append("indicators.sma_fast must be below indicators.sma_slow")
    if list(config.flatten.steps) != sorted(set(config.flatten.steps)):
        problems.append("flatten.steps must widen from one to the next, such as 0.1,0.3,1,3")
    if config.filters.volatility_min >= config.filters.volatility_max:
        problems.append("filters.volatility_min must be below filters.volatility_max")
    if config.mode is Mode.LIVE and service.live_ack != LIVE_ACK:
        problems.append(
            f"ZYN_LIVE_ACK: live trades real money; it starts only with ZYN_LIVE_ACK={LIVE_ACK!r}"
        )
    if config.mode in (Mode.LIVE, Mode.VALIDATE) and not (
        service.kraken_api_key and service.kraken_api_secret
    ):
        problems.append(
            f"KRAKEN_API_KEY and KRAKEN_API_SECRET: {config.mode} needs both (zyn init asks for them)"
        )
    local = service.web_host in ("127.0.0.1", "localhost", "::1")
    if not local and len(service.web_password) < 12:
        problems.append(
            f"WEB_HOST={service.web_host}: another host than loopback needs WEB_PASSWORD of 12 or more"
        )
    if not _TIME_OF_DAY.fullmatch(config.alerts.reports_at):
        problems.append(f"alerts.reports_at={config.alerts.reports_at}: write a time of day like 08:00")
    if config.alerts.quiet_hours and not _HOURS.fullmatch(config.alerts.quiet_hours):
        problems.append(
            f"alerts.quiet_hours={config.alerts.quiet_hours}: write hours like 22-7 or 22:30-07:00"
        )
    sms = (service.twilio_account_sid, service.twilio_auth_token, service.twilio_from, service.sms_to)
    if any(sms) and not all(sms):
        problems.append(
            "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM and SMS_TO go together: some are empty"
        )
    return problems
