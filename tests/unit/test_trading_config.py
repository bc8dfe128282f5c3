"""Every setting, from every place it may be given, with all mistakes at once."""

from decimal import Decimal

import pytest

from core.model.errors import ConfigError
from core.trading_config import SLOTS, Mode, as_text, describe, load, secrets_of

BOTH_KEYS = {"KRAKEN_API_KEY": "k", "KRAKEN_API_SECRET": "c2VjcmV0"}


def other_value(key: str) -> str:
    """A legal value that is not the default."""
    slot = SLOTS[key]
    default, choices = slot.field.default, slot.field.metadata["choices"]
    if slot.type is bool:
        return as_text(not default)
    if choices:
        return next(one for one in choices if one != default and (one,) != default)
    if slot.type in (int, float, Decimal, Decimal | None):
        low, high = slot.field.metadata["low"], slot.field.metadata["high"]
        base = float(default) if default is not None else 100.0
        up = base + 1 if slot.type is int else base * 1.01 + 0.001
        chosen = up if high is None or up <= high else base - 1 if slot.type is int else base * 0.99
        assert low is None or chosen >= low
        return str(int(chosen)) if slot.type is int else repr(chosen)
    special = {
        "timezone": "Europe/Berlin", "symbols": "SOL/USD", "quiet_hours": "22-7", "reports_at": "07:30",
    }  # fmt: skip
    return special.get(slot.field.name, "7")


REFUSED_YET = {"execution.entry", "features.crypto_universe", "features.profit_target",
               "features.multi_timeframe"}  # fmt: skip
TOGETHER = {"service.mode", "service.twilio_account_sid", "service.twilio_auth_token", "service.twilio_from",
            "service.sms_to", "service.web_host"}  # fmt: skip


@pytest.mark.parametrize("key", sorted(set(SLOTS) - REFUSED_YET - TOGETHER))
def test_every_setting_is_taken_from_the_environment_and_shown_with_its_source(key: str):
    text = other_value(key)
    config = load({SLOTS[key].env: text})
    name = key.removeprefix("service.")
    row = next(one for one in describe(config) if one.key == name)
    assert row.source == "environment" and row.meaning
    shown = "set" if row.secret else text
    assert row.value == shown or Decimal(row.value) == Decimal(shown)
    assert row.value != row.default or row.secret


def test_a_real_variable_beats_the_file_and_a_flag_beats_both():
    env, file = {"ZYN_RISK__STOP_ATR": "3"}, {"ZYN_RISK__STOP_ATR": "4", "ZYN_RISK__TAKE_PROFIT_ATR": "5"}
    config = load(env, file)
    assert (config.risk.stop_atr, config.risk.take_profit_atr) == (3.0, 5.0)
    assert load(env, file, {"risk.stop_atr": "6"}).risk.stop_atr == 6.0


def test_all_mistakes_are_told_at_once_with_the_nearest_right_name():
    with pytest.raises(ConfigError) as error:
        load({"ZYN_MODE": "liv", "WEB_PORT": "x", "ZYN_RISK__STOPATR": "1", "ZYN_TIMEZONE": "Mars/One"})
    text = "\n".join(error.value.problems)
    for part in ("did you mean live", "whole number", "ZYN_RISK__STOP_ATR", "no such time zone"):
        assert part in text


@pytest.mark.parametrize(
    ("env", "part"),
    [
        ({"ZYN_MODE": "live", **BOTH_KEYS}, "ZYN_LIVE_ACK"),
        ({"ZYN_MODE": "live", "ZYN_LIVE_ACK": "I understand"}, "KRAKEN_API_KEY"),
        ({"WEB_HOST": "0.0.0.0", "WEB_PASSWORD": "short"}, "12 or more"),
        ({"SMS_TO": "+1"}, "go together"),
        ({"ZYN_EXECUTION__ENTRY": "maker_last"}, "must be one of taker, maker_first"),
        ({"ZYN_INDICATORS__SMA_FAST": "60"}, "below indicators.sma_slow"),
        ({"ZYN_SYMBOLS": "BTCUSD"}, "like BTC/USD"),
        ({"ZYN_RISK__RISK_PER_TRADE": "nan"}, "finite"),
        ({"ZYN_RISK__RISK_PER_TRADE": "0.5"}, "at most"),
    ],
)  # fmt: skip
def test_what_would_be_dangerous_or_meaningless_is_refused_with_a_reason(env: dict[str, str], part: str):
    with pytest.raises(ConfigError, match=part):
        load(env)


def test_live_is_stricter_by_default_and_the_owner_may_still_choose():
    live = load({"ZYN_MODE": "live", "ZYN_LIVE_ACK": "I understand", **BOTH_KEYS})
    assert (live.risk.kill_rearm, live.edge.gate, live.costs.source) == ("manual", "enforce", "kraken")
    demo = load({})
    assert (demo.risk.kill_rearm, demo.edge.gate, demo.costs.source) == ("next_day", "warn", "seed")
    assert (live.risk.owner_reserve, demo.risk.owner_reserve) == (0, 0.05)
    assert load({}, mode=Mode.BACKTEST).edge.gate == "off"
    assert load({"ZYN_EDGE__GATE": "enforce"}, mode=Mode.BACKTEST).edge.gate == "enforce"


def test_the_list_of_filters_may_be_empty():
    assert load({"ZYN_FILTERS__ENABLED": ""}).filters.enabled == ()
    assert load({}, {}, {"filters.enabled": ""}).filters.enabled == ()
    assert load({"ZYN_SYMBOLS": ""}).service.symbols == ("BTC/USD", "ETH/USD")


def test_secrets_are_masked_wherever_settings_are_shown():
    config = load({**BOTH_KEYS, "TELEGRAM_BOT_TOKEN": "1:tok"})
    assert {"k", "c2VjcmV0", "1:tok"} <= secrets_of(config)
    shown = " ".join(row.value for row in describe(config))
    assert "c2VjcmV0" not in shown and "1:tok" not in shown
