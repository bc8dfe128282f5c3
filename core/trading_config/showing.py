"""Settings as they are shown: one row each for `zyn config`, secrets masked."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any

from core.trading_config.loading import SLOTS, Slot
from core.trading_config.outside import ServiceConfig
from core.trading_config.settings import Config
from core.trading_config.worlds import WORLD_DEFAULTS


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of `zyn config`. `value` and `default` are as they would be written in .env."""

    key: str
    env: str
    value: str
    default: str
    unit: str
    meaning: str
    choices: tuple[str, ...]
    source: str
    secret: bool


def as_text(value: Any) -> str:
    """A value as it would be written in .env."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def describe(config: Config) -> list[Setting]:
    """Every setting for `zyn config`, in the order of the sections; secrets masked."""
    return [_setting(config, slot) for slot in SLOTS.values()]


def _setting(config: Config, slot: Slot) -> Setting:
    meta, key = slot.field.metadata, slot.key
    value = getattr(getattr(config, slot.section), slot.field.name)
    default = WORLD_DEFAULTS.get(config.mode, {}).get(key, slot.field.default)
    shown = ("set" if value else "") if meta["secret"] else as_text(value)
    assert default is not MISSING
    name = slot.field.name if slot.section == "service" else key
    return Setting(
        name, slot.env, shown, as_text(default), meta["unit"], meta["meaning"], meta["choices"],
        config.sources.get(key, "default"), meta["secret"],
    )  # fmt: skip


def secrets_of(config: Config) -> frozenset[str]:
    """Every secret value in force, for redaction."""
    found = {getattr(config.service, one.name) for one in fields(ServiceConfig) if one.metadata["secret"]}
    return frozenset(secret for secret in found if secret)
